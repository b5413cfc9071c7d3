import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams, Nothing } from '@ihome/contract/schemas/fields'
import { ReasonBody } from '@ihome/contract/schemas/operator-desk'
import {
  AskedView,
  DecidedRefundView,
  DecideRefundBody,
  DeskRefundQuery,
  DeskRefunds,
  EndRefundBody,
  PartRefundBody,
  PartRefundView,
  RefundableView,
  RefundRequestQuery,
  RefundRequests,
  WriteOffView,
} from '@ihome/contract/schemas/refunds'
import type { Deps } from '../../platform/deps.ts'
import { idempotent } from '../../platform/idempotency.ts'
import { routeOptions } from '../../platform/route-options.ts'
import { operatorOf } from '../operators/operator-session.ts'
import { reasonOf } from '../operators/reason.ts'
import type { MovedOrder } from '../orders/move-order.ts'
import { announceMove } from '../orders/order-messages.ts'
import { askEnding, decideRefund, retryRefund } from './decide-refund.ts'
import { listRefundsForDesk, listRequestsForDesk, readRefundable } from './desk-refunds.ts'
import { refundPart } from './refund-part.ts'
import { askWriteOff } from './write-off-debt.ts'

const looking = routeOptions({ access: 'operator' }, 'operators')
const moving = routeOptions({ access: 'operator', roles: ['finance'] }, 'operators')

/** Refunds at the desk. Whatever moves money takes an `Idempotency-Key` and is written down with who and why. */
export const deskRefundRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.get(
    '/operator/refunds',
    looking('listDeskRefunds', 'Refunds by state and by the number of order, trade or refund, newest first', {
      querystring: DeskRefundQuery,
      response: { 200: DeskRefunds },
    }),
    ({ query }) => listRefundsForDesk(deps, query),
  )

  app.get(
    '/operator/refund-requests',
    looking('listRefundRequests', 'What operators asked of each other about refunds, newest first', {
      querystring: RefundRequestQuery,
      response: { 200: RefundRequests },
    }),
    (request) => listRequestsForDesk(deps, request.query, operatorOf(request).id),
  )

  app.get(
    '/operator/orders/:id/refundable',
    looking('readRefundable', 'How much of an order can still be given back', {
      params: IdParams,
      response: { 200: RefundableView },
    }),
    ({ params }) => readRefundable(deps, params.id),
  )

  app.post(
    '/operator/orders/:id/refunds',
    moving('refundPart', 'Give back a part of what was paid; above a sum a second operator has to agree', {
      params: IdParams,
      body: PartRefundBody,
      response: { 200: PartRefundView },
    }),
    (request, reply) => {
      const { amount_fen: amountFen, reason, note } = request.body
      const wish = { orderId: request.params.id, operatorId: operatorOf(request).id, amountFen, reason }
      const written = reasonOf(note)
      return idempotent(deps, request, reply, 200, async (tx) => {
        const { outcome, refundId, requestId, leftFen } = await refundPart(tx, deps, { ...wish, note: written })
        return { outcome, refund_id: refundId, request_id: requestId, left: leftFen }
      })
    },
  )

  app.post(
    '/operator/refunds/:id/retry',
    moving('retryRefund', 'Ask about a refund and send it again now, with the same number and amount', {
      params: IdParams,
      body: ReasonBody,
      response: { 200: Nothing },
    }),
    (request, reply) => {
      const act = {
        refundId: request.params.id,
        operatorId: operatorOf(request).id,
        note: reasonOf(request.body.reason),
      }
      return idempotent(deps, request, reply, 200, async (tx) => {
        await retryRefund(tx, deps, act)
        return null
      })
    },
  )

  app.post(
    '/operator/refunds/:id/end',
    moving('askRefundEnding', 'Ask a second operator to end a refund: paid by transfer, or no longer owed', {
      params: IdParams,
      body: EndRefundBody,
      response: { 200: AskedView },
    }),
    (request, reply) => {
      const { how, note } = request.body
      const act = { refundId: request.params.id, operatorId: operatorOf(request).id, how, note: reasonOf(note) }
      return idempotent(deps, request, reply, 200, async (tx) => ({ request_id: await askEnding(tx, deps, act) }))
    },
  )

  app.post(
    '/operator/orders/:id/write-off',
    moving('askWriteOff', 'Ask a second operator to write off what the host owes because of this order', {
      params: IdParams,
      body: ReasonBody,
      response: { 200: WriteOffView },
    }),
    (request, reply) => {
      const act = {
        orderId: request.params.id,
        operatorId: operatorOf(request).id,
        note: reasonOf(request.body.reason),
      }
      return idempotent(deps, request, reply, 200, async (tx) => {
        const { requestId, debtFen } = await askWriteOff(tx, deps, act)
        return { request_id: requestId, debt: debtFen }
      })
    },
  )

  app.post(
    '/operator/refund-requests/:id/decision',
    moving('decideRefund', 'Agree to what another operator asked for, which is then done, or decline it', {
      params: IdParams,
      body: DecideRefundBody,
      response: { 200: DecidedRefundView },
    }),
    async (request, reply) => {
      const { decision, note } = request.body
      const act = { requestId: request.params.id, operatorId: operatorOf(request).id, decision, note: reasonOf(note) }
      let ended: MovedOrder | undefined
      const answer = await idempotent(deps, request, reply, 200, async (tx) => {
        const { state, refundId, moved } = await decideRefund(tx, deps, act)
        ended = moved
        return { state, refund_id: refundId }
      })
      if (ended) announceMove(deps.events, ended)
      return answer
    },
  )
}
