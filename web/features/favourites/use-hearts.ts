import { inject, onMounted, type Ref, shallowRef } from 'vue'
import { useAnnouncer } from '../../platform/announcer.ts'
import { useApi } from '../../platform/api.ts'
import { useRoute, useRouter } from '../../platform/page-router.ts'
import { useSession } from '../../platform/session.ts'
import { RESOURCES } from '../../platform/use-resource.ts'

export interface Hearts {
  /** The homes that this person keeps, as far as is known. */
  readonly ids: Readonly<Ref<ReadonlySet<number>>>
  toggle(houseId: number): void
}

/** The hearts of a page with homes. What they do comes when somebody is signed in or taps one. */
export function useHearts(): Hearts {
  const kept = inject(RESOURCES)?.kept
  const ids = shallowRef(new Set<number>() as ReadonlySet<number>)
  const needs = {
    ids,
    kept,
    api: useApi(),
    session: useSession(),
    router: useRouter(),
    route: useRoute(),
    announcer: useAnnouncer(),
  }
  const later = () => import('./hearts.ts')
  onMounted(() => {
    if (needs.session.name !== undefined) void later().then(({ readHearts }) => readHearts(needs))
  })
  return { ids, toggle: (houseId) => void later().then(({ toggleHeart }) => toggleHeart(needs, houseId)) }
}
