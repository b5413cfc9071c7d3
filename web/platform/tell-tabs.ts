import { watch } from 'vue'
import type { Router } from './page-router.ts'
import type { Session } from './session.ts'
import type { ResourceStore } from './use-resource.ts'

const CHANNEL = 'ihome:session'

/** What one tab tells the others; the name alone, which they show anyway. */
interface News {
  readonly name: string | null
}

const isNews = (data: unknown): data is News =>
  typeof data === 'object' && data !== null && 'name' in data && (data.name === null || typeof data.name === 'string')

export interface TabNeeds {
  readonly session: Session
  readonly resources: ResourceStore
  readonly router: Pick<Router, 'currentRoute' | 'replace'>
  /** Loads the page anew; a test looks on. */
  readonly reload: () => void
}

/**
 * A sign-in or sign-out in one tab is known in all: they share the cookie, so what they show must belong to the same
 * person. A private page of somebody who left leads to the login; one of somebody else is loaded anew.
 */
export function tellTabs({ session, resources, router, reload }: TabNeeds): () => void {
  if (typeof BroadcastChannel === 'undefined') return () => undefined
  const channel = new BroadcastChannel(CHANNEL)
  let heard: string | undefined | null = null
  const stopWatching = watch(
    () => session.name,
    (name) => {
      // What was heard is not told again.
      if (heard === null || heard !== name) channel.postMessage({ name: name ?? null } satisfies News)
      heard = null
    },
    { flush: 'sync' },
  )
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (!isNews(data)) return
    const name = data.name ?? undefined
    if (name === session.name) return
    const before = session.name
    heard = name
    resources.kept.clear()
    session.name = name
    const { meta, fullPath } = router.currentRoute.value
    if (!meta.signedIn) return
    if (name === undefined) void router.replace({ path: '/login', query: { next: fullPath } })
    else if (before !== undefined) reload()
  }
  return () => {
    stopWatching()
    channel.close()
  }
}
