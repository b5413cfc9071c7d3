import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams, Nullable, strict } from '@ihome/contract/schemas/fields'
import {
  AnswerOrderBody,
  CanceledOrderView,
  CancelOrderBody,
  ORDER_TABS,
  OrderCountsView,
  OrderDetailView,
  OrderListQuery,
  OrderListView,
  OrderStatusView,
  PlacedOrderView,
  PlaceOrderBody,
} from '@ihome/contract/schemas/orders'
import { writtenText } from '@ihome/core/text'
import Type from 'typebox'
import type { Deps } from '../../platform/deps.ts'
import { idempotent } from '../../platform/idempotency.ts'
import { inputInvalid } from '../../platform/refusal.ts'
import { languageOf } from '../pages/language-routes.ts'
import { acceptOrder, rejectOrder } from './answer-order.ts'
import { cancelOrder } from './cancel-order.ts'
import { checkOutOrder } from './check-out-order.ts'
import { calendarOf } from './order-calendar.ts'
import { announceMove } from './order-messages.ts'
import type { OrderPayments } from './order-payments.ts'
import { placeOrder } from './place-order.ts'
import { countOwnOrders, listOrders, readOrder } from './read-orders.ts'

const REASON_LENGTH = 200
const tags = ['orders']
const signedIn = { access: 'signed_in' } as const

export const orderRoutes: FastifyPluginAsyncTypebox<{ deps: Deps; payments: OrderPayments }> = async (
  app,
  { deps, payments },
) => {
  app.post(
    '/orders',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'placeOrder',
        summary: 'Ask for a stay; the nights are held until the host answers',
        body: PlaceOrderBody,
        response: { 201: PlacedOrderView },
      },
    },
    async (request, reply) => {
      const wish = { guest_count: 1, ...request.body, guest_id: request.account.id }
      const placed = await idempotent(deps, request, reply, 201, (tx) => placeOrder(tx, deps, wish))
      announceMove(deps.events, { house_id: wish.house_id, status: placed.status })
      return placed
    },
  )

  app.get(
    '/user/orders',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'listOrders',
        summary: "One's orders as guest (custom) or as host (landlord), newest first",
        querystring: OrderListQuery,
        response: { 200: OrderListView },
      },
    },
    async (request) => {
      const { role, tab, p, cursor } = request.query
      const side = role === 'landlord' ? 'host' : 'guest'
      return listOrders(deps, { personId: request.account.id, side, statuses: tab && ORDER_TABS[tab], p, cursor })
    },
  )

  app.get(
    '/user/orders/counts',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'countOrders',
        summary: "How many of one's orders lie under each tab, and how many guests wait for one's answer",
        response: { 200: OrderCountsView },
      },
    },
    async (request) => countOwnOrders(deps, request.account.id),
  )

  app.get(
    '/orders/:id',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'readOrder',
        summary: 'One order with its history and refunds, for its guest or its host',
        params: IdParams,
        response: { 200: OrderDetailView },
      },
    },
    async (request) => readOrder(deps, { orderId: request.params.id, personId: request.account.id }),
  )

  app.get(
    '/orders/:id/calendar.ics',
    {
      config: { ...signedIn, envelope: false },
      schema: {
        tags,
        operationId: 'readOrderCalendar',
        summary: 'The stay of an order as an iCalendar file, for its guest or its host',
        params: IdParams,
        produces: ['text/calendar'],
      },
    },
    async (request, reply) => {
      const { order } = await readOrder(deps, { orderId: request.params.id, personId: request.account.id })
      const url = `${deps.config.publicOrigin}/orders/${order.order_id}`
      return reply
        .header('content-type', 'text/calendar; charset=utf-8')
        .header('content-disposition', `attachment; filename="ihome-${order.order_id}.ics"`)
        .header('cache-control', 'no-store')
        .send(calendarOf({ ...order, url }, deps.clock.now(), languageOf(request)))
    },
  )

  app.put(
    '/orders/:id/status',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'answerOrder',
        summary: 'The host accepts, or rejects with a reason',
        params: IdParams,
        body: AnswerOrderBody,
        response: { 200: OrderStatusView },
      },
    },
    async (request) => {
      const wish = { orderId: request.params.id, hostId: request.account.id }
      const { body } = request
      const moved =
        body.action === 'accept'
          ? await acceptOrder(deps, wish)
          : await rejectOrder(deps, { ...wish, reason: reasonFrom(body.reason) })
      announceMove(deps.events, moved)
      return { status: moved.status }
    },
  )

  app.post(
    '/orders/:id/cancel',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'cancelOrder',
        summary: 'Guest or host ends an order before check-in, with the refund of its rule; a host says why',
        params: IdParams,
        body: Nullable(CancelOrderBody),
        response: { 200: CanceledOrderView },
      },
    },
    async (request, reply) => {
      const reason = request.body?.reason ?? ''
      const note = reason.trim() === '' ? undefined : reasonFrom(reason)
      const wish = { orderId: request.params.id, personId: request.account.id, note }
      const needs = { ...deps, payments }
      const { house_id, ...view } = await idempotent(deps, request, reply, 200, async (tx) => {
        const { status, refund_fen, house_id } = await cancelOrder(tx, needs, wish)
        return { status, refund_fen, house_id }
      })
      announceMove(deps.events, { house_id, status: view.status })
      return view
    },
  )

  app.post(
    '/orders/:id/check-out',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'checkOutOrder',
        summary: 'Guest or host ends the stay on its last day',
        params: IdParams,
        body: Nullable(Type.Object({}, strict)),
        response: { 200: OrderStatusView },
      },
    },
    async (request) => {
      const moved = await checkOutOrder(deps, { orderId: request.params.id, personId: request.account.id })
      announceMove(deps.events, moved)
      return { status: moved.status }
    },
  )
}

function reasonFrom(text: string): string {
  const reason = writtenText(text, REASON_LENGTH)
  if (reason === undefined) throw inputInvalid({ field: 'reason', reason: `must be 1 to ${REASON_LENGTH} characters` })
  return reason
}
