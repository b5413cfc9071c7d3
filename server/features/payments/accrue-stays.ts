import { addDays, dayInShanghai } from '@ihome/core/calendar'
import { accrue } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import { hostShare } from '@ihome/core/orders/cancel-rule'
import type { OrderStatus } from '@ihome/core/orders/lifecycle'
import { checkInAt } from '@ihome/core/orders/steps'
import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'
import { heldFen, post } from '../ledger/post.ts'
import { lockOrder } from '../orders/order-lock.ts'
import { feeRates, type PaymentNeeds } from './payment-needs.ts'

const DAY_MS = 24 * 3_600_000
const BATCH = 50
const EARNING: readonly OrderStatus[] = ['PAID', 'WAIT_COMMENT', 'COMPLETE']

/**
 * Books the money of stays that began a day ago as earned: the host's part, the platform's share and the gateway's
 * expected fee, which the host bears (product.md 6, 15). Gives how many it booked; one that fails is logged and does
 * not keep the others waiting.
 */
export async function accrueStays(needs: PaymentNeeds): Promise<number> {
  const now = needs.clock.now()
  let count = 0
  for (const orderId of await listEarned(needs.db, now)) {
    try {
      if (await accrueOne(needs, orderId, now)) count += 1
    } catch (error) {
      needs.log.error({ order_id: orderId, err: error }, 'stay_not_accrued')
    }
  }
  return count
}

/** Longer than the jobs ever stand still; older stays were booked long ago and are not looked through again. */
const LOOK_BACK_DAYS = 90

/** Check-in is at 14:00, so a day after it has passed 38 hours after its day began. */
const listEarned = async (db: Db, now: Date): Promise<number[]> => {
  const lastDay = dayInShanghai(new Date(now.getTime() - 38 * 3_600_000))
  const firstDay = addDays(lastDay, -LOOK_BACK_DAYS)
  const { rows } = await sql<{ id: number }>`
    select o.id from orders o
    where o.start_date between ${firstDay} and ${lastDay} and o.paid_at is not null
      and o.status in ('PAID', 'WAIT_COMMENT', 'COMPLETE')
      and not exists (select from ledger_transactions e where e.order_id = o.id and e.event in ('accrue', 'cancel'))
      and (select sum(h.amount_fen) from ledger_entries h
           where h.account = 'GUEST_ESCROW' and h.owner_id = o.id::text) < 0
    order by o.id
    limit ${BATCH}`.execute(db)
  return rows.map(({ id }) => id)
}

function accrueOne(needs: PaymentNeeds, orderId: number, now: Date): Promise<boolean> {
  return needs.transact(async (tx) => {
    const order = await lockOrder(tx, orderId)
    if (!order || !EARNING.includes(order.status)) return false
    if (checkInAt(order).getTime() + DAY_MS > now.getTime()) return false
    const held = await heldFen(tx, orderId)
    if (held <= 0) return false
    const posted = await post(tx, {
      businessKey: `accrue:${orderId}`,
      event: 'accrue',
      causes: { orderId },
      entries: accrue(String(orderId), String(order.host_id), hostShare(toFen(held), feeRates(needs.config))),
      at: now,
    })
    return posted !== undefined
  })
}
