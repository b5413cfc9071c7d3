import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { avatarUrl } from '@ihome/contract/pictures'
import { CsrfView, ProfileView, SessionView, SignInBody } from '@ihome/contract/schemas/accounts'
import { Nothing } from '@ihome/contract/schemas/fields'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { deviceOf, rememberDevice } from './known-device.ts'
import { ensureSession, entranceOf, giveSession, leaveSession } from './session-hooks.ts'
import { signIn } from './sign-in.ts'
import { findProfile } from './store.ts'

export const accountRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.get(
    '/csrf',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['accounts'],
        operationId: 'readCsrf',
        summary: 'A CSRF token for this session, in the answer and as a cookie',
        response: { 200: CsrfView },
      },
    },
    async (request, reply) => ({ csrf_token: ensureSession(request, reply, deps) }),
  )

  app.post(
    '/sessions',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['accounts'],
        operationId: 'signIn',
        summary: 'Sign in; gives a new session and a new CSRF token',
        body: SignInBody,
        response: { 200: SessionView },
      },
    },
    async (request, reply) => {
      const { mobile, password, image_code_id: id, image_code: answer } = request.body
      const { sessionId, userId, name } = await signIn(deps, {
        phone: mobile,
        password,
        address: request.ip,
        entrance: entranceOf(request),
        captcha: id !== undefined && answer !== undefined ? { id, answer } : undefined,
        device: deviceOf(request, deps.config),
      })
      giveSession(reply, sessionId, deps)
      rememberDevice(reply, deps, userId)
      return { name }
    },
  )

  app.delete(
    '/session',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['accounts'],
        operationId: 'signOut',
        summary: 'Sign out; gives a new CSRF token for the next sign-in',
        response: { 200: Nothing },
      },
    },
    async (request, reply) => {
      await leaveSession(request, reply, deps)
      return null
    },
  )

  app.get(
    '/session',
    {
      config: { access: 'signed_in' },
      schema: {
        tags: ['accounts'],
        operationId: 'readSession',
        summary: 'Who is signed in',
        response: { 200: SessionView },
      },
    },
    async (request) => ({ name: request.account.name }),
  )

  app.get(
    '/users/profile',
    {
      config: { access: 'signed_in' },
      schema: {
        tags: ['accounts'],
        operationId: 'readProfile',
        summary: 'Name, phone and picture of the person signed in',
        response: { 200: ProfileView },
      },
    },
    async (request) => {
      const profile = await findProfile(deps.db, request.account.id)
      if (!profile) throw new Refusal('sign_in_needed')
      const avatar = profile.avatar_key === null ? null : avatarUrl(profile.avatar_key)
      return { avatar, name: profile.name, phone: profile.phone }
    },
  )
}
