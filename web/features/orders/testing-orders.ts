import type { HouseBookingView } from '@ihome/contract/schemas/houses'
import type { OrderDetailView, OrderItem, OrderListView } from '@ihome/contract/schemas/orders'

/** An order of two nights from 27 November, placed on the 23rd at 12:00 in Shanghai. */
export const anOrder = (given: Partial<OrderItem> = {}): OrderItem => ({
  order_id: 12,
  house_id: 7,
  title: '国贸落地窗两居',
  img_url: null,
  cover: null,
  start_date: '2026-11-27',
  end_date: '2026-11-29',
  ctime: '2026-11-23T04:00:00.000Z',
  days: 2,
  amount: 77_600,
  status: 'WAIT_ACCEPT',
  comment: null,
  stars: null,
  reply: null,
  reject_reason: null,
  close_reason: null,
  cancel_note: null,
  accept_by: '2026-11-24T12:10:00.000Z',
  pay_by: null,
  guest_count: 2,
  refund_state: 'none',
  refund_fen: 0,
  refund_if_cancelled_fen: 0,
  refund_steps: [],
  ...given,
})

export const aList = (orders: OrderItem[], given: Partial<OrderListView> = {}): OrderListView => ({
  orders,
  total_page: 1,
  current_page: 1,
  next_cursor: null,
  now: '2026-11-23T04:00:00.000Z',
  ...given,
})

export const aDetail = (
  item: Partial<OrderItem> = {},
  given: Partial<OrderDetailView['order']> = {},
  now = '2026-11-23T04:00:00.000Z',
): OrderDetailView => ({
  order: {
    ...anOrder(item),
    viewer: 'guest',
    other_name: '王女士',
    phone: null,
    address: '建国路 1 号',
    house_price: 38_800,
    trade_no: null,
    paid_at: null,
    history: [{ from: null, to: 'WAIT_ACCEPT', actor: 'guest', reason: null, at: '2026-11-23T04:00:00.000Z' }],
    refunds: [],
    ...given,
  },
  now,
})

export const aBookingView = (given: Partial<HouseBookingView['house']> = {}): HouseBookingView => ({
  house: {
    house_id: 7,
    title: '国贸落地窗两居',
    price: 38_800,
    area_name: '朝阳区',
    img_url: null,
    cover: null,
    room_count: 2,
    order_count: 36,
    instant: false,
    score: null,
    review_count: 0,
    address: '建国路 1 号',
    user_avatar: null,
    user_name: '王女士',
    ctime: '2026-01-01T00:00:00.000Z',
    user_id: 3,
    min_days: 1,
    max_days: 0,
    capacity: 4,
    deposit: 50_000,
    booked: [],
    ...given,
  },
  today: '2026-11-23',
  now: '2026-11-23T04:00:00.000Z',
  horizon_days: 365,
  longest_nights: 365,
  accept_hours: 24,
  pay_minutes: 120,
})
