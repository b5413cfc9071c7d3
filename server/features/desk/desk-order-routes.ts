import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams } from '@ihome/contract/schemas/fields'
import { DeskOrderDetail, DeskOrderQuery, DeskOrders, ReasonBody } from '@ihome/contract/schemas/operator-desk'
import { PlatformCancelView } from '@ihome/contract/schemas/refunds'
import type { Deps } from '../../platform/deps.ts'
import { idempotent } from '../../platform/idempotency.ts'
import { postingEventsOf } from '../ledger/order-postings.ts'
import { operatorOf } from '../operators/operator-session.ts'
import { reasonOf } from '../operators/reason.ts'
import { listOrdersForDesk, readOrderForDesk } from '../orders/desk-orders.ts'
import type { MovedOrder } from '../orders/move-order.ts'
import { announceMove } from '../orders/order-messages.ts'
import type { OrderPayments } from '../orders/order-payments.ts'
import { cancelByOperator } from '../payments/cancel-by-operator.ts'
import { moneyEventsOf } from '../payments/desk-money.ts'
import { openMattersOf } from '../payments/write-off-debt.ts'
import { payoutEventsOf } from '../payouts/payout-log.ts'

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
        summary: 'An order with moves, attempts, facts, refunds, payouts and postings on one time line',
        params: IdParams,
        response: { 200: DeskOrderDetail },
      },
    },
    async ({ params: { id } }) => {
      const { order, moves } = await readOrderForDesk(deps, id)
      const money = await Promise.all([moneyEventsOf(deps, id), payoutEventsOf(deps, id), postingEventsOf(deps, id)])
      const events = [...moves, ...money.flat()]
      const matters = await openMattersOf(deps, { id, hostId: order.host_id })
      const may_cancel = order.may_cancel && !matters.asked.includes('cancel')
      return { ...order, ...matters, may_cancel, events: events.sort((one, other) => one.at.localeCompare(other.at)) }
    },
  )

  app.post(
    '/operator/orders/:id/cancel',
    {
      config: { access: 'operator', roles: ['finance'] },
      schema: {
        tags,
        operationId: 'cancelForPlatform',
        summary: 'End an order for the platform; everything paid goes back, above a sum once a second operator agrees',
        params: IdParams,
        body: ReasonBody,
        response: { 200: PlatformCancelView },
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
        const { outcome, status, refundFen, requestId, moved } = await cancelByOperator(tx, { ...deps, payments }, wish)
        ended = moved
        return { outcome, status, refund_fen: refundFen, request_id: requestId }
      })
      // An answer that was kept announces nothing: it happened before.
      if (ended) announceMove(deps.events, ended)
      return answer
    },
  )
}
