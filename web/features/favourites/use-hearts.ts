import { inject, onMounted, type ShallowRef, shallowRef } from 'vue'
import { useAnnouncer } from '../../platform/announcer.ts'
import { useApi } from '../../platform/api.ts'
import { useRoute, useRouter } from '../../platform/page-router.ts'
import { useSession } from '../../platform/session.ts'
import { RESOURCES } from '../../platform/use-resource.ts'
import { readHearts, toggleHeart } from './hearts.ts'

/** The hearts of one person, alike for every button of every page of this tab. */
interface SharedHearts {
  readonly person: string | undefined
  readonly ids: ShallowRef<ReadonlySet<number>>
  isRead: boolean
}

const PLACE = 'hearts'

/** The homes that this person keeps. They are read once for all buttons. */
export function useHearts() {
  const session = useSession()
  const kept = inject(RESOURCES)?.kept
  let shared = kept?.get(PLACE) as SharedHearts | undefined
  if (shared?.person !== session.name || !shared) {
    shared = { person: session.name, ids: shallowRef(new Set()), isRead: false }
    kept?.set(PLACE, shared)
  }
  const mine = shared
  const needs = {
    ids: mine.ids,
    api: useApi(),
    session,
    router: useRouter(),
    route: useRoute(),
    announcer: useAnnouncer(),
  }
  onMounted(() => {
    if (session.name === undefined || mine.isRead) return
    mine.isRead = true
    void readHearts(needs)
  })
  return { ids: mine.ids, toggle: (houseId: number) => void toggleHeart(needs, houseId) }
}
