import type { Fen } from '@ihome/core/money'

/** One try to take money. Its number is ours, is committed before anybody hears of it, and is never used again. */
export interface PayQuestion {
  readonly outTradeNo: string
  readonly amount: Fen
  readonly subject: string
  /** Until when the buyer can pay; whole seconds. */
  readonly timeExpire: Date
  /** Where a buyer who gives up lands. */
  readonly quitUrl: string
  /** The buyer's address, where the provider wants to know it. */
  readonly payerIp?: string
}

/** The address at which the buyer pays. */
export interface PayPage {
  readonly url: string
  /** Set when the address lives shorter than the attempt: until then it may be given out again. */
  readonly freshUntil?: Date
}

/**
 * What a genuine message says about a trade. `money` is what the buyer's money did; refunds are told apart, because a
 * trade that is refunded repeats that it was paid (or says that it is closed).
 */
export interface TradeFact {
  readonly outTradeNo: string
  readonly tradeNo: string | undefined
  readonly money: 'paid' | 'closed' | 'waiting' | 'unknown'
  /** The provider's own word, for the record. */
  readonly status: string
  readonly amountFen: number | undefined
  /** Paid and past its refund window. */
  readonly finished: boolean
  /** Set when the message tells of refunds; `totalFen` is all that was refunded of the trade so far. */
  readonly refund:
    | {
        readonly totalFen: number | undefined
        readonly outRequestNo: string | undefined
        /** What the refund of this number alone gave back, where the message tells that. */
        readonly partFen?: number
      }
    | undefined
}

/** The closed set of what a call can end in (alipay.md 8.3); silence is `unknown`, never a failure. */
export type Answer<Fact> = (
  | { readonly kind: 'fact'; readonly fact: Fact }
  /** The provider knows no such trade. It may still be paid: an open cashier page has no trade. */
  | { readonly kind: 'not_exist' }
  /** A plain no to this call, with the provider's code. */
  | { readonly kind: 'refused'; readonly code: string }
  /** Timeout, error, unreadable, unsigned or about something else: it may or may not have happened. */
  | { readonly kind: 'unknown'; readonly reason: string }
  /** Our keys or rights are wrong: nothing was done, and a person has to act. */
  | { readonly kind: 'misconfigured'; readonly code: string }
) & {
  /** The bytes of the answer as text, as they came; empty when none came. */
  readonly raw: string
}

export interface CloseFact {
  readonly outTradeNo: string
}

export interface RefundWish {
  readonly outTradeNo: string
  readonly outRequestNo: string
  readonly amount: Fen
  readonly reason: string
  /** What the trade was paid with; absent when all of it goes back. */
  readonly paid?: Fen
}

/** The money of exactly this refund has moved. */
export interface RefundFact {
  readonly outRequestNo: string
  readonly amountFen: number
}

/** The provider answered, and has no record that this refund went through. */
export const NO_REFUND_RECORD = 'no_refund_record'

/** A message that somebody sent us, after its signature was checked over the bytes that came. */
export type Notice =
  | {
      readonly kind: 'genuine'
      /** The same for every repeat of one event. */
      readonly noticeId: string
      readonly appId: string
      readonly sellerId: string
      readonly fact: TradeFact
    }
  /** Wrong, missing or weak signature. */
  | { readonly kind: 'forged'; readonly reason: string }
  /** Cannot be read, or does not hold what it must; `genuine` when the signature was right all the same. */
  | { readonly kind: 'malformed'; readonly reason: string; readonly genuine: boolean; readonly outTradeNo?: string }

/** The browser's way back. It proves a visit, not a payment. */
export type Return =
  | {
      readonly kind: 'genuine'
      readonly appId: string
      readonly sellerId: string
      readonly outTradeNo: string
      readonly tradeNo: string
      readonly amountFen: number
    }
  | { readonly kind: 'incomplete'; readonly missing: readonly string[] }
  | { readonly kind: 'forged'; readonly reason: string }

/** The ways to pay; `fake` keeps the port's promises in tests. */
export type ProviderName = 'alipay' | 'wechat' | 'fake'

/**
 * The one seam to a payment provider. Adapters keep no state, touch no table and never try twice; they are called with
 * no transaction open.
 */
export interface PaymentProvider {
  readonly name: ProviderName
  /** Our identity there, stored with each attempt. */
  readonly appId: string
  readonly sellerId: string
  /**
   * True when a trade exists from the first {@link openPage} and takes money until it is told to close, also past its
   * time. Otherwise a page that nobody has used yet is no trade: it cannot be closed and ends by its time alone.
   */
  readonly opensTrade?: boolean
  /** Asked again with the same question it gives an address for the same trade. */
  openPage(question: PayQuestion): Promise<Answer<PayPage>>
  query(outTradeNo: string): Promise<Answer<TradeFact>>
  close(outTradeNo: string): Promise<Answer<CloseFact>>
  /** Safe to repeat with the same wish: the number makes it one refund. */
  refund(wish: RefundWish): Promise<Answer<RefundFact>>
  /** `unknown` with {@link NO_REFUND_RECORD} when the provider answered but knows of no such refund. */
  queryRefund(wish: RefundWish): Promise<Answer<RefundFact>>
  /** `receivedAt` is given for one that was kept for a while; whether it came in time is judged by that. */
  parseNotify(body: Uint8Array, receivedAt?: Date): Notice
  parseReturn(body: Uint8Array): Return
}
