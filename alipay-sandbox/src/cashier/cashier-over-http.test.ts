import { AlipaySdk } from 'alipay-sdk'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AlipaySandbox, type SandboxKeys, startAlipaySandbox } from '../index.ts'
import { sharedKeys } from '../testing/keys.ts'
import { type FakeMerchant, type Order, startMerchant } from './merchant.fake.ts'
import { type BrowserPage, scriptlessBrowser } from './scriptless-browser.fake.ts'

const RICH = 'rich@example.com'
const POOR = 'poor@example.com'
const START = new Date('2026-11-24T13:00:00.000Z') // 21:00 in Beijing
const EXPIRE = new Date('2026-11-24T13:15:00.000Z')
const EXPIRE_TEXT = '2026-11-24 21:15:00'

let keys: SandboxKeys
let merchant: FakeMerchant
let sandbox: AlipaySandbox
let sdk: AlipaySdk
let now = START
let serial = 0

beforeAll(async () => {
  keys = await sharedKeys()
  merchant = await startMerchant()
})

afterAll(() => merchant.stop())

beforeEach(async () => {
  now = START
  merchant.notifies.length = 0
  merchant.visits.length = 0
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys, clock: { now: () => now } })
  sdk = new AlipaySdk(sandbox.sdkConfig)
})

afterEach(() => sandbox.stop())

const newNumber = () => `ih1_test_${++serial}`

const payUrl = (order: Partial<Order> = {}) =>
  merchant.payUrl(sdk, {
    outTradeNo: newNumber(),
    ...order,
    biz: { ...(order.biz && 'timeout_express' in order.biz ? {} : { time_expire: EXPIRE_TEXT }), ...order.biz },
  })

function newBrowser() {
  const browser = scriptlessBrowser(async ({ method, path, cookies, headers, form }) => {
    const cookie = Object.entries(cookies).map(([name, value]) => `${name}=${value}`)
    const answer = await fetch(`${sandbox.endpoint}${path}`, {
      method,
      redirect: 'manual',
      headers: { ...headers, cookie: cookie.join('; ') },
      ...(method === 'POST' ? { body: form } : {}),
    })
    return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() }
  })
  const enter = (url: string) => browser.open(url.slice(sandbox.endpoint.length))
  const login = (account = RICH) => browser.submit('login', { account, login_password: '111111' })
  const pay = (password = '111111') => browser.submit('pay', { pay_password: password })
  return {
    ...browser,
    enter,
    login,
    pay,
    async toPassword(url: string, account?: string) {
      await enter(url)
      await login(account)
      return browser.submit('confirm')
    },
  }
}

const onwardOf = (page: BrowserPage): URL => new URL((page.headers.refresh ?? '').replace(/^\d+; url=/, ''))

async function query(outTradeNo: string): Promise<string> {
  const wish = { bizContent: { out_trade_no: outTradeNo } }
  const { code, subCode, tradeStatus } = await sdk.exec('alipay.trade.query', wish, { validateSign: true })
  return code === '10000' ? tradeStatus : subCode
}

const balanceOf = (logonId: string) =>
  sandbox.control.accounts().find((one) => one.logonId === logonId)?.balanceFen ?? 0

describe('paying end to end without JavaScript', () => {
  it('SBX-15, SBX-17 pays exactly the amount asked for, and the merchant hears of it', async () => {
    const outTradeNo = newNumber()
    const browser = newBrowser()
    const before = balanceOf(RICH)
    const login = await browser.enter(payUrl({ outTradeNo }))
    expect(login.body).toContain('￥776.05')
    expect(login.body).toContain('胡同里的一间房 a+b c%房😀')
    expect((await browser.login()).body).toContain('￥776.05')
    await browser.submit('confirm')
    const paid = await browser.pay()
    expect(paid.body).toContain('付款成功')
    await sandbox.waitForNotify({ outTradeNo, tradeStatus: 'TRADE_SUCCESS' })
    expect(balanceOf(RICH)).toBe(before - 77_605)
    expect(merchant.notifies).toHaveLength(1)
    expect(merchant.notifies[0]).toMatchObject({ out_trade_no: outTradeNo, total_amount: '776.05' })
    expect(sdk.checkNotifySignV2(merchant.notifies[0])).toBe(true)
  })

  it('SBX-18 leads back with the real order of parameters and a signature that alipay-sdk accepts', async () => {
    const browser = newBrowser()
    await browser.toPassword(payUrl())
    const back = onwardOf(await browser.pay())
    expect(back.origin + back.pathname).toBe(`${merchant.origin}/pay-complete`)
    expect([...back.searchParams.keys()].join()).toBe(
      'charset,out_trade_no,method,total_amount,sign,trade_no,auth_app_id,version,app_id,sign_type,seller_id,timestamp',
    )
    expect(back.searchParams.get('method')).toBe('alipay.trade.wap.pay.return')
    expect(back.search).toContain('timestamp=2026-11-24+21%3A00%3A00')
    expect(sdk.checkNotifySignV2(Object.fromEntries(back.searchParams))).toBe(true)
    back.searchParams.set('total_amount', '776.06')
    expect(sdk.checkNotifySignV2(Object.fromEntries(back.searchParams))).toBe(false)
  })

  it('SBX-18 appends to a return address that has a query, and the button leads to the same place', async () => {
    const browser = newBrowser()
    await browser.toPassword(payUrl({ returnUrl: `${merchant.origin}/back?shop=1` }))
    const paid = await browser.pay()
    const back = onwardOf(paid).href
    expect(back).toContain('/back?shop=1&charset=utf-8&out_trade_no=')
    expect(paid.body).toContain(`href="${back.replaceAll('&', '&amp;')}">返回商户</a>`)
  })

  it('SBX-18 stays on the success page without a return_url', async () => {
    const browser = newBrowser()
    await browser.toPassword(payUrl({ returnUrl: null }))
    const paid = await browser.pay()
    expect(paid.body).toContain('付款成功')
    expect(paid.headers.refresh).toBeUndefined()
  })

  it('SBX-15 quits to the quit_url and leaves nothing behind', async () => {
    const outTradeNo = newNumber()
    const browser = newBrowser()
    await browser.toPassword(payUrl({ outTradeNo }))
    expect(onwardOf(await browser.submit('quit')).href).toBe(`${merchant.origin}/orders`)
    expect(await query(outTradeNo)).toBe('ACQ.TRADE_NOT_EXIST')
  })

  it('SBX-16 pays a page.pay in the layout for a desk', async () => {
    const browser = newBrowser()
    expect((await browser.enter(payUrl({ product: 'page' }))).body).toContain('<body class="page">')
    await browser.login()
    await browser.submit('confirm')
    expect(onwardOf(await browser.pay()).searchParams.get('method')).toBe('alipay.trade.page.pay.return')
  })
})

describe('SBX-19 when the trade comes into being', () => {
  it('wap: with the full pay password', async () => {
    const outTradeNo = newNumber()
    const browser = newBrowser()
    await browser.toPassword(payUrl({ outTradeNo }))
    expect(await query(outTradeNo)).toBe('ACQ.TRADE_NOT_EXIST')
    await browser.pay()
    expect(await query(outTradeNo)).toBe('TRADE_SUCCESS')
  })

  it('page: with the login', async () => {
    const outTradeNo = newNumber()
    const browser = newBrowser()
    await browser.enter(payUrl({ outTradeNo, product: 'page' }))
    expect(await query(outTradeNo)).toBe('ACQ.TRADE_NOT_EXIST')
    await browser.login()
    expect(await query(outTradeNo)).toBe('WAIT_BUYER_PAY')
  })

  it.each([
    ['open', ['WAIT_BUYER_PAY', 'WAIT_BUYER_PAY', 'WAIT_BUYER_PAY']],
    ['login', ['ACQ.TRADE_NOT_EXIST', 'WAIT_BUYER_PAY', 'WAIT_BUYER_PAY']],
    ['confirm', ['ACQ.TRADE_NOT_EXIST', 'ACQ.TRADE_NOT_EXIST', 'WAIT_BUYER_PAY']],
    ['password', ['ACQ.TRADE_NOT_EXIST', 'ACQ.TRADE_NOT_EXIST', 'ACQ.TRADE_NOT_EXIST']],
  ] as const)('at %s when the setting says so', async (moment, expected) => {
    await sandbox.control.changeSettings({ trade_created_at_wap: moment })
    const outTradeNo = newNumber()
    const browser = newBrowser()
    const seen: string[] = []
    await browser.enter(payUrl({ outTradeNo }))
    seen.push(await query(outTradeNo))
    await browser.login()
    seen.push(await query(outTradeNo))
    await browser.submit('confirm')
    seen.push(await query(outTradeNo))
    expect(seen).toEqual(expected)
  })
})

describe('SBX-20 opening a number again', () => {
  const outTradeNoPaid = async () => {
    const outTradeNo = newNumber()
    await sandbox.pay({ payUrl: payUrl({ outTradeNo }) })
    return outTradeNo
  }

  it('goes on with the same trade when nothing has changed', async () => {
    const outTradeNo = newNumber()
    const first = newBrowser()
    await first.toPassword(payUrl({ outTradeNo }))
    await first.pay('222222')
    expect(await query(outTradeNo)).toBe('WAIT_BUYER_PAY')
    const again = newBrowser()
    await again.toPassword(payUrl({ outTradeNo }))
    expect((await again.pay()).body).toContain('付款成功')
    expect(sandbox.control.trades({ outTradeNo })).toHaveLength(1)
  })

  it.each([
    ['ACQ.CONTEXT_INCONSISTENT', 'WAIT_BUYER_PAY'],
    ['ACQ.TRADE_HAS_SUCCESS', 'TRADE_SUCCESS'],
    ['ACQ.TRADE_HAS_CLOSE', 'TRADE_CLOSED'],
  ])('refuses with %s and offers the way back', async (code, status) => {
    const outTradeNo = status === 'TRADE_SUCCESS' ? await outTradeNoPaid() : newNumber()
    if (status !== 'TRADE_SUCCESS') await sandbox.pay({ payUrl: payUrl({ outTradeNo }), outcome: 'wrong_password' })
    if (status === 'TRADE_CLOSED') await sdk.exec('alipay.trade.close', { bizContent: { out_trade_no: outTradeNo } })
    expect(await query(outTradeNo)).toBe(status)
    const changed = status === 'WAIT_BUYER_PAY' ? { total_amount: '1.00' } : {}
    const page = await newBrowser().enter(payUrl({ outTradeNo, biz: changed }))
    expect(page.status).toBe(200)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.body).toContain(code)
    expect(page.body).toMatch(new RegExp(`href="${merchant.origin}/[^"]*">返回商户`))
  })

  it('refuses another buyer for a trade that has begun, and leads back to the page', async () => {
    const outTradeNo = newNumber()
    await sandbox.pay({ payUrl: payUrl({ outTradeNo }), buyer: POOR, outcome: 'wrong_password' })
    const browser = newBrowser()
    const { at } = await browser.enter(payUrl({ outTradeNo }))
    const refused = await browser.login(RICH)
    expect(refused.body).toContain('ACQ.CONTEXT_INCONSISTENT')
    expect(refused.body).toContain(`href="${at.replace('/login', '')}">回到付款页面`)
  })
})

describe('SBX-21 coming at once', () => {
  it('takes fifty submissions of one page for one debit and one notify event', async () => {
    const outTradeNo = newNumber()
    const browser = newBrowser()
    const before = balanceOf(RICH)
    await browser.toPassword(payUrl({ outTradeNo }))
    const { action, fields } = browser.form('pay')
    fields.set('pay_password', '111111')
    const answers = await Promise.all(Array.from({ length: 50 }, () => browser.send('POST', action, fields)))
    expect(new Set(answers.map(({ headers }) => headers.location))).toEqual(
      new Set([action.replace('/pay', '/result')]),
    )
    await sandbox.waitForNotify({ outTradeNo })
    expect(balanceOf(RICH)).toBe(before - 77_605)
    expect(sandbox.control.deliveries({ outTradeNo })).toHaveLength(1)
    expect(sandbox.control.state().sumFen).toBe(0)
  })

  it('takes two open pages of one number, twenty-five submissions each, for one debit and one notify event', async () => {
    const outTradeNo = newNumber()
    const browsers = [newBrowser(), newBrowser()]
    const before = balanceOf(RICH)
    for (const browser of browsers) await browser.toPassword(payUrl({ outTradeNo }))
    await Promise.all(
      browsers.flatMap((browser) => {
        const { action, fields } = browser.form('pay')
        fields.set('pay_password', '111111')
        return Array.from({ length: 25 }, () => browser.send('POST', action, fields))
      }),
    )
    await sandbox.waitForNotify({ outTradeNo })
    expect(balanceOf(RICH)).toBe(before - 77_605)
    expect(sandbox.control.deliveries({ outTradeNo })).toHaveLength(1)
    const ends = await Promise.all(browsers.map((browser) => browser.open(browser.page().at.replace(/\/\w+$/, ''))))
    const titles = ends.map(({ body }) => /<h1>(\S+)/.exec(body)?.[1]).sort()
    expect(titles).toEqual(['付款成功', '这笔订单已经付过款'].sort())
  })
})

describe('SBX-22 expiry to the millisecond', () => {
  it('is payable one millisecond before', async () => {
    const outTradeNo = newNumber()
    const browser = newBrowser()
    await browser.toPassword(payUrl({ outTradeNo }))
    now = new Date(EXPIRE.getTime() - 1)
    expect((await browser.pay()).body).toContain('付款成功')
    expect(await query(outTradeNo)).toBe('TRADE_SUCCESS')
  })

  it('is refused at the very instant, and says so', async () => {
    const outTradeNo = newNumber()
    const browser = newBrowser()
    await browser.toPassword(payUrl({ outTradeNo }))
    const before = balanceOf(RICH)
    now = EXPIRE
    const late = await browser.pay()
    expect(late.body).toContain('付款时间已过')
    expect(late.body).toContain(EXPIRE_TEXT)
    expect(balanceOf(RICH)).toBe(before)
    expect(await query(outTradeNo)).toBe('ACQ.TRADE_NOT_EXIST')
  })

  it('closes a trade that had begun at that instant', async () => {
    const outTradeNo = newNumber()
    const browser = newBrowser()
    await browser.toPassword(payUrl({ outTradeNo }))
    await browser.pay('222222')
    now = EXPIRE
    expect((await browser.open(browser.page().at)).body).toContain('付款时间已过')
    expect(await query(outTradeNo)).toBe('TRADE_CLOSED')
  })

  it.each([
    ['the five-minute floor of wap, counted from the password', '1m', START.getTime() + 300_000],
    ['the end of the Beijing day', '1c', Date.UTC(2026, 10, 24, 16)],
  ])('timeout_express keeps to %s', async (_, express, expiresAt) => {
    const outTradeNo = newNumber()
    const browser = newBrowser()
    await browser.toPassword(payUrl({ outTradeNo, biz: { timeout_express: express } }), POOR)
    await browser.pay() // the balance is too small, so the trade waits
    now = new Date(expiresAt - 1)
    expect(await query(outTradeNo)).toBe('WAIT_BUYER_PAY')
    now = new Date(expiresAt)
    expect(await query(outTradeNo)).toBe('TRADE_CLOSED')
  })
})

describe('SBX-23 mistakes of the buyer', () => {
  it('says when account or login password is wrong, and no trade exists', async () => {
    const outTradeNo = newNumber()
    const browser = newBrowser()
    await browser.enter(payUrl({ outTradeNo, product: 'page' }))
    const wrong = await browser.submit('login', { account: RICH, login_password: '222222' })
    expect(wrong.body).toContain('账号或登录密码不对')
    expect(await query(outTradeNo)).toBe('ACQ.TRADE_NOT_EXIST')
  })

  it('locks the buyer after five wrong pay passwords, everywhere, for three virtual hours', async () => {
    const outTradeNo = newNumber()
    const browser = newBrowser()
    const later = { biz: { time_expire: '2026-11-25 21:00:00' } }
    await browser.toPassword(payUrl({ outTradeNo, ...later }))
    for (const left of [4, 3, 2, 1]) expect((await browser.pay('222222')).body).toContain(`还可以再试 ${left} 次`)
    const { action, fields } = browser.form('pay')
    expect((await browser.pay('222222')).body).toContain('请在 2026-11-25 00:00:00（沙箱时钟）之后再试')
    expect(await query(outTradeNo)).toBe('WAIT_BUYER_PAY')

    fields.set('pay_password', '111111')
    await browser.send('POST', action, fields)
    expect(await query(outTradeNo)).toBe('WAIT_BUYER_PAY')
    const elsewhere = newBrowser()
    expect((await elsewhere.toPassword(payUrl(later))).body).toContain('这个账户已锁定')

    await sandbox.clock.advance(3 * 3_600_000 - 1)
    expect((await browser.open(browser.page().at.replace(/\/\w+$/, '/password'))).body).toContain('这个账户已锁定')
    await sandbox.clock.advance(1)
    await browser.open(browser.page().at)
    expect((await browser.pay()).body).toContain('付款成功')
  })

  it('keeps the trade waiting when the balance is too small, and pays after a top-up', async () => {
    const outTradeNo = newNumber()
    const browser = newBrowser()
    await browser.toPassword(payUrl({ outTradeNo }), POOR)
    const short = await browser.pay()
    expect(short.body).toContain('没有付款：余额不足，还差 ￥775.05')
    expect(await query(outTradeNo)).toBe('WAIT_BUYER_PAY')
    await browser.open(browser.page().at.replace(/\/confirm.*$/, '/top-up'))
    await browser.submit('top-up')
    await browser.submit('confirm')
    expect((await browser.pay()).body).toContain('付款成功')
    expect(balanceOf(POOR)).toBe(0)
    expect(sandbox.control.state().sumFen).toBe(0)
  })
})

describe('SBX-24 the simulated app', () => {
  it.each(['app_ios', 'app_android'])('%s pays, the notify arrives, and nothing visits the return_url', async (via) => {
    const outTradeNo = newNumber()
    const browser = newBrowser()
    await browser.toPassword(payUrl({ outTradeNo }))
    await browser.open(browser.page().at.replace('/password', '/app'))
    const paid = await browser.submit('pay', { pay_password: '111111', via })
    await sandbox.waitForNotify({ outTradeNo })
    expect(paid.headers.refresh).toBeUndefined()
    expect(paid.body.includes('pay-complete')).toBe(via === 'app_android')
    expect(merchant.visits).toEqual([])
  })

  it('SBX-70 is the only way to pay a wap order under the limits of the official sandbox', async () => {
    await sandbox.control.changeSettings({ official_sandbox_limits: true })
    const outTradeNo = newNumber()
    const browser = newBrowser()
    await browser.enter(payUrl({ outTradeNo }))
    const confirm = await browser.login()
    expect(confirm.body).toContain('只能用 App 付款')
    expect(confirm.body).not.toContain('确认付款</button>')
    await browser.open(`${confirm.at.replace(/\/confirm$/, '')}/password`)
    const refused = await browser.pay()
    expect(refused.body).toContain('ACQ.ACCESS_FORBIDDEN')
    expect(await query(outTradeNo)).toBe('ACQ.TRADE_NOT_EXIST')
    await browser.open(`${confirm.at.replace(/\/confirm$/, '')}/app`)
    await browser.submit('pay', { pay_password: '111111', via: 'app_ios' })
    expect(await query(outTradeNo)).toBe('TRADE_SUCCESS')
  })

  it('has paid although the page was killed right after sending the password', async () => {
    const outTradeNo = newNumber()
    const browser = newBrowser()
    await browser.toPassword(payUrl({ outTradeNo }))
    const { action, fields } = browser.form('pay')
    fields.set('pay_password', '111111')
    await browser.send('POST', action, fields) // the redirect is never followed
    await sandbox.waitForNotify({ outTradeNo })
    expect(await query(outTradeNo)).toBe('TRADE_SUCCESS')
    expect(merchant.visits).toEqual([])
  })
})

describe('SBX-79 over HTTP', () => {
  it('gives a simple form of a foreign page no effect', async () => {
    const outTradeNo = newNumber()
    const browser = newBrowser()
    await browser.toPassword(payUrl({ outTradeNo }))
    const { action, fields } = browser.form('pay')
    fields.set('pay_password', '111111')
    const foreign = await browser.send('POST', action, fields, {
      origin: merchant.origin,
      'sec-fetch-site': 'same-site',
    })
    expect(foreign.status).toBe(403)
    fields.delete('csrf')
    expect((await browser.send('POST', action, fields)).status).toBe(403)
    expect(await query(outTradeNo)).toBe('ACQ.TRADE_NOT_EXIST')
  })

  it('takes a form from its own pages', async () => {
    const browser = newBrowser()
    await browser.toPassword(payUrl())
    const own = { origin: sandbox.endpoint, 'sec-fetch-site': 'same-origin' }
    expect((await browser.submit('pay', { pay_password: '111111' }, own)).body).toContain('付款成功')
  })
})
