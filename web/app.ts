import type { Api } from '@ihome/contract/client'
import { type App, createApp, createSSRApp } from 'vue'
import AppRoot from './AppRoot.vue'
import { ANNOUNCER, createAnnouncer } from './platform/announcer.ts'
import { API } from './platform/api.ts'
import type { PageHistory } from './platform/page-history.ts'
import type { Router } from './platform/page-router.ts'
import { PAGE_STATE, type PageState } from './platform/page-state.ts'
import { createServerClock, SERVER_CLOCK } from './platform/server-clock.ts'
import { createSession, SESSION, type Session } from './platform/session.ts'
import { createResourceStore, RESOURCES } from './platform/use-resource.ts'
import { createPageRouter } from './router.ts'
import { SAY, type Say } from './text/say.ts'

export interface AppNeeds {
  readonly api: Api
  readonly history: PageHistory
  readonly state: PageState
  /** In the language of the state. */
  readonly say: Say
  /** True when the HTML holds the rendered page already, and on the server, which makes it. */
  readonly rendered: boolean
}

/** The program of one visitor. Everything it remembers hangs on it, so that visitors on one server never mix. */
export function createPages({ api, history, state, say, rendered }: AppNeeds): {
  app: App
  router: Router
  session: Session
} {
  const app = rendered ? createSSRApp(AppRoot) : createApp(AppRoot)
  const session = createSession(state.name)
  const router = createPageRouter(history, session)
  app.provide(API, api)
  app.provide(SAY, say)
  app.provide(PAGE_STATE, state)
  app.provide(SESSION, session)
  app.provide(SERVER_CLOCK, createServerClock(state))
  app.provide(RESOURCES, createResourceStore(state.resources, state.troubles))
  app.provide(ANNOUNCER, createAnnouncer())
  app.use(router)
  return { app, router, session }
}
