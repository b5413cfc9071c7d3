import type { FastifyInstance, FastifyReply } from 'fastify'
import Type from 'typebox'
import { isDatabaseOutage } from '../../../platform/http-errors.ts'
import { Refusal } from '../../../platform/refusal.ts'
import { type PaymentNeeds, providersOf } from '../payment-needs.ts'
import { takeNotice } from '../take-notice.ts'
import { noticeText } from './notice.ts'

const BODY_LIMIT = 65_536
const JSON_TYPE = 'application/json'
const Failure = Type.Object({ code: Type.String(), message: Type.String() })

export interface WechatNoticeOptions {
  readonly payments: PaymentNeeds
  readonly onNoticeRefused?: (reason: string) => void
}

/** WeChat Pay's notifications; not there while that way to pay is off. */
export async function wechatNoticeRoute(
  app: FastifyInstance,
  { payments, onNoticeRefused }: WechatNoticeOptions,
): Promise<void> {
  const provider = providersOf(payments).find(({ name }) => name === 'wechat')
  // What is signed is what came, so the body stays bytes.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(JSON_TYPE, { parseAs: 'buffer', bodyLimit: BODY_LIMIT }, (_request, body, done) =>
    done(null, body),
  )
  app.setErrorHandler((error: { statusCode?: number }, request, reply) => {
    const status = error.statusCode ?? 500
    const refused = status >= 400 && status < 500 && !(error instanceof Refusal)
    if (!refused) request.log[isDatabaseOutage(error) ? 'warn' : 'error']({ err: error }, 'notice_not_taken')
    onNoticeRefused?.(refused ? `http_${status}` : 'failed')
    return fail(reply, refused ? status : 503, refused ? 'refused' : 'try again')
  })
  app.post(
    '/pay/wechat/notify',
    {
      config: { access: 'gateway', envelope: false, neverShed: true, stateless: true },
      schema: {
        tags: ['payments'],
        operationId: 'takeWechatNotice',
        summary: "WeChat Pay's notification; answers 204 once it is committed. 404 where that way to pay is off",
        consumes: [JSON_TYPE],
        response: { 204: Type.Null(), 400: Failure, 404: Failure, 503: Failure },
      },
    },
    async (request, reply) => {
      if (!provider) return fail(reply, 404, 'not configured')
      const header = (name: string) => request.headers[`wechatpay-${name}`]?.toString()
      const seal = {
        timestamp: header('timestamp'),
        nonce: header('nonce'),
        serial: header('serial'),
        signature: header('signature'),
      }
      const body = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : ''
      const refusal = await takeNotice(payments, Buffer.from(noticeText(seal, body)), provider)
      if (refusal === undefined) return reply.code(204).send()
      onNoticeRefused?.(refusal)
      return fail(reply, 400, 'refused')
    },
  )
}

const fail = (reply: FastifyReply, status: number, message: string) =>
  reply
    .code(status)
    .type(`${JSON_TYPE}; charset=utf-8`)
    .serializer((body: unknown) => String(body))
    .send(JSON.stringify({ code: 'FAIL', message }))
