import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AlipaySandbox, generateKeys, type SandboxKeys, startAlipaySandbox } from '../index.ts'
import { sharedKeys } from '../testing/keys.ts'
import { callGateway, payUrl } from '../testing/merchant.ts'
import { type Receiver, startReceiver } from '../testing/receiver.ts'

let keys: SandboxKeys
let sandbox: AlipaySandbox
let receiver: Receiver
beforeAll(async () => {
  keys = await sharedKeys()
})
beforeEach(async () => {
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys })
  receiver = await startReceiver()
})
afterEach(async () => {
  await sandbox.stop()
  await receiver.stop()
})

const api = (path: string) => `${sandbox.endpoint}/_sandbox/api/v1${path}`
const get = async (path: string) => (await fetch(api(path))).json()
const post = async (path: string, body: unknown = {}) => {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(api(path), { method: 'POST', headers, body: JSON.stringify(body) })
  return { status: response.status, json: await response.json() }
}
const pay = (no: string, more: Readonly<Record<string, string>> = {}) =>
  sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: no, ...more }, { notify_url: receiver.url }) })

describe('lists (SBX-62)', () => {
  test('SBX-62 trades come page by page, and what happens meanwhile shifts nothing', async () => {
    for (let count = 0; count < 7; count += 1) await pay(`p${count}`, { subject: count === 3 ? '湖景房' : '山景房' })
    const names = (page: { out_trade_no: string }[]) => page.map((trade) => trade.out_trade_no)
    const first = await get('/trades?limit=3')
    expect(names(first)).toEqual(['p6', 'p5', 'p4'])
    await pay('late')
    const second = await get(`/trades?limit=3&before=${first[2].trade_no}`)
    expect(names(second)).toEqual(['p3', 'p2', 'p1'])
    expect(names(await get(`/trades?limit=3&before=${second[2].trade_no}`))).toEqual(['p0'])
    expect(names(await get(`/trades?text=${encodeURIComponent('湖景')}`))).toEqual(['p3'])
    expect(names(await get('/trades?text=p6'))).toEqual(['p6'])
    expect(names(await get(`/trades?buyer_id=${first[0].buyer_id}&limit=2`))).toEqual(['late', 'p6'])
    expect(await get('/trades?buyer_id=2088000000000000')).toEqual([])
    expect(
      names(await get(`/trades?seller_id=${sandbox.merchant.sellerId}&app_id=${sandbox.merchant.appId}`)),
    ).toHaveLength(8)
    const { created_at: middle } = second[0]
    expect(names(await get(`/trades?from=${middle}&limit=9`))).toContain('p3')
    expect(names(await get(`/trades?to=${middle}`))).not.toContain('p3')
    expect((await get('/trades?from=yesterday')).error).toBe('BadInput')
  })

  test('SBX-62 checkouts are filtered and paged', async () => {
    for (const no of ['c1', 'c2', 'c1']) await fetch(payUrl(sandbox, { out_trade_no: no }), { redirect: 'manual' })
    const all = await get('/checkouts')
    expect(all).toHaveLength(3)
    expect(await get('/checkouts?out_trade_no=c1')).toHaveLength(2)
    expect(await get(`/checkouts?before=${all[1].id}`)).toEqual([all[2]])
  })
})

describe('deliveries (SBX-42)', () => {
  test('SBX-42 SBX-62 a delivery shows the request bytes, status, the first 2 KiB of the answer, verdict and both times', async () => {
    receiver.answer((response) => response.writeHead(500).end(`no ${'x'.repeat(5000)}`))
    await sandbox.clock.advance(40 * 86_400_000)
    await pay('d1')
    await sandbox.waitForNotify({ outTradeNo: 'd1', acknowledged: false })
    const [listed] = await get('/deliveries?out_trade_no=d1&state=pending')
    const detail = await get(`/deliveries/${listed.notify_id}`)
    const [delivery] = detail.deliveries
    expect(delivery).toMatchObject({ verdict: 'refused', http_status: 500, resend: false, body: receiver.bodies[0] })
    expect(delivery.answer).toHaveLength(2048)
    expect(Date.parse(delivery.at) - Date.parse(delivery.real_at)).toBeGreaterThan(39 * 86_400_000)
    expect(detail).toMatchObject({ state: 'pending', next_at: expect.any(String), url: receiver.url })
  })

  test('SBX-62 cancel ends the retries; a resend still goes out with the same notify_id', async () => {
    receiver.answer((response) => response.end('fail'))
    await pay('d2')
    await sandbox.waitForNotify({ outTradeNo: 'd2', acknowledged: false })
    const [{ notify_id }] = await get('/deliveries?out_trade_no=d2')
    const canceled = await post(`/deliveries/${notify_id}/cancel`)
    expect(canceled).toMatchObject({ status: 200, json: { state: 'given_up' } })
    expect(canceled.json).not.toHaveProperty('next_at')
    await sandbox.clock.advance(25 * 3_600_000)
    expect(receiver.bodies).toHaveLength(1)
    receiver.answer((response) => response.end('success'))
    expect((await post(`/deliveries/${notify_id}/resend`)).json).toMatchObject({
      resend: true,
      verdict: 'acknowledged',
    })
    expect(await get('/deliveries?state=acknowledged')).toHaveLength(1)
    expect((await post('/deliveries/1/cancel')).status).toBe(404)
    expect(await get('/deliveries/1')).toMatchObject({ error: 'NotFound' })
  })
})

describe('requests (SBX-62)', () => {
  test('SBX-62 what was asked and answered is there, latest first, filtered and paged', async () => {
    await pay('q1')
    await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'q1' })
    await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'q2' })
    await callGateway(sandbox, 'alipay.trade.close', { out_trade_no: 'q2' }, (params) => ({ ...params, sign: 'AAAA' }))
    const seen = await get('/requests')
    expect(seen).toMatchObject([
      { verb: 'POST', code: '40002', sub_code: 'isv.invalid-signature', params: { method: 'alipay.trade.close' } },
      { code: '40004', sub_code: 'ACQ.TRADE_NOT_EXIST', out_trade_no: 'q2' },
      { code: '10000', out_trade_no: 'q1', params: { app_id: sandbox.merchant.appId, sign: expect.any(String) } },
    ])
    expect(seen[0].took_ms).toBeGreaterThanOrEqual(0)
    expect(await get('/requests?method=alipay.trade.query&code=10000')).toHaveLength(1)
    expect(await get('/requests?code=isv.invalid-signature')).toHaveLength(1)
    expect(await get(`/requests?before=${seen[1].id}`)).toEqual([seen[2]])
    expect(await get('/requests?out_trade_no=q2&limit=1')).toHaveLength(1)
  })
})

describe('events (SBX-62)', () => {
  /** A stream that has begun: whatever happens from now on is in it. */
  async function watch(headers: Readonly<Record<string, string>> = {}) {
    const gone = new AbortController()
    const response = await fetch(api('/events'), { headers, signal: gone.signal })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    return {
      /** Reads until `enough`, then leaves. */
      async until(enough: (text: string) => boolean) {
        let text = ''
        const decoder = new TextDecoder()
        for await (const chunk of response.body ?? []) {
          text += decoder.decode(chunk, { stream: true })
          if (enough(text)) break
        }
        gone.abort()
        const blocks = text.matchAll(/^id: (\S+)\nevent: (\S+)\ndata: (.*)$/gm)
        const events = [...blocks].map(([, id = '', type, data = '']) => ({ id, type, data: JSON.parse(data) }))
        return { text, events }
      },
    }
  }

  test('SBX-62 a watcher hears what happens, and after a break everything it missed, once and in order', async () => {
    const live = await watch()
    await pay('e0')
    const { events } = await live.until((text) => text.includes('event: notify_delivered'))
    const types = events.map((event) => event.type)
    expect(types.indexOf('trade_created')).toBeLessThan(types.indexOf('trade_paid'))
    expect(types.indexOf('trade_paid')).toBeLessThan(types.indexOf('notify_queued'))
    const paid = events.find((event) => event.type === 'trade_paid')
    expect(paid?.data).toMatchObject({
      type: 'trade_paid',
      out_trade_no: 'e0',
      trade_no: expect.stringMatching(/^\d{28}$/),
    })

    await pay('e1')
    await sandbox.waitForNotify({ outTradeNo: 'e1' })
    const back = await watch({ 'last-event-id': paid?.id ?? '' })
    const again = await back.until((text) => /event: notify_delivered\n.*e1/.test(text))
    const numbers = again.events.map(({ id }) => Number(id.split('-')[1]))
    expect(numbers).toEqual(numbers.map((_, index) => Number(paid?.id.split('-')[1]) + 1 + index))
    expect(again.events.filter(({ type }) => type === 'trade_paid').map(({ data }) => data.out_trade_no)).toEqual([
      'e1',
    ])
    expect(again.text).not.toContain('event: missed')
    expect(again.text).not.toContain('111111')
  })

  test('SBX-62 an id of another process is answered with missed, and requests to the gateway are told too', async () => {
    const stranger = await (await watch({ 'last-event-id': 'ffffffff-12' })).until((text) => text.includes('missed'))
    expect(stranger.text).toContain('event: missed')
    const asked = await watch()
    await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'none' })
    const { events } = await asked.until((text) => text.includes('event: request'))
    expect(events.at(-1)).toMatchObject({
      type: 'request',
      data: { method: 'alipay.trade.query', code: '40004', sub_code: 'ACQ.TRADE_NOT_EXIST', out_trade_no: 'none' },
    })
  })
})

describe('export and import (SBX-60)', () => {
  test('SBX-60 SBX-62 another sandbox becomes the exported one through the API, with its own keys', async () => {
    receiver.answer((response) => response.end('fail'))
    await pay('x1')
    await sandbox.waitForNotify({ outTradeNo: 'x1', acknowledged: false })
    const response = await fetch(api('/export'))
    expect(response.headers.get('content-disposition')).toContain('attachment')
    const file = await response.text()

    await using other = await startAlipaySandbox({ port: 0, memory: true, keys: await generateKeys() })
    const imported = await fetch(`${other.endpoint}/_sandbox/api/v1/import`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ file }),
    })
    expect(await imported.json()).toMatchObject({ sum_fen: 0, counts: { trades: 1, pending_notifies: 1 } })
    expect(other.control.trades()).toEqual(sandbox.control.trades())
    expect(other.merchant.appId).toBe(sandbox.merchant.appId)
    expect((await callGateway(other, 'alipay.trade.query', { out_trade_no: 'x1' })).answer.trade_status).toBe(
      'TRADE_SUCCESS',
    )
    // The retry that was waiting goes on here, under the same notify_id and signed by this sandbox.
    const heard = receiver.bodies.length
    receiver.answer((answer) => answer.end('success'))
    await other.clock.advance(4 * 60_000)
    const ids = receiver.bodies.map((body) => new URLSearchParams(body).get('notify_id'))
    expect(ids.slice(heard)).toEqual([ids[0]])

    expect((await post('/import', { file })).json).toMatchObject({ error: 'ImportRefused' })
    await using empty = await startAlipaySandbox({ port: 0, memory: true, keys })
    await expect(empty.control.importState(Buffer.from(file.slice(0, -2)))).rejects.toThrow('checksum')
    await expect(empty.control.importState(Buffer.from('{}'))).rejects.toThrow('not an export')
    await expect(empty.control.importState(Buffer.from(''))).rejects.toThrow('not an export')
  })

  test('SBX-60 the library starts from an export, in memory or in an empty directory', async () => {
    await pay('x2')
    const file = sandbox.control.exportState()
    await using twin = await startAlipaySandbox({ port: 0, memory: true, keys, importFrom: file })
    expect(twin.control.trade('x2')).toEqual(sandbox.control.trade('x2'))
    expect(twin.sdkConfig.privateKey).toBe(sandbox.sdkConfig.privateKey)
  })
})
