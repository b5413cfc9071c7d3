import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  AvatarView,
  CodeSignInBody,
  DeviceListView,
  EndedDevicesView,
  NameBody,
  NewPasswordBody,
  NewPhoneBody,
  PhoneView,
  RealNameBody,
  RealNameView,
  ResetPasswordBody,
  SessionView,
  StepUpBody,
  StepUpView,
} from '@ihome/contract/schemas/accounts'
import { Nothing } from '@ihome/contract/schemas/fields'
import type { FastifyReply } from 'fastify'
import type { Deps } from '../../platform/deps.ts'
import { routeOptions } from '../../platform/route-options.ts'
import { AVATAR_BYTES, readUpload, takeUploads, uploadBodyLimit } from '../pictures/take-upload.ts'
import { changePassword, changePhone, rename } from './change-account.ts'
import { changeAvatar } from './change-avatar.ts'
import { deleteAccount } from './delete-account.ts'
import { rememberDevice } from './known-device.ts'
import { readRealName, verifyRealName } from './real-names.ts'
import { entranceOf, giveSession, leaveSession } from './session-hooks.ts'
import type { SignedIn } from './sign-in.ts'
import { resetPassword, signInByCode } from './sign-in-by-code.ts'
import { stepUp } from './step-up.ts'
import { endSessionsOf, listDevices } from './store.ts'
import { digestOf } from './tokens.ts'

const open = routeOptions({ access: 'anyone' }, 'accounts')
const own = routeOptions({ access: 'signed_in' }, 'accounts')

/** What a person may see and change of the own account, and the ways in that need no password. */
export const profileRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  const enter = (reply: FastifyReply, { sessionId, userId, name }: SignedIn): SessionView => {
    giveSession(reply, sessionId, deps)
    rememberDevice(reply, deps, userId)
    return { name }
  }

  app.post(
    '/sessions/sms',
    open('signInByCode', 'Sign in with a code that was sent to the phone', {
      body: CodeSignInBody,
      response: { 200: SessionView },
    }),
    async (request, reply) => {
      const { mobile: phone, sms_code: code } = request.body
      return enter(reply, await signInByCode(deps, { phone, code, entrance: entranceOf(request) }))
    },
  )

  app.post(
    '/users/password/reset',
    open('resetPassword', 'A new password for whoever got the code; every other session ends', {
      body: ResetPasswordBody,
      response: { 200: SessionView },
    }),
    async (request, reply) => {
      const { mobile: phone, sms_code: code, password, password2 } = request.body
      const entrance = entranceOf(request)
      return enter(reply, await resetPassword(deps, { phone, code, password, password2, entrance }))
    },
  )

  app.post(
    '/session/step-up',
    own('stepUp', 'Show once more who one is, by password or code; gives a new session that may change the account', {
      body: StepUpBody,
      response: { 200: StepUpView },
    }),
    async (request, reply) => {
      const { password, sms_code: code } = request.body
      const wish = { account: request.account, password, code, entrance: entranceOf(request) }
      const { sessionId, until } = await stepUp(deps, wish)
      giveSession(reply, sessionId, deps)
      return { until: until.toISOString() }
    },
  )

  app.post(
    '/users/password',
    own('changePassword', 'Another password; every other session ends', {
      body: NewPasswordBody,
      response: { 200: Nothing },
    }),
    async (request) => {
      await changePassword(deps, { account: request.account, entrance: entranceOf(request), ...request.body })
      return null
    },
  )

  app.post(
    '/users/phone',
    own('changePhone', 'Another phone, which got a code for this; every other session ends', {
      body: NewPhoneBody,
      response: { 200: PhoneView },
    }),
    async (request) => {
      const { mobile: phone, sms_code: code } = request.body
      await changePhone(deps, { account: request.account, entrance: entranceOf(request), phone, code })
      return { phone }
    },
  )

  app.post(
    '/users/name',
    own('changeName', 'The name that others see', { body: NameBody, response: { 200: SessionView } }),
    async (request) => ({ name: await rename(deps, request.account, request.body.name) }),
  )

  app.get(
    '/users/sessions',
    own('listDevices', 'Where one is signed in, last used first', { response: { 200: DeviceListView } }),
    async (request) => {
      const own = request.session && digestOf(request.session.id)
      const devices = await listDevices(deps.db, request.account.id, deps.clock.now())
      return {
        devices: devices.map(({ digest, device, createdAt, lastUsedAt }) => ({
          current: own?.equals(digest) ?? false,
          device,
          created_at: createdAt.toISOString(),
          last_used_at: lastUsedAt.toISOString(),
        })),
      }
    },
  )

  app.delete(
    '/users/sessions/others',
    own('endOtherDevices', 'Sign out everywhere else', { response: { 200: EndedDevicesView } }),
    async (request) => {
      const but = request.session && digestOf(request.session.id)
      const wish = { but, reason: 'ended_by_user', now: deps.clock.now() } as const
      return { ended: await endSessionsOf(deps.db, request.account.id, wish) }
    },
  )

  app.post(
    '/users/deletion',
    own('deleteAccount', 'End the account for ever; refused while something is unfinished', {
      response: { 200: Nothing },
    }),
    async (request, reply) => {
      await deleteAccount(deps, { account: request.account, entrance: entranceOf(request) })
      await leaveSession(request, reply, deps)
      return null
    },
  )

  app.get(
    '/users/auth',
    own('readRealName', 'Real name and ID number, masked; nulls before they were given', {
      response: { 200: RealNameView },
    }),
    (request) => readRealName(deps, request.account.id),
  )

  app.post(
    '/users/auth',
    own('verifyRealName', 'Give the real name and ID number, once and for ever', {
      body: RealNameBody,
      response: { 200: RealNameView },
    }),
    (request) => {
      const { real_name: realName, id_card: idCard, consent } = request.body
      return verifyRealName(deps, { userId: request.account.id, realName, idCard, consent })
    },
  )

  await app.register(async (uploads) => {
    await takeUploads(uploads)
    uploads.post(
      '/users/avatar',
      {
        ...own('changeAvatar', 'A picture of oneself, as multipart field avatar; drawn anew as a square', {
          consumes: ['multipart/form-data'],
          response: { 200: AvatarView },
        }),
        bodyLimit: uploadBodyLimit(AVATAR_BYTES),
      },
      async (request) => {
        const { bytes } = await readUpload(request, 'avatar', AVATAR_BYTES)
        return { avatar_url: await changeAvatar(deps, request.account.id, bytes) }
      },
    )
  })
}
