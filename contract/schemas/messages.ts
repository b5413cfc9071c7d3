import { ORDER_STATUSES } from '@ihome/core/orders/lifecycle'
import Type, { type Static } from 'typebox'
import { Day, Id, Instant, Nullable, strict } from './fields.ts'
import { PictureView } from './houses.ts'
import { OrderHistoryView } from './orders.ts'

/** The order that a thread is about, as both its people see it. */
const about = {
  order_id: Id,
  house_id: Id,
  title: Type.String(),
  cover: Nullable(PictureView),
  start_date: Day,
  end_date: Day,
  status: Type.Enum([...ORDER_STATUSES]),
  viewer: Type.Union([Type.Literal('guest'), Type.Literal('host')]),
  other_name: Type.String(),
}

export const ThreadView = Type.Object(
  { ...about, text: Type.String(), mine: Type.Boolean(), at: Instant, unread: Type.Boolean() },
  strict,
)
export type ThreadView = Static<typeof ThreadView>

export const ThreadListQuery = Type.Object({ cursor: Type.Optional(Type.String({ maxLength: 20 })) }, strict)
export const ThreadListView = Type.Object(
  { threads: Type.Array(ThreadView), next_cursor: Nullable(Type.String()), now: Instant },
  strict,
)
export type ThreadListView = Static<typeof ThreadListView>

/** `masked`: a number was taken out for the other person, until the order is paid; one's own lines stay whole. */
export const LineView = Type.Object(
  {
    id: Id,
    client_id: Type.String(),
    mine: Type.Boolean(),
    text: Type.String(),
    masked: Type.Boolean(),
    at: Instant,
  },
  strict,
)
export type LineView = Static<typeof LineView>

export const ThreadQuery = Type.Object({ before: Type.Optional(Id) }, strict)

/** The newest lines, oldest first; `before` of the next request is the id of the first when `has_older`. */
export const ThreadDetailView = Type.Object(
  {
    order: Type.Object({ ...about, is_paid: Type.Boolean() }, strict),
    lines: Type.Array(LineView),
    has_older: Type.Boolean(),
    history: Type.Array(OrderHistoryView),
    now: Instant,
  },
  strict,
)
export type ThreadDetailView = Static<typeof ThreadDetailView>

export const MESSAGE_LENGTH = 500
/** `client_id` is the sender's own mark of the line: sent again, it is the same line. */
export const SayBody = Type.Object(
  {
    text: Type.String({ minLength: 1, maxLength: MESSAGE_LENGTH, pattern: '\\S' }),
    client_id: Type.String({ pattern: '^[\\w-]{8,64}$' }),
  },
  strict,
)
export type SayBody = Static<typeof SayBody>

export const ReadBody = Type.Object({ up_to: Id }, strict)
export const UnreadView = Type.Object({ unread: Type.Integer() }, strict)
export type UnreadView = Static<typeof UnreadView>
