import { applyEvent, type SandboxEvent } from './events.ts'
import type { Journal } from './journal.ts'
import { emptyState, type State } from './model.ts'

/** Applies one event of an operation; the state shows it at once. */
export type Emit = (event: SandboxEvent) => void

/**
 * The state and its journal. A change is decided, applied and appended in one turn of the event loop, so operations
 * never interleave; whoever tells the outside about it first waits for {@link Store.durable}.
 */
export class Store {
  readonly state: State = emptyState()
  readonly #journal: Journal
  readonly #listeners: ((event: SandboxEvent) => void)[] = []

  constructor(journal: Journal, past: Iterable<SandboxEvent> = []) {
    this.#journal = journal
    for (const event of past) applyEvent(this.state, event)
  }

  /** One operation: after a crash all of its events are there or none. `work` must not throw after its first event. */
  transact<T>(work: (emit: Emit) => T): T {
    const events: SandboxEvent[] = []
    const result = work((event) => {
      applyEvent(this.state, event)
      events.push(event)
    })
    if (events.length > 0) this.#journal.append(events)
    for (const event of events) for (const listener of this.#listeners) listener(event)
    return result
  }

  commit(event: SandboxEvent): void {
    this.transact((emit) => emit(event))
  }

  onEvent(listener: (event: SandboxEvent) => void): void {
    this.#listeners.push(listener)
  }

  durable(): Promise<void> {
    return this.#journal.durable()
  }

  close(): Promise<void> {
    return this.#journal.close()
  }
}
