import { CHECK_OUT_HOUR, dayInShanghai } from '@ihome/core/calendar'
import { checkOutAt } from '@ihome/core/orders/steps'
import type { Db, Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import type { Job } from '../../platform/jobs.ts'
import { listStayed, listUnanswered, listUncommented, listUnpaid } from './due-orders-store.ts'
import { type MovedOrder, moveOrder } from './move-order.ts'
import { type LockedOrder, lockOrderUnlessBusy } from './order-lock.ts'
import { announceMove } from './order-messages.ts'
import type { OrderPayments } from './order-payments.ts'

export type OrderJobNeeds = Pick<Deps, 'db' | 'transact' | 'clock' | 'config' | 'events' | 'log'> & {
  readonly payments: Pick<OrderPayments, 'couldStillTakeMoney'>
}

const HOUR_MS = 3_600_000
const SYSTEM = { actor: 'system' } as const

/** What happens to orders because time has passed: who is due, and what is done to one of them under its lock. */
interface TimedMove {
  readonly name: string
  due(db: Db, now: Date, needs: OrderJobNeeds): Promise<{ id: number }[]>
  /** Asked again under the lock, since another instance or a person may have been quicker. */
  isDue(order: LockedOrder, now: Date, needs: OrderJobNeeds): boolean
  act(tx: Tx, order: LockedOrder, now: Date, needs: OrderJobNeeds): Promise<MovedOrder>
}

const lapse = { closeReason: 'expired' } as const

const unanswered: TimedMove = {
  name: 'lapse_unanswered_orders',
  due: listUnanswered,
  isDue: (order, now) => order.status === 'WAIT_ACCEPT' && order.accept_by <= now,
  act: (tx, order, now) => moveOrder(tx, order, { step: 'cancel', ...lapse }, SYSTEM, now),
}

const unpaid: TimedMove = {
  name: 'lapse_unpaid_orders',
  due: listUnpaid,
  isDue: (order, now) => order.status === 'WAIT_PAYMENT' && order.pay_by !== null && order.pay_by <= now,
  act: async (tx, order, now, { payments }) => {
    const step = (await payments.couldStillTakeMoney(tx, order.id)) ? 'close' : 'cancel'
    return moveOrder(tx, order, { step, ...lapse }, SYSTEM, now)
  },
}

const stayed: TimedMove = {
  name: 'check_out_stays',
  // The day whose noon has just passed, in Shanghai, is the last one that is due.
  due: (db, now) => listStayed(db, dayInShanghai(new Date(now.getTime() - CHECK_OUT_HOUR * HOUR_MS))),
  isDue: (order, now) => order.status === 'PAID' && checkOutAt(order) <= now,
  act: (tx, order, now) => moveOrder(tx, order, { step: 'check_out' }, SYSTEM, now),
}

const uncommented: TimedMove = {
  name: 'complete_uncommented_orders',
  due: (db, now, { config }) => listUncommented(db, quietSince(now, config.limits.completeAfterDays)),
  isDue: (order, now, { config }) =>
    order.status === 'WAIT_COMMENT' &&
    order.checked_out_at !== null &&
    order.checked_out_at <= quietSince(now, config.limits.completeAfterDays),
  act: (tx, order, now) => moveOrder(tx, order, { step: 'complete' }, SYSTEM, now),
}

const quietSince = (now: Date, days: number): Date => new Date(now.getTime() - days * 24 * HOUR_MS)

const TIMED_MOVES = [unanswered, unpaid, stayed, uncommented]

/**
 * Moves the due orders of one look, each in a transaction of its own, and gives how many it moved. An order that
 * fails is logged and left for the next look, so that it cannot keep the others waiting.
 */
async function moveDue(timed: TimedMove, needs: OrderJobNeeds, signal?: AbortSignal): Promise<number> {
  const now = needs.clock.now()
  let count = 0
  for (const { id } of await timed.due(needs.db, now, needs)) {
    if (signal?.aborted) break
    try {
      const moved = await needs.transact(async (tx) => {
        const order = await lockOrderUnlessBusy(tx, id)
        return order && timed.isDue(order, now, needs) ? timed.act(tx, order, now, needs) : undefined
      })
      if (!moved) continue
      announceMove(needs.events, moved)
      count += 1
    } catch (error) {
      needs.log.error({ job: timed.name, order_id: id, err: error }, 'order_not_moved')
    }
  }
  return count
}

/** Everything that is due now, once through; gives how many orders moved. */
export async function runDueOrders(needs: OrderJobNeeds): Promise<number> {
  let count = 0
  for (const timed of TIMED_MOVES) count += await moveDue(timed, needs)
  return count
}

/** The jobs that move orders because time has passed. Safe to run on several instances at once. */
export const orderJobs = (needs: OrderJobNeeds): Job[] =>
  TIMED_MOVES.map((timed) => ({
    name: timed.name,
    everyMs: 5_000,
    run: (signal) => moveDue(timed, needs, signal),
  }))
