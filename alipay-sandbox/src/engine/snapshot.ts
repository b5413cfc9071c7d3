import type { SandboxEvent } from './events.ts'
import { rebuildMovements } from './ledger.ts'
import { emptyState, type State } from './model.ts'

type MapsAsEntries<T> = {
  readonly [K in keyof T]: T[K] extends Map<infer Key, infer Value> ? readonly (readonly [Key, Value])[] : T[K]
}

/** The state as plain JSON: the first record of a compacted journal, and of an export. */
export type Snapshot = MapsAsEntries<State>

/** More entries for the maps of a snapshot, by the map's name, so that no record grows without end. */
export type SnapshotPart = Readonly<Record<string, readonly (readonly [string, unknown])[]>>

const ENTRIES_PER_PART = 500

/** The state as one piece of JSON, for small ones and for comparing. */
export function takeSnapshot(state: State): Snapshot {
  return mapped(state, (map) => [...map]) as unknown as Snapshot
}

/** The whole state as events: one snapshot whose maps are empty, and parts that fill them. */
export function* snapshotEvents(state: State): Generator<SandboxEvent> {
  const at = state.latestAt
  yield { type: 'snapshot', at, state: mapped(state, () => []) as unknown as Snapshot }
  for (const [name, map] of Object.entries(mapsOf(state))) {
    const entries = [...map]
    for (let from = 0; from < entries.length; from += ENTRIES_PER_PART) {
      yield { type: 'snapshot_part', at, part: { [name]: entries.slice(from, from + ENTRIES_PER_PART) } }
    }
  }
}

/** The state of a snapshot; what an older version did not know yet is empty or at its default. */
export function restoreSnapshot(snapshot: Snapshot): State {
  const empty = emptyState()
  const entries = snapshot as unknown as SnapshotPart
  const filled = Object.fromEntries(Object.keys(mapsOf(empty)).map((name) => [name, new Map(entries[name] ?? [])]))
  const settings = { ...empty.settings, ...snapshot.settings }
  const restored = { ...empty, ...snapshot, ...filled, settings } as unknown as State
  // Versions before bills kept balances without the lines behind them.
  if (!('movements' in snapshot)) rebuildMovements(restored)
  return restored
}

export function addSnapshotPart(state: State, part: SnapshotPart): void {
  const maps = mapsOf(state)
  for (const [name, entries] of Object.entries(part)) for (const [key, value] of entries) maps[name]?.set(key, value)
}

function mapped(state: State, change: (map: Map<string, unknown>) => unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [name, value instanceof Map ? change(value) : value]),
  )
}

function mapsOf(state: State): Readonly<Record<string, Map<string, unknown>>> {
  return Object.fromEntries(Object.entries(state).filter(([, value]) => value instanceof Map))
}
