import type { Api } from '@ihome/contract/client'
import { messagesOf } from '@ihome/contract/messages-client'
import type { Ref } from 'vue'
import type { Router } from '../../platform/page-router.ts'
import type { Session } from '../../platform/session.ts'
import { troubleOf } from '../../platform/trouble.ts'

export interface UnreadNeeds {
  readonly api: Api
  readonly session: Session
  readonly router: Router
  readonly unread: Ref<number>
}

/** Asking more often than this would cost more than the dot is worth. */
const PAUSE_MS = 3_000

/** Keeps the number of unread threads: on coming to a page with tabs, and when the page becomes visible. */
export function watchUnread({ api, session, router, unread }: UnreadNeeds): void {
  let askedAt = 0
  async function ask(): Promise<void> {
    if (session.name === undefined) {
      unread.value = 0
      return
    }
    if (document.hidden || !router.currentRoute.value.meta.root || Date.now() - askedAt < PAUSE_MS) return
    askedAt = Date.now()
    try {
      unread.value = (await messagesOf(api).unread()).unread
    } catch (error) {
      troubleOf(error) // The tab works without its dot.
    }
  }
  router.afterEach(() => void ask())
  document.addEventListener('visibilitychange', () => void ask())
  void ask()
}
