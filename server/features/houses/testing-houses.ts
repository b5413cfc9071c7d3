import type { LightMyRequestResponse } from 'fastify'
import type { KyselyPlugin } from 'kysely'
import { afterAll } from 'vitest'
import { startChangeFeed } from '../../platform/change-feed.ts'
import { silentLog } from '../../platform/log.ts'
import { type TestDeps, testApp, testDeps } from '../../platform/testing.ts'
import { pictureRoutes } from '../pictures/routes.ts'
import { searchRoutes } from '../search/routes.ts'
import { houseRoutes } from './routes.ts'

export interface HouseApp {
  readonly deps: TestDeps
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>
  /** The data of an answer below the API prefix that must have gone well. */
  read<Data>(path: string): Promise<Data>
  signIn(phone: string): Promise<Readonly<Record<string, string>>>
  /** How many statements the routes have sent. */
  statements(): number
}

/**
 * The public routes of houses over a database that counts what it is asked. With a change feed answers are kept in
 * memory as on a running server; without one everything is read afresh.
 */
export async function houseApp({ keeping = false } = {}): Promise<HouseApp> {
  const base = await testDeps()
  let sent = 0
  const counter: KyselyPlugin = {
    transformQuery({ node }) {
      sent += 1
      return node
    },
    transformResult: async ({ result }) => result,
  }
  const feed = { url: base.database.url, events: base.events, log: silentLog }
  const changes = keeping ? await startChangeFeed(feed) : undefined
  if (changes) afterAll(() => changes.stop())
  const deps: TestDeps = { ...base, db: base.db.withPlugin(counter), ...(changes ? { changes } : {}) }
  const { request, signIn } = await testApp({
    deps,
    features: { api: [houseRoutes, searchRoutes], root: [pictureRoutes] },
  })
  const get: HouseApp['get'] = (url, headers = {}) => request({ method: 'GET', url, headers: { ...headers } })
  return {
    deps: base,
    get,
    async read<Data>(path: string) {
      const answer = await get(`/api/v1.0${path}`)
      if (answer.statusCode !== 200) throw new Error(`${path} answered ${answer.statusCode} ${answer.body}`)
      return answer.json<{ data: Data }>().data
    },
    signIn: async (phone) => (await signIn(phone)).headers,
    statements: () => sent,
  }
}
