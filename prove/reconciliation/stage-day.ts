import { givenHouse, givenUser } from '@ihome/server/platform/testing-builders'
import type { Bed } from '../order-of-events/bed.ts'
import type { PlannedTrade } from './plan-day.ts'

/** Fates in which our side has no such number. */
const NOT_OURS = new Set(['payment_unmatched', 'payment_foreign'])

const AT = '2026-11-23T04:00:00Z'
const BATCH = 5_000

/**
 * Puts the day into our books and into the gateway's. Orders have ended and their money is owed back, because that needs
 * no night of any house: to a bill a payment is a payment.
 */
export async function stageDay(bed: Bed, plan: readonly PlannedTrade[]): Promise<void> {
  for (const trade of plan) {
    bed.gateway.trades.set(trade.outTradeNo, {
      outTradeNo: trade.outTradeNo,
      tradeNo: trade.tradeNo,
      fate: trade.fate === 'refund_blocked' ? 'finished' : 'paid',
      amountFen: trade.amountFen,
      refundedByOthersFen: 0,
    })
    const { refund, fate, no, outTradeNo } = trade
    if (refund && fate !== 'refund_blocked') bed.gateway.refunded(outTradeNo, refund.requestNo, refund.amountFen)
    if (fate === 'refund_external') bed.gateway.refunded(outTradeNo, `console_${no}`, 700)
  }
  const house = await givenHouse(bed.needs.db)
  const guest = await givenUser(bed.needs.db)
  const ours = plan.filter(({ fate }) => !NOT_OURS.has(fate))
  for (let at = 0; at < ours.length; at += BATCH) {
    await insert(bed, ours.slice(at, at + BATCH), { houseId: house.id, hostId: house.hostId, guestId: guest.id })
  }
}

interface People {
  readonly houseId: number
  readonly hostId: number
  readonly guestId: number
}

async function insert({ database }: Bed, trades: readonly PlannedTrade[], people: People): Promise<void> {
  const column = <Value>(of: (trade: PlannedTrade) => Value) => trades.map(of)
  await database.query(
    `with planned as (
       select * from unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::boolean[])
         as p (number, trade_no, amount, fee, heard)),
     placed as (
       insert into orders (guest_id, host_id, house_id, start_date, end_date, days, guest_count, house_price_fen,
                           amount_fen, status, close_reason, cancel_rule, accept_by, pay_by, created_at, updated_at,
                           status_at)
       select $6, $7, $8, '2026-12-01', '2026-12-02', 1, 1, amount, amount, 'CANCELED', 'system', '{}', $9, $9,
              $9, $9, $9 from planned
       returning id, amount_fen),
     numbered_orders as (select id, row_number() over (order by id) as place from placed),
     numbered as (select *, row_number() over () as place from planned),
     stayed as (
       insert into stays (house_id, order_id, kind, start_date, end_date, state, created_at, released_at)
       select $8, id, 'booking', '2026-12-01', '2026-12-02', 'released', $9, $9 from numbered_orders returning id),
     attempted as (
       insert into payment_attempts (order_id, out_trade_no, amount_fen, app_id, seller_id, subject, time_expire, state,
                                     disposition, trade_no, received_fen, refundable, expected_fee_fen, created_at,
                                     opened_at, closed_at, succeeded_at, provider)
       select o.id, n.number, n.amount, '2021000000000005', '2088000000000005', 'proof', $9,
              case when n.heard then 'SUCCEEDED' else 'CLOSED' end, case when n.heard then 'SURPLUS' end,
              case when n.heard then n.trade_no end, case when n.heard then n.amount else 0 end, true,
              case when n.heard then n.fee end, $9, $9, case when n.heard then null else $9::timestamptz end,
              case when n.heard then $9::timestamptz end, 'alipay'
       from numbered n join numbered_orders o using (place) returning id, order_id, out_trade_no, received_fen),
     posted as (
       insert into ledger_transactions (business_key, event, order_id, attempt_id, posted_at)
       select 'pay:' || id, 'pay_surplus', order_id, id, $9 from attempted where received_fen > 0
       returning id, order_id, attempt_id),
     entered as (
       insert into ledger_entries (tx_id, seq, account, owner_id, amount_fen)
       select p.id, side, case side when 1 then 'CLEARING' else 'REFUND_PAYABLE' end,
              case side when 2 then p.order_id::text end, case side when 1 then a.received_fen else -a.received_fen end
       from posted p join attempted a on a.id = p.attempt_id cross join (values (1), (2)) as sides (side) returning tx_id)
     select count(*) from entered`,
    [
      column(({ outTradeNo }) => outTradeNo),
      column(({ tradeNo }) => tradeNo),
      column(({ amountFen }) => amountFen),
      column(({ feeFen }) => feeFen),
      column(({ fate }) => fate !== 'payment_not_booked'),
      people.guestId,
      people.hostId,
      people.houseId,
      AT,
    ],
  )
  const refunded = trades.filter(({ refund }) => refund !== undefined)
  await database.query(
    `with planned as (
       select * from unnest($1::text[], $2::text[], $3::bigint[], $4::boolean[]) as p (number, request_no, back, done)),
     promised as (
       insert into refunds (attempt_id, order_id, out_trade_no, out_request_no, amount_fen, reason, state, done_fen,
                            created_at, sent_at, settled_at, provider)
       select a.id, a.order_id, p.number, p.request_no, p.back, 'surplus',
              case when p.done then 'SUCCEEDED' else 'UNKNOWN' end, case when p.done then p.back else 0 end, $5, $5,
              case when p.done then $5::timestamptz end, 'alipay'
       from planned p join payment_attempts a on a.out_trade_no = p.number
       returning id, order_id, attempt_id, done_fen),
     posted as (
       insert into ledger_transactions (business_key, event, order_id, attempt_id, refund_id, posted_at)
       select 'refund:' || id, 'refund', order_id, attempt_id, id, $5 from promised where done_fen > 0
       returning id, order_id, refund_id)
     insert into ledger_entries (tx_id, seq, account, owner_id, amount_fen)
     select p.id, side, case side when 1 then 'REFUND_PAYABLE' else 'CLEARING' end,
            case side when 1 then p.order_id::text end, case side when 1 then r.done_fen else -r.done_fen end
     from posted p join promised r on r.id = p.refund_id cross join (values (1), (2)) as sides (side)`,
    [
      refunded.map(({ outTradeNo }) => outTradeNo),
      refunded.map(({ refund }) => refund?.requestNo),
      refunded.map(({ refund }) => refund?.amountFen),
      refunded.map(({ fate }) => fate !== 'refund_not_booked' && fate !== 'refund_blocked'),
      AT,
    ],
  )
}
