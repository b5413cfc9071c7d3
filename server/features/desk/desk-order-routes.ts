import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams } from '@ihome/contract/schemas/fields'
import { DeskOrderDetail, DeskOrderQuery, DeskOrders, ReasonBody } from '@ihome/contract/schemas/operator-desk'
import { CanceledOrderView } from '@ihome/contract/schemas/orders'
import type { Deps } from '../../platform/deps.ts'
import { idempotent } from '../../platform/idempotency.ts'
import { postingEventsOf } from '../ledger/order-postings.ts'
import { operatorOf } from '../operators/operator-session.ts'
import { reasonOf } from '../operators/reason.ts'
import { recordAction } from '../operators/record-action.ts'
import { cancelForPlatform, listOrdersForDesk, readOrderForDesk } from '../orders/desk-orders.ts'
import type { MovedOrder } from '../orders/move-order.ts'
import { announceMove } from '../orders/order-messages.ts'
import type { OrderPayments } from '../orders/order-payments.ts'
import { moneyEventsOf } from '../payments/desk-money.ts'

const tags = ['operators']

/** Orders at the desk, with everything that happened to them and their money. */
export const deskOrderRoutes: FastifyPluginAsyncTypebox<{ deps: Deps; payments: OrderPayments }> = async (
  app,
  { deps, payments },
) => {
  app.get(
    '/operator/orders',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        operationId: 'listDeskOrders',
        summary: 'Orders by number, end of a phone, trade number, status and first night, newest first',
        querystring: DeskOrderQuery,
        response: { 200: DeskOrders },
      },
    },
    (request) => listOrdersForDesk(deps, request.query),
  )

  app.get(
    '/operator/orders/:id',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        operationId: 'readDeskOrder',
        summary: 'An order with moves, attempts, facts, refunds and postings on one time line',
        params: IdParams,
        response: { 200: DeskOrderDetail },
      },
    },
    async ({ params: { id } }) => {
      const { order, moves } = await readOrderForDesk(deps, id)
      const events = [...moves, ...(await moneyEventsOf(deps, id)), ...(await postingEventsOf(deps, id))]
      return { ...order, events: events.sort((one, other) => one.at.localeCompare(other.at)) }
    },
  )

  app.post(
    '/operator/orders/:id/cancel',
    {
      config: { access: 'operator', roles: ['finance'] },
      schema: {
        tags,
        operationId: 'cancelForPlatform',
        summary: 'End an order for the platform; everything paid goes back',
        params: IdParams,
        body: ReasonBody,
        response: { 200: CanceledOrderView },
      },
    },
    async (request, reply) => {
      const wish = {
        orderId: request.params.id,
        operatorId: operatorOf(request).id,
        reason: reasonOf(request.body.reason),
      }
      let ended: MovedOrder | undefined
      const answer = await idempotent(deps, request, reply, 200, async (tx) => {
        const moved = await cancelForPlatform(tx, { ...deps, payments }, wish)
        await recordAction(tx, {
          operatorId: wish.operatorId,
          at: deps.clock.now(),
          kind: 'order_cancelled',
          subject: `order:${wish.orderId}`,
          reason: wish.reason,
          detail: { refund_fen: moved.refund_fen },
        })
        ended = moved
        return { status: moved.status, refund_fen: moved.refund_fen }
      })
      // An answer that was kept announces nothing: it happened before.
      if (ended) announceMove(deps.events, ended)
      return answer
    },
  )
}
