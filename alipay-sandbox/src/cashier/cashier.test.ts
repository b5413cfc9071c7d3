import { createHash } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { createCashier } from './cashier.ts'
import { FakePort } from './port.fake.ts'
import type { CashierResponse } from './port.ts'
import { scriptlessBrowser } from './scriptless-browser.fake.ts'

const ORIGIN = 'http://127.0.0.1:9021'
const IMG = '<img src=x onerror="alert(1)">'

let port: FakePort
let browser: ReturnType<typeof newBrowser>

beforeEach(() => {
  port = new FakePort()
  browser = newBrowser(port)
})

/** A browser before a cashier without wires, with the two walks that most tests begin with. */
function newBrowser(port: FakePort) {
  const cashier = createCashier(port, { csrfSecret: 'secret of the tests' })
  const browser = scriptlessBrowser(({ method, path, cookies, headers, form }) => {
    const { host, origin, pathname, searchParams: query } = new URL(path, ORIGIN)
    return cashier.handle({ method, path: pathname, query, headers: { host, ...headers }, cookies, form, origin })
  })

  async function login(id: string, account = 'rich@sandbox.test') {
    await browser.open(`/cashier/${id}`)
    return browser.submit('login', { account, login_password: '111111' })
  }

  async function toPassword(id: string, account?: string) {
    await login(id, account)
    return browser.submit('confirm')
  }

  return { ...browser, cashier, login, toPassword }
}

describe('the way through the pages', () => {
  it('SBX-15 leads from login over confirmation and password to the success page with the way back', async () => {
    const id = port.open()
    const login = await browser.open(`/cashier/${id}`)
    expect(login.at).toBe(`/cashier/${id}/login`)
    expect(login.body).toContain('rich@sandbox.test')
    expect(login.body).toContain('登录密码和支付密码都是 <code>111111</code>')

    const confirm = await browser.submit('login', { account: ' rich@sandbox.test ', login_password: '111111' })
    expect(confirm.at).toBe(`/cashier/${id}/confirm`)
    for (const text of [
      '￥776.00',
      '爱家租房',
      '胡同里的一间房，两晚',
      'ih1_20261124_7f3a',
      '￥1000000.00',
      '还剩 15 分',
      '沈富',
    ])
      expect(confirm.body).toContain(text)

    const password = await browser.submit('confirm')
    expect(password.at).toBe(`/cashier/${id}/password`)
    expect(password.body).toMatch(/<input[^>]*name="pay_password"[^>]*inputmode="numeric"[^>]*autocomplete="off"/)
    expect(password.body.match(/name="pay_password"/g)).toHaveLength(1)

    const paid = await browser.submit('pay', { pay_password: '111111' })
    expect(paid.at).toBe(`/cashier/${id}/result`)
    expect(paid.body).toContain('付款成功')
    expect(paid.body).toContain('href="http://127.0.0.1:8000/pay-complete?charset=utf-8&amp;sign=a%2Bb">返回商户</a>')
    expect(paid.headers.refresh).toBe('3; url=http://127.0.0.1:8000/pay-complete?charset=utf-8&sign=a%2Bb')
    expect(port.calls).toEqual(['login', 'confirm', 'pay browser'])
  })

  it('lets the buyer stay on the success page', async () => {
    const id = port.open()
    await browser.toPassword(id)
    await browser.submit('pay', { pay_password: '111111' })
    const stayed = await browser.open(`/cashier/${id}/result?stay=1`)
    expect(stayed.headers.refresh).toBeUndefined()
    expect(stayed.body).toContain('返回商户')
  })

  it('SBX-18 stays on the success page when the merchant gave no return address', async () => {
    const id = port.open()
    await browser.toPassword(id)
    const view = port.view.bind(port)
    port.view = (of) => {
      const { returnHref: _, ...rest } = view(of) ?? {}
      return 'id' in rest ? rest : undefined
    }
    const paid = await browser.submit('pay', { pay_password: '111111' })
    expect(paid.headers.refresh).toBeUndefined()
    expect(paid.body).toContain('商户没有给返回地址')
    expect(paid.body).not.toContain('返回商户')
  })

  it('logs in a sandbox buyer with one tap', async () => {
    const id = port.open()
    await browser.open(`/cashier/${id}`)
    expect(browser.page().body).toContain('aria-label="用 祝贫 登录"')
    const poor = /value="poor@sandbox\.test">\s*<input type="hidden" name="login_password" value="111111">/
    expect(browser.page().body).toMatch(poor)
  })

  it('SBX-15 quits by a form and is then sent on to the quit_url at once', async () => {
    const id = port.open()
    await browser.login(id)
    const quit = await browser.submit('quit')
    expect(quit.at).toBe(`/cashier/${id}/result`)
    expect(quit.headers.refresh).toBe('0; url=http://127.0.0.1:8000/orders')
    expect(quit.body).toContain('已放弃付款')
    expect(quit.body).toContain('href="http://127.0.0.1:8000/orders">返回商户')
  })

  it('SBX-16 gives page.pay the same steps in the layout for a desk', async () => {
    const id = port.open({ product: 'page' })
    await browser.login(id)
    expect(browser.page().body).toContain('<body class="page">')
    await browser.submit('confirm')
    expect((await browser.submit('pay', { pay_password: '111111' })).body).toContain('付款成功')
  })
})

describe('SBX-24 the simulated app', () => {
  const payIn = async (via: string) => {
    const id = port.open()
    await browser.login(id)
    await browser.open(`/cashier/${id}/app`)
    return browser.submit('pay', { pay_password: '111111', via })
  }

  it('pays like an iPhone and gives no way back at all', async () => {
    const paid = await payIn('app_ios')
    expect(port.calls.at(-1)).toBe('pay app_ios')
    expect(paid.headers.refresh).toBeUndefined()
    expect(paid.body).not.toContain('pay-complete')
  })

  it('pays like Android and returns by a link into a new tab', async () => {
    const paid = await payIn('app_android')
    expect(paid.headers.refresh).toBeUndefined()
    expect(paid.body).toMatch(/<a class="button" href="[^"]+pay-complete[^"]+" target="_blank" rel="noopener">/)
  })

  it('keeps a wrong password on the page of the app', async () => {
    const id = port.open()
    await browser.login(id)
    await browser.open(`/cashier/${id}/app`)
    const wrong = await browser.submit('pay', { pay_password: '222222', via: 'app_ios' })
    expect(wrong.at).toBe(`/cashier/${id}/app?notice=wrong_password`)
    expect(wrong.body).toContain('支付密码不对，还可以再试 4 次')
  })
})

describe('SBX-23 what can go wrong for the buyer', () => {
  it('says that account or login password is not right, and asks again', async () => {
    const id = port.open()
    await browser.open(`/cashier/${id}`)
    const wrong = await browser.submit('login', { account: 'rich@sandbox.test', login_password: '222222' })
    expect(wrong.status).toBe(200)
    expect(wrong.body).toContain('账号或登录密码不对')
    expect(wrong.body).toContain('role="alert"')
    expect(wrong.body).toContain('aria-invalid="true"')
  })

  it('counts down the tries and locks after the fifth, for three hours', async () => {
    const id = port.open()
    await browser.toPassword(id)
    for (const left of [4, 3, 2, 1]) {
      const wrong = await browser.submit('pay', { pay_password: '222222' })
      expect(wrong.body).toContain(`支付密码不对，还可以再试 ${left} 次`)
    }
    const locked = await browser.submit('pay', { pay_password: '222222' })
    expect(locked.body).toContain('请在 2026-11-25 00:00:00（沙箱时钟）之后再试')
    expect(locked.body).not.toContain('name="pay_password"')
    expect(locked.body).toContain(`href="/cashier/${id}/account"`)
  })

  it('lets another account go on where the first is locked', async () => {
    const id = port.open()
    await browser.toPassword(id, 'poor@sandbox.test')
    for (let n = 0; n < 5; n += 1) await browser.submit('pay', { pay_password: '222222' })
    await browser.open(`/cashier/${id}/account`)
    const wrong = await browser.submit('login', { account: 'rich@sandbox.test', login_password: 'x' })
    expect(wrong.at).toBe(`/cashier/${id}/account?notice=wrong_login`)
    await browser.submit('login', { account: 'rich@sandbox.test', login_password: '111111' })
    await browser.submit('confirm')
    expect((await browser.submit('pay', { pay_password: '111111' })).body).toContain('付款成功')
  })

  it('names what the balance lacks, tops it up, and then pays', async () => {
    const id = port.open()
    await browser.login(id, 'poor@sandbox.test')
    expect(browser.page().body).toContain('余额不足，还差 ￥775.00')
    await browser.submit('confirm')
    const short = await browser.submit('pay', { pay_password: '111111' })
    expect(short.at).toBe(`/cashier/${id}/confirm?notice=balance_short`)
    expect(short.body).toContain('没有付款：余额不足，还差 ￥775.00')
    await browser.open(`/cashier/${id}/top-up`)
    expect(browser.page().body).toContain(
      'name="amount" inputmode="decimal" autocomplete="off" maxlength="12" required value="775.00"',
    )
    const topped = await browser.submit('top-up')
    expect(topped.at).toBe(`/cashier/${id}/confirm`)
    expect(topped.body).not.toContain('余额不足')
    await browser.submit('confirm')
    expect((await browser.submit('pay', { pay_password: '111111' })).body).toContain('付款成功')
  })

  it.each(['', '0', '-1', '1.001', '1e3', '１', '100000000.01', 'abc'])(
    'adds nothing for the amount %j',
    async (amount) => {
      const id = port.open()
      await browser.login(id, 'poor@sandbox.test')
      await browser.open(`/cashier/${id}/top-up`)
      const refused = await browser.submit('top-up', { amount })
      expect(refused.body).toContain('请填 0.01 到 100000000 之间的金额')
      expect(port.calls).not.toContain('topUp')
    },
  )

  it.each(['', '12345', '1234567', 'abcdef', '１１１１１１'])(
    'costs no try for %j, which is no six digits',
    async (text) => {
      const id = port.open()
      await browser.toPassword(id)
      const refused = await browser.submit('pay', { pay_password: text })
      expect(refused.body).toContain('支付密码是 6 位数字')
      expect(port.calls).not.toContain('pay browser')
    },
  )

  it.each([
    ['expired', '付款时间已过'],
    ['trade_closed', '交易已关闭'],
    ['paid_elsewhere', '这笔订单已经付过款'],
  ] as const)('shows a page for %s, with the way back', async (how, title) => {
    const id = port.open()
    if (how === 'expired') port.clock = new Date('2026-11-24T13:15:00Z')
    else port.end(id, 'closed', how)
    const page = await browser.open(`/cashier/${id}/password`)
    expect(page.at).toBe(`/cashier/${id}/result`)
    expect(page.body).toContain(`<h1>${title} `)
    expect(page.body).toContain('返回商户')
    expect(page.headers.refresh).toBeUndefined()
  })

  it('SBX-22 turns to the page of expiry when the password comes too late', async () => {
    const id = port.open()
    await browser.toPassword(id)
    port.clock = new Date('2026-11-24T13:15:00Z')
    const late = await browser.submit('pay', { pay_password: '111111' })
    expect(late.body).toContain('付款时间已过')
    expect(port.debits).toBe(0)
  })

  it('SBX-20 shows the code and text of a refusal, with the way back', async () => {
    const id = port.open()
    await browser.toPassword(id)
    port.forced = {
      kind: 'refused',
      code: 'ACQ.TRADE_HAS_CLOSE',
      text: `交易已关闭${IMG}`,
      returnHref: 'https://shop.test/o',
    }
    const refused = await browser.submit('pay', { pay_password: '111111' })
    expect(refused.status).toBe(409)
    const opened = browser.cashier.renderRefusal(
      'ACQ.CONTEXT_INCONSISTENT',
      '订单信息和第一次不一致',
      'https://shop.test/o',
    )
    for (const { body } of [refused, opened]) expect(body).toContain('href="https://shop.test/o">返回商户')
    expect(refused.body).toContain('ACQ.TRADE_HAS_CLOSE')
    expect(refused.body).toContain('交易已关闭&lt;img')
    expect(opened.body).toContain('ACQ.CONTEXT_INCONSISTENT')
  })
})

describe('coming twice', () => {
  it('SBX-21 sends fifty passwords at once into one debit, and everyone to the success page', async () => {
    const id = port.open()
    await browser.toPassword(id)
    const form = browser.form('pay')
    form.fields.set('pay_password', '111111')
    const answers = await Promise.all(Array.from({ length: 50 }, () => browser.send('POST', form.action, form.fields)))
    expect(new Set(answers.map((answer) => answer.headers.location))).toEqual(new Set([`/cashier/${id}/result`]))
    expect(port.debits).toBe(1)
  })

  it('takes a double tap on a wrong password for one try', async () => {
    const id = port.open()
    await browser.toPassword(id)
    const form = browser.form('pay')
    form.fields.set('pay_password', '222222')
    await browser.send('POST', form.action, form.fields)
    const second = await browser.send('POST', form.action, form.fields)
    expect(port.view(id)?.triesLeft).toBe(4)
    expect((await browser.open(second.headers.location ?? '')).body).toContain(
      '刚才这次没有提交，因为之前输错过。还可以再试 4 次',
    )
  })

  it('takes a double tap on top-up for one', async () => {
    const id = port.open()
    await browser.login(id, 'poor@sandbox.test')
    await browser.open(`/cashier/${id}/top-up`)
    const form = browser.form('top-up')
    await browser.send('POST', form.action, form.fields)
    await browser.send('POST', form.action, form.fields)
    expect(port.view(id)?.buyer?.balanceFen).toBe(77_600)
  })

  it('answers every form by a redirect, so that reloading sends nothing again', async () => {
    const id = port.open()
    await browser.toPassword(id)
    const token = browser.form('pay').fields.get('csrf') ?? ''
    for (const action of ['login', 'confirm', 'pay', 'top-up', 'quit']) {
      const answer = await browser.send('POST', `/cashier/${id}/${action}`, new URLSearchParams({ csrf: token }))
      expect([action, answer.status, answer.body]).toEqual([action, 303, ''])
    }
  })

  it.each(['login', 'confirm', 'password', 'app', 'top-up', 'account', 'pay', 'quit', 'nonsense'])(
    'going back to %s after paying shows the success page, and its form changes nothing',
    async (step) => {
      const id = port.open()
      await browser.toPassword(id)
      const token = browser.form('pay').fields.get('csrf') ?? ''
      await browser.submit('pay', { pay_password: '111111' })
      expect((await browser.open(`/cashier/${id}/${step}`)).at).toBe(`/cashier/${id}/result`)
      await browser.send('POST', `/cashier/${id}/${step}`, new URLSearchParams({ csrf: token, pay_password: '111111' }))
      expect(port.debits).toBe(1)
      expect(port.view(id)?.state).toBe('paid')
    },
  )

  it('shows the login, whatever step is asked for, while nobody has logged in', async () => {
    const id = port.open()
    for (const step of ['confirm', 'password', 'app', 'top-up', 'account', 'result'])
      expect((await browser.open(`/cashier/${id}/${step}`)).at).toBe(`/cashier/${id}/login`)
  })
})

describe('SBX-79 against hostile pages', () => {
  interface Spoilable {
    readonly form: URLSearchParams
    readonly cookies: Record<string, string>
    readonly headers: Record<string, string>
  }

  const wrongs: readonly (readonly [string, (sent: Spoilable) => void])[] = [
    ['no token', ({ form }) => form.delete('csrf')],
    ['an altered token', ({ form }) => form.set('csrf', `${form.get('csrf')}x`)],
    ['no cookie', ({ cookies }) => Reflect.deleteProperty(cookies, 'sandbox_cashier')],
    ['another cookie', ({ cookies }) => Object.assign(cookies, { sandbox_cashier: '0'.repeat(32) })],
    ['a foreign origin', ({ headers }) => Object.assign(headers, { origin: 'https://evil.test' })],
    ['a hidden origin', ({ headers }) => Object.assign(headers, { origin: 'null' })],
    ['another site', ({ headers }) => Object.assign(headers, { 'sec-fetch-site': 'cross-site' })],
    ['a neighbour on the same host', ({ headers }) => Object.assign(headers, { 'sec-fetch-site': 'same-site' })],
  ]

  it.each(wrongs)('refuses a form with %s, and nothing happens', async (_, spoil) => {
    const id = port.open()
    await browser.toPassword(id)
    const form = browser.form('pay')
    form.fields.set('pay_password', '111111')
    const headers = {}
    spoil({ form: form.fields, cookies: browser.cookies, headers })
    const refused = await browser.send('POST', form.action, form.fields, headers)
    expect(refused.status).toBe(403)
    expect(refused.body).toContain('没有提交')
    expect(port.calls).toEqual(['login', 'confirm'])
  })

  it('takes a form of its own origin', async () => {
    const id = port.open()
    await browser.toPassword(id)
    const own = { origin: ORIGIN, 'sec-fetch-site': 'same-origin' }
    expect((await browser.submit('pay', { pay_password: '111111' }, own)).body).toContain('付款成功')
  })

  it('refuses the token of another checkout', async () => {
    const [id, other] = [port.open(), port.open()]
    await browser.open(`/cashier/${other}`)
    const token = browser.form('login').fields.get('csrf') ?? ''
    await browser.open(`/cashier/${id}`)
    await browser.submit('login', { csrf: token, account: 'rich@sandbox.test', login_password: '111111' })
    expect(browser.page().status).toBe(403)
  })

  it('sets the cookie on the page itself, Strict, closed to scripts, and for this checkout alone', async () => {
    const id = port.open()
    const first = await browser.open(`/cashier/${id}`)
    expect(first.headers['set-cookie']).toMatch(
      new RegExp(`^sandbox_cashier=[0-9a-f]{32}; Path=/cashier/${id}; HttpOnly; SameSite=Strict$`),
    )
    expect((await browser.open(`/cashier/${id}`)).headers['set-cookie']).toBeUndefined()
  })

  it('replaces a cookie that it cannot have made', async () => {
    const id = port.open()
    browser.cookies.sandbox_cashier = 'fixed by someone'
    expect((await browser.open(`/cashier/${id}`)).headers['set-cookie']).toMatch(/^sandbox_cashier=[0-9a-f]{32};/)
  })

  it('gives two browsers different cookies and tokens', async () => {
    const id = port.open()
    const other = newBrowser(port)
    await browser.open(`/cashier/${id}`)
    await other.open(`/cashier/${id}`)
    expect(other.cookies.sandbox_cashier).not.toBe(browser.cookies.sandbox_cashier)
    expect(other.form('login').fields.get('csrf')).not.toBe(browser.form('login').fields.get('csrf'))
  })
})

describe('SBX-17, SBX-83 every page', () => {
  const evil = { subject: IMG, body: IMG, payeeName: IMG, outTradeNo: IMG }

  /** One of each page, by the way a buyer meets it. */
  async function everyPage(): Promise<Map<string, CashierResponse>> {
    const pages = new Map<string, CashierResponse>()
    const id = port.open(evil)
    pages.set('login', await browser.open(`/cashier/${id}`))
    pages.set('wrong login', await browser.submit('login', { account: IMG, login_password: 'x' }))
    pages.set('confirm short', await browser.login(id, 'poor@sandbox.test'))
    for (const step of ['top-up', 'account', 'app', 'password'])
      pages.set(step, await browser.open(`/cashier/${id}/${step}`))
    pages.set('wrong password', await browser.submit('pay', { pay_password: '222222' }))
    await browser.open(`/cashier/${id}/account`)
    pages.set('confirm', await browser.submit('login', { account: 'rich@sandbox.test', login_password: '111111' }))
    await browser.submit('confirm')
    pages.set('paid', await browser.submit('pay', { pay_password: '111111' }))
    for (const how of ['trade_closed', 'paid_elsewhere'] as const) {
      const closed = port.open(evil)
      port.end(closed, 'closed', how)
      pages.set(how, await browser.open(`/cashier/${closed}`))
    }
    const quit = port.open(evil)
    port.end(quit, 'quit')
    pages.set('quit', await browser.open(`/cashier/${quit}`))
    pages.set('expired', await browser.open(`/cashier/${port.open({ ...evil, timeExpire: new Date(0) })}`))
    pages.set('refusal', browser.cashier.renderRefusal(IMG, IMG, `https://shop.test/?q=${IMG}`))
    pages.set('not found', await browser.open('/cashier/nothing'))
    pages.set('forged', await browser.send('POST', `/cashier/${port.open(evil)}/pay`))
    return pages
  }

  it('shows the merchant’s words literally', async () => {
    for (const [name, page] of await everyPage()) {
      expect(page.body, name).not.toContain('<img')
      expect(page.body, name).not.toMatch(/onerror="/)
    }
  })

  it('holds no script, loads nothing from elsewhere, and is guarded by the strictest policy that lets its style in', async () => {
    for (const [name, page] of await everyPage()) {
      expect(page.body, name).not.toMatch(/<script|\son\w+="|javascript:|<iframe|@import|url\(/i)
      const loaded = [...page.body.matchAll(/<(?:link|img|source|object|embed)[^>]*>/g)].map(([tag]) => tag)
      expect(loaded, name).toEqual(['<link rel="icon" href="/cashier/icon.svg">'])
      const style = /<style>([\s\S]*)<\/style>/.exec(page.body)?.[1] ?? ''
      const hash = createHash('sha256').update(style).digest('base64')
      expect(page.headers['content-security-policy'], name).toBe(
        `default-src 'none'; style-src 'sha256-${hash}'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      )
      expect(page.headers, name).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
      })
    }
  })

  it('cannot be mistaken for the real thing', async () => {
    for (const [name, page] of await everyPage()) {
      expect(page.body, name).toContain('<html lang="zh-CN">')
      expect(page.body, name).toContain('离线沙箱，非支付宝官方页面')
      expect(page.body, name).toContain('<meta name="generator" content="alipay-sandbox')
    }
  })

  it('offers no link a merchant could turn against the buyer', async () => {
    const id = port.open({ quitHref: 'javascript:alert(1)' })
    port.end(id, 'quit')
    const quit = await browser.open(`/cashier/${id}`)
    expect(quit.body).not.toContain('javascript:')
    expect(quit.headers.refresh).toBeUndefined()
  })

  it('serves its icon', async () => {
    const icon = await browser.send('GET', '/cashier/icon.svg')
    expect(icon.headers['content-type']).toBe('image/svg+xml')
    expect(icon.body).toMatch(/^<svg /)
  })

  it.each([
    '/cashier/',
    '/cashier/unknown',
    '/cashier/unknown/pay',
    '/cashier/a/b/c',
    '/cashier/..%2f',
    '/cashier/%00',
  ])('answers 404 to %s, for GET and POST', async (path) => {
    expect((await browser.send('GET', path)).status).toBe(404)
    expect((await browser.send('POST', path)).status).toBe(404)
  })

  it('knows no other methods', async () => {
    const put = await browser.send('PUT', `/cashier/${port.open()}`)
    expect(put.status).toBe(405)
    expect(put.headers.allow).toBe('GET, HEAD, POST')
  })
})
