/** Something that other parts may have cached has changed. Published after the commit, never inside a transaction. */
export type ChangeEvent =
  | { readonly kind: 'areas_changed' }
  | { readonly kind: 'facilities_changed' }
  | { readonly kind: 'house_changed'; readonly houseId: number }
  | { readonly kind: 'calendar_changed'; readonly houseId: number }
  | { readonly kind: 'user_changed'; readonly userId: number }
  /** Somebody has written or read in the thread of an order; nothing that is kept in memory shows it. */
  | { readonly kind: 'thread_changed'; readonly orderId: number; readonly guestId: number; readonly hostId: number }
  /** Changes may have gone unheard: whatever is kept in memory counts as stale. */
  | { readonly kind: 'everything_changed' }

export interface Events {
  /** Tells every subscriber of this process. A subscriber that throws does not keep the others from hearing. */
  publish(event: ChangeEvent): void
  /** Hears every event from now on; the answer ends it. */
  subscribe(listener: (event: ChangeEvent) => void): () => void
}

export function createEvents(onFault: (error: unknown, event: ChangeEvent) => void): Events {
  const listeners = new Set<(event: ChangeEvent) => void>()
  return {
    publish(event) {
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (error) {
          onFault(error, event)
        }
      }
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
