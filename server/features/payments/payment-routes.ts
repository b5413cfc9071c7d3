import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams, Nullable } from '@ihome/contract/schemas/fields'
import {
  OpenPaymentBody,
  PAY_WAYS,
  PaymentResultView,
  PaymentView,
  PayWaysView,
} from '@ihome/contract/schemas/payments'
import type { FastifyInstance } from 'fastify'
import Type from 'typebox'
import { isDatabaseOutage } from '../../platform/http-errors.ts'
import { idempotentAround } from '../../platform/idempotency.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { openPayment, type PaymentWish } from './open-payment.ts'
import { type PaymentNeeds, providersOf } from './payment-needs.ts'
import { takeNotice } from './take-notice.ts'
import { takeReturn } from './take-return.ts'
import { wechatNoticeRoute } from './wechat/notice-route.ts'

export interface PaymentRouteOptions {
  readonly payments: PaymentNeeds
  /** Counts notifications that were refused, by reason. */
  readonly onNoticeRefused?: (reason: string) => void
}

const tags = ['payments']
const FORM = 'application/x-www-form-urlencoded'
const FORM_LIMIT = 65_536

export const paymentRoutes: FastifyPluginAsyncTypebox<PaymentRouteOptions> = async (app, options) => {
  const { payments } = options
  // A thousand presses at once are one piece of work; across instances the order's lock says the same.
  const pressing = new Map<string, Promise<PaymentView>>()
  const press = (wish: PaymentWish): Promise<PaymentView> => {
    const key = `${wish.guestId}:${wish.orderId}:${wish.way ?? ''}`
    const running = pressing.get(key) ?? openPayment(payments, wish).finally(() => pressing.delete(key))
    pressing.set(key, running)
    return running
  }
  app.post(
    '/orders/:id/payment',
    {
      config: { access: 'signed_in' },
      schema: {
        tags,
        operationId: 'openPayment',
        summary: 'The address at which the guest pays; null when the gateway says that it is paid',
        params: IdParams,
        body: Nullable(OpenPaymentBody),
        response: { 200: PaymentView },
      },
    },
    (request, reply) =>
      idempotentAround(payments, request, reply, 200, () =>
        press({
          orderId: request.params.id,
          guestId: request.account.id,
          payerIp: request.ip,
          ...(request.body?.way === undefined ? {} : { way: request.body.way }),
        }),
      ),
  )
  app.get(
    '/pay-ways',
    {
      config: { access: 'anyone', stateless: true },
      schema: {
        tags,
        operationId: 'readPayWays',
        summary: 'By whom guests can pay here, the usual way first',
        response: { 200: PayWaysView },
      },
    },
    () => ({ ways: PAY_WAYS.filter((way) => providersOf(payments).some(({ name }) => name === way)) }),
  )
  await app.register((forms) => returnRoute(forms, payments))
  await app.register((forms) => noticeRoute(forms, options))
  await app.register((messages) => wechatNoticeRoute(messages, options))
}

/** What is signed is what came: both routes read the raw bytes of a form and nothing else. */
function takeRawForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(FORM, { parseAs: 'buffer', bodyLimit: FORM_LIMIT }, (_request, body, done) =>
    done(null, body),
  )
}

async function returnRoute(app: FastifyInstance, payments: PaymentNeeds): Promise<void> {
  takeRawForms(app)
  app.put(
    '/order/payment',
    {
      config: { access: 'gateway', stateless: true },
      schema: {
        tags,
        operationId: 'takePaymentReturn',
        summary: "The buyer's browser is back: Alipay's return parameters, form-encoded as they came",
        consumes: [FORM],
        response: { 200: PaymentResultView },
      },
    },
    async (request) => {
      if (!Buffer.isBuffer(request.body)) throw inputInvalid({ field: 'body', reason: 'is missing' })
      return takeReturn(payments, request.body)
    },
  )
}

async function noticeRoute(app: FastifyInstance, { payments, onNoticeRefused }: PaymentRouteOptions): Promise<void> {
  takeRawForms(app)
  // Alipay reads seven letters and nothing else; anything but `success` makes it come again.
  app.setErrorHandler((error: { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    const refused = status >= 400 && status < 500 && !(error instanceof Refusal)
    if (!refused) request.log[isDatabaseOutage(error) ? 'warn' : 'error']({ err: error }, 'notice_not_taken')
    onNoticeRefused?.(refused ? `http_${status}` : 'failed')
    return answer(reply, refused ? status : 503, 'failure')
  })
  app.post(
    '/pay/alipay/notify',
    {
      config: { access: 'gateway', envelope: false, neverShed: true, stateless: true },
      schema: {
        tags,
        operationId: 'takeAlipayNotice',
        summary: "Alipay's asynchronous notification; answers success once it is committed, else failure",
        consumes: [FORM],
        response: { 200: Type.String(), 400: Type.String(), 503: Type.String() },
      },
    },
    async (request, reply) => {
      const refusal = Buffer.isBuffer(request.body) ? await takeNotice(payments, request.body) : 'empty'
      if (refusal === undefined) return answer(reply, 200, 'success')
      onNoticeRefused?.(refusal)
      return answer(reply, 400, 'failure')
    },
  )
}

const answer = (reply: import('fastify').FastifyReply, status: number, text: 'success' | 'failure') =>
  reply
    .code(status)
    .type('text/plain; charset=utf-8')
    .serializer((body: unknown) => String(body))
    .send(text)
