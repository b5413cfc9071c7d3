import Type, { type Static } from 'typebox'
import { Day, Id, Instant, Nullable, strict } from './fields.ts'
import { Listed, paged, Search } from './operator-desk.ts'

const Unit = Type.Union([Type.Literal('count'), Type.Literal('fen')])

/** How a day goes, and what must not wait. */
export const TodayView = Type.Object(
  {
    /** Shanghai's. */
    day: Day,
    figures: Type.Array(
      Type.Object({ name: Type.String(), unit: Unit, today: Type.Integer(), yesterday: Type.Integer() }, strict),
    ),
    /** Each should be, or return to, 0. */
    alarms: Type.Array(Type.Object({ name: Type.String(), unit: Unit, value: Type.Integer() }, strict)),
  },
  strict,
)
export type TodayView = Static<typeof TodayView>

export const OutboxState = Type.Union([Type.Literal('waiting'), Type.Literal('sent'), Type.Literal('dead')])
export const DeskMessageQuery = Type.Object({ q: Search, state: Type.Optional(OutboxState), ...paged }, strict)
export type DeskMessageQuery = Static<typeof DeskMessageQuery>
/** A message on its way out, without what it says and to whom. */
export const DeskMessage = Type.Object(
  {
    message_id: Id,
    topic: Type.String(),
    dedupe_key: Type.String(),
    order_id: Nullable(Id),
    state: OutboxState,
    tries: Type.Integer(),
    error: Nullable(Type.String()),
    created_at: Instant,
    due_at: Instant,
    sent_at: Nullable(Instant),
    dead_at: Nullable(Instant),
    /** A dead letter that can be sent again; what a code said is gone with it. */
    may_retry: Type.Boolean(),
  },
  strict,
)
export type DeskMessage = Static<typeof DeskMessage>
export const DeskMessages = Listed(DeskMessage)
export type DeskMessages = Static<typeof DeskMessages>
