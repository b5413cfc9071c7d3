import type { Stay } from '@ihome/core/calendar'
import type { CancelRule } from '@ihome/core/orders/cancel-rule'
import { UNPAID_STATUSES } from '@ihome/core/orders/lifecycle'
import type { StayPrice } from '@ihome/core/pricing/price-stay'
import { sql } from 'kysely'
import { brokenConstraint, type Tx } from '../../platform/db.ts'
import { prepared } from '../../platform/prepared-statements.ts'
import { Refusal } from '../../platform/refusal.ts'
import { NOTICE } from './order-messages.ts'

export interface NewOrder extends Stay {
  readonly guest_id: number
  readonly host_id: number
  readonly house_id: number
  readonly guest_count: number
  readonly price: StayPrice
  readonly cancelRule: CancelRule
  readonly status: 'WAIT_ACCEPT' | 'WAIT_PAYMENT'
  readonly acceptBy: Date
  /** Where the house is booked at once: until when to pay, and how long the nights are kept. */
  readonly pay: { readonly payBy: Date; readonly holdUntil: Date } | undefined
  /** How many unpaid live orders a guest may have, this one included. */
  readonly openOrdersMost: number
  readonly now: Date
}

/**
 * Counts, checks the nights and writes order, stay, history and message in one statement, so that a booking costs one
 * round trip after its locks and a loser writes nothing. What the counts see is whole because both locks are held
 * before the statement begins. The constraint on stays has the last word.
 *
 * An order that may be paid at once was accepted by its host beforehand, and its history says so.
 *
 * Gives the order's id, or says no with `too_many_open_orders` or `dates_taken`.
 */
export async function insertOrder(tx: Tx, order: NewOrder): Promise<number> {
  const { price, now } = order
  const statement = sql<{ open_orders: number; taken: boolean; gone: boolean; order_id: number | null }>`
    ${prepared('place_order')} with question as materialized (
      select (select count(*)::integer from orders
               where guest_id = ${order.guest_id} and status in (${sql.join(UNPAID_STATUSES)})) as open_orders,
             exists (select 1 from stays
                      where house_id = ${order.house_id} and state in ('held', 'confirmed')
                        and daterange(start_date, end_date, '[)')
                            && daterange(${order.start_date}::date, ${order.end_date}::date, '[)')) as taken,
             exists (select 1 from users where id = ${order.guest_id} and disabled_at is not null) as gone
    ), placed as (
      insert into orders (guest_id, host_id, house_id, start_date, end_date, days, guest_count, house_price_fen,
                          amount_fen, night_prices_fen, status, version, cancel_rule, accept_by, pay_by, status_at, created_at,
                          updated_at)
      select ${order.guest_id}::bigint, ${order.host_id}::bigint, ${order.house_id}::bigint,
             ${order.start_date}::date, ${order.end_date}::date, ${price.nights}::integer,
             ${order.guest_count}::integer, ${price.nightFen}::bigint, ${price.totalFen}::bigint,
             ${price.nightFens}::bigint[], ${order.status}::text, ${order.pay ? 2 : 1}::integer,
             ${JSON.stringify(order.cancelRule)}::jsonb, ${order.acceptBy}::timestamptz,
             ${order.pay?.payBy ?? null}::timestamptz, ${now}::timestamptz, ${now}::timestamptz, ${now}::timestamptz
        from question where open_orders < ${order.openOrdersMost} and not taken and not gone
      returning id, host_id, house_id, guest_id, status, start_date, end_date, created_at
    ), stay as (
      insert into stays (house_id, order_id, kind, start_date, end_date, state, hold_until, created_at)
      select house_id, id, 'booking', start_date, end_date, 'held',
             ${order.pay?.holdUntil ?? order.acceptBy}::timestamptz, created_at
        from placed
    ), history as (
      insert into order_history (order_id, from_status, to_status, actor, actor_id, reason, at)
      select id, null, 'WAIT_ACCEPT', 'guest', guest_id, null, created_at from placed
      union all
      select id, 'WAIT_ACCEPT', 'WAIT_PAYMENT', 'host', host_id, 'instant', created_at
        from placed where status = 'WAIT_PAYMENT'
    ), message as (
      insert into outbox (topic, dedupe_key, order_id, payload, created_at, due_at)
      select ${NOTICE}, 'placed:' || id || ':host', id,
             jsonb_build_object('news', 'placed', 'order_id', id, 'house_id', house_id, 'user_id', host_id),
             created_at, created_at
        from placed
    )
    select open_orders, taken, gone, (select id from placed) as order_id from question`

  const row = await statement
    .execute(tx)
    .then(({ rows }) => rows[0])
    .catch((cause: unknown) => {
      if (brokenConstraint(cause) === 'stays_share_no_night') throw new Refusal('dates_taken', {}, { cause })
      throw cause
    })
  if (!row) throw new Error('the booking statement gave no row')
  if (row.order_id !== null) return row.order_id
  // The account ended after this request was let in.
  if (row.gone) throw new Refusal('sign_in_needed')
  throw new Refusal(row.open_orders >= order.openOrdersMost ? 'too_many_open_orders' : 'dates_taken')
}
