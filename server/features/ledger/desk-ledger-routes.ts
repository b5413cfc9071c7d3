import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { LedgerEntries, LedgerEntryQuery, LedgerQuery, LedgerView } from '@ihome/contract/schemas/operator-desk-ledger'
import type { Deps } from '../../platform/deps.ts'
import { listEntriesForDesk, readLedger } from './desk-ledger.ts'

const tags = ['operators']

/** The books at the desk; nobody writes them by hand. */
export const deskLedgerRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.get(
    '/operator/ledger',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        operationId: 'readLedger',
        summary: 'The balance of every account at any second, and that all of them sum to nothing',
        querystring: LedgerQuery,
        response: { 200: LedgerView },
      },
    },
    (request) => readLedger(deps, request.query.at),
  )

  app.get(
    '/operator/ledger/entries',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        operationId: 'listLedgerEntries',
        summary: 'The statement of an account, an order or a host, with its running sum',
        querystring: LedgerEntryQuery,
        response: { 200: LedgerEntries },
      },
    },
    (request) => listEntriesForDesk(deps, request.query),
  )
}
