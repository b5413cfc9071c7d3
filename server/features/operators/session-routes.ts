import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Nothing } from '@ihome/contract/schemas/fields'
import { OperatorSignInBody, OperatorView } from '@ihome/contract/schemas/operators'
import type { Deps } from '../../platform/deps.ts'
import { dropOperatorSession, giveOperatorSession, operatorDigest, operatorOf } from './operator-session.ts'
import { signInOperator } from './sign-in-operator.ts'
import { endOperatorSession } from './store.ts'

export const operatorSessionRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.post(
    '/operator/sessions',
    {
      config: { access: 'anyone' },
      schema: {
        tags: ['operators'],
        operationId: 'signInOperator',
        summary:
          "Sign in as an operator: password, then a code of the authenticator; a user's session opens nothing here",
        body: OperatorSignInBody,
        response: { 200: OperatorView },
      },
    },
    async (request, reply) => {
      const { login, password, code } = request.body
      const { sessionId, operator } = await signInOperator(deps, { login, password, code, address: request.ip })
      giveOperatorSession(reply, sessionId, deps)
      return operator
    },
  )

  app.get(
    '/operator/session',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['operators'],
        operationId: 'readOperatorSession',
        summary: 'Which operator is signed in',
        response: { 200: OperatorView },
      },
    },
    async (request) => {
      const { login, role } = operatorOf(request)
      return { login, role }
    },
  )

  app.delete(
    '/operator/session',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['operators'],
        operationId: 'signOutOperator',
        summary: 'Sign the operator out',
        response: { 200: Nothing },
      },
    },
    async (request, reply) => {
      const id = dropOperatorSession(request, reply, deps)
      if (id !== undefined) await endOperatorSession(deps.db, operatorDigest(id), deps.clock.now())
      return null
    },
  )
}
