import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { IdParams } from '@ihome/contract/schemas/fields'
import { ReasonBody } from '@ihome/contract/schemas/operator-desk'
import { DeskPayout, DeskPayoutQuery, DeskPayouts } from '@ihome/contract/schemas/payouts'
import type { Deps } from '../../platform/deps.ts'
import { operatorOf } from '../operators/operator-session.ts'
import {
  freezePayout,
  listPayoutsForDesk,
  type PayoutWish,
  retryPayout,
  sayArrived,
  sayNotArrived,
  unfreezePayout,
} from './desk-payouts.ts'

const tags = ['operators']

/** What can be done to one payout at the desk. */
const ACTS = [
  {
    name: 'retry',
    operationId: 'retryPayout',
    summary: 'Look or try again at once; what stood with a person goes on to the account of now',
    run: retryPayout,
  },
  { name: 'freeze', operationId: 'freezePayout', summary: 'Keep a payout back, as for a dispute', run: freezePayout },
  { name: 'unfreeze', operationId: 'unfreezePayout', summary: 'Let a payout go on', run: unfreezePayout },
  {
    name: 'arrived',
    operationId: 'sayPayoutArrived',
    summary: 'Say of a payout in doubt that the gateway shows it as arrived; done when a second person says so too',
    run: sayArrived,
  },
  {
    name: 'not-arrived',
    operationId: 'sayPayoutNotArrived',
    summary: 'Say of a payout in doubt that nothing left; sent under a new number when a second person says so too',
    run: sayNotArrived,
  },
] as const

export const deskPayoutRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.get(
    '/operator/payouts',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        operationId: 'listDeskPayouts',
        summary: 'Payouts by number, order, host, state and whether something keeps them, newest first',
        querystring: DeskPayoutQuery,
        response: { 200: DeskPayouts },
      },
    },
    (request) => listPayoutsForDesk(deps, request.query),
  )

  for (const { name, operationId, summary, run } of ACTS) {
    app.post(
      `/operator/payouts/:id/${name}`,
      {
        config: { access: 'operator', roles: ['finance'] },
        schema: { tags, operationId, summary, params: IdParams, body: ReasonBody, response: { 200: DeskPayout } },
      },
      (request) => {
        const wish: PayoutWish = {
          payoutId: request.params.id,
          operatorId: operatorOf(request).id,
          reason: request.body.reason,
        }
        return run(deps, wish)
      },
    )
  }
}
