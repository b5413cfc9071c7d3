import { dayInShanghai } from '@ihome/core/calendar'
import { payBy } from '@ihome/core/orders/deadlines'
import { mayStep } from '@ihome/core/orders/steps'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { type MovedOrder, moveOrder } from './move-order.ts'
import { lockOrder } from './order-lock.ts'

type Needs = Pick<Deps, 'transact' | 'clock' | 'config'>

/**
 * The host takes the order: the guest may pay from now on. Says no with `step_refused` when it is not this host's,
 * not waiting, or when its time or its first day has passed.
 */
export function acceptOrder(needs: Needs, wish: { orderId: number; hostId: number }): Promise<MovedOrder> {
  return needs.transact(async (tx) => {
    const now = needs.clock.now()
    const { limits } = needs.config
    const order = await lockOrder(tx, wish.orderId)
    if (!order || order.host_id !== wish.hostId || !mayStep(order, 'accept', 'host', now)) {
      throw new Refusal('step_refused')
    }
    if (now >= order.accept_by || order.start_date < dayInShanghai(now)) throw new Refusal('step_refused')
    const until = payBy(now, order.start_date, {
      acceptHours: limits.acceptWindowMinutes / 60,
      payMinutes: limits.paymentWindowMinutes,
    })
    const move = {
      step: 'accept',
      payBy: until,
      holdUntil: new Date(until.getTime() + limits.closingGraceS * 1_000),
    } as const
    return moveOrder(tx, order, move, { actor: 'host', id: wish.hostId }, now)
  })
}

/** The host does not take the order and says why; the nights are free again. Says no as {@link acceptOrder} does. */
export function rejectOrder(
  needs: Needs,
  wish: { orderId: number; hostId: number; reason: string },
): Promise<MovedOrder> {
  return needs.transact(async (tx) => {
    const now = needs.clock.now()
    const order = await lockOrder(tx, wish.orderId)
    if (!order || order.host_id !== wish.hostId || !mayStep(order, 'reject', 'host', now)) {
      throw new Refusal('step_refused')
    }
    return moveOrder(tx, order, { step: 'reject', reason: wish.reason }, { actor: 'host', id: wish.hostId }, now)
  })
}
