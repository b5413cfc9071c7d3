import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { accountRoutes } from './features/accounts/routes.ts'
import { keepSessions } from './features/accounts/session-hooks.ts'
import type { Deps } from './platform/deps.ts'
import { API_PREFIX, createHttp, type HttpOptions } from './platform/http.ts'
import { serviceRoutes } from './platform/service-routes.ts'

export type FeatureRoutes = FastifyPluginAsyncTypebox<{ deps: Deps }>

/** Routes beside those of the app itself: below the API prefix, or at the root. */
export interface Features {
  readonly api?: readonly FeatureRoutes[]
  readonly root?: readonly FeatureRoutes[]
}

export interface AppOptions extends Features, HttpOptions {
  readonly isStopping?: () => boolean
}

/** Puts the server together. Nothing listens yet, and no job runs. */
export async function buildApp(deps: Deps, options: AppOptions = {}): Promise<FastifyInstance> {
  const app = await createHttp(deps, options)
  keepSessions(app, deps)
  await app.register(serviceRoutes, { db: deps.db, isStopping: options.isStopping ?? (() => false) })
  for (const routes of [accountRoutes, ...(options.api ?? [])]) {
    await app.register(routes, { prefix: API_PREFIX, deps })
  }
  for (const routes of options.root ?? []) await app.register(routes, { deps })
  return app
}
