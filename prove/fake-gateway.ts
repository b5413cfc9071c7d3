import {
  type Answer,
  type CloseFact,
  NO_REFUND_RECORD,
  type PaymentProvider,
  type RefundFact,
  type TradeFact,
} from '@ihome/server/features/payments/provider'

/** What became of one trade in the end, whatever was told about it on the way. */
export interface Trade {
  readonly outTradeNo: string
  readonly tradeNo: string
  /** `none`: the buyer never came as far as a trade. */
  readonly fate: 'paid' | 'finished' | 'closed' | 'none'
  /** What the buyer paid. */
  readonly amountFen: number
  /** Refunds that others made, by the merchant's console. */
  readonly refundedByOthersFen: number
}

/** A gateway that only has a book: it answers every question by it, truthfully and at once. */
export interface FakeGateway {
  readonly provider: PaymentProvider
  readonly trades: Map<string, Trade>
  /** A refund of ours that went through. */
  refunded(outTradeNo: string, outRequestNo: string, amountFen: number): void
}

export const APP_ID = '2021000000000005'
export const SELLER_ID = '2088000000000005'

export function createFakeGateway(): FakeGateway {
  const trades = new Map<string, Trade>()
  const refunds = new Map<string, { readonly outTradeNo: string; readonly amountFen: number }>()
  const backFen = (trade: Trade): number =>
    [...refunds.values()].reduce(
      (sum, refund) => sum + (refund.outTradeNo === trade.outTradeNo ? refund.amountFen : 0),
      trade.refundedByOthersFen,
    )
  const said = <Fact>(fact: Fact): Answer<Fact> => ({ kind: 'fact', fact, raw: JSON.stringify(fact) })
  const none = { kind: 'not_exist', raw: 'ACQ.TRADE_NOT_EXIST' } as const
  const refused = (code: string) => ({ kind: 'refused', code, raw: code }) as const
  const wasPaid = (trade: Trade | undefined): trade is Trade => trade?.fate === 'paid' || trade?.fate === 'finished'

  const provider: PaymentProvider = {
    name: 'fake',
    appId: APP_ID,
    sellerId: SELLER_ID,
    openPage: async ({ outTradeNo }) => said({ url: `http://gateway.invalid/?out_trade_no=${outTradeNo}` }),
    async query(outTradeNo): Promise<Answer<TradeFact>> {
      const trade = trades.get(outTradeNo)
      return !trade || trade.fate === 'none' ? none : said(tradeFact(trade, backFen(trade) >= trade.amountFen))
    },
    async close(outTradeNo): Promise<Answer<CloseFact>> {
      const trade = trades.get(outTradeNo)
      if (!trade || trade.fate === 'none') return none
      return wasPaid(trade) ? refused('ACQ.REASON_TRADE_STATUS_INVALID') : said({ outTradeNo })
    },
    async refund({ outTradeNo, outRequestNo, amount }): Promise<Answer<RefundFact>> {
      const trade = trades.get(outTradeNo)
      if (!wasPaid(trade)) return none
      if (refunds.has(outRequestNo)) return said({ outRequestNo, amountFen: amount })
      if (trade.fate === 'finished') return refused('ACQ.TRADE_HAS_FINISHED')
      if (backFen(trade) + amount > trade.amountFen) return refused('ACQ.REFUND_AMT_NOT_EQUAL_TOTAL')
      refunds.set(outRequestNo, { outTradeNo, amountFen: amount })
      return said({ outRequestNo, amountFen: amount })
    },
    async queryRefund({ outRequestNo }): Promise<Answer<RefundFact>> {
      const known = refunds.get(outRequestNo)
      if (known) return said({ outRequestNo, amountFen: known.amountFen })
      return { kind: 'unknown', reason: NO_REFUND_RECORD, raw: '{}' }
    },
    // What was kept of a notification is what the goal wrote there; nobody forges anything here.
    parseNotify: (body) => JSON.parse(Buffer.from(body).toString('utf8')),
    parseReturn: () => ({ kind: 'forged', reason: 'not asked here' }),
  }
  return {
    provider,
    trades,
    refunded: (outTradeNo, outRequestNo, amountFen) => refunds.set(outRequestNo, { outTradeNo, amountFen }),
  }
}

/** What an answer to a query says about a trade; one that went back as a whole reads as closed (alipay.md). */
function tradeFact(trade: Trade, wentBack: boolean): TradeFact {
  const { outTradeNo, tradeNo, amountFen, fate } = trade
  const about = { outTradeNo, tradeNo, amountFen, finished: false, refund: undefined } as const
  if (fate === 'finished') return { ...about, money: 'paid', status: 'TRADE_FINISHED', finished: true }
  if (fate !== 'paid') return { ...about, money: 'closed', status: 'TRADE_CLOSED' }
  if (!wentBack) return { ...about, money: 'paid', status: 'TRADE_SUCCESS' }
  const refund = { totalFen: amountFen, outRequestNo: undefined }
  return { ...about, money: 'paid', status: 'TRADE_CLOSED', refund }
}
