import { createPublicKey } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AlipaySandbox, generateKeys, type SandboxKeys, startAlipaySandbox } from '../index.ts'
import { SETTING_NAMES } from '../settings.ts'
import { sharedKeys } from '../testing/keys.ts'
import { callGateway, commonParams, payUrl, signRequest } from '../testing/merchant.ts'
import { sendRaw } from '../testing/raw-http.ts'
import { type Receiver, startReceiver } from '../testing/receiver.ts'

const PLACES = ['', 'trades', 'notifies', 'requests', 'faults', 'accounts', 'bills', 'transfers', 'clock', 'settings']

let keys: SandboxKeys
let receiver: Receiver
let sandbox: AlipaySandbox

beforeAll(async () => {
  keys = await sharedKeys()
  receiver = await startReceiver()
})
afterAll(() => receiver.stop())
beforeEach(async () => {
  receiver.answer((response) => response.end('success'))
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys })
})
afterEach(() => sandbox.stop())

/** Opens a page as a browser does, following no redirect. */
async function open(path: string, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${sandbox.endpoint}${path}`, { headers, redirect: 'manual' })
  return { status: response.status, headers: response.headers, body: await response.text() }
}

/** Sends a form of the page at `on` and opens where that leads. */
async function submit(action: string, fields: Readonly<Record<string, string>>, on = '/_sandbox/') {
  const [, csrf = ''] = /name="csrf" value="([^"]+)"/.exec((await open(on)).body) ?? []
  const answer = await post(action, { csrf, back: on, ...fields }, { origin: sandbox.endpoint })
  const location = answer.headers.get('location') ?? ''
  return { ...answer, location, page: location.startsWith('/') ? (await open(location)).body : '' }
}

async function post(
  action: string,
  fields: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
) {
  const address = `${sandbox.endpoint}/_sandbox/do/${action}`
  const body = new URLSearchParams(fields)
  const response = await fetch(address, { method: 'POST', body, headers, redirect: 'manual' })
  return { status: response.status, headers: response.headers, body: await response.text() }
}

async function paid(outTradeNo: string): Promise<void> {
  await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: outTradeNo }, { notify_url: receiver.url }) })
  await sandbox.waitForNotify({ outTradeNo, acknowledged: false })
}

describe('the pages', () => {
  for (const language of ['zh-CN', 'en-US'] as const) {
    test(`SBX-63 every place of the navigation opens in ${language}, empty and with trades`, async () => {
      for (const place of PLACES) {
        const empty = await open(`/_sandbox/${place}`, { 'accept-language': language })
        expect(empty.status, place).toBe(200)
        expect(empty.body, place).toContain(`<html lang="${language === 'zh-CN' ? 'zh-CN' : 'en'}"`)
      }
      await paid('c1')
      for (const place of [...PLACES, 'trades/c1'])
        expect((await open(`/_sandbox/${place}`, { 'accept-language': language })).status, place).toBe(200)
    })
  }

  test('SBX-63 the language is kept in a cookie, and the cookie wins over the browser', async () => {
    const chosen = await open('/_sandbox/trades?status=TRADE_SUCCESS&language=en')
    expect(chosen.status).toBe(303)
    expect(chosen.headers.get('location')).toBe('/_sandbox/trades?status=TRADE_SUCCESS')
    const cookie = chosen.headers.get('set-cookie')?.split(';')[0] ?? ''
    expect((await open('/_sandbox/', { cookie, 'accept-language': 'zh-CN' })).body).toContain('Pay a test order')
  })

  test('SBX-83 every page carries the banner, the generator and no word that could pass for the real thing', async () => {
    for (const place of PLACES) {
      const { body, headers } = await open(`/_sandbox/${place}`)
      expect(body).toContain('离线沙箱，非支付宝官方页面')
      expect(body).toContain('<meta name="generator" content="alipay-sandbox, an offline test gateway; not Alipay">')
      expect(headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(body).not.toMatch(/<script(?![^>]*src="\/_sandbox\/)|\son[a-z]+=|style="|(?:src|href)="https?:/)
    }
  })

  test('SBX-63 what merchants send is shown as text', async () => {
    const url = payUrl(sandbox, { out_trade_no: 'x1', subject: '<img src=x onerror=alert(1)>' })
    await sandbox.pay({ payUrl: url })
    const { body } = await open('/_sandbox/trades/x1')
    expect(body).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(body).not.toContain('<img')
  })

  test('an unknown address, trade and form say so and lead back', async () => {
    for (const path of ['/_sandbox/nothing', '/_sandbox/trades/none', '/_sandbox/link?url=https://example.com']) {
      const { status, body } = await open(path)
      expect(status, path).toBe(404)
      expect(body).toContain('class="button"')
    }
    expect((await submit('nothing', {})).status).toBe(404)
  })

  test('the bare address leads a browser to the console and tells others where it is', async () => {
    expect((await open('/', { accept: 'text/html' })).headers.get('location')).toBe('/_sandbox/')
    expect((await open('/_sandbox')).headers.get('location')).toBe('/_sandbox/')
    expect((await open('/')).status).toBe(404)
  })

  test('SBX-83 the settings page shows every setting with its default', async () => {
    const { body } = await open('/_sandbox/settings')
    for (const name of SETTING_NAMES) expect(body).toContain(`name="${name}"`)
  })
})

describe('a test order', () => {
  for (const product of ['wap', 'page'] as const) {
    test(`SBX-63 the button makes a signed ${product}.pay order that can be paid, notified and sent again`, async () => {
      const ordered = await submit('test-order', { product, amount: '88.80', subject: 'a+b 房&=%', answer: 'success' })
      expect(ordered.location).toMatch(new RegExp(`^${sandbox.gatewayUrl}\\?`))
      const { trade } = await sandbox.pay({ payUrl: ordered.location })
      expect(trade).toMatchObject({ product, amountFen: 8880, subject: 'a+b 房&=%', status: 'TRADE_SUCCESS' })
      const outTradeNo = trade?.outTradeNo ?? ''
      await sandbox.waitForNotify({ outTradeNo })
      const [notify] = sandbox.control.deliveries({ outTradeNo })
      const again = await submit('resend', { notify_id: notify?.notifyId ?? '' }, `/_sandbox/trades/${outTradeNo}`)
      expect(again.page).toContain('已重发，商户应答 success')
      expect(sandbox.control.deliveries({ outTradeNo })[0]).toMatchObject({
        notifyId: notify?.notifyId,
        state: 'acknowledged',
        deliveries: [{ resend: false }, { resend: true, verdict: 'acknowledged' }],
      })
    })
  }

  test('SBX-63 a re-send keeps the notify_id and does not disturb the schedule', async () => {
    const ordered = await submit('test-order', { product: 'wap', amount: '1', subject: 's', answer: 'fail' })
    const { trade } = await sandbox.pay({ payUrl: ordered.location })
    const outTradeNo = trade?.outTradeNo ?? ''
    await sandbox.waitForNotify({ outTradeNo, acknowledged: false })
    const before = sandbox.control.deliveries({ outTradeNo })[0]
    const again = await submit('resend', { notify_id: before?.notifyId ?? '' }, `/_sandbox/trades/${outTradeNo}`)
    expect(again.page).toContain('重试计划没有变')
    expect(sandbox.control.deliveries({ outTradeNo })[0]).toMatchObject({ nextAt: before?.nextAt, state: 'pending' })
    await submit('clock', { jump: '25h' })
    const { deliveries = [], notifyId } = sandbox.control.deliveries({ outTradeNo })[0] ?? {}
    expect(deliveries.filter(({ resend }) => !resend)).toHaveLength(8)
    expect(deliveries.filter(({ resend }) => resend)).toHaveLength(1)
    for (const { body } of deliveries) expect(new URLSearchParams(body).get('notify_id')).toBe(notifyId)
    const page = (await open(`/_sandbox/trades/${outTradeNo}`)).body
    expect(page).toContain('计划内 8 次，手动 1 次')
    expect(page).toContain('第 8 次')
  })

  test('the test shop answers success only to what Alipay signed, and the return page checks its parameters', async () => {
    const shop = `${sandbox.endpoint}/_sandbox/shop/notify`
    const forged = await fetch(shop, {
      method: 'POST',
      body: new URLSearchParams({ trade_status: 'TRADE_SUCCESS', sign: 'AAAA' }),
    })
    expect(await forged.text()).toBe('fail')
    const genuine = await fetch(shop, {
      method: 'POST',
      body: await sandbox.signNotify({ trade_status: 'TRADE_SUCCESS', sign_type: 'RSA2' }),
    })
    expect(await genuine.text()).toBe('success')
    expect((await open('/_sandbox/shop/return?out_trade_no=x&sign=AAAA')).body).toContain('签名不对')
    const signed = await sandbox.signNotify({ out_trade_no: 'x', sign_type: 'RSA2' })
    expect((await open(`/_sandbox/shop/return?${signed}`)).body).toContain('签名正确')
  })

  test('a form that makes no sense says what is wrong', async () => {
    expect((await submit('test-order', { amount: '1.234', subject: 's' })).page).toContain('最多两位小数')
    expect((await submit('test-order', { amount: '1', subject: '' })).page).toContain('1 到 256 个字')
    expect((await submit('test-order', { amount: '1', subject: 's', notify_url: 'ftp://x' })).page).toContain('http://')
  })
})

describe('acting', () => {
  test('SBX-50 refund, finish and close from the trade page', async () => {
    await paid('act1')
    const on = '/_sandbox/trades/act1'
    const { tradeNo } = sandbox.control.trade('act1')
    const page = (await submit('refund', { trade_no: tradeNo, amount: '8.80', reason: '客诉' }, on)).page
    expect(page).toContain('已退款 ￥8.80')
    expect(sandbox.control.trade('act1')).toMatchObject({ refundedFen: 880, refunds: [{ reason: '客诉' }] })
    expect((await submit('refund', { trade_no: tradeNo, amount: '100' }, on)).page).toContain('超过了还能退的')
    await submit('finish', { trade_no: tradeNo }, on)
    expect(sandbox.control.trade('act1').status).toBe('TRADE_FINISHED')
    expect((await submit('close', { trade_no: tradeNo }, on)).page).toContain('只有等待付款的交易可以关闭')
  })

  test('SBX-63 accounts are topped up and added', async () => {
    const on = '/_sandbox/accounts'
    const poor = sandbox.control.accounts().find(({ logonId }) => logonId === 'poor@example.com')
    expect((await submit('top-up', { account_id: poor?.id ?? '', amount: '99' }, on)).page).toContain('￥100.00')
    await submit(
      'new-account',
      { role: 'buyer', logon_id: 'third@example.com', display_name: '第三位', balance: '5' },
      on,
    )
    expect(sandbox.control.accounts()).toContainEqual(
      expect.objectContaining({ logonId: 'third@example.com', balanceFen: 500 }),
    )
    expect((await submit('new-account', { logon_id: 'third@example.com', display_name: 'x' }, on)).page).toContain(
      'third@example.com',
    )
  })

  test('SBX-63 the clock moves by every button, to the next event, to a time, and never back', async () => {
    await submit('clock', { jump: 'freeze' })
    const at = () => sandbox.clock.now().getTime()
    const start = at()
    for (const [jump, ms] of [
      ['10m', 600_000],
      ['1h', 3_600_000],
      ['1d', 86_400_000],
      ['25h', 90_000_000],
    ] as const) {
      const before = at()
      await submit('clock', { jump })
      expect(at() - before).toBe(ms)
    }
    expect((await submit('clock', { jump: 'next' })).page).toContain('没有等待中的事件')
    receiver.answer((response) => response.end('fail'))
    await paid('next1')
    const before = at()
    await submit('clock', { jump: 'next' })
    expect(at() - before).toBe(240_000)
    expect((await submit('set-clock', { to: '2020-01-01 00:00:00' })).page).toContain('不能往回走')
    expect((await submit('set-clock', { to: 'tomorrow' })).page).toContain('时间写成')
    await submit('set-clock', { rate: '60' })
    expect(sandbox.control.clock().rate).toBe(60)
    expect(at()).toBeGreaterThan(start)
  })

  test('SBX-63 faults are added, counted and removed', async () => {
    const on = '/_sandbox/faults'
    await submit('add-fault', { kind: 'http_500', method: 'alipay.trade.query', times: '2', out_trade_no: 'f*' }, on)
    expect(sandbox.faults.list()).toMatchObject([{ kind: 'http_500', times: 2, used: 0, outTradeNo: 'f*' }])
    await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'f1' }).catch(() => undefined)
    expect((await open(on)).body).toContain('1 / 2')
    await submit('remove-fault', { id: sandbox.faults.list()[0]?.id ?? '' }, on)
    expect(sandbox.faults.list()).toEqual([])
    expect((await submit('add-fault', { kind: 'nothing' }, on)).page).toContain('请选一种故障')
  })

  test('SBX-63 settings are saved, refused by name, and what differs from the default is marked', async () => {
    const on = '/_sandbox/settings'
    const saved = await submit(
      'settings',
      { fee_rate: '0.01', notify_schedule: '1m, 2m', notify_on_refund: 'false' },
      on,
    )
    expect(saved.page).toContain('已保存：fee_rate、notify_on_refund、notify_schedule')
    expect(saved.page).toContain('已改')
    expect(sandbox.control.settings()).toMatchObject({
      fee_rate: 0.01,
      notify_schedule: ['1m', '2m'],
      notify_on_refund: false,
    })
    expect((await submit('settings', { fee_rate: '7' }, on)).page).toContain('setting fee_rate')
    expect((await submit('settings', { fee_rate: '0.01' }, on)).page).toContain('没有改动')
  })

  test('SBX-12 a refused signature is shown with its likely cause', async () => {
    await paid('good1')
    await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'good1' })
    const params = commonParams(sandbox, 'alipay.trade.query', { out_trade_no: 'bad1' })
    const { sign_type: _, ...rest } = params
    const { sign = '' } = signRequest(rest, sandbox.merchant.appPrivateKey)
    await fetch(sandbox.gatewayUrl, { method: 'POST', body: new URLSearchParams({ ...params, sign }) })
    const { body } = await open('/_sandbox/requests?show=refused')
    expect(body).toContain('isv.invalid-signature')
    expect(body).toContain('待签名串里没有 sign_type')
    expect(body).not.toContain('good1')
  })
})

test('SBX-52 the bill of today is shown as it stands and can be fetched', async () => {
  await paid('bill1')
  const { body } = await open('/_sandbox/bills')
  expect(body).toContain('bill1')
  expect(body).toContain('还没到时间')
  const day = sandbox.clock.now()
  const date = new Date(day.getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
  const zip = await open(`/_sandbox/bill.zip?date=${date}&type=trade`)
  expect(zip.headers.get('content-type')).toBe('application/zip')
  expect(zip.body.startsWith('PK')).toBe(true)
  expect((await open('/_sandbox/bill.zip?date=2026-13-01')).status).toBe(404)
  expect((await open('/_sandbox/bills?date=yesterday')).body).toContain('写成 2026-12-31')
})

describe('who may', () => {
  test('SBX-79 a form without the token, or from another page, changes nothing', async () => {
    const [, csrf = ''] = /name="csrf" value="([^"]+)"/.exec((await open('/_sandbox/')).body) ?? []
    const before = sandbox.clock.now().getTime()
    const refused = [
      await post('clock', { jump: '1d' }, {}),
      await post('clock', { jump: '1d', csrf: 'guess' }, { origin: sandbox.endpoint }),
      await post('clock', { jump: '1d', csrf }, { origin: 'https://evil.example' }),
      await post('clock', { jump: '1d', csrf }, { origin: sandbox.endpoint, 'sec-fetch-site': 'cross-site' }),
    ]
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403])
    expect(sandbox.clock.now().getTime() - before).toBeLessThan(60_000)
  })

  test('SBX-79 another Host is not served, and nobody may frame a page', async () => {
    const port = Number(new URL(sandbox.endpoint).port)
    const answer = await sendRaw(port, 'GET /_sandbox/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n')
    expect(answer.status).toBe(403)
    const { headers } = await open('/_sandbox/')
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  test('SBX-79 a form leads back to pages of the console only', async () => {
    for (const back of ['https://evil.example/', '//evil.example/', '/cashier/x', '/_sandbox//evil.example'])
      expect((await submit('clock', { jump: 'freeze', back })).location).toMatch(/^\/_sandbox\/\?said=/)
  })

  test('SBX-78 with a token the console asks for it once, then knows the browser', async () => {
    await sandbox.stop()
    sandbox = await startAlipaySandbox({ port: 0, memory: true, keys, token: 'the-secret' })
    const asked = await open('/_sandbox/trades')
    expect(asked.status).toBe(401)
    expect(asked.body).not.toContain(sandbox.merchant.appId)
    expect((await post('enter', { token: 'wrong' }, {})).status).toBe(401)
    expect((await post('clock', { jump: '1d' }, {})).status).toBe(401)
    const entered = await post('enter', { token: 'the-secret' }, {})
    expect(entered.status).toBe(303)
    const cookie = entered.headers.get('set-cookie') ?? ''
    expect(cookie).toMatch(/HttpOnly; SameSite=Strict$/)
    expect(cookie).not.toContain('the-secret')
    expect((await open('/_sandbox/trades', { cookie: cookie.split(';')[0] ?? '' })).status).toBe(200)
    expect((await open('/_sandbox/live')).status).toBe(401)

    const inside = cookie.split(';')[0] ?? ''
    const [, csrf = ''] =
      /name="csrf" value="([^"]+)"/.exec((await open('/_sandbox/clock', { cookie: inside })).body) ?? []
    const said = (await post('clock', { csrf, jump: 'freeze' }, { cookie: inside })).headers.get('location') ?? ''
    expect((await open(said, { cookie: inside })).body).toContain('class="said')
    expect((await open(said)).body).not.toContain('class="said')
    const printed = await open('/_sandbox/?token=the-secret')
    expect(printed.headers.get('location')).toBe('/_sandbox/')
    expect(printed.headers.get('set-cookie')).toBe(cookie)
    const again = await open('/_sandbox/?token=the-secret', { cookie: cookie.split(';')[0] ?? '' })
    expect(again.headers.get('location')).toBe('/_sandbox/')
  })

  test('SBX-73 with a key of the merchant there is no test order to press', async () => {
    await sandbox.stop()
    const appPublicKey = createPublicKey((await generateKeys()).appPrivateKey).export({ type: 'spki', format: 'pem' })
    sandbox = await startAlipaySandbox({ port: 0, memory: true, keys, appPublicKey: appPublicKey.toString() })
    expect((await open('/_sandbox/')).body).not.toContain('下单并去付款')
    expect((await submit('test-order', { amount: '1', subject: 's' })).page).toContain('no private key')
  })

  test('SBX-82 no page holds a private key', async () => {
    const inside = sandbox.merchant.appPrivateKey.split('\n')[5] ?? 'missing'
    for (const place of PLACES) expect((await open(`/_sandbox/${place}`)).body).not.toContain(inside)
  })

  test('SBX-62 open pages are told that something happened', async () => {
    const gone = new AbortController()
    const stream = await fetch(`${sandbox.endpoint}/_sandbox/live`, { signal: gone.signal })
    expect(stream.headers.get('content-type')).toBe('text/event-stream')
    const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader()
    await sandbox.clock.advance(1000)
    let heard = ''
    while (!heard.includes('data: clock_set')) heard += (await reader?.read())?.value ?? ''
    gone.abort()
    expect(heard).toContain('retry: 1000')
  })
})
