import type { State } from './model.ts'

type MapsAsEntries<T> = {
  readonly [K in keyof T]: T[K] extends Map<infer Key, infer Value> ? readonly (readonly [Key, Value])[] : T[K]
}

/** The whole state as plain JSON: the first record of a compacted journal. */
export type Snapshot = MapsAsEntries<State>

export function takeSnapshot(state: State): Snapshot {
  return {
    ...state,
    apps: [...state.apps],
    accounts: [...state.accounts],
    balances: [...state.balances],
    checkouts: [...state.checkouts],
    trades: [...state.trades],
    tradeNumbers: [...state.tradeNumbers],
    notifies: [...state.notifies],
    faults: [...state.faults],
  }
}

export function restoreSnapshot(snapshot: Snapshot): State {
  return {
    ...snapshot,
    apps: new Map(snapshot.apps),
    accounts: new Map(snapshot.accounts),
    balances: new Map(snapshot.balances),
    checkouts: new Map(snapshot.checkouts),
    trades: new Map(snapshot.trades),
    tradeNumbers: new Map(snapshot.tradeNumbers),
    notifies: new Map(snapshot.notifies),
    faults: new Map(snapshot.faults),
  }
}
