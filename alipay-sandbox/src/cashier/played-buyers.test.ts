import { AlipaySdk } from 'alipay-sdk'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AlipaySandbox, type SandboxKeys, startAlipaySandbox } from '../index.ts'
import { sharedKeys } from '../testing/keys.ts'
import { type FakeMerchant, startMerchant } from './merchant.fake.ts'

const START = new Date('2026-11-24T13:00:00.000Z')
const EXPIRE = new Date('2026-11-24T13:15:00.000Z')
const EXPIRE_TEXT = '2026-11-24 21:15:00'
const HOUR = 3_600_000

let keys: SandboxKeys
let merchant: FakeMerchant
let sandbox: AlipaySandbox
let sdk: AlipaySdk
let serial = 0

beforeAll(async () => {
  keys = await sharedKeys()
  merchant = await startMerchant()
})

afterAll(() => merchant.stop())

beforeEach(async () => {
  merchant.notifies.length = 0
  merchant.visits.length = 0
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys, clock: { now: () => START } })
  sdk = new AlipaySdk(sandbox.sdkConfig)
})

afterEach(() => sandbox.stop())

function newOrder(timeExpire = EXPIRE_TEXT) {
  const outTradeNo = `ih1_played_${++serial}`
  return { outTradeNo, payUrl: merchant.payUrl(sdk, { outTradeNo, biz: { time_expire: timeExpire } }) }
}

interface PaymentAnswer {
  readonly status: number
  readonly error?: string
  readonly trade?: { readonly status: string; readonly paid_at?: string }
  readonly return_url?: string
}

/** `POST /_sandbox/api/v1/payments`, as any test in any language would send it. */
async function play(payUrl: string, wish: Readonly<Record<string, string>> = {}): Promise<PaymentAnswer> {
  const answer = await fetch(`${sandbox.endpoint}/_sandbox/api/v1/payments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ pay_url: payUrl, ...wish }),
  })
  return { status: answer.status, ...((await answer.json()) as object) }
}

async function query(outTradeNo: string): Promise<string> {
  const wish = { bizContent: { out_trade_no: outTradeNo } }
  const { code, subCode, tradeStatus } = await sdk.exec('alipay.trade.query', wish, { validateSign: true })
  return code === '10000' ? tradeStatus : subCode
}

const soldFen = () =>
  sandbox.control.trades({ status: 'TRADE_SUCCESS' }).reduce((sum, { amountFen }) => sum + amountFen, 0)

describe('SBX-68 buyers played through POST /payments', () => {
  it('paid: the rich one pays, the merchant is notified, and nobody comes back', async () => {
    const { outTradeNo, payUrl } = newOrder()
    const paid = await play(payUrl)
    expect(paid).toMatchObject({ status: 200, trade: { status: 'TRADE_SUCCESS' } })
    await sandbox.waitForNotify({ outTradeNo })
    expect(merchant.visits).toEqual([])
  })

  it('paid with return follow: the signed return address is visited once', async () => {
    const { outTradeNo, payUrl } = newOrder()
    const paid = await play(payUrl, { outcome: 'paid', return: 'follow' })
    // Lest it arrive in the middle of the next test.
    await sandbox.waitForNotify({ outTradeNo })
    expect(merchant.visits.map((path) => merchant.origin + path)).toEqual([paid.return_url])
    const back = Object.fromEntries(new URL(paid.return_url ?? '').searchParams)
    expect(sdk.checkNotifySignV2(back)).toBe(true)
  })

  it.each(['quit', 'tab_closed'])('%s: no trade, no money, no notify', async (outcome) => {
    const { outTradeNo, payUrl } = newOrder()
    const left = await play(payUrl, { outcome, return: 'follow' })
    expect(left.status).toBe(200)
    expect(left.trade).toBeUndefined()
    expect(await query(outTradeNo)).toBe('ACQ.TRADE_NOT_EXIST')
    expect([soldFen(), merchant.notifies.length, merchant.visits.length]).toEqual([0, 0, 0])
  })

  it('quit and tab_closed leave the number payable', async () => {
    const { payUrl } = newOrder()
    await play(payUrl, { outcome: 'quit' })
    await play(payUrl, { outcome: 'tab_closed' })
    expect((await play(payUrl)).trade?.status).toBe('TRADE_SUCCESS')
  })

  it('last_millisecond: pays exactly one millisecond before the expiry', async () => {
    const { outTradeNo, payUrl } = newOrder()
    const paid = await play(payUrl, { outcome: 'last_millisecond' })
    expect(paid.trade).toMatchObject({ status: 'TRADE_SUCCESS', paid_at: '2026-11-24T13:14:59.999Z' })
    await sandbox.clock.advance(HOUR)
    expect(await query(outTradeNo)).toBe('TRADE_SUCCESS')
  })

  it('after_expiry: is forced through although the page says that it is too late', async () => {
    const { outTradeNo, payUrl } = newOrder()
    const paid = await play(payUrl, { outcome: 'after_expiry' })
    expect(paid.trade?.status).toBe('TRADE_SUCCESS')
    expect(new Date(paid.trade?.paid_at ?? 0).getTime()).toBeGreaterThanOrEqual(EXPIRE.getTime())
    await sandbox.waitForNotify({ outTradeNo })
    expect(merchant.notifies[0]).toMatchObject({ trade_status: 'TRADE_SUCCESS', total_amount: '776.05' })
    expect(await query(outTradeNo)).toBe('TRADE_SUCCESS')
  })

  it('two attempts: both numbers of one order are paid, and the money moves twice', async () => {
    const [first, second] = [newOrder(), newOrder()]
    expect((await play(first.payUrl)).trade?.status).toBe('TRADE_SUCCESS')
    expect((await play(second.payUrl)).trade?.status).toBe('TRADE_SUCCESS')
    expect(soldFen()).toBe(2 * 77_605)
    expect(await play(first.payUrl)).toMatchObject({ status: 409, error: 'ACQ.TRADE_HAS_SUCCESS' })
  })

  it('wrong_password n times: the trade waits, the fifth locks the buyer for three hours', async () => {
    const { outTradeNo, payUrl } = newOrder('2026-11-25 21:00:00')
    for (let n = 1; n <= 5; n += 1) {
      expect((await play(payUrl, { outcome: 'wrong_password' })).trade?.status, `try ${n}`).toBe('WAIT_BUYER_PAY')
    }
    expect(await play(payUrl)).toMatchObject({ status: 409, error: 'locked' })
    await sandbox.clock.advance(3 * HOUR - 1)
    expect(await play(payUrl)).toMatchObject({ status: 409, error: 'locked' })
    await sandbox.clock.advance(1)
    expect((await play(payUrl)).trade?.status).toBe('TRADE_SUCCESS')
    expect(sandbox.control.trades({ outTradeNo })).toHaveLength(1)
  })

  it('fewer than five wrong passwords cost nothing once the right one comes', async () => {
    const { payUrl } = newOrder()
    for (let n = 1; n <= 4; n += 1) await play(payUrl, { outcome: 'wrong_password' })
    expect((await play(payUrl)).trade?.status).toBe('TRADE_SUCCESS')
    const next = newOrder()
    await play(next.payUrl, { outcome: 'wrong_password' })
    expect((await play(next.payUrl)).trade?.status).toBe('TRADE_SUCCESS')
  })

  it('a poor buyer is refused in words and the trade waits', async () => {
    const { outTradeNo, payUrl } = newOrder()
    expect(await play(payUrl, { buyer: 'poor@example.com' })).toMatchObject({ status: 409, error: 'balance_short' })
    expect(await query(outTradeNo)).toBe('WAIT_BUYER_PAY')
  })

  it('an unknown outcome, an unknown buyer and a damaged address change nothing', async () => {
    const { outTradeNo, payUrl } = newOrder()
    expect((await play(payUrl, { outcome: 'robs_the_bank' })).status).toBe(400)
    expect((await play(payUrl, { buyer: 'nobody@example.com' })).status).toBe(409)
    expect((await play(payUrl.replace('776.05', '0.01'))).status).toBe(409)
    expect(await query(outTradeNo)).toBe('ACQ.TRADE_NOT_EXIST')
  })

  it('every outcome leaves the balances adding up to zero', async () => {
    for (const outcome of ['paid', 'quit', 'tab_closed', 'wrong_password', 'last_millisecond', 'after_expiry']) {
      const { payUrl } = newOrder('2026-11-26 00:00:00')
      await play(payUrl, { outcome })
    }
    expect(sandbox.control.state().sumFen).toBe(0)
  })
})
