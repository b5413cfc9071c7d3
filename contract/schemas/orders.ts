import { ORDER_STATUSES, type OrderStatus } from '@ihome/core/orders/lifecycle'
import Type, { type Static } from 'typebox'
import { Day, Fen, Id, Instant, Nullable, strict } from './fields.ts'
import { PictureView } from './houses.ts'

export const OrderStatusField = Type.Enum([...ORDER_STATUSES])
const CloseReasonField = Type.Enum(['expired', 'guest', 'host', 'system'])

export const PlaceOrderBody = Type.Object(
  {
    house_id: Id,
    start_date: Day,
    end_date: Day,
    guest_count: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
    expected_amount_fen: Type.Optional(Fen),
  },
  strict,
)
export type PlaceOrderBody = Static<typeof PlaceOrderBody>

export const PlacedOrderView = Type.Object(
  { order_id: Id, status: OrderStatusField, days: Type.Integer(), amount: Fen },
  strict,
)
export type PlacedOrderView = Static<typeof PlacedOrderView>

/** The statuses behind the tabs of a list of orders. */
export const ORDER_TABS = {
  todo: ['WAIT_ACCEPT', 'WAIT_PAYMENT', 'CLOSING', 'WAIT_COMMENT'],
  upcoming: ['PAID'],
  done: ['COMPLETE'],
  closed: ['CANCELED', 'REJECTED'],
} as const satisfies Readonly<Record<string, readonly OrderStatus[]>>
export type OrderTab = keyof typeof ORDER_TABS

export const OrderListQuery = Type.Object(
  {
    role: Type.Optional(Type.Union([Type.Literal('custom'), Type.Literal('landlord')])),
    tab: Type.Optional(Type.Enum(['todo', 'upcoming', 'done', 'closed'])),
    p: Type.Optional(Type.String()),
    cursor: Type.Optional(Type.String({ maxLength: 200 })),
  },
  strict,
)
export type OrderListQuery = Static<typeof OrderListQuery>

/**
 * `refund_state` sums up the refunds for the card: none, on its way, or done. `refund_if_cancelled_fen` is what the
 * viewer's cancelling would give back now, and `refund_steps` until when a guest's gives back how much. `host_share` is
 * what the host may expect of an order that can still bring money, told to the host alone: amount less what went back =
 * fee_fen + platform_fee_fen + net_fen. The gateway's own bill may later name another fee.
 */
const item = {
  order_id: Id,
  house_id: Id,
  title: Type.String(),
  img_url: Nullable(Type.String()),
  cover: Nullable(PictureView),
  start_date: Day,
  end_date: Day,
  ctime: Instant,
  days: Type.Integer(),
  amount: Fen,
  status: OrderStatusField,
  comment: Nullable(Type.String()),
  stars: Nullable(Type.Integer()),
  reply: Nullable(Type.String()),
  reject_reason: Nullable(Type.String()),
  close_reason: Nullable(CloseReasonField),
  cancel_note: Nullable(Type.String()),
  accept_by: Nullable(Instant),
  pay_by: Nullable(Instant),
  guest_count: Type.Integer(),
  guest_name: Type.Optional(Type.String()),
  host_share: Type.Optional(Type.Object({ fee_fen: Fen, platform_fee_fen: Fen, net_fen: Fen }, strict)),
  refund_state: Type.Union([Type.Literal('none'), Type.Literal('processing'), Type.Literal('done')]),
  refund_fen: Fen,
  refund_if_cancelled_fen: Fen,
  refund_steps: Type.Array(Type.Object({ until: Instant, refund_fen: Fen }, strict)),
}
export const OrderItem = Type.Object(item, strict)
export type OrderItem = Static<typeof OrderItem>

/** `now` is the server's clock, on which every countdown runs. */
export const OrderListView = Type.Object(
  {
    orders: Type.Array(OrderItem),
    total_page: Type.Integer(),
    current_page: Type.Integer(),
    next_cursor: Nullable(Type.String()),
    now: Instant,
  },
  strict,
)
export type OrderListView = Static<typeof OrderListView>

/** How many orders of one's own lie under each tab, and how many guests wait for one's answer as a host. */
export const OrderCountsView = Type.Object(
  {
    todo: Type.Integer(),
    upcoming: Type.Integer(),
    done: Type.Integer(),
    closed: Type.Integer(),
    to_answer: Type.Integer(),
  },
  strict,
)
export type OrderCountsView = Static<typeof OrderCountsView>

export const OrderHistoryView = Type.Object(
  {
    from: Nullable(OrderStatusField),
    to: OrderStatusField,
    actor: Type.String(),
    reason: Nullable(Type.String()),
    at: Instant,
  },
  strict,
)

export const RefundView = Type.Object(
  {
    amount_fen: Fen,
    reason: Type.String(),
    state: Type.Union([Type.Literal('processing'), Type.Literal('attention'), Type.Literal('done')]),
    via: Type.Enum(['trade', 'transfer'], { description: 'Through the payment, or transferred by people' }),
    created_at: Instant,
    settled_at: Nullable(Instant),
  },
  strict,
)

export const OrderDetailView = Type.Object(
  {
    order: Type.Object(
      {
        ...item,
        viewer: Type.Union([Type.Literal('guest'), Type.Literal('host')]),
        other_name: Type.String(),
        phone: Nullable(Type.String({ description: 'Of the other person, once the stay is paid' })),
        address: Type.String(),
        house_price: Fen,
        price_lines: Type.Array(Type.Object({ price: Fen, nights: Type.Integer() }, strict)),
        trade_no: Nullable(Type.String()),
        paid_at: Nullable(Instant),
        history: Type.Array(OrderHistoryView),
        refunds: Type.Array(RefundView),
      },
      strict,
    ),
    now: Instant,
  },
  strict,
)
export type OrderDetailView = Static<typeof OrderDetailView>

export const AnswerOrderBody = Type.Union([
  Type.Object({ action: Type.Literal('accept') }, strict),
  Type.Object(
    { action: Type.Literal('reject'), reason: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }) },
    strict,
  ),
])
export type AnswerOrderBody = Static<typeof AnswerOrderBody>

export const CancelOrderBody = Type.Object({ reason: Type.Optional(Type.String({ maxLength: 200 })) }, strict)
export type CancelOrderBody = Static<typeof CancelOrderBody>

export const OrderStatusView = Type.Object({ status: OrderStatusField }, strict)
export type OrderStatusView = Static<typeof OrderStatusView>

export const CanceledOrderView = Type.Object({ status: OrderStatusField, refund_fen: Fen }, strict)
export type CanceledOrderView = Static<typeof CanceledOrderView>
