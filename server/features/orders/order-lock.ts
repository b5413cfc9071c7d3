import type { CancelRule } from '@ihome/core/orders/cancel-rule'
import type { CloseReason, OrderStatus, StayState } from '@ihome/core/orders/lifecycle'
import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'

/** An order whose row, and whose house, are locked by this transaction. Dates are calendar dates, amounts fen. */
export interface LockedOrder {
  readonly id: number
  readonly guest_id: number
  readonly host_id: number
  readonly house_id: number
  readonly start_date: string
  readonly end_date: string
  readonly amount_fen: number
  readonly status: OrderStatus
  readonly close_reason: CloseReason | null
  readonly cancel_note: string | null
  /** As it stood when the order was made. */
  readonly cancel_rule: CancelRule
  readonly accept_by: Date
  readonly pay_by: Date | null
  readonly checked_out_at: Date | null
  readonly trade_no: string | null
  readonly version: number
  readonly stay_state: StayState
}

/**
 * Locks the order's house and then the order, always in this order (promises 5): a move that frees nights writes the
 * house too, and two who took the locks the other way round could wait for each other for ever.
 */
export async function lockOrder(tx: Tx, orderId: number): Promise<LockedOrder | undefined> {
  await sql`select 1 from houses where id = (select house_id from orders where id = ${orderId})
            for no key update`.execute(tx)
  return readLocked(tx, orderId)
}

/**
 * As {@link lockOrder}, but gives nothing at once when somebody else is at this house: whoever it is may just be doing
 * what the caller came for, and the caller comes again.
 */
export async function lockOrderUnlessBusy(tx: Tx, orderId: number): Promise<LockedOrder | undefined> {
  const { rows } = await sql`select 1 from houses where id = (select house_id from orders where id = ${orderId})
                             for no key update skip locked`.execute(tx)
  return rows.length === 0 ? undefined : readLocked(tx, orderId)
}

const readLocked = (tx: Tx, orderId: number): Promise<LockedOrder | undefined> =>
  tx
    .selectFrom('orders as o')
    .innerJoin('stays as s', 's.order_id', 'o.id')
    .select((eb) => [
      'o.id',
      'o.guest_id',
      'o.host_id',
      'o.house_id',
      'o.start_date',
      'o.end_date',
      'o.amount_fen',
      'o.status',
      'o.close_reason',
      'o.cancel_note',
      eb.ref('o.cancel_rule').$castTo<CancelRule>().as('cancel_rule'),
      'o.accept_by',
      'o.pay_by',
      'o.checked_out_at',
      'o.trade_no',
      'o.version',
      's.state as stay_state',
    ])
    .where('o.id', '=', orderId)
    .forNoKeyUpdate('o')
    .$narrowType<{ status: OrderStatus; close_reason: CloseReason | null; stay_state: StayState }>()
    .executeTakeFirst()
