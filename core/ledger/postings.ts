import { addFen, type Fen, lessFen } from '../money.ts'
import type { HostShare } from '../orders/cancel-rule.ts'

export type Account =
  | 'CLEARING'
  | 'GUEST_ESCROW'
  | 'HOST_PAYABLE'
  | 'PLATFORM_FEE'
  | 'GATEWAY_FEE'
  | 'REFUND_PAYABLE'
  | 'SUSPENSE'
  | 'HOST_RECEIVABLE'
  | 'LOSS'

/** One line of a posting. Debit is positive, credit negative. */
export interface Entry {
  readonly account: Account
  /** Order id for GUEST_ESCROW and REFUND_PAYABLE, out_trade_no for SUSPENSE, user id for the host's accounts. */
  readonly ownerId?: string
  readonly amountFen: number
}

const debit = (account: Account, amount: Fen, ownerId?: string): Entry => ({
  account,
  amountFen: amount,
  ...(ownerId ? { ownerId } : {}),
})
const credit = (account: Account, amount: Fen, ownerId?: string): Entry => ({
  account,
  amountFen: -amount,
  ...(ownerId ? { ownerId } : {}),
})
/** An entry of nothing says nothing, and the table refuses it. */
const present = (entries: readonly Entry[]): Entry[] => entries.filter(({ amountFen }) => amountFen !== 0)

/** Money for an order whose nights it buys. */
export const payApplied = (orderId: string, amount: Fen): Entry[] => [
  debit('CLEARING', amount),
  credit('GUEST_ESCROW', amount, orderId),
]

/** Money that buys nothing and goes back. `owner` is the order, or the out_trade_no if there is no order. */
export const paySurplus = (owner: string, amount: Fen): Entry[] => [
  debit('CLEARING', amount),
  credit('REFUND_PAYABLE', amount, owner),
]

/** Money that somebody has to understand first. */
export const paySuspense = (outTradeNo: string, amount: Fen): Entry[] => [
  debit('CLEARING', amount),
  credit('SUSPENSE', amount, outTradeNo),
]

export const suspenseToRefund = (outTradeNo: string, owner: string, amount: Fen): Entry[] => [
  debit('SUSPENSE', amount, outTradeNo),
  credit('REFUND_PAYABLE', amount, owner),
]

/** A paid order ends before the stay: the guest gets `refund`, what is kept is divided as for a stay. */
export function cancelPaid(orderId: string, hostId: string, refund: Fen, kept: HostShare): Entry[] {
  return present([
    debit('GUEST_ESCROW', addFen(refund, kept.gross), orderId),
    credit('REFUND_PAYABLE', refund, orderId),
    credit('HOST_PAYABLE', kept.net, hostId),
    credit('PLATFORM_FEE', kept.platformFee),
    credit('GATEWAY_FEE', kept.gatewayFee),
  ])
}

/** The stay has begun and the money is earned, 24 h after check-in. */
export function accrue(orderId: string, hostId: string, share: HostShare): Entry[] {
  return present([
    debit('GUEST_ESCROW', share.gross, orderId),
    credit('HOST_PAYABLE', share.net, hostId),
    credit('PLATFORM_FEE', share.platformFee),
    credit('GATEWAY_FEE', share.gatewayFee),
  ])
}

/** Money has gone back to the buyer. */
export const refundSucceeded = (owner: string, amount: Fen): Entry[] => [
  debit('REFUND_PAYABLE', amount, owner),
  credit('CLEARING', amount),
]

/** A refund that was made at the gateway by others: from what is still owed, then from what is held. */
export function externalRefund(
  orderId: string,
  amount: Fen,
  owed: { readonly refundPayable: Fen; readonly guestEscrow: Fen },
): Entry[] {
  const least = (one: Fen, other: Fen): Fen => (one < other ? one : other)
  const fromRefund = least(amount, owed.refundPayable)
  const fromEscrow = least(lessFen(amount, fromRefund), owed.guestEscrow)
  const lost = lessFen(lessFen(amount, fromRefund), fromEscrow)
  return present([
    debit('REFUND_PAYABLE', fromRefund, orderId),
    debit('GUEST_ESCROW', fromEscrow, orderId),
    debit('LOSS', lost),
    credit('CLEARING', amount),
  ])
}

/** What the gateway kept as its fee, by its own bill. */
export const gatewayFee = (amount: Fen): Entry[] => [debit('GATEWAY_FEE', amount), credit('CLEARING', amount)]
