import type { RefundSources } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import { checkInAt } from '@ihome/core/orders/stay-times'
import { move } from './model-orders.ts'
import { hostOf, sourcesOf } from './model-sources.ts'
import { type Attempt, accountSum, openCase, post, type Refund, type State } from './model-state.ts'

const REPLACEABLE: readonly string[] = ['RESERVED', 'WAIT_FUNDS', 'MANUAL']
const OPEN: readonly string[] = ['RESERVED', 'SENT', 'UNKNOWN', 'WAIT_FUNDS', 'MANUAL']
const NO_SOURCES: RefundSources = {
  guestEscrow: toFen(0),
  earned: { gross: toFen(0), platformFee: toFen(0), gatewayFee: toFen(0), net: toFen(0) },
  hostPayable: toFen(0),
}

/** Writes down what others gave back at the gateway; one of ours that nobody could send may be replaced by it. */
export function recordExternal(state: State, attempt: Attempt, fen: number, refunds: readonly Refund[]): void {
  const { clock } = state
  const { order } = attempt
  openCase(state, 'contradiction', attempt.key)
  const promised = refunds.reduce((sum, refund) => sum + (refund.state === 'VOID' ? 0 : refund.amountFen), 0)
  const replaced = promised + fen > attempt.receivedFen ? replacedBy(fen, refunds) : undefined
  const standing = promised - (replaced?.amountFen ?? 0)
  if (standing + fen > attempt.receivedFen) return
  if (replaced) {
    Object.assign(replaced, { settledAt: clock.at, nextTryAt: undefined, leaseUntil: undefined })
    replaced.state = 'VOID'
  }
  state.hit('E30')
  const owner = String(order.key)
  const owed = 0 - accountSum(state, 'REFUND_PAYABLE', owner)
  const entries = state.rules.postings.externalRefund(owner, hostOf(order), toFen(fen), {
    ...(attempt.disposition === 'APPLIED' ? sourcesOf(state, order) : NO_SOURCES),
    refundPayable: toFen(Math.max(0, owed - openPromises(state, attempt))),
  })
  const key = `${state.prefix}x${state.refunds.length}`
  state.refunds.push({
    key,
    attempt,
    outTradeNo: attempt.key,
    reason: 'external',
    amountFen: fen,
    createdAt: clock.at,
    state: 'EXTERNAL',
    doneFen: fen,
    tries: 0,
    error: undefined,
    sentAt: undefined,
    lastQueryAt: undefined,
    nextTryAt: undefined,
    leaseUntil: undefined,
    owner: undefined,
    settledAt: clock.at,
  })
  post(state, { key: `refund:${key}`, event: 'external_refund', order, entries })
  const isAll = attempt.disposition === 'APPLIED' && standing + fen === attempt.receivedFen
  if (isAll && order.status === 'PAID' && clock.at < checkInAt(order).getTime()) {
    move(state, order, 'cancel', 'gateway', 'system')
  }
}

const replacedBy = (fen: number, refunds: readonly Refund[]): Refund | undefined =>
  refunds.find(({ state, amountFen }) => amountFen === fen && REPLACEABLE.includes(state))

/** What is promised back for the order and has not gone yet. */
const openPromises = (state: State, { order }: Attempt): number =>
  state.refunds.reduce(
    (sum, { attempt, state: at, amountFen }) => sum + (attempt?.order === order && OPEN.includes(at) ? amountFen : 0),
    0,
  )
