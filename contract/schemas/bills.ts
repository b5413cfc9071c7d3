import Type, { type Static } from 'typebox'
import { Day, Fen, Id, Instant, Nullable, strict } from './fields.ts'
import { Listed, paged, Search } from './operator-desk.ts'

const Signed = Type.Integer({ description: 'Yuan counted in fen, with a sign' })
const Count = Type.Integer({ minimum: 0 })

/** A day's bill of trades and how it stands to our books; counts are null before it was compared. */
export const DeskBill = Type.Object(
  {
    day: Day,
    state: Type.Enum(['waiting', 'fetched', 'compared', 'absent']),
    /** Why it is not here, in the gateway's word or ours. */
    error: Nullable(Type.String()),
    fetched_at: Nullable(Instant),
    compared_at: Nullable(Instant),
    lines: Count,
    matched: Nullable(Count),
    differs: Nullable(Count),
    only_theirs: Nullable(Count),
    only_ours: Nullable(Count),
    foreign: Nullable(Count),
    fees_fen: Nullable(Signed),
    /** The account at the end of the day, by its own bill and by our books. */
    theirs_fen: Nullable(Signed),
    ours_fen: Nullable(Signed),
    /** Moved on the account for reasons that are not the shop's, since our first bill. */
    outside_fen: Nullable(Signed),
    differences: Count,
    /** Those that nobody and nothing has ended. */
    waiting: Count,
  },
  strict,
)
export type DeskBill = Static<typeof DeskBill>
export const DeskBills = Listed(DeskBill)
export type DeskBills = Static<typeof DeskBills>
export const DeskBillsQuery = Type.Object({ ...paged }, strict)
export type DeskBillsQuery = Static<typeof DeskBillsQuery>

export const BillDayParams = Type.Object({ day: Day }, strict)
export const FetchBillBody = Type.Object({ day: Day }, strict)
export type FetchBillBody = Static<typeof FetchBillBody>

export const BillLineResult = Type.Enum(['matched', 'differs', 'only_theirs', 'foreign'])
export const DeskBillLinesQuery = Type.Object({ q: Search, result: Type.Optional(BillLineResult), ...paged }, strict)
export type DeskBillLinesQuery = Static<typeof DeskBillLinesQuery>
export const DeskBillLine = Type.Object(
  {
    no: Type.Integer(),
    type: Type.Enum(['payment', 'refund', 'other']),
    trade_no: Type.String(),
    out_trade_no: Type.String(),
    request_no: Nullable(Type.String()),
    amount_fen: Fen,
    fee_fen: Fen,
    at: Instant,
    result: Nullable(BillLineResult),
    order_id: Nullable(Id),
  },
  strict,
)
export type DeskBillLine = Static<typeof DeskBillLine>
export const DeskBillLines = Listed(DeskBillLine)
export type DeskBillLines = Static<typeof DeskBillLines>

export const DifferenceState = Type.Enum(['found', 'asked', 'fixed', 'open', 'resolved'])
export const DeskDifferencesQuery = Type.Object(
  { q: Search, state: Type.Optional(DifferenceState), kind: Type.Optional(Type.String({ maxLength: 40 })), ...paged },
  strict,
)
export type DeskDifferencesQuery = Static<typeof DeskDifferencesQuery>
export const DeskDifference = Type.Object(
  {
    difference_id: Id,
    day: Day,
    kind: Type.String(),
    subject: Type.String(),
    line_no: Nullable(Type.Integer()),
    out_trade_no: Nullable(Type.String()),
    order_id: Nullable(Id),
    ours_fen: Nullable(Signed),
    theirs_fen: Nullable(Signed),
    state: DifferenceState,
    owner: Type.String(),
    /** What the gateway said or, once resolved, what the operator wrote. */
    note: Nullable(Type.String()),
    found_at: Instant,
    settled_at: Nullable(Instant),
  },
  strict,
)
export type DeskDifference = Static<typeof DeskDifference>
export const DeskDifferences = Listed(DeskDifference)
export type DeskDifferences = Static<typeof DeskDifferences>
