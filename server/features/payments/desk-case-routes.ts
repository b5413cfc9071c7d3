import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams, Nothing } from '@ihome/contract/schemas/fields'
import { ReasonBody } from '@ihome/contract/schemas/operator-desk'
import { DeskCaseQuery, DeskCases, MatchBody, MatchedView } from '@ihome/contract/schemas/operator-desk-money'
import { idempotentAround } from '../../platform/idempotency.ts'
import { operatorOf } from '../operators/operator-session.ts'
import { listCasesForDesk, matchCase, refundCase, resolveCase, takeCase } from './desk-cases.ts'
import type { PaymentNeeds } from './payment-needs.ts'

const tags = ['operators']

/** What waits for a person. */
export const deskCaseRoutes: FastifyPluginAsyncTypebox<{ payments: PaymentNeeds }> = async (app, { payments }) => {
  app.get(
    '/operator/cases',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        operationId: 'listDeskCases',
        summary: 'What waits for a person: money without an owner, wrong amounts, refunds by hand; open ones first',
        querystring: DeskCaseQuery,
        response: { 200: DeskCases },
      },
    },
    (request) => listCasesForDesk(payments, request.query),
  )

  for (const [path, act, operationId, summary, roles] of [
    ['take', takeCase, 'takeCase', 'Become the owner of a case', ['support', 'finance']],
    ['resolve', resolveCase, 'resolveCase', 'End a case with what was found out', ['support', 'finance']],
  ] as const) {
    app.post(
      `/operator/cases/:id/${path}`,
      {
        config: { access: 'operator', roles },
        schema: { tags, operationId, summary, params: IdParams, body: ReasonBody, response: { 200: Nothing } },
      },
      async (request) => {
        const { id } = operatorOf(request)
        await act(payments, { caseId: request.params.id, operatorId: id, reason: request.body.reason })
        return null
      },
    )
  }

  app.post(
    '/operator/cases/:id/refund',
    {
      config: { access: 'operator', roles: ['finance'] },
      schema: {
        tags,
        operationId: 'refundUnmatched',
        summary: 'Send unmatched money back now',
        params: IdParams,
        body: ReasonBody,
        response: { 200: Nothing },
      },
    },
    (request, reply) =>
      idempotentAround(payments, request, reply, 200, async () => {
        const { id } = operatorOf(request)
        await refundCase(payments, { caseId: request.params.id, operatorId: id, reason: request.body.reason })
        return null
      }),
  )

  app.post(
    '/operator/cases/:id/match',
    {
      config: { access: 'operator', roles: ['finance'] },
      schema: {
        tags,
        operationId: 'matchUnmatched',
        summary: 'Give unmatched money to an order; the gateway is asked first, and its answer has its effect',
        params: IdParams,
        body: MatchBody,
        response: { 200: MatchedView },
      },
    },
    (request, reply) =>
      idempotentAround(payments, request, reply, 200, () =>
        matchCase(payments, {
          caseId: request.params.id,
          operatorId: operatorOf(request).id,
          orderId: request.body.order_id,
          reason: request.body.reason,
        }),
      ),
  )
}
