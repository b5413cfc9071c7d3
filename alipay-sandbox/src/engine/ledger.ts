import { FEE_ACCOUNT, type Instant, OUTSIDE_ACCOUNT, type State } from './model.ts'

export type MovementKind =
  | 'opening'
  | 'top_up'
  | 'payment'
  | 'fee'
  | 'refund'
  | 'fee_back'
  | 'transfer'
  | 'transfer_returned'

/** One line of the double entry: what `from` lost and `to` gained. Bills are made of these lines and of nothing else. */
export interface Movement {
  /** Counts from 1 for ever, also over a reset, so that a line of a bill never shares its number with another. */
  readonly no: number
  readonly at: Instant
  readonly kind: MovementKind
  readonly from: string
  readonly to: string
  /** Positive. */
  readonly amountFen: number
  readonly fromBalanceFen: number
  readonly toBalanceFen: number
  /** The trade, or the transfer's order, that it belongs to. */
  readonly about?: string
  /** Which one it is of several about one thing: the number of the refund. */
  readonly requestNo?: string
}

type NewMovement = Pick<Movement, 'at' | 'kind' | 'from' | 'to' | 'amountFen'> &
  Partial<Pick<Movement, 'about' | 'requestNo'>>

/**
 * Double entry: what one account loses another gains, so that all balances add up to zero at every moment. Nothing is
 * written down when nothing moves.
 */
export function move(state: State, movement: NewMovement): void {
  const { from, to, amountFen } = movement
  if (!Number.isSafeInteger(amountFen) || amountFen < 0) throw new RangeError(`not a movable amount: ${amountFen}`)
  state.balances.set(from, (state.balances.get(from) ?? 0) - amountFen)
  state.balances.set(to, (state.balances.get(to) ?? 0) + amountFen)
  if (amountFen > 0) {
    record(state, movement, { from: state.balances.get(from) ?? 0, to: state.balances.get(to) ?? 0 })
  }
}

function record(state: State, movement: NewMovement, after: { readonly from: number; readonly to: number }): void {
  state.movementsEver += 1
  const no = state.movementsEver
  state.movements.set(String(no), { no, ...movement, fromBalanceFen: after.from, toBalanceFen: after.to })
}

/**
 * Lines for a state that was kept by a version without them. Payments, fees and refunds are all in the trades; what
 * else an account has was brought in from outside at a moment that nobody wrote down, so it stands before everything.
 */
export function rebuildMovements(state: State): void {
  const lines = tradeLines(state).sort((a, b) => a.at - b.at)
  const brought = new Map(state.balances)
  for (const { from, to, amountFen } of lines) {
    brought.set(from, (brought.get(from) ?? 0) + amountFen)
    brought.set(to, (brought.get(to) ?? 0) - amountFen)
  }
  const start = lines[0]?.at ?? state.latestAt
  const openings = [...brought]
    .filter(([account, amountFen]) => account !== OUTSIDE_ACCOUNT && amountFen > 0)
    .map(([to, amountFen]): NewMovement => ({ at: start, kind: 'opening', from: OUTSIDE_ACCOUNT, to, amountFen }))
  const running = { ...state, balances: new Map<string, number>() }
  for (const line of [...openings, ...lines]) move(running, line)
  state.movementsEver = running.movementsEver
}

function tradeLines(state: State): NewMovement[] {
  const lines: NewMovement[] = []
  for (const trade of state.trades.values()) {
    const { tradeNo: about, sellerId, buyerId, paidAt, feeFen } = trade
    if (paidAt === undefined || buyerId === undefined) continue
    lines.push({ at: paidAt, kind: 'payment', from: buyerId, to: sellerId, amountFen: trade.order.amountFen, about })
    lines.push({ at: paidAt, kind: 'fee', from: sellerId, to: FEE_ACCOUNT, amountFen: feeFen, about })
    for (const { at, outRequestNo: requestNo, amountFen, feeBackFen } of trade.refunds) {
      lines.push({ at, kind: 'fee_back', from: FEE_ACCOUNT, to: sellerId, amountFen: feeBackFen, about, requestNo })
      lines.push({ at, kind: 'refund', from: sellerId, to: buyerId, amountFen, about, requestNo })
    }
  }
  return lines
}
