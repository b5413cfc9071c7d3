import type { RefundSources } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import { checkInAt } from '@ihome/core/orders/stay-times'
import { move } from './model-orders.ts'
import { promiseBack } from './model-refunds.ts'
import { hostOf, sourcesOf } from './model-sources.ts'
import {
  type Attempt,
  accountSum,
  closeCase,
  openCase,
  post,
  type Refund,
  type RefundState,
  type State,
} from './model-state.ts'
import type { Message, Said } from './world.ts'

const UNMOVED: readonly RefundState[] = ['MANUAL', 'WAIT_FUNDS', 'RESERVED']
export const OPEN_REFUNDS: readonly string[] = ['RESERVED', 'SENT', 'UNKNOWN', 'WAIT_FUNDS', 'MANUAL']
const NO_SOURCES: RefundSources = {
  guestEscrow: toFen(0),
  earned: { gross: toFen(0), platformFee: toFen(0), gatewayFee: toFen(0), net: toFen(0) },
  hostPayable: toFen(0),
}

export const settledFen = (refunds: readonly Refund[]): number => refunds.reduce((sum, { doneFen }) => sum + doneFen, 0)

export const isUnderWay = ({ state }: Refund): boolean => state === 'SENT' || state === 'UNKNOWN'

/** Writes down what others gave back at the gateway; of ours that nobody could send it may take the place. */
export function recordExternal(
  state: State,
  attempt: Attempt,
  entrance: Message['entrance'],
  word: NonNullable<Said['refund']>,
  fen: number,
  refunds: readonly Refund[],
): 'refund' | 'later' {
  const { clock } = state
  const { order } = attempt
  const isKnown = refunds.some(({ state: at, number }) => at === 'EXTERNAL' && number === undefined)
  if (isKnown && settledFen(refunds) + fen > attempt.receivedFen) return 'refund'
  const promised = refunds.reduce((sum, refund) => sum + (refund.state === 'VOID' ? 0 : refund.amountFen), 0)
  const replaced = promised + fen > attempt.receivedFen ? replacedBy(fen, refunds) : []
  const replacedFen = replaced.reduce((sum, { amountFen }) => sum + amountFen, 0)
  const standing = promised - replacedFen
  if (standing + fen > attempt.receivedFen) {
    if (entrance === 'notify' && (attempt.receivedFen === 0 || refunds.some(isUnderWay))) return 'later'
    openCase(state, 'contradiction', attempt.key)
    return 'refund'
  }
  openCase(state, 'contradiction', attempt.key)
  for (const refund of replaced) {
    Object.assign(refund, { settledAt: clock.at, nextTryAt: undefined, leaseUntil: undefined })
    refund.state = 'VOID'
    closeCase(state, 'refund_manual', refund.key)
  }
  const [first] = replaced
  if (first && replacedFen > fen) promiseBack(state, attempt, replacedFen - fen, first.reason)
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
    number: word.outRequestNo,
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
  const isAll = attempt.disposition === 'APPLIED' && standing + Math.max(fen, replacedFen) === attempt.receivedFen
  if (isAll && order.status === 'PAID' && clock.at < checkInAt(order).getTime()) {
    move(state, order, 'cancel', 'gateway', 'system')
  }
  return 'refund'
}

function replacedBy(fen: number, refunds: readonly Refund[]): Refund[] {
  const unmoved = UNMOVED.flatMap((wanted) => refunds.filter(({ state }) => state === wanted))
  const same = unmoved.find(({ amountFen }) => amountFen === fen)
  if (same) return [same]
  const chosen: Refund[] = []
  for (const refund of unmoved) {
    if (chosen.reduce((sum, { amountFen }) => sum + amountFen, 0) < fen) chosen.push(refund)
  }
  return chosen
}

/** What is promised back for the order and has not gone yet. */
const openPromises = (state: State, { order }: Attempt): number =>
  state.refunds.reduce(
    (sum, { attempt, state: at, amountFen }) =>
      sum + (attempt?.order === order && OPEN_REFUNDS.includes(at) ? amountFen : 0),
    0,
  )
