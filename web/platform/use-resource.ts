import type { Api } from '@ihome/contract/client'
import {
  type InjectionKey,
  inject,
  onMounted,
  onServerPrefetch,
  onUnmounted,
  type ShallowRef,
  shallowRef,
  toValue,
  watch,
} from 'vue'
import { useApi } from './api.ts'
import { useRoute, useRouter } from './page-router.ts'
import { loginOf } from './session.ts'
import { isRefusal, type Trouble, troubleOf } from './trouble.ts'

/** What this visitor's pages have read so far: shown at once on a second visit, while it is read again. */
export interface ResourceStore {
  /** Answers that came with the HTML. Each is used once, without asking again. */
  readonly rendered: Record<string, unknown>
  /** What could not be read for the HTML. It is shown as it was, and asked for again by 重试. */
  readonly troubles: Record<string, Trouble>
  readonly kept: Map<string, unknown>
  readonly flights: Map<string, Promise<unknown>>
}

export const createResourceStore = (
  rendered: Record<string, unknown>,
  troubles: Record<string, Trouble> = {},
): ResourceStore => ({
  rendered,
  troubles,
  kept: new Map(),
  flights: new Map(),
})

export const RESOURCES: InjectionKey<ResourceStore> = Symbol('resources')

export interface Resource<T> {
  readonly data: Readonly<ShallowRef<T | undefined>>
  readonly trouble: Readonly<ShallowRef<Trouble | undefined>>
  /** True while an answer is on its way, also when older data is shown. */
  readonly busy: Readonly<ShallowRef<boolean>>
  /** Ends when an answer is there that was asked for after this call. */
  reload(): Promise<void>
}

export interface ResourceOptions {
  /** Read again when the page becomes visible: for orders and lists, which change while one looks away. */
  readonly whenVisible?: boolean
}

/** Coming back sooner than this does not ask again; the browser reports one return several times. */
const VISIBLE_PAUSE_MS = 1_000

/**
 * Reads something from the API under a key: one request per key at a time, old data shown while fresh data is on its
 * way, answers for an abandoned key ignored. On the rendering server the page waits for it, and the answer travels
 * with the HTML. A key that is undefined asks for nothing.
 */
export function useResource<T>(
  key: string | (() => string | undefined),
  load: (api: Api) => Promise<T>,
  { whenVisible = false }: ResourceOptions = {},
): Resource<T> {
  const api = useApi()
  const router = useRouter()
  const route = useRoute()
  const store = inject(RESOURCES)
  if (!store) throw new Error('no resources were provided')

  const data = shallowRef<T>()
  const trouble = shallowRef<Trouble>()
  const busy = shallowRef(false)
  let current: string | undefined
  let readAt = 0
  let gone = false

  async function read(): Promise<void> {
    const asked = current
    if (asked === undefined || !store) return
    busy.value = true
    readAt = Date.now()
    const flight = store.flights.get(asked) ?? load(api)
    store.flights.set(asked, flight)
    try {
      const value = (await flight) as T
      store.kept.set(asked, value)
      if (asked !== current || gone) return
      data.value = value
      trouble.value = undefined
    } catch (error) {
      if (asked !== current || gone) return
      trouble.value = troubleOf(error)
      if (!import.meta.env.SSR && isRefusal(trouble.value, 'sign_in_needed')) {
        await router.replace({ path: loginOf(route.path), query: { next: route.fullPath } })
      }
    } finally {
      // Somebody may have asked anew since.
      if (store.flights.get(asked) === flight) store.flights.delete(asked)
      if (asked === current) busy.value = false
    }
  }

  /** An answer that is on its way already may be older than what made somebody ask again. */
  async function reload(): Promise<void> {
    await store?.flights.get(current ?? '')?.catch(() => undefined)
    await read()
  }

  /** Shows what is known under the key; true when it need not be asked for. */
  function take(): boolean {
    if (current === undefined || !store) {
      data.value = undefined
      return true
    }
    trouble.value = undefined
    if (current in store.rendered) {
      data.value = store.rendered[current] as T
      store.kept.set(current, data.value)
      delete store.rendered[current]
      return true
    }
    const failed = store.troubles[current]
    if (failed) {
      trouble.value = failed
      delete store.troubles[current]
      return true
    }
    data.value = store.kept.get(current) as T | undefined
    return false
  }

  current = toValue(key)
  const known = take()
  if (!known) busy.value = true

  onServerPrefetch(async () => {
    await read()
    if (current !== undefined && data.value !== undefined) store.rendered[current] = data.value
    if (current !== undefined && trouble.value) store.troubles[current] = trouble.value
  })

  if (!import.meta.env.SSR) {
    watch(
      () => toValue(key),
      (next) => {
        current = next
        busy.value = false
        if (!take()) void read()
      },
    )
    const look = () => {
      if (!document.hidden && Date.now() - readAt > VISIBLE_PAUSE_MS) void read()
    }
    onMounted(() => {
      if (!known) void read()
      if (!whenVisible) return
      document.addEventListener('visibilitychange', look)
      addEventListener('pageshow', look)
      addEventListener('focus', look)
    })
    onUnmounted(() => {
      gone = true
      document.removeEventListener('visibilitychange', look)
      removeEventListener('pageshow', look)
      removeEventListener('focus', look)
    })
  }

  return { data, trouble, busy, reload }
}
