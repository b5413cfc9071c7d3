import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams, Nothing } from '@ihome/contract/schemas/fields'
import {
  DeskUserDetail,
  DeskUserQuery,
  DeskUsers,
  ReasonBody,
  RevealBody,
  RevealedView,
} from '@ihome/contract/schemas/operator-desk'
import type { Deps } from '../../platform/deps.ts'
import { operatorOf } from '../operators/operator-session.ts'
import { endSessionsAtDesk, listUsersForDesk, readUserForDesk, revealToDesk } from './desk-users.ts'

const tags = ['operators']
/** Those who answer people and those who send them money; nobody else needs to know who somebody is. */
const forPeople = { access: 'operator', roles: ['support', 'finance'] } as const

export const deskUserRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.get(
    '/operator/users',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        operationId: 'listDeskUsers',
        summary: 'People by the end of their phone or words of their name; personal data is masked',
        querystring: DeskUserQuery,
        response: { 200: DeskUsers },
      },
    },
    (request) => listUsersForDesk(deps, request.query),
  )

  app.get(
    '/operator/users/:id',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        operationId: 'readDeskUser',
        summary: 'One person, masked',
        params: IdParams,
        response: { 200: DeskUserDetail },
      },
    },
    (request) => readUserForDesk(deps, request.params.id),
  )

  app.post(
    '/operator/users/:id/reveal',
    {
      config: forPeople,
      schema: {
        tags,
        operationId: 'revealToDesk',
        summary: 'One personal datum in the clear; who looked and why is written down',
        params: IdParams,
        body: RevealBody,
        response: { 200: RevealedView },
      },
    },
    async (request) => ({
      value: await revealToDesk(deps, {
        userId: request.params.id,
        operatorId: operatorOf(request).id,
        ...request.body,
      }),
    }),
  )

  app.post(
    '/operator/users/:id/end-sessions',
    {
      config: forPeople,
      schema: {
        tags,
        operationId: 'endSessionsAtDesk',
        summary: 'Sign a person out everywhere',
        params: IdParams,
        body: ReasonBody,
        response: { 200: Nothing },
      },
    },
    async (request) => {
      await endSessionsAtDesk(deps, {
        userId: request.params.id,
        operatorId: operatorOf(request).id,
        reason: request.body.reason,
      })
      return null
    },
  )
}
