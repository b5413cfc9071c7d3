import { addFen, type Fen, lessFen, splitFen, toFen } from '../money.ts'
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

/** From where money that goes back, and is not owed back yet, can be taken. */
export interface RefundSources {
  /** What is still held for the order. */
  readonly guestEscrow: Fen
  /** What host, platform and gateway's fee were credited for the order and still have of it. */
  readonly earned: HostShare
  /** What the host has coming of all orders and nobody is sending; the rest of the host's part becomes a debt. */
  readonly hostPayable: Fen
}

const least = (one: Fen, other: Fen): Fen => (one < other ? one : other)

/**
 * Takes `amount` from what is held, then from what was earned, in the proportion in which it was divided: the host
 * bears the gateway's fee on what is kept alone (product.md 15), so a whole clawback takes exactly the host's credit.
 * What is left after that is the platform's loss.
 */
function takenFrom(orderId: string, hostId: string, amount: Fen, sources: RefundSources): Entry[] {
  const { guestEscrow, earned, hostPayable } = sources
  const fromEscrow = least(amount, guestEscrow)
  const fromEarned = least(lessFen(amount, fromEscrow), earned.gross)
  const weights = [earned.platformFee, earned.gatewayFee, earned.net]
  const [platformFee = toFen(0), gatewayFee = toFen(0), net = toFen(0)] =
    fromEarned === 0 ? [] : splitFen(fromEarned, weights)
  const fromPayable = least(net, hostPayable)
  return [
    debit('GUEST_ESCROW', fromEscrow, orderId),
    debit('HOST_PAYABLE', fromPayable, hostId),
    debit('HOST_RECEIVABLE', lessFen(net, fromPayable), hostId),
    debit('PLATFORM_FEE', platformFee),
    debit('GATEWAY_FEE', gatewayFee),
    debit('LOSS', lessFen(lessFen(amount, fromEscrow), fromEarned)),
  ]
}

/**
 * Money of an order is promised back that was not owed back so far: while it is held, or after the host was credited,
 * who then gives it back, as a debt where nothing is left to take (promises T5).
 */
export const clawback = (orderId: string, hostId: string, amount: Fen, sources: RefundSources): Entry[] =>
  present([...takenFrom(orderId, hostId, amount, sources), credit('REFUND_PAYABLE', amount, orderId)])

/**
 * Undoes a {@link clawback} that nobody is owed any more, after the stay's money was divided: everybody gets back what it
 * took from them, the host first off a debt that is still there, and what it took while the money was held is divided as
 * that was. `heldShare` is the division of {@link heldOf} this clawback.
 */
export function clawbackVoid(
  orderId: string,
  hostId: string,
  taken: readonly Entry[],
  { heldShare, hostDebt }: { readonly heldShare: HostShare; readonly hostDebt: Fen },
): Entry[] {
  const of = (account: Account): Fen => takenOf(taken, account)
  const fromDebt = least(of('HOST_RECEIVABLE'), hostDebt)
  const toHost = addFen(of('HOST_PAYABLE'), lessFen(of('HOST_RECEIVABLE'), fromDebt), heldShare.net)
  const loss = of('LOSS')
  const whole = addFen(
    fromDebt,
    toHost,
    loss,
    of('PLATFORM_FEE'),
    of('GATEWAY_FEE'),
    heldShare.platformFee,
    heldShare.gatewayFee,
  )
  return present([
    debit('REFUND_PAYABLE', whole, orderId),
    credit('HOST_RECEIVABLE', fromDebt, hostId),
    credit('HOST_PAYABLE', toHost, hostId),
    credit('PLATFORM_FEE', addFen(of('PLATFORM_FEE'), heldShare.platformFee)),
    credit('GATEWAY_FEE', addFen(of('GATEWAY_FEE'), heldShare.gatewayFee)),
    credit('LOSS', loss),
  ])
}

/** What a clawback took of this account. */
const takenOf = (taken: readonly Entry[], account: Account): Fen =>
  toFen(taken.reduce((sum, entry) => (entry.account === account ? sum + entry.amountFen : sum), 0))

/** What a clawback took of the money that was held for the stay. */
export const heldOf = (taken: readonly Entry[]): Fen => takenOf(taken, 'GUEST_ESCROW')

/** A refund that was made at the gateway by others: from what is owed back, then as a {@link clawback} takes it. */
export function externalRefund(
  orderId: string,
  hostId: string,
  amount: Fen,
  sources: RefundSources & { readonly refundPayable: Fen },
): Entry[] {
  const fromRefund = least(amount, sources.refundPayable)
  return present([
    debit('REFUND_PAYABLE', fromRefund, orderId),
    ...takenFrom(orderId, hostId, lessFen(amount, fromRefund), sources),
    credit('CLEARING', amount),
  ])
}

/** A refund that is no longer owed: what nobody else is owed of it stays with the platform. */
export const refundVoid = (owner: string, amount: Fen): Entry[] => [
  debit('REFUND_PAYABLE', amount, owner),
  credit('LOSS', amount),
]

/** What a host owes and no payout will ever net is the platform's loss (promises E32). */
export const debtWrittenOff = (hostId: string, amount: Fen): Entry[] => [
  debit('LOSS', amount),
  credit('HOST_RECEIVABLE', amount, hostId),
]

/** What the gateway kept as its fee, by its own bill. */
export const gatewayFee = (amount: Fen): Entry[] => [debit('GATEWAY_FEE', amount), credit('CLEARING', amount)]
