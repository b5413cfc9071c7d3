import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { DeskActionQuery, DeskActions } from '@ihome/contract/schemas/operator-desk'
import type { Deps } from '../../platform/deps.ts'
import { deskSpan } from '../../platform/desk-page.ts'
import { ACTION_KEYS, listActions } from './action-store.ts'

export const deskActionRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.get(
    '/operator/actions',
    {
      config: { access: 'operator' },
      schema: {
        tags: ['operators'],
        operationId: 'listDeskActions',
        summary: 'What operators did, by login, kind or subject, newest first',
        querystring: DeskActionQuery,
        response: { 200: DeskActions },
      },
    },
    async ({ query }) => {
      const list = await listActions(deps.db, query.q, deskSpan(query, ACTION_KEYS))
      return { ...list, rows: list.rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() })) }
    },
  )
}
