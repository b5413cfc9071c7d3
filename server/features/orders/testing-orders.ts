import { addDays, countNights, dayInShanghai } from '@ihome/core/calendar'
import { STANDARD_RULE } from '@ihome/core/orders/cancel-rule'
import type { CloseReason, OrderStatus } from '@ihome/core/orders/lifecycle'
import { STAY_OF_STATUS } from '@ihome/core/orders/lifecycle'
import type { Db } from '../../platform/db.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'

export interface OrderFacts {
  readonly status?: OrderStatus
  readonly guestId?: number
  readonly house?: { readonly id: number; readonly hostId: number; readonly priceFen: number }
  readonly startDate?: string
  readonly endDate?: string
  /** When the order was made and everything since happened. */
  readonly at?: Date
  readonly guestCount?: number
  readonly closeReason?: CloseReason
  readonly comment?: string
  readonly rejectReason?: string
  readonly tradeNo?: string
  readonly acceptBy?: Date
  readonly payBy?: Date
  readonly checkedOutAt?: Date
}

export interface GivenOrder {
  readonly id: number
  readonly guestId: number
  readonly hostId: number
  readonly houseId: number
  readonly amountFen: number
  readonly startDate: string
  readonly endDate: string
  readonly acceptBy: Date
  readonly payBy: Date | null
}

/** How an order came to its status, for a history that could have happened. */
const WAY: Readonly<Record<OrderStatus, readonly OrderStatus[]>> = {
  WAIT_ACCEPT: ['WAIT_ACCEPT'],
  WAIT_PAYMENT: ['WAIT_ACCEPT', 'WAIT_PAYMENT'],
  CLOSING: ['WAIT_ACCEPT', 'WAIT_PAYMENT', 'CLOSING'],
  PAID: ['WAIT_ACCEPT', 'WAIT_PAYMENT', 'PAID'],
  WAIT_COMMENT: ['WAIT_ACCEPT', 'WAIT_PAYMENT', 'PAID', 'WAIT_COMMENT'],
  COMPLETE: ['WAIT_ACCEPT', 'WAIT_PAYMENT', 'PAID', 'WAIT_COMMENT', 'COMPLETE'],
  CANCELED: ['WAIT_ACCEPT', 'CANCELED'],
  REJECTED: ['WAIT_ACCEPT', 'REJECTED'],
}

const HOUR_MS = 3_600_000

/**
 * An order in any status with its nights, as the rules would have left it; by default WAIT_ACCEPT for two nights from
 * the day after `at`. Guest and house are made when not given.
 */
export async function givenOrder(db: Db, facts: OrderFacts = {}): Promise<GivenOrder> {
  const status = facts.status ?? 'WAIT_ACCEPT'
  const way = WAY[status]
  const at = facts.at ?? new Date('2026-11-23T04:00:00Z')
  const house = facts.house ?? (await givenHouse(db))
  const guestId = facts.guestId ?? (await givenUser(db)).id
  const startDate = facts.startDate ?? addDays(dayInShanghai(at), 1)
  const endDate = facts.endDate ?? addDays(startDate, 2)
  const days = countNights({ start_date: startDate, end_date: endDate })
  const acceptBy = facts.acceptBy ?? new Date(at.getTime() + 24 * HOUR_MS)
  const payBy = way.includes('WAIT_PAYMENT') ? (facts.payBy ?? new Date(at.getTime() + 2 * HOUR_MS)) : null
  const closed = status === 'CLOSING' || status === 'CANCELED'
  const amountFen = house.priceFen * days

  const { id } = await db
    .insertInto('orders')
    .values({
      guest_id: guestId,
      host_id: house.hostId,
      house_id: house.id,
      start_date: startDate,
      end_date: endDate,
      days,
      guest_count: facts.guestCount ?? 1,
      house_price_fen: house.priceFen,
      amount_fen: amountFen,
      status,
      close_reason: closed ? (facts.closeReason ?? 'guest') : null,
      reject_reason: status === 'REJECTED' ? (facts.rejectReason ?? '房屋维修') : null,
      comment: facts.comment ?? null,
      trade_no: facts.tradeNo ?? null,
      cancel_rule: JSON.stringify(STANDARD_RULE),
      accept_by: acceptBy,
      pay_by: payBy,
      paid_at: way.includes('PAID') ? at : null,
      checked_out_at: way.includes('WAIT_COMMENT') ? (facts.checkedOutAt ?? at) : null,
      completed_at: status === 'COMPLETE' ? at : null,
      counted_at: status === 'COMPLETE' ? at : null,
      status_at: at,
      version: way.length,
      created_at: at,
      updated_at: at,
    })
    .returning('id')
    .executeTakeFirstOrThrow()

  const state = STAY_OF_STATUS[status]
  await db
    .insertInto('stays')
    .values({
      house_id: house.id,
      order_id: id,
      kind: 'booking',
      start_date: startDate,
      end_date: endDate,
      state,
      hold_until: state === 'held' ? (payBy ?? acceptBy) : null,
      released_at: state === 'released' ? at : null,
      created_at: at,
    })
    .execute()
  await db
    .insertInto('order_history')
    .values(
      way.map((to, index) => ({
        order_id: id,
        from_status: way[index - 1] ?? null,
        to_status: to,
        actor: 'system',
        at,
      })),
    )
    .execute()
  return { id, guestId, hostId: house.hostId, houseId: house.id, amountFen, startDate, endDate, acceptBy, payBy }
}
