/** What an entry of the history remembers beside its address. Sheets and pages may add their own. */
export interface EntryState {
  /** The address that one came from within this page load or an earlier one; null for a first page. */
  readonly back: string | null
  readonly position: number
  readonly scroll?: { readonly left: number; readonly top: number }
  readonly [more: string]: unknown
}

/** The history of a tab, or of a server or test that has none. */
export interface PageHistory {
  /** Path with query and hash. */
  address(): string
  state(): EntryState
  push(address: string, state: EntryState): void
  replace(address: string, state: EntryState): void
  go(steps: number): void
  /** Called when another entry has come up that we did not make. */
  listen(onMove: () => void): void
}

const FIRST: EntryState = { back: null, position: 0 }

export function createWebHistory(): PageHistory {
  history.scrollRestoration = 'manual'
  const address = () => location.pathname + location.search + location.hash
  const state = () => ({ ...FIRST, ...history.state }) as EntryState
  const keepPlace = () => history.replaceState({ ...state(), scroll: { left: scrollX, top: scrollY } }, '')
  // A page that is left for another site or reloaded is come back to at its place.
  addEventListener('pagehide', keepPlace)
  return {
    address,
    state,
    push(next, entry) {
      keepPlace()
      history.pushState(entry, '', next)
    },
    replace: (next, entry) => history.replaceState(entry, '', next),
    go: (steps) => history.go(steps),
    listen: (onMove) => addEventListener('popstate', onMove),
  }
}

export function createMemoryHistory(): PageHistory {
  const entries: { address: string; state: EntryState }[] = [{ address: '/', state: FIRST }]
  let at = 0
  let moved = () => {}
  const here = () => entries[at] ?? { address: '/', state: FIRST }
  return {
    address: () => here().address,
    state: () => here().state,
    push(address, state) {
      entries.splice(at + 1, entries.length, { address, state })
      at += 1
    },
    replace(address, state) {
      entries[at] = { address, state }
    },
    go(steps) {
      if (!entries[at + steps]) return
      at += steps
      moved()
    },
    listen(onMove) {
      moved = onMove
    },
  }
}
