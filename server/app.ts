import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { accountRoutes } from './features/accounts/routes.ts'
import { keepSessions } from './features/accounts/session-hooks.ts'
import type { Deps } from './platform/deps.ts'
import { API_PREFIX, createHttp } from './platform/http.ts'

/** What a feature brings: routes below the API prefix, or at the root. */
export interface Features {
  readonly api?: readonly FastifyPluginAsyncTypebox<{ deps: Deps }>[]
  readonly root?: readonly FastifyPluginAsyncTypebox<{ deps: Deps }>[]
}

/** Puts the server together. Nothing listens yet, and no job runs. */
export async function buildApp(deps: Deps, more: Features = {}): Promise<FastifyInstance> {
  const app = await createHttp(deps)
  keepSessions(app, deps)
  for (const routes of [accountRoutes, ...(more.api ?? [])]) {
    await app.register(routes, { prefix: API_PREFIX, deps })
  }
  for (const routes of more.root ?? []) await app.register(routes, { deps })
  return app
}
