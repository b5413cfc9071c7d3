import { type Component, type ShallowRef, shallowRef } from 'vue'

export interface Late {
  /** The component once it is here. */
  readonly component: Readonly<ShallowRef<Component | undefined>>
  /** Fetches it; again after a failure, as when the network was away. */
  load(): void
}

/** A part of a page that comes when it is asked for. `defineAsyncComponent` knows more than that and weighs more. */
export function useLate(fetch: () => Promise<{ readonly default: Component }>): Late {
  const component = shallowRef<Component>()
  let asked = false
  return {
    component,
    load() {
      if (asked) return
      asked = true
      fetch().then(
        (module) => {
          component.value = module.default
        },
        () => {
          asked = false
        },
      )
    },
  }
}
