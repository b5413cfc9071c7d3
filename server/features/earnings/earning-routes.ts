import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { EarningsQuery, EarningsView } from '@ihome/contract/schemas/earnings'
import type { Deps } from '../../platform/deps.ts'
import { languageOf } from '../pages/language-routes.ts'
import { exportEarnings, readEarnings } from './read-earnings.ts'

const tags = ['payments']
const signedIn = { access: 'signed_in' } as const

/** What a host has earned, on the screen and as a file. */
export const earningRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.get(
    '/user/earnings',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'readEarnings',
        summary: "A host's orders with money, twelve months, and what is pending and due",
        querystring: EarningsQuery,
        response: { 200: EarningsView },
      },
    },
    (request) => readEarnings(deps, request.account.id, request.query.cursor),
  )

  app.get(
    '/user/earnings.csv',
    {
      config: { ...signedIn, envelope: false },
      schema: { tags, operationId: 'exportEarnings', summary: "A host's orders with money as a CSV file" },
    },
    async (request, reply) => {
      const text = await exportEarnings(deps, request.account.id, languageOf(request))
      return reply
        .header('cache-control', 'no-store')
        .header('content-disposition', 'attachment; filename="ihome-earnings.csv"')
        .type('text/csv; charset=utf-8')
        .send(text)
    },
  )
}
