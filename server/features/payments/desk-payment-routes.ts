import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { ReasonBody } from '@ihome/contract/schemas/operator-desk'
import {
  DeskPaymentAsked,
  DeskPaymentQuery,
  DeskPayments,
  TradeNumberParams,
} from '@ihome/contract/schemas/operator-desk-money'
import { operatorOf } from '../operators/operator-session.ts'
import { askForDesk, listPaymentsForDesk } from './desk-payments.ts'
import type { PaymentNeeds } from './payment-needs.ts'

const tags = ['operators']

/** Payment attempts at the desk. */
export const deskPaymentRoutes: FastifyPluginAsyncTypebox<{ payments: PaymentNeeds }> = async (app, { payments }) => {
  app.get(
    '/operator/payments',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        operationId: 'listDeskPayments',
        summary: 'Payment attempts by order, number and state, with the last answer and the next query',
        querystring: DeskPaymentQuery,
        response: { 200: DeskPayments },
      },
    },
    (request) => listPaymentsForDesk(payments, request.query),
  )

  app.post(
    '/operator/payments/:out_trade_no/query',
    {
      config: { access: 'operator', roles: ['support', 'finance'] },
      schema: {
        tags,
        operationId: 'askAboutPayment',
        summary: 'Ask the gateway about an attempt now; what it says has its effect',
        params: TradeNumberParams,
        body: ReasonBody,
        response: { 200: DeskPaymentAsked },
      },
    },
    (request) =>
      askForDesk(payments, {
        outTradeNo: request.params.out_trade_no,
        operatorId: operatorOf(request).id,
        reason: request.body.reason,
      }),
  )
}
