import Type, { type Static } from 'typebox'
import { Fen, Id, Instant, Nullable, strict } from './fields.ts'
import { Listed, paged, Search } from './operator-desk.ts'

const yes = Type.Optional(Type.Literal('yes'))

export const DeskPaymentQuery = Type.Object(
  {
    q: Search,
    state: Type.Optional(Type.String({ maxLength: 12 })),
    /** Only those that are past their end by ten minutes and have none. */
    overdue: yes,
    ...paged,
  },
  strict,
)
export type DeskPaymentQuery = Static<typeof DeskPaymentQuery>
const deskPayment = {
  out_trade_no: Type.String(),
  order_id: Id,
  state: Type.String(),
  disposition: Nullable(Type.String()),
  amount: Fen,
  received_fen: Fen,
  trade_no: Nullable(Type.String()),
  /** What the gateway said last, through whatever entrance, and what we made of it. */
  last_kind: Nullable(Type.String()),
  last_effect: Nullable(Type.String()),
  last_at: Nullable(Instant),
  next_query_at: Nullable(Instant),
  time_expire: Instant,
  created_at: Instant,
}
/** One question to the gateway for money. */
export const DeskPayment = Type.Object(deskPayment, strict)
export type DeskPayment = Static<typeof DeskPayment>
export const DeskPayments = Listed(DeskPayment)
export type DeskPayments = Static<typeof DeskPayments>

export const TradeNumberParams = Type.Object(
  { out_trade_no: Type.String({ pattern: '^[0-9A-Za-z_]{16,64}$' }) },
  strict,
)
/** The attempt after the gateway was asked. `asked` is false when somebody had asked a moment before. */
export const DeskPaymentAsked = Type.Object({ ...deskPayment, asked: Type.Boolean() }, strict)
export type DeskPaymentAsked = Static<typeof DeskPaymentAsked>

export const DeskCaseQuery = Type.Object(
  {
    q: Search,
    state: Type.Optional(Type.Union([Type.Literal('open'), Type.Literal('closed'), Type.Literal('overdue')])),
    kind: Type.Optional(Type.String({ maxLength: 40 })),
    ...paged,
  },
  strict,
)
export type DeskCaseQuery = Static<typeof DeskCaseQuery>
/** Something that a person must look at. */
export const DeskCase = Type.Object(
  {
    case_id: Id,
    kind: Type.String(),
    /** The number it is about: of an attempt, of a refund, or a code of the gateway. */
    subject: Type.String(),
    order_id: Nullable(Id),
    state: Type.Union([Type.Literal('open'), Type.Literal('closed')]),
    owner: Type.String(),
    note: Nullable(Type.String()),
    opened_at: Instant,
    due_at: Instant,
    closed_at: Nullable(Instant),
    overdue: Type.Boolean(),
    /** Money that nobody has matched, while it lies there. */
    unmatched_fen: Fen,
  },
  strict,
)
export type DeskCase = Static<typeof DeskCase>
export const DeskCases = Listed(DeskCase)
export type DeskCases = Static<typeof DeskCases>
const Reason = Type.String({ minLength: 1, maxLength: 400 })
export const MatchBody = Type.Object({ order_id: Id, reason: Reason }, strict)
export type MatchBody = Static<typeof MatchBody>
/** What became of money that was matched to an order. `unclear` while the gateway has not confirmed it. */
export const MatchedView = Type.Object({ out_trade_no: Type.String(), effect: Type.String() }, strict)
export type MatchedView = Static<typeof MatchedView>
