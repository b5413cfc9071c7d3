import { createHmac } from 'node:crypto'
import { type Fen, fenFromYuanText, yuanText } from '@ihome/core/money'
import type { Clock } from '../../platform/clock.ts'
import { type Answer, NO_REFUND_RECORD, type PaymentProvider, type PayQuestion, type TradeFact } from './provider.ts'

interface FakeTrade {
  readonly question: PayQuestion
  readonly tradeNo: string
  readonly refunds: Map<string, Fen>
}

export interface FakeProvider extends PaymentProvider {
  /** The buyer pays at this address. Throws when its time is over. */
  pay(payUrl: string): { readonly notice: string; readonly returnQuery: string }
}

const answered = <Fact>(fact: Fact): Answer<Fact> => ({ kind: 'fact', fact, raw: JSON.stringify(fact) })
const notExist = { kind: 'not_exist', raw: '{"kind":"not_exist"}' } as const

/**
 * A payment provider in memory that keeps the port's promises and nothing else, so that a test of the port shows what
 * is promised and not what Alipay happens to do.
 */
export function createFakeProvider(clock: Clock): FakeProvider {
  const identity = { appId: 'fake-app', sellerId: 'fake-seller' }
  const trades = new Map<string, FakeTrade>()
  const offers = new Map<string, PayQuestion>()
  const mark = (text: string) => createHmac('sha256', 'fake').update(text).digest('hex')
  const signed = (fields: Readonly<Record<string, string>>) => {
    const text = new URLSearchParams(fields).toString()
    return `${text}&mark=${mark(text)}`
  }
  /** The fields of a body whose mark is right. */
  const read = (body: Uint8Array): URLSearchParams | undefined => {
    const [text = '', given = ''] = Buffer.from(body).toString('utf8').split('&mark=')
    return mark(text) === given ? new URLSearchParams(text) : undefined
  }
  const factOf = ({ question, tradeNo, refunds }: FakeTrade): TradeFact => {
    const back = [...refunds.values()].reduce((sum, amount) => sum + amount, 0)
    return {
      outTradeNo: question.outTradeNo,
      tradeNo,
      money: 'paid',
      status: 'PAID',
      amountFen: question.amount,
      finished: false,
      refund: back > 0 ? { totalFen: back, outRequestNo: undefined } : undefined,
    }
  }

  return {
    name: 'fake',
    ...identity,
    async openPage(question) {
      offers.set(question.outTradeNo, question)
      return answered({ url: `https://fake.example/pay?number=${question.outTradeNo}` })
    },
    pay(payUrl) {
      const outTradeNo = new URL(payUrl).searchParams.get('number') ?? ''
      const question = offers.get(outTradeNo)
      if (!question || clock.now() >= question.timeExpire) throw new Error('nothing to pay here')
      const trade = { question, tradeNo: `fake${outTradeNo}`, refunds: new Map() }
      trades.set(outTradeNo, trade)
      const fields = { ...identity, outTradeNo, tradeNo: trade.tradeNo, amount: yuanText(question.amount) }
      return { notice: signed({ ...fields, noticeId: `paid-${outTradeNo}` }), returnQuery: signed(fields) }
    },
    async query(outTradeNo) {
      const trade = trades.get(outTradeNo)
      return trade ? answered(factOf(trade)) : notExist
    },
    async close(outTradeNo) {
      return trades.has(outTradeNo) ? { kind: 'refused', code: 'PAID', raw: '{}' } : notExist
    },
    async refund({ outTradeNo, outRequestNo, amount }) {
      const trade = trades.get(outTradeNo)
      if (!trade) return notExist
      const earlier = trade.refunds.get(outRequestNo)
      if (earlier !== undefined) {
        return earlier === amount
          ? { kind: 'unknown', reason: 'repeated', raw: '{}' }
          : { kind: 'refused', code: 'OTHER_AMOUNT', raw: '{}' }
      }
      const left = trade.question.amount - [...trade.refunds.values()].reduce((sum, part) => sum + part, 0)
      if (amount > left) return { kind: 'refused', code: 'TOO_MUCH', raw: '{}' }
      trade.refunds.set(outRequestNo, amount)
      return answered({ outRequestNo, amountFen: amount })
    },
    async queryRefund({ outTradeNo, outRequestNo }) {
      const trade = trades.get(outTradeNo)
      if (!trade) return notExist
      const amount = trade.refunds.get(outRequestNo)
      return amount === undefined
        ? { kind: 'unknown', reason: NO_REFUND_RECORD, raw: '{}' }
        : answered({ outRequestNo, amountFen: amount })
    },
    parseNotify(body) {
      const fields = read(body)
      if (!fields) return { kind: 'forged', reason: 'mark' }
      const trade = trades.get(fields.get('outTradeNo') ?? '')
      if (!trade) return { kind: 'malformed', reason: 'fields', genuine: true }
      return { kind: 'genuine', noticeId: fields.get('noticeId') ?? '', ...identity, fact: factOf(trade) }
    },
    parseReturn(body) {
      if (body.byteLength === 0) return { kind: 'incomplete', missing: ['mark'] }
      const fields = read(body)
      if (!fields) return { kind: 'forged', reason: 'mark' }
      return {
        kind: 'genuine',
        ...identity,
        outTradeNo: fields.get('outTradeNo') ?? '',
        tradeNo: fields.get('tradeNo') ?? '',
        amountFen: fenFromYuanText(fields.get('amount') ?? '') ?? 0,
      }
    },
  }
}
