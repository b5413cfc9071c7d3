import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AlipaySandbox, type SandboxKeys, startAlipaySandbox } from '../index.ts'
import { sharedKeys } from '../testing/keys.ts'
import { payUrl } from '../testing/merchant.ts'
import { sendRaw } from '../testing/raw-http.ts'
import { type Receiver, startReceiver } from '../testing/receiver.ts'
import { openApi } from './openapi.ts'
import { ROUTES } from './routes.ts'

let keys: SandboxKeys
let sandbox: AlipaySandbox
let receiver: Receiver

beforeAll(async () => {
  keys = await sharedKeys()
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys })
  receiver = await startReceiver()
})
afterAll(async () => {
  await sandbox.stop()
  await receiver.stop()
})

async function call(method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(`${sandbox.endpoint}/_sandbox/api/v1${path}`, {
    method,
    headers: { ...(method !== 'GET' && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const json: unknown = await response.json()
  return { status: response.status, json }
}

describe('the control API', () => {
  test('SBX-62 a payment is made, looked at, told again, and everything else can be read and changed', async () => {
    const url = payUrl(
      sandbox,
      { out_trade_no: 'api1' },
      { notify_url: receiver.url, return_url: 'http://127.0.0.1:1/r' },
    )
    const payment = await call('POST', '/payments', {
      pay_url: url,
      buyer: 'rich@example.com',
      outcome: 'paid',
      return: 'none',
    })
    expect(payment).toMatchObject({
      status: 200,
      json: { trade: { out_trade_no: 'api1', status: 'TRADE_SUCCESS', amount_fen: 8880 } },
    })
    await sandbox.waitForNotify({ outTradeNo: 'api1' })
    expect((await call('GET', '/trades?out_trade_no=api1&status=TRADE_SUCCESS&limit=1')).json).toMatchObject([
      { out_trade_no: 'api1' },
    ])
    expect((await call('GET', '/trades/api1')).json).toMatchObject({ out_trade_no: 'api1', fee_fen: 53, refunds: [] })
    expect((await call('GET', '/checkouts')).json).toMatchObject([{ out_trade_no: 'api1', state: 'paid' }])
    const deliveries = await call('GET', '/deliveries?out_trade_no=api1')
    expect(deliveries.json).toMatchObject([
      { state: 'acknowledged', deliveries: [{ verdict: 'acknowledged', http_status: 200 }] },
    ])
    const [{ notify_id }] = deliveries.json as [{ notify_id: string }]
    expect((await call('POST', `/deliveries/${notify_id}/resend`)).json).toMatchObject({
      resend: true,
      verdict: 'acknowledged',
    })
    expect((await call('GET', '/state')).json).toMatchObject({ sum_fen: 0, counts: { trades: 1 }, clock_rate: 1 })
  })

  test('SBX-62 apps, accounts and top-ups', async () => {
    const seller = await call('POST', '/accounts', {
      role: 'seller',
      logon_id: 'shop2@example.com',
      display_name: '二店',
    })
    expect(seller).toMatchObject({ status: 200, json: { role: 'seller', balance_fen: 0 } })
    const { id } = seller.json as { id: string }
    expect((await call('POST', `/accounts/${id}/top-up`, { amount_fen: 500 })).json).toMatchObject({ balance_fen: 500 })
    expect((await call('GET', '/accounts')).json).toHaveLength(4)
    const app = { seller_id: id, public_key: sandbox.merchant.alipayPublicKey, id: '9021000000000009' }
    expect((await call('POST', '/apps', app)).json).toMatchObject({ id: '9021000000000009', seller_id: id })
    expect((await call('POST', '/apps', app)).status).toBe(409)
    expect((await call('POST', '/apps', { ...app, id: '9021000000000008', public_key: 'AAAA' })).status).toBe(400)
    expect((await call('GET', '/apps')).json).toHaveLength(2)
    expect(
      (await call('POST', '/accounts', { role: 'buyer', logon_id: 'shop2@example.com', display_name: 'x' })).status,
    ).toBe(409)
    expect((await call('GET', '/state')).json).toMatchObject({ sum_fen: 0 })
  })

  test('SBX-62 clock, faults and settings', async () => {
    const { now } = (await call('GET', '/clock')).json as { now: string }
    const later = (await call('POST', '/clock', { advance: '25h' })).json as { now: string }
    expect(Date.parse(later.now) - Date.parse(now)).toBeGreaterThanOrEqual(25 * 3_600_000)
    expect((await call('POST', '/clock', { rate: 0 })).json).toMatchObject({ rate: 0 })
    expect((await call('POST', '/clock', { set: now })).status).toBe(409)
    expect((await call('POST', '/clock', { rate: 1, advance_ms: 1 })).status).toBe(400)
    await call('POST', '/clock', { rate: 1 })
    const fault = (await call('POST', '/faults', { kind: 'notify_lost', out_trade_no: 'x*', times: null })).json as {
      id: string
    }
    expect((await call('GET', '/faults')).json).toMatchObject([
      { kind: 'notify_lost', out_trade_no: 'x*', times: null, used: 0 },
    ])
    expect((await call('DELETE', `/faults/${fault.id}`)).status).toBe(200)
    expect((await call('DELETE', `/faults/${fault.id}`)).status).toBe(404)
    expect((await call('PATCH', '/settings', { fee_rate: 0.01 })).json).toMatchObject({ fee_rate: 0.01 })
    expect((await call('GET', '/settings')).json).toMatchObject({ fee_rate: 0.01, refund_fee_policy: 'keep' })
  })

  test.each([
    ['POST', '/faults', { kind: 'nonsense' }, 400],
    ['POST', '/faults', { kind: 'notify_lost', extra: 1 }, 400],
    ['POST', '/accounts/1/top-up', { amount_fen: 0 }, 400],
    ['POST', '/accounts/1/top-up', { amount_fen: 1.5 }, 400],
    ['POST', '/accounts/1/top-up', { amount_fen: 5 }, 404],
    ['PATCH', '/settings', { fee_rate: 2 }, 400],
    ['PATCH', '/settings', { no_such: true }, 400],
    ['PATCH', '/settings', { notify_schedule: ['soon'] }, 400],
    ['POST', '/payments', { pay_url: 'http://x/?a=b' }, 409],
    ['POST', '/payments', {}, 400],
    ['POST', '/payments', [], 400],
    ['GET', '/trades/nothing', undefined, 404],
    ['GET', '/trades?limit=0', undefined, 400],
    ['GET', '/no-such', undefined, 404],
    ['POST', '/deliveries/1/resend', undefined, 404],
  ])('SBX-62 %s %s with %j is refused', async (method, path, body, status) => {
    const answer = await call(method, path, body)
    expect(answer).toMatchObject({ status, json: { message: expect.any(String) } })
  })

  test('SBX-62 the OpenAPI file lists every route, and every operation has a name of its own', async () => {
    const served = (await call('GET', '/openapi.json')).json
    expect(served).toEqual(JSON.parse(JSON.stringify(openApi())))
    const { paths, openapi } = served as {
      openapi: string
      paths: Record<string, Record<string, { operationId: string }>>
    }
    expect(openapi).toBe('3.1.0')
    const operations = Object.values(paths).flatMap((path) => Object.values(path))
    expect(operations).toHaveLength(ROUTES.length)
    expect(new Set(operations.map((operation) => operation.operationId)).size).toBe(ROUTES.length)
    for (const path of Object.keys(paths)) expect(path).toMatch(/^\/_sandbox\/api\/v1\/[a-z{}/-]+$/)
  })

  test('SBX-62 a reset forgets trades and settings, gives the money back, and keeps app and clock', async () => {
    const { now } = (await call('GET', '/clock')).json as { now: string }
    const before = sandbox.merchant.appId
    const state = await call('POST', '/reset')
    expect(state.json).toMatchObject({ sum_fen: 0, counts: { trades: 0, checkouts: 0, notifies: 0 } })
    expect((await call('GET', '/settings')).json).toMatchObject({ fee_rate: 0.006 })
    expect((await call('GET', '/accounts')).json).toContainEqual(
      expect.objectContaining({ logon_id: 'rich@example.com', balance_fen: 10_000_000_000 }),
    )
    expect(Date.parse(((await call('GET', '/clock')).json as { now: string }).now)).toBeGreaterThanOrEqual(
      Date.parse(now),
    )
    const { trade } = await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'api1' }) })
    expect(trade).toMatchObject({ appId: before, status: 'TRADE_SUCCESS' })
  })
})

describe('hostile web pages (SBX-79)', () => {
  const port = () => Number(new URL(sandbox.endpoint).port)
  const request = (...lines: string[]) => sendRaw(port(), [...lines, 'Connection: close', '', ''].join('\r\n'))

  test('SBX-79 a foreign Host, as DNS rebinding brings it, is refused', async () => {
    for (const host of ['evil.example', 'evil.example:9021', '127.0.0.1.evil.example', '127.0.0.1#.evil.example', '']) {
      expect((await request('GET /_sandbox/api/v1/state HTTP/1.1', `Host: ${host}`)).status).toBe(403)
    }
    for (const host of ['localhost', `127.0.0.1:${port()}`, '[::1]:9021']) {
      expect((await request('GET /_sandbox/api/v1/state HTTP/1.1', `Host: ${host}`)).status).toBe(200)
    }
  })

  test('SBX-79 a change from another origin or as a simple form post has no effect', async () => {
    const change = { method: 'POST', body: '{"rate":0}' }
    const url = `${sandbox.endpoint}/_sandbox/api/v1/clock`
    const foreign = await fetch(url, {
      ...change,
      headers: { 'content-type': 'application/json', origin: 'https://evil.example' },
    })
    expect(foreign.status).toBe(403)
    const simple = await fetch(url, { ...change, headers: { 'content-type': 'text/plain' } })
    expect(simple.status).toBe(415)
    expect((await call('GET', '/clock')).json).toMatchObject({ rate: 1 })
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull()
    const own = await fetch(url, {
      ...change,
      headers: { 'content-type': 'application/json', origin: sandbox.endpoint },
    })
    expect(own.status).toBe(200)
    await call('POST', '/clock', { rate: 1 })
  })
})

describe('beyond loopback (SBX-78)', () => {
  test('SBX-78 needs the long confirmation, and then a token for the control API', async () => {
    await expect(startAlipaySandbox({ port: 0, memory: true, keys, host: '0.0.0.0' })).rejects.toThrow('not loopback')
    const open = await startAlipaySandbox({
      port: 0,
      memory: true,
      keys,
      host: '0.0.0.0',
      iKnowThisIsATestGateway: true,
    })
    try {
      const url = `${open.endpoint}/_sandbox/api/v1/state`
      expect((await fetch(url)).status).toBe(401)
      expect((await fetch(url, { headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
      expect((await fetch(url, { headers: { authorization: `Bearer ${open.token}` } })).status).toBe(200)
      expect((await fetch(open.gatewayUrl)).status).toBe(200)
    } finally {
      await open.stop()
    }
  })
})

test('a reset is refused where nobody allowed it', async () => {
  const { mkdtemp, rm } = await import('node:fs/promises')
  const directory = await mkdtemp('/tmp/sandbox-reset-')
  const kept = await startAlipaySandbox({ port: 0, dataDir: directory, keys })
  await expect(kept.control.reset()).rejects.toThrow('--allow-reset')
  await kept.stop()
  await rm(directory, { recursive: true })
})
