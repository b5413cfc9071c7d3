import Type, { type Static, type TSchema } from 'typebox'
import { Day, Fen, Id, Instant, Nullable, strict } from './fields.ts'

/** A page of a list at the operator's desk; `total` counts all rows of the filter. */
export const Listed = <T extends TSchema>(row: T) =>
  Type.Object(
    {
      rows: Type.Array(row),
      total: Type.Integer(),
      current_page: Type.Integer(),
      total_page: Type.Integer(),
    },
    strict,
  )

export const Search = Type.Optional(Type.String({ maxLength: 64 }))
const PageNumber = Type.Optional(Type.String({ maxLength: 9 }))
/** Page, rows a page and order of a list: `sort` names a column, with a minus sign when the greatest comes first. */
export const paged = {
  p: PageNumber,
  size: Type.Optional(Type.String({ maxLength: 3 })),
  sort: Type.Optional(Type.String({ maxLength: 24 })),
}
const Reason = Type.String({ minLength: 1, maxLength: 400 })

/** Why something is done: the people concerned may read it, and the log keeps it. */
export const ReasonBody = Type.Object({ reason: Reason }, strict)
export type ReasonBody = Static<typeof ReasonBody>

export const HouseState = Type.Union([Type.Literal('listed'), Type.Literal('unlisted'), Type.Literal('taken_down')])
export const DeskHouseQuery = Type.Object({ q: Search, state: Type.Optional(HouseState), ...paged }, strict)
export type DeskHouseQuery = Static<typeof DeskHouseQuery>
export const DeskHouse = Type.Object(
  {
    house_id: Id,
    title: Type.String(),
    area_name: Type.String(),
    price: Fen,
    host_id: Id,
    host_name: Type.String(),
    state: HouseState,
    taken_down_reason: Nullable(Type.String()),
    order_count: Type.Integer(),
    score: Nullable(Type.Number()),
    created_at: Instant,
  },
  strict,
)
export type DeskHouse = Static<typeof DeskHouse>
export const DeskHouses = Listed(DeskHouse)
export type DeskHouses = Static<typeof DeskHouses>

export const DeskReviewQuery = Type.Object(
  { q: Search, state: Type.Optional(Type.Union([Type.Literal('shown'), Type.Literal('hidden')])), ...paged },
  strict,
)
export type DeskReviewQuery = Static<typeof DeskReviewQuery>
export const DeskReview = Type.Object(
  {
    order_id: Id,
    house_id: Id,
    house_title: Type.String(),
    guest_name: Type.String(),
    comment: Type.String(),
    overall: Nullable(Type.Integer()),
    reply: Nullable(Type.String()),
    hidden_reason: Nullable(Type.String()),
    created_at: Instant,
  },
  strict,
)
export type DeskReview = Static<typeof DeskReview>
export const DeskReviews = Listed(DeskReview)
export type DeskReviews = Static<typeof DeskReviews>

export const DeskUserQuery = Type.Object(
  {
    q: Search,
    verified: Type.Optional(Type.Union([Type.Literal('yes'), Type.Literal('no')])),
    ...paged,
  },
  strict,
)
export type DeskUserQuery = Static<typeof DeskUserQuery>
const deskUser = {
  user_id: Id,
  name: Type.String(),
  /** The middle is hidden; revealing it is an act of its own. */
  phone: Type.String(),
  verified: Type.Boolean(),
  disabled: Type.Boolean(),
  orders: Type.Integer(),
  houses: Type.Integer(),
  created_at: Instant,
}
export const DeskUser = Type.Object(deskUser, strict)
export type DeskUser = Static<typeof DeskUser>
export const DeskUsers = Listed(DeskUser)
export type DeskUsers = Static<typeof DeskUsers>
export const DeskUserDetail = Type.Object(
  {
    ...deskUser,
    real_name: Nullable(Type.String()),
    id_card: Nullable(Type.String()),
    verified_at: Nullable(Instant),
    sessions: Type.Integer(),
  },
  strict,
)
export type DeskUserDetail = Static<typeof DeskUserDetail>
export const RevealBody = Type.Object(
  {
    field: Type.Union([Type.Literal('phone'), Type.Literal('real_name'), Type.Literal('id_card')]),
    reason: Reason,
  },
  strict,
)
export type RevealBody = Static<typeof RevealBody>
export const RevealedView = Type.Object({ value: Type.String() }, strict)
export type RevealedView = Static<typeof RevealedView>

export const DeskOrderQuery = Type.Object(
  {
    q: Search,
    status: Type.Optional(Type.String({ maxLength: 20 })),
    from: Type.Optional(Day),
    to: Type.Optional(Day),
    ...paged,
  },
  strict,
)
export type DeskOrderQuery = Static<typeof DeskOrderQuery>
const deskOrder = {
  order_id: Id,
  status: Type.String(),
  house_id: Id,
  house_title: Type.String(),
  guest_id: Id,
  guest_name: Type.String(),
  host_id: Id,
  host_name: Type.String(),
  start_date: Day,
  end_date: Day,
  days: Type.Integer(),
  amount: Fen,
  created_at: Instant,
}
export const DeskOrder = Type.Object(deskOrder, strict)
export type DeskOrder = Static<typeof DeskOrder>
export const DeskOrders = Listed(DeskOrder)
export type DeskOrders = Static<typeof DeskOrders>

/** One thing that happened to an order or its money, in one line. */
export const DeskEvent = Type.Object(
  {
    at: Instant,
    kind: Type.Union([
      Type.Literal('move'),
      Type.Literal('attempt'),
      Type.Literal('fact'),
      Type.Literal('refund'),
      Type.Literal('payout'),
      Type.Literal('posting'),
      Type.Literal('case'),
    ]),
    /** What it is called in its own table: a status, a state, an account. */
    title: Type.String(),
    detail: Type.String(),
    amount: Nullable(Type.Integer()),
  },
  strict,
)
export type DeskEvent = Static<typeof DeskEvent>
export const DeskOrderDetail = Type.Object(
  {
    ...deskOrder,
    trade_no: Nullable(Type.String()),
    may_cancel: Type.Boolean(),
    /** What of the host's debt this order made; nothing when it was netted or written off. */
    debt: Fen,
    /** What somebody has asked for and a second operator has not answered yet. */
    asked: Type.Array(Type.Enum(['cancel', 'writeoff'])),
    events: Type.Array(DeskEvent),
  },
  strict,
)
export type DeskOrderDetail = Static<typeof DeskOrderDetail>

export const DeskActionQuery = Type.Object({ q: Search, ...paged }, strict)
export type DeskActionQuery = Static<typeof DeskActionQuery>
export const DeskAction = Type.Object(
  {
    id: Id,
    at: Instant,
    login: Type.String(),
    kind: Type.String(),
    subject: Nullable(Type.String()),
    reason: Nullable(Type.String()),
  },
  strict,
)
export type DeskAction = Static<typeof DeskAction>
export const DeskActions = Listed(DeskAction)
export type DeskActions = Static<typeof DeskActions>

export const AreaNameBody = Type.Object({ name: Type.String({ minLength: 1, maxLength: 20 }) }, strict)
export type AreaNameBody = Static<typeof AreaNameBody>
export const HeroesBody = Type.Object({ house_ids: Type.Array(Id, { maxItems: 5, uniqueItems: true }) }, strict)
export type HeroesBody = Static<typeof HeroesBody>
export const HeroesView = Type.Object(
  { heroes: Type.Array(Type.Object({ house_id: Id, title: Type.String(), listed: Type.Boolean() }, strict)) },
  strict,
)
export type HeroesView = Static<typeof HeroesView>
