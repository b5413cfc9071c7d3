import { type Api, ApiRefusal } from '@ihome/contract/client'
import type { HouseBasic, HouseListQuery, HouseListView } from '@ihome/contract/schemas/houses'
import { computed, nextTick, onMounted, onUnmounted, type Ref, ref, type ShallowRef, shallowRef, watch } from 'vue'
import { useApi } from '../../platform/api.ts'
import { onBeforeRouteLeave } from '../../platform/page-router.ts'
import { type Trouble, troubleOf } from '../../platform/trouble.ts'
import { useResource } from '../../platform/use-resource.ts'

export interface HouseList {
  readonly houses: Readonly<Ref<readonly HouseBasic[]>>
  /** Undefined until the first page is here. */
  readonly first: Readonly<Ref<HouseListView | undefined>>
  readonly hasMore: Readonly<Ref<boolean>>
  /** The first page of this filter is on its way; what is shown belongs to the one before. */
  readonly isStale: Readonly<Ref<boolean>>
  readonly trouble: Readonly<Ref<Trouble | undefined>>
  readonly moreBusy: Readonly<Ref<boolean>>
  readonly moreTrouble: Readonly<ShallowRef<Trouble | undefined>>
  reload(): Promise<void>
  loadMore(): Promise<void>
}

interface KeptList {
  readonly filter: string
  readonly houses: readonly HouseBasic[]
  readonly cursor: string | null
  readonly view: HouseListView
  readonly top: number
}

/** A district that is gone from an old link asks for all districts instead, as the page then says. */
async function listOf(api: Api, filter: HouseListQuery): Promise<HouseListView> {
  try {
    return await api.houses.list(filter)
  } catch (error) {
    if (!(error instanceof ApiRefusal && error.problem === 'area_not_found')) throw error
    const { aid: _gone, ...rest } = filter
    return api.houses.list(rest)
  }
}

/** One list for each entry of this tab's history: the same search opened twice has two places to return to. */
const placeOf = () => `houses:${String(history.state?.position ?? 0)}`

function readKept(filter: string): KeptList | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(placeOf()) ?? 'null') as KeptList | null
    return kept?.filter === filter ? kept : undefined
  } catch {
    return undefined
  }
}

/**
 * The houses of a filter, page after page by cursor. Leaving the list keeps it with its place in this tab, and coming
 * back finds it so, because pages that must not be stored are left out of the browser's own memory.
 */
export function useHouseList(filter: () => HouseListQuery, isHydrating: boolean): HouseList {
  const api = useApi()
  const key = computed(() => JSON.stringify(filter()))
  const shown = shallowRef<HouseListView>()
  const shownKey = ref('')
  const houses = shallowRef<readonly HouseBasic[]>([])
  const cursor = ref<string | null>(null)
  const moreBusy = ref(false)
  const moreTrouble = shallowRef<Trouble>()
  const restored = shallowRef<KeptList>()

  function restore(kept: KeptList): void {
    restored.value = kept
    shown.value = kept.view
    shownKey.value = kept.filter
    houses.value = kept.houses
    cursor.value = kept.cursor
  }

  // Coming back within the page the old list stands at once; a page that is being hydrated must first match its HTML.
  if (!import.meta.env.SSR && !isHydrating) {
    const kept = readKept(key.value)
    if (kept) restore(kept)
  }

  const firstPage = useResource(
    () => (restored.value?.filter === key.value ? undefined : `houses:${key.value}`),
    (client) => listOf(client, filter()),
  )
  const show = (view: HouseListView | undefined) => {
    if (!view) return
    shown.value = view
    shownKey.value = key.value
    houses.value = view.houses
    cursor.value = view.next_cursor
    moreTrouble.value = undefined
  }
  show(firstPage.data.value)
  watch(firstPage.data, show, { flush: 'sync' })

  async function loadMore(): Promise<void> {
    const from = cursor.value
    if (from === null || moreBusy.value || shownKey.value !== key.value) return
    const asked = key.value
    moreBusy.value = true
    moreTrouble.value = undefined
    try {
      const view = await listOf(api, { ...filter(), cursor: from })
      if (asked !== key.value) return
      const known = new Set(houses.value.map(({ house_id: id }) => id))
      houses.value = [...houses.value, ...view.houses.filter(({ house_id: id }) => !known.has(id))]
      cursor.value = view.next_cursor
    } catch (error) {
      if (asked === key.value) moreTrouble.value = troubleOf(error)
    } finally {
      moreBusy.value = false
    }
  }

  function keep(): void {
    if (!shown.value || shownKey.value !== key.value) return
    const kept: KeptList = {
      filter: key.value,
      houses: houses.value,
      cursor: cursor.value,
      view: shown.value,
      top: scrollY,
    }
    try {
      sessionStorage.setItem(placeOf(), JSON.stringify(kept))
    } catch {
      // Without room the list begins anew on return.
    }
  }

  onMounted(async () => {
    addEventListener('pagehide', keep)
    const kept = isHydrating ? readKept(key.value) : undefined
    if (!kept || kept.houses.length <= houses.value.length) return
    restore(kept)
    await nextTick()
    scrollTo(0, kept.top)
  })
  onUnmounted(() => removeEventListener('pagehide', keep))
  onBeforeRouteLeave(keep)

  return {
    houses,
    first: shown,
    hasMore: computed(() => cursor.value !== null),
    isStale: computed(() => shown.value !== undefined && shownKey.value !== key.value),
    trouble: firstPage.trouble,
    moreBusy,
    moreTrouble,
    reload: firstPage.reload,
    loadMore,
  }
}
