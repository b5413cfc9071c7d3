import type { DeskEvent, DeskOrder, DeskOrderQuery, DeskOrders } from '@ihome/contract/schemas/operator-desk'
import { isCivilDate } from '@ihome/core/calendar'
import { maskPhone } from '@ihome/core/identity/phone'
import { isOrderStatus, type OrderStatus } from '@ihome/core/orders/lifecycle'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { deskSpan } from '../../platform/desk-page.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { findDeskOrder, listDeskOrders, ORDER_KEYS, readOrderFigures } from './desk-order-store.ts'
import { type MovedOrder, moveOrder } from './move-order.ts'
import { findHistory } from './order-list-store.ts'
import { lockOrder } from './order-lock.ts'
import type { OrderPayments } from './order-payments.ts'

type Row = NonNullable<Awaited<ReturnType<typeof findDeskOrder>>>

const nameOf = (name: string, phone: string): string => (name === phone ? maskPhone(phone) : name)

const viewOf = (row: Omit<Row, 'status'> & { readonly status: string }): DeskOrder => ({
  order_id: row.id,
  status: row.status,
  house_id: row.house_id,
  house_title: row.title,
  guest_id: row.guest_id,
  guest_name: nameOf(row.guest_name, row.guest_phone),
  host_id: row.host_id,
  host_name: nameOf(row.host_name, row.host_phone),
  start_date: row.start_date,
  end_date: row.end_date,
  days: row.days,
  amount: row.amount_fen,
  created_at: row.created_at.toISOString(),
})

/** Orders by number, end of a phone, trade number, status and first night, in the order asked for. */
export async function listOrdersForDesk({ db }: Pick<Deps, 'db'>, filter: DeskOrderQuery): Promise<DeskOrders> {
  if (filter.status !== undefined && !isOrderStatus(filter.status)) {
    throw inputInvalid({ field: 'status', reason: 'is no status' })
  }
  for (const field of ['from', 'to'] as const) {
    const day = filter[field]
    if (day !== undefined && !isCivilDate(day)) throw inputInvalid({ field, reason: 'is no day' })
  }
  const list = await listDeskOrders(db, filter, deskSpan(filter, ORDER_KEYS))
  return { ...list, rows: list.rows.map(viewOf) }
}

/** How many orders were placed, paid and cancelled on a day, and how many stays begin and end. */
export const orderFigures = (
  { db }: Pick<Deps, 'db'>,
  day: string,
  span: { readonly from: Date; readonly until: Date },
) => readOrderFigures(db, day, span)

const CANCELLABLE: readonly OrderStatus[] = ['WAIT_ACCEPT', 'WAIT_PAYMENT', 'PAID']

/** An order and its moves, for the desk. Says no with `order_not_found`. */
export async function readOrderForDesk({ db }: Pick<Deps, 'db'>, orderId: number) {
  const row = await findDeskOrder(db, orderId)
  if (!row) throw new Refusal('order_not_found')
  const moves: DeskEvent[] = (await findHistory(db, orderId)).map(({ from_status, to_status, actor, reason, at }) => ({
    at: at.toISOString(),
    kind: 'move',
    title: to_status,
    detail: [from_status, actor, reason].filter(Boolean).join(' · '),
    amount: null,
  }))
  return {
    order: { ...viewOf(row), trade_no: row.trade_no, may_cancel: CANCELLABLE.includes(row.status) },
    moves,
  }
}

/**
 * An operator ends an order for the platform: everything that was paid goes back (promises R9). While an attempt could
 * still take money the order only begins to close. Says no with `step_refused` when it cannot be ended any more, as
 * when the host has been credited already.
 */
export async function cancelForPlatform(
  tx: Tx,
  needs: Pick<Deps, 'clock' | 'config' | 'random'> & { readonly payments: OrderPayments },
  wish: { readonly orderId: number; readonly operatorId: number; readonly reason: string },
): Promise<MovedOrder & { readonly refund_fen: number }> {
  const now = needs.clock.now()
  const order = await lockOrder(tx, wish.orderId)
  if (!order || !CANCELLABLE.includes(order.status)) throw new Refusal('step_refused')
  const mayBePaid = order.status === 'WAIT_PAYMENT' && (await needs.payments.couldStillTakeMoney(tx, order.id))
  const move = { step: mayBePaid ? 'close' : 'cancel', closeReason: 'system', note: wish.reason } as const
  const moved = await moveOrder(tx, order, move, { actor: 'operator', id: wish.operatorId }, now)
  const isPaid = order.status === 'PAID'
  return { ...moved, refund_fen: isPaid ? await needs.payments.refundPaid(tx, needs, order, 'system', now) : 0 }
}
