import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { PayeeBody, PayeeView, PayoutsQuery, PayoutsView } from '@ihome/contract/schemas/payouts'
import type { Deps } from '../../platform/deps.ts'
import { entranceOf } from '../accounts/session-hooks.ts'
import { changePayee } from './payee-accounts.ts'
import { readPayouts } from './read-payouts.ts'

const tags = ['payments']
const signedIn = { access: 'signed_in' } as const

/** Where a host's money goes, and where it stands. */
export const payoutRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.get(
    '/user/payouts',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'readPayouts',
        summary: "A host's payouts and the account they go to, newest first",
        querystring: PayoutsQuery,
        response: { 200: PayoutsView },
      },
    },
    (request) => readPayouts(deps, request.account.id, request.query.cursor),
  )

  app.put(
    '/user/payout-account',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'changePayoutAccount',
        summary: 'Another account of the host at Alipay; a change counts after 72 hours',
        body: PayeeBody,
        response: { 200: PayeeView },
      },
    },
    (request) =>
      changePayee(deps, { account: request.account, entrance: entranceOf(request), typed: request.body.account }),
  )
}
