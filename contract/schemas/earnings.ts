import Type, { type Static } from 'typebox'
import { Day, Fen, Id, Instant, Nullable, strict } from './fields.ts'

/**
 * `pending` is money that is held for a stay which has not begun long enough ago, with the fees as expected; `due` is
 * earned. `fee_confirmed` once the gateway's own bill has named the fee. amount = fee_fen + platform_fee_fen + net_fen.
 */
export const EarningView = Type.Object(
  {
    order_id: Id,
    title: Type.String(),
    start_date: Day,
    end_date: Day,
    amount: Fen,
    fee_fen: Fen,
    platform_fee_fen: Fen,
    net_fen: Fen,
    fee_confirmed: Type.Boolean(),
    state: Type.Enum(['pending', 'due']),
    earned_at: Nullable(Instant),
  },
  strict,
)
export type EarningView = Static<typeof EarningView>

export const EarningMonthView = Type.Object(
  {
    month: Type.String({ pattern: '^\\d{4}-\\d{2}$' }),
    orders: Type.Integer(),
    amount: Fen,
    fee_fen: Fen,
    platform_fee_fen: Fen,
    net_fen: Fen,
  },
  strict,
)
export type EarningMonthView = Static<typeof EarningMonthView>

export const EarningsQuery = Type.Object({ cursor: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })) }, strict)
export type EarningsQuery = Static<typeof EarningsQuery>

/** `months` are the last twelve in Shanghai, this one last, by the day on which the money was earned. */
export const EarningsView = Type.Object(
  {
    due_fen: Type.Integer(),
    pending_fen: Fen,
    months: Type.Array(EarningMonthView),
    items: Type.Array(EarningView),
    next_cursor: Nullable(Type.String()),
  },
  strict,
)
export type EarningsView = Static<typeof EarningsView>
