import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  AskCodeBody,
  AskedCodeView,
  MobileParams,
  RegisterBody,
  RegisteredView,
  SmsRequestParams,
  SmsRequestView,
} from '@ihome/contract/schemas/accounts'
import type { FastifyRequest } from 'fastify'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { readSending } from '../sms/codes.ts'
import { DEV_INBOX, hasDevInbox } from '../sms/dev-inbox.ts'
import { askCode } from './ask-code.ts'
import { rememberDevice } from './known-device.ts'
import { register } from './register.ts'
import { entranceOf, giveSession } from './session-hooks.ts'
import { digestOf } from './tokens.ts'

const tags = ['accounts']

/** Codes by text message, and the account that one opens. */
export const registerRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.post(
    '/sms_codes/:mobile',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        operationId: 'askSmsCode',
        summary: 'Send a code to a phone; the same answer whether the phone has an account or not',
        params: MobileParams,
        body: AskCodeBody,
        response: { 202: AskedCodeView },
      },
    },
    async (request, reply) => {
      const { image_code_id, image_code, purpose } = request.body
      const { requestId } = await askCode(deps, {
        phone: request.params.mobile,
        purpose: purpose ?? 'register',
        captchaId: image_code_id,
        captchaAnswer: image_code,
        viewer: request.viewer,
        sessionDigest: askerOf(request),
        address: request.ip,
      })
      reply.code(202)
      const inbox = hasDevInbox(deps.config) ? { inbox: DEV_INBOX } : {}
      return { sms_request_id: requestId, retry_after_s: deps.config.limits.smsPauseS, ...inbox }
    },
  )

  app.get(
    '/sms_requests/:id',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        operationId: 'readSmsRequest',
        summary: 'How the sending of a message goes, for the session that asked for it',
        params: SmsRequestParams,
        response: { 200: SmsRequestView },
      },
    },
    async (request) => {
      const asked = request.session && (await readSending(deps.db, request.params.id, askerOf(request)))
      if (!asked) throw new Refusal('not_found')
      return { state: asked.state }
    },
  )

  app.post(
    '/users',
    {
      config: { access: 'anyone' },
      schema: {
        tags,
        operationId: 'register',
        summary: 'A new account for the phone that got the code; signed in at once',
        body: RegisterBody,
        response: { 201: RegisteredView },
      },
    },
    async (request, reply) => {
      const { mobile, sms_code, password, password2 } = request.body
      const wish = { phone: mobile, code: sms_code, password, password2, entrance: entranceOf(request) }
      const { userId, sessionId } = await register(deps, wish)
      giveSession(reply, sessionId, deps)
      rememberDevice(reply, deps, userId)
      reply.code(201)
      return { user_id: userId, name: mobile }
    },
  )
}

/** Whoever asks has a session, if only a visitor's: without one the request would show no token. */
function askerOf(request: FastifyRequest): Buffer {
  if (!request.session) throw new Refusal('csrf_invalid')
  return digestOf(request.session.id)
}
