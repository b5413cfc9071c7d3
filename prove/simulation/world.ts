import type { CivilDate } from '@ihome/core/calendar'

/** The virtual clock, in milliseconds. */
export interface Clock {
  at: number
}

export interface HouseOfPlan {
  readonly priceFen: number
  /** Booked at once, without asking the host. */
  readonly instant: boolean
}

export type Call = 'query' | 'close' | 'refund' | 'queryRefund' | 'transfer' | 'queryTransfer'
/**
 * `lost`: no answer comes and nothing has happened. `lost_after`: it has happened, and no answer comes. `dies` and
 * `dies_after`: our process ends at that moment instead.
 */
export type Trouble = 'lost' | 'lost_after' | 'dies' | 'dies_after'

/** One thing that somebody does, or that befalls the gateway. What is not possible at that moment does nothing. */
export type Deed =
  | {
      readonly do: 'place'
      readonly guest: number
      readonly house: number
      readonly start: CivilDate
      readonly end: CivilDate
    }
  | { readonly do: 'accept' }
  | { readonly do: 'reject' }
  | { readonly do: 'check_out' }
  | { readonly do: 'comment' }
  | { readonly do: 'cancel'; readonly by: 'guest' | 'host' | 'system' }
  /** An operator gives back a part: `share` of a hundred. */
  | { readonly do: 'part'; readonly share: number }
  /** Somebody complains, and what the host earned is kept back; later that is over. */
  | { readonly do: 'dispute'; readonly ends: boolean }
  /** The bank sends back what reached the host's account. */
  | { readonly do: 'bounce' }
  /** The guest presses 去支付. */
  | { readonly do: 'press' }
  /** The buyer stands at the cashier and has not typed the password: from now on there is a trade. */
  | { readonly do: 'linger'; readonly page: number }
  /** `notices` are the seconds after which the gateway's message is delivered; none: it is lost. */
  | {
      readonly do: 'pay'
      readonly page: number
      readonly notices: readonly number[]
      /** Another amount than was asked. */
      readonly moreFen?: number
      /** Taken although the time is over or the trade closed. */
      readonly late?: true
    }
  /** The browser comes back. */
  | { readonly do: 'return'; readonly page: number }
  /** The gateway ends an unpaid trade by itself. */
  | { readonly do: 'drop'; readonly page: number; readonly notices: readonly number[] }
  /** Somebody refunds in the merchant's console: `share` of a hundred. */
  | { readonly do: 'console'; readonly page: number; readonly share: number; readonly notices: readonly number[] }
  /** The time in which refunds are possible is over. */
  | { readonly do: 'finish'; readonly page: number; readonly notices: readonly number[] }
  /** The buyer's account can take nothing back any more. */
  | { readonly do: 'buyer_gone'; readonly page: number }
  /** A genuine payment with a number that we never gave out. */
  | { readonly do: 'stray'; readonly own: boolean; readonly fen: number; readonly notices: readonly number[] }
  | { readonly do: 'trouble'; readonly call: Call; readonly how: Trouble; readonly seconds: number }
  /** The merchant's balance is too small to refund. */
  | { readonly do: 'poor'; readonly seconds: number }

export interface Event {
  readonly at: number
  /** Which order of the plan it is about; strays and troubles have one too, and it means nothing. */
  readonly order: number
  readonly deed: Deed
}

/** A life of 30 days: houses, and what happens in the order in which it happens. */
export interface Plan {
  readonly seed: number
  readonly houses: readonly HouseOfPlan[]
  readonly guests: number
  /** Whether what hosts earn leaves us as well. */
  readonly paysOut: boolean
  readonly events: readonly Event[]
}

/** What a message of the gateway says about a trade; as the server's payment port has it. */
export interface Said {
  readonly outTradeNo: string
  readonly tradeNo: string | undefined
  readonly money: 'paid' | 'closed' | 'waiting' | 'unknown'
  readonly status: string
  readonly amountFen: number | undefined
  readonly finished: boolean
  readonly refund:
    | { readonly totalFen: number | undefined; readonly outRequestNo: string | undefined; readonly partFen?: number }
    | undefined
}

export type Says =
  | { readonly kind: 'trade'; readonly fact: Said }
  | { readonly kind: 'closed' }
  | { readonly kind: 'not_exist' }
  | { readonly kind: 'unknown'; readonly reason: string }

export interface Message {
  readonly entrance: 'notify' | 'return' | 'poll' | 'manual'
  readonly noticeId: string
  readonly outTradeNo: string
  readonly says: Says
}

export type Effect =
  | 'applied'
  | 'surplus'
  | 'mismatch'
  | 'refund'
  | 'closed'
  | 'none'
  | 'unmatched'
  | 'foreign'
  | 'rejected'

export type Answer<Fact> =
  | { readonly kind: 'fact'; readonly fact: Fact }
  | { readonly kind: 'not_exist' }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unknown'; readonly reason: string }

export interface RefundWish {
  readonly outTradeNo: string
  readonly outRequestNo: string
  readonly amountFen: number
}

/** What the shop may ask of the gateway. Each throws {@link Died} when our process ends in the middle. */
export interface Gateway {
  query(outTradeNo: string): Answer<Said>
  close(outTradeNo: string): Answer<{ readonly outTradeNo: string }>
  refund(wish: RefundWish): Answer<{ readonly outRequestNo: string; readonly amountFen: number }>
  queryRefund(wish: RefundWish): Answer<{ readonly outRequestNo: string; readonly amountFen: number }>
  transfer(outBizNo: string, amountFen: number): Answer<{ readonly state: 'success' | 'returned' }>
  queryTransfer(outBizNo: string): Answer<{ readonly state: 'success' | 'returned' }>
}

export class Died extends Error {
  override readonly name = 'Died'
}

/** A cashier page that the shop gave out. */
export interface GivenPage {
  readonly outTradeNo: string
  readonly amountFen: number
  readonly timeExpire: number
}

/** What people and the gateway can do to a shop: the model's, or the real one on PostgreSQL. */
export interface Shop {
  /** What every number of this shop begins with. */
  readonly prefix: string
  place(order: number, wish: { guest: number; house: number; start: CivilDate; end: CivilDate }): Promise<boolean>
  /** Gives whether it was possible. */
  act(
    order: number,
    deed: Extract<Deed, { do: 'accept' | 'reject' | 'check_out' | 'comment' | 'cancel' | 'part' | 'dispute' }>,
  ): Promise<boolean>
  /** The page at which the guest pays; undefined when there is none to give. */
  press(order: number): Promise<GivenPage | undefined>
  comeBack(outTradeNo: string): Promise<void>
  hear(message: Message): Promise<void>
  /** Everything that is due, until nothing is. */
  work(): Promise<void>
}
