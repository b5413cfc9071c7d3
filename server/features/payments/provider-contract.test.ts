import { toFen } from '@ihome/core/money'
import { startAlipaySandbox } from 'alipay-sandbox'
import { afterAll, describe, expect, test } from 'vitest'
import { movableClock } from '../../platform/testing.ts'
import { createAlipay } from './alipay/alipay-provider.ts'
import { NO_REFUND_RECORD, type PaymentProvider, type PayQuestion, type RefundWish } from './provider.ts'
import { createFakeProvider } from './testing-fake-provider.ts'
import { messageOf, startWechatPay } from './wechat/testing-wechat-pay.ts'

interface Contestant {
  readonly provider: PaymentProvider
  readonly clock: ReturnType<typeof movableClock>
  /** The buyer pays; gives what the provider then tells us and, where it tells that anything, the browser. */
  pay(payUrl: string, outTradeNo: string): Promise<{ notice: string; returnQuery: string | undefined }>
  /** Lets refunds end that are answered while they are still under way. */
  endRefunds?(): void
}

function fake(): Contestant {
  const clock = movableClock()
  const provider = createFakeProvider(clock)
  return { provider, clock, pay: async (payUrl) => provider.pay(payUrl) }
}

async function alipay(): Promise<Contestant> {
  const clock = movableClock()
  const sandbox = await startAlipaySandbox({ port: 0, memory: true, clock })
  afterAll(() => sandbox.stop())
  const { merchant } = sandbox
  const provider = createAlipay({
    gateway: sandbox.gatewayUrl,
    appId: merchant.appId,
    sellerId: merchant.sellerId,
    publicKey: merchant.alipayPublicKeyPem,
    appPrivateKey: merchant.appPrivateKey,
    publicOrigin: 'http://127.0.0.1:9',
    clock,
  })
  return {
    provider,
    clock,
    async pay(payUrl, outTradeNo) {
      const { returnUrl = '', trade } = await sandbox.pay({ payUrl })
      const notice = await sandbox.signNotify({
        notify_id: '1',
        out_trade_no: outTradeNo,
        trade_no: trade?.tradeNo ?? '',
        trade_status: 'TRADE_SUCCESS',
        total_amount: '88.80',
        app_id: merchant.appId,
        seller_id: merchant.sellerId,
        sign_type: 'RSA2',
      })
      return { notice, returnQuery: new URL(returnUrl).search.slice(1) }
    },
  }
}

async function wechat(): Promise<Contestant> {
  const clock = movableClock()
  const wechatPay = await startWechatPay(clock)
  return {
    provider: wechatPay.provider('https://ihome.example'),
    clock,
    pay: async (payUrl) => ({ notice: messageOf(wechatPay.pay(payUrl)), returnQuery: undefined }),
    endRefunds: () => void wechatPay.endRefunds(),
  }
}

const bytes = (text: string) => new TextEncoder().encode(text)
let count = 0

describe.each([
  ['the provider in memory', fake],
  ['Alipay', alipay],
  ['WeChat Pay', wechat],
] as const)('ALI-3 what every payment provider promises: %s', async (_name, start) => {
  const { provider, clock, pay, endRefunds } = await start()

  const question = () => {
    count += 1
    return {
      outTradeNo: `contract_20261123_${String(count).padStart(6, '0')}`,
      amount: toFen(8_880),
      subject: '爱家租房 合同测试',
      timeExpire: new Date(clock.now().getTime() + 3_600_000),
      quitUrl: 'https://ihome.example/orders/1',
    }
  }
  async function paid() {
    const asked = question()
    const told = await pay(await pageOf(asked), asked.outTradeNo)
    return { ...asked, ...told }
  }
  async function pageOf(asked: PayQuestion): Promise<string> {
    const page = await provider.openPage(asked)
    if (page.kind !== 'fact') throw new Error(`no page: ${page.kind} ${page.raw}`)
    return page.fact.url
  }
  /** What a refund comes to, at once or by a question a while later. */
  async function refunded(wish: RefundWish) {
    const answer = await provider.refund(wish)
    if (answer.kind !== 'unknown') return answer
    endRefunds?.()
    clock.advance(10_000)
    return provider.queryRefund(wish)
  }

  test('a number that nobody has paid does not exist, for query, close and refund', async () => {
    const { outTradeNo, amount } = question()
    const wish = { outTradeNo, outRequestNo: 'r1', amount, reason: '退款' }
    expect(await provider.query(outTradeNo)).toMatchObject({ kind: 'not_exist' })
    expect(await provider.close(outTradeNo)).toMatchObject({ kind: 'not_exist' })
    expect(await provider.refund(wish)).toMatchObject({ kind: 'not_exist' })
    // Whoever asks by the refund's number alone only hears that there is no such refund.
    const asked = await provider.queryRefund(wish)
    expect(['not_exist', NO_REFUND_RECORD]).toContain(asked.kind === 'unknown' ? asked.reason : asked.kind)
  })

  test('the same question gives an address of the same trade again', async () => {
    const asked = question()
    await pageOf(asked)
    await pay(await pageOf(asked), asked.outTradeNo)
    expect(await provider.query(asked.outTradeNo)).toMatchObject({ kind: 'fact', fact: { money: 'paid' } })
  })

  test('what is open as a trade can be closed, and nobody pays it then', async () => {
    const asked = question()
    const payUrl = await pageOf(asked)
    const closed = await provider.close(asked.outTradeNo)
    expect(closed.kind).toBe(provider.opensTrade ? 'fact' : 'not_exist')
    if (closed.kind !== 'fact') return
    expect(await provider.query(asked.outTradeNo)).toMatchObject({ kind: 'fact', fact: { money: 'closed' } })
    await expect(pay(payUrl, asked.outTradeNo)).rejects.toThrow('nothing to pay')
  })

  test('a payment is told alike by query, notification and return', async () => {
    const { outTradeNo, notice, returnQuery } = await paid()
    const answer = await provider.query(outTradeNo)
    expect(answer).toMatchObject({
      kind: 'fact',
      fact: { outTradeNo, money: 'paid', amountFen: 8_880, finished: false },
      raw: expect.stringContaining(outTradeNo),
    })
    const tradeNo = answer.kind === 'fact' ? answer.fact.tradeNo : undefined
    expect(provider.parseNotify(bytes(notice))).toMatchObject({
      kind: 'genuine',
      appId: provider.appId,
      sellerId: provider.sellerId,
      fact: { outTradeNo, tradeNo, money: 'paid', amountFen: 8_880 },
    })
    if (returnQuery === undefined) return
    expect(provider.parseReturn(bytes(returnQuery))).toEqual({
      kind: 'genuine',
      appId: provider.appId,
      sellerId: provider.sellerId,
      outTradeNo,
      tradeNo,
      amountFen: 8_880,
    })
  })

  test('a changed byte makes notification and return forged, and nothing is not a return', async () => {
    const { notice, returnQuery } = await paid()
    const changed = notice.includes('88.80') ? notice.replace('88.80', '88.81') : notice.replace('EV-', 'EV+')
    expect(provider.parseNotify(bytes(notice))).toMatchObject({ kind: 'genuine' })
    expect(provider.parseNotify(bytes(changed))).toMatchObject({ kind: 'forged' })
    expect(provider.parseReturn(bytes(''))).toMatchObject({ kind: 'incomplete' })
    if (returnQuery === undefined) return
    expect(provider.parseReturn(bytes(returnQuery.replace('88.80', '88.81')))).toMatchObject({ kind: 'forged' })
  })

  test('what is paid cannot be closed', async () => {
    const { outTradeNo } = await paid()
    expect(await provider.close(outTradeNo)).toMatchObject({ kind: 'refused', code: expect.any(String) })
  })

  test('a refund moves once, however often it is sent, and the question tells its own amount', async () => {
    const { outTradeNo, amount: all } = await paid()
    const wish = { outTradeNo, outRequestNo: `${outTradeNo}a`, amount: toFen(3_000), reason: '退款', paid: all }
    expect(await provider.queryRefund(wish)).toMatchObject({ kind: 'unknown', reason: NO_REFUND_RECORD })
    expect(await refunded(wish)).toMatchObject({
      kind: 'fact',
      fact: { outRequestNo: wish.outRequestNo, amountFen: 3_000 },
    })
    clock.advance(60_000)
    expect((await provider.refund(wish)).kind).toMatch(/^(fact|unknown)$/)
    expect(await provider.refund({ ...wish, amount: toFen(3_001) })).toMatchObject({ kind: 'refused' })
    const second = { ...wish, outRequestNo: `${outTradeNo}b`, amount: toFen(5_880) }
    expect(await provider.refund({ ...second, amount: toFen(5_881) })).toMatchObject({ kind: 'refused' })
    clock.advance(60_000)
    expect(await refunded(second)).toMatchObject({ kind: 'fact', fact: { amountFen: 5_880 } })
    expect(await provider.queryRefund(wish)).toMatchObject({ kind: 'fact', fact: { amountFen: 3_000 } })
    const after = await provider.query(outTradeNo)
    expect(after).toMatchObject({ kind: 'fact', fact: { money: 'paid' } })
    // Where a query tells of refunds at all, it tells the sum.
    const told = after.kind === 'fact' ? after.fact.refund : undefined
    expect(told?.totalFen ?? 8_880).toBe(8_880)
  })
})
