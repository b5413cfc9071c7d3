import type { Api } from './client.ts'
import type {
  AnswerOrderBody,
  CanceledOrderView,
  CancelOrderBody,
  OrderCountsView,
  OrderDetailView,
  OrderListQuery,
  OrderListView,
  OrderStatusView,
  PlacedOrderView,
  PlaceOrderBody,
} from './schemas/orders.ts'

/** The part of the API for orders; apart, since visitors need none of it. */
export const ordersOf = ({ call, query }: Pick<Api, 'call' | 'query'>) => ({
  place: (body: PlaceOrderBody, idempotencyKey: string) =>
    call<PlacedOrderView>({ method: 'POST', path: '/orders', json: body, idempotencyKey }),
  list: (filter: OrderListQuery) => call<OrderListView>({ method: 'GET', path: `/user/orders${query({ ...filter })}` }),
  counts: () => call<OrderCountsView>({ method: 'GET', path: '/user/orders/counts' }),
  detail: (orderId: number) => call<OrderDetailView>({ method: 'GET', path: `/orders/${orderId}` }),
  answer: (orderId: number, body: AnswerOrderBody) =>
    call<OrderStatusView>({ method: 'PUT', path: `/orders/${orderId}/status`, json: body }),
  cancel: (orderId: number, body: CancelOrderBody, idempotencyKey: string) =>
    call<CanceledOrderView>({ method: 'POST', path: `/orders/${orderId}/cancel`, json: body, idempotencyKey }),
  checkOut: (orderId: number) =>
    call<OrderStatusView>({ method: 'POST', path: `/orders/${orderId}/check-out`, json: {} }),
  comment: (orderId: number, comment: string) =>
    call<OrderStatusView>({ method: 'PUT', path: `/orders/${orderId}/comment`, json: { comment } }),
})

export type OrdersApi = ReturnType<typeof ordersOf>
