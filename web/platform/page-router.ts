import {
  type App,
  type Component,
  computed,
  defineComponent,
  h,
  type InjectionKey,
  inject,
  nextTick,
  onUnmounted,
  type PropType,
  type ShallowRef,
  shallowRef,
} from 'vue'
import { type Address, addressOf, patternOf, type RouteTarget } from './address.ts'
import type { EntryState, PageHistory } from './page-history.ts'

/** What a page says of itself in the table of routes. */
export interface RouteMeta {
  /** Only for people who are signed in; visitors go to the login and come back. */
  readonly signedIn?: true
  /** One of the tabs at the foot of the screen: no way back is shown, the tabs are. */
  readonly root?: true
  /** As wide as the window: the pages for a desk. */
  readonly wide?: true
  /** Rendered on the server. */
  readonly rendered?: true
}

export interface RouteRecord {
  /** `/orders/:id(\\d+)`; the last one may be `/:rest(.*)*`, which takes every path. */
  readonly path: string
  readonly name?: string
  readonly component: Component | (() => Promise<{ readonly default: Component }>)
  readonly meta?: RouteMeta
}

/** Routes that come when the first address under `path` is asked for, and stand in its place from then on. */
export interface LateRoutes {
  readonly path: string
  readonly more: () => Promise<{ readonly routes: readonly RouteRecord[] }>
  readonly name?: undefined
  readonly meta?: undefined
}

export interface Route extends Address {
  readonly name: string | undefined
  readonly params: Readonly<Record<string, string>>
  readonly meta: RouteMeta
}

interface Place {
  readonly left?: number
  readonly top: number
}

export interface RouterOptions {
  readonly history: PageHistory
  readonly routes: readonly (RouteRecord | LateRoutes)[]
  /** Asked before every page: an address leads elsewhere instead. */
  readonly redirect?: (to: Route) => RouteTarget | undefined
  /** Where a page begins: `saved` is where it was left. Undefined leaves the scroll alone. */
  readonly scroll?: (to: Route, from: Route, saved: Place | undefined) => Place | undefined
}

export interface Router {
  readonly currentRoute: Readonly<ShallowRef<Route>>
  readonly view: Readonly<ShallowRef<Component | undefined>>
  /** Ends when the page stands, or another way was taken meanwhile; throws when its script cannot be loaded. */
  push(target: RouteTarget & { readonly state?: object }): Promise<void>
  replace(target: RouteTarget & { readonly state?: object }): Promise<void>
  back(): void
  resolve(target: RouteTarget): Route & { readonly href: string }
  isReady(): Promise<void>
  afterEach(listener: (to: Route, from: Route) => void): void
  onError(listener: (error: unknown, to: Route) => void): void
  onLeave(listener: () => void): () => void
  install(app: App): void
}

const ROUTER: InjectionKey<Router> = Symbol('router')
const NOWHERE: Route = { path: '', query: {}, hash: '', fullPath: '', name: undefined, params: {}, meta: {} }

/**
 * Pages by address. What this leaves out of a general router (nested views, named views, aliases, guards of all kinds)
 * would be a quarter of the first script of every page.
 */
export function createRouter({ history, routes, redirect, scroll }: RouterOptions): Router {
  const rowsOf = (records: RouterOptions['routes']) =>
    records.map((record) => ({ record, pattern: patternOf(record.path) }))
  const table = rowsOf(routes)
  const loaded = new Map<RouteRecord, Component>()
  const currentRoute = shallowRef<Route>(NOWHERE)
  const view = shallowRef<Component>()
  const arrivals: ((to: Route, from: Route) => void)[] = []
  const faults: ((error: unknown, to: Route) => void)[] = []
  const leavers = new Set<() => void>()
  /** Where entries were left by a step back or forth, which their own state cannot be told any more. */
  const places = new Map<number, Place>()
  let position = history.state().position
  let attempts = 0
  let first: Promise<void> | undefined

  function recordFor(path: string) {
    for (const { record, pattern } of table) {
      const match = pattern.exec(path)
      if (match) return { record, params: match.groups ?? {} }
    }
    return undefined
  }

  function resolve(target: RouteTarget): Route & { href: string; record: RouteRecord | LateRoutes | undefined } {
    const address = addressOf(target, currentRoute.value.path || '/')
    const found = recordFor(address.path)
    const params = Object.fromEntries(
      Object.entries(found?.params ?? {}).map(([name, text]) => [name, text === undefined ? '' : decode(text)]),
    )
    return {
      ...address,
      href: address.fullPath,
      name: found?.record.name,
      params,
      meta: found?.record.meta ?? {},
      record: found?.record,
    }
  }

  async function componentOf(record: RouteRecord): Promise<Component> {
    const known = loaded.get(record)
    if (known) return known
    const { component } = record
    const ready = isLate(component) ? (await component()).default : component
    loaded.set(record, ready)
    return ready
  }

  /** `commit` writes the history once the page is there; a step in the history has been written already. */
  async function go(target: RouteTarget, commit: ((to: Route, from: Route) => void) | undefined): Promise<void> {
    attempts += 1
    const attempt = attempts
    let to = resolve(target)
    const away = redirect?.(to)
    if (away !== undefined) to = resolve(away)
    const from = currentRoute.value
    let component = view.value
    try {
      const { record } = to
      if (record && 'more' in record) {
        const rows = rowsOf((await record.more()).routes)
        // Whoever else waited for them has put them there already.
        const place = table.findIndex((row) => row.record === record)
        if (place >= 0) table.splice(place, 1, ...rows)
        to = resolve(to.fullPath)
      }
      if (to.record && 'component' in to.record) component = await componentOf(to.record)
    } catch (error) {
      for (const fault of faults) fault(error, to)
      throw error
    }
    if (attempt !== attempts) return
    if (to.path !== from.path) for (const leave of leavers) leave()
    if (!import.meta.env.SSR) places.set(position, { left: scrollX, top: scrollY })
    if (commit) commit(to, from)
    else if (away !== undefined) history.replace(to.fullPath, history.state())
    position = history.state().position
    currentRoute.value = to
    view.value = component
    for (const arrive of arrivals) arrive(to, from)
    if (import.meta.env.SSR || !scroll) return
    const isReturn = commit === undefined || from === NOWHERE
    const saved = isReturn ? (places.get(position) ?? history.state().scroll) : undefined
    const place = scroll(to, from, from === NOWHERE ? history.state().scroll : saved)
    await nextTick()
    if (place && attempt === attempts) scrollTo(place.left ?? 0, place.top)
  }

  const stateOf = (target: object | string) =>
    (typeof target === 'object' && 'state' in target ? target.state : {}) as object

  const isHere = (to: Route): boolean => to.fullPath === currentRoute.value.fullPath

  function push(target: RouteTarget & { readonly state?: object }): Promise<void> {
    if (isHere(resolve(target))) return Promise.resolve()
    return go(target, (to, from) => {
      const entry: EntryState = {
        ...stateOf(target),
        back: from.fullPath || null,
        position: history.state().position + 1,
      }
      if (from === NOWHERE) history.replace(to.fullPath, { ...entry, position: history.state().position })
      else history.push(to.fullPath, entry)
    })
  }

  function replace(target: RouteTarget & { readonly state?: object }): Promise<void> {
    return go(target, (to) => {
      const { back, position: at } = history.state()
      history.replace(to.fullPath, { ...stateOf(target), back, position: at })
    })
  }

  history.listen(() => {
    const to = resolve(history.address())
    const from = currentRoute.value
    // A sheet that opens or closes and a link within the page are entries of the same address.
    if (to.path === from.path && sameQuery(to, from)) {
      if (!history.state().position && position) history.replace(to.fullPath, { ...history.state(), position })
      return
    }
    // A script that does not load has been reported to the listeners.
    go(history.address(), undefined).catch(() => undefined)
  })

  const router: Router = {
    currentRoute,
    view,
    push(target) {
      const going = push(target)
      first ??= going
      return going
    },
    replace,
    back: () => history.go(-1),
    resolve,
    async isReady() {
      await first
    },
    afterEach: (listener) => void arrivals.push(listener),
    onError: (listener) => void faults.push(listener),
    onLeave(listener) {
      leavers.add(listener)
      return () => leavers.delete(listener)
    },
    install(app) {
      app.provide(ROUTER, router)
      app.component('RouterLink', RouterLink)
      app.component('RouterView', RouterView)
      if (import.meta.env.SSR || first || currentRoute.value !== NOWHERE) return
      first = go(history.address(), (to) => history.replace(to.fullPath, history.state()))
    },
  }
  return router
}

/** Components are objects; a function is a promise of one. */
const isLate = (component: RouteRecord['component']): component is () => Promise<{ readonly default: Component }> =>
  typeof component === 'function'

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const sameQuery = (one: Route, other: Route): boolean =>
  one.fullPath.replace(/#.*/, '') === other.fullPath.replace(/#.*/, '')

export function useRouter(): Router {
  const router = inject(ROUTER)
  if (!router) throw new Error('no router was provided')
  return router
}

/** The page that is shown, following every change of the address. */
export function useRoute(): Route {
  const { currentRoute } = useRouter()
  const route = {} as Route
  for (const part of Object.keys(NOWHERE) as (keyof Route)[]) {
    Object.defineProperty(route, part, { enumerable: true, get: () => currentRoute.value[part] })
  }
  return route
}

/** Runs when the page is left for another one, while its address still stands. */
export function onBeforeRouteLeave(listener: () => void): void {
  onUnmounted(useRouter().onLeave(listener))
}

const isPlain = (event: MouseEvent): boolean =>
  !(event.metaKey || event.altKey || event.ctrlKey || event.shiftKey || event.defaultPrevented || event.button)

/** A link that changes the page without loading it anew. Without scripts it is a link like any other. */
export const RouterLink = defineComponent({
  name: 'RouterLink',
  props: { to: { type: [String, Object] as PropType<RouteTarget>, required: true }, replace: Boolean },
  setup(props, { slots }) {
    const router = useRouter()
    const target = computed(() => router.resolve(props.to))
    const follow = (event: MouseEvent) => {
      if (!isPlain(event)) return
      event.preventDefault()
      // A script that does not load has been reported to the router's listeners.
      router[props.replace ? 'replace' : 'push'](props.to).catch(() => undefined)
    }
    return () => {
      const current = target.value.path === router.currentRoute.value.path ? 'page' : undefined
      return h('a', { href: target.value.href, 'aria-current': current, onClick: follow }, slots.default?.())
    }
  },
})

export const RouterView = defineComponent({
  name: 'RouterView',
  setup() {
    const { view } = useRouter()
    return () => (view.value ? h(view.value) : null)
  },
})

declare module 'vue' {
  interface GlobalComponents {
    RouterLink: typeof RouterLink
    RouterView: typeof RouterView
  }
}
