import { onUnmounted, type Ref, ref } from 'vue'

export interface DragOrder {
  /** The key that is being dragged. */
  readonly dragged: Readonly<Ref<string | undefined>>
  /** For `pointerdown` on the handle of an item. */
  begin(key: string, event: PointerEvent): void
}

/**
 * Items put in order with finger or mouse: while one is dragged over another it takes that one's place in `keys`, and
 * `dropped` hears the order when it is let go. Each item carries its key as `data-key`.
 */
export function useDragOrder(keys: Ref<string[]>, dropped: () => void): DragOrder {
  const dragged = ref<string>()
  let before: readonly string[] = []

  function move(event: PointerEvent): void {
    event.preventDefault()
    const under = document.elementFromPoint(event.clientX, event.clientY)
    const target = under?.closest<HTMLElement>('[data-key]')?.dataset.key
    const key = dragged.value
    if (!key || !target || target === key) return
    const others = keys.value.filter((other) => other !== key)
    const from = keys.value.indexOf(key)
    const to = keys.value.indexOf(target)
    if (to < 0) return
    others.splice(from < to ? others.indexOf(target) + 1 : others.indexOf(target), 0, key)
    keys.value = others
  }

  function end(): void {
    removeEventListener('pointermove', move)
    removeEventListener('pointerup', end)
    removeEventListener('pointercancel', end)
    if (dragged.value === undefined) return
    dragged.value = undefined
    if (before.join() !== keys.value.join()) dropped()
  }

  onUnmounted(end)
  return {
    dragged,
    begin(key, event) {
      if (event.button !== 0) return
      event.preventDefault()
      dragged.value = key
      before = [...keys.value]
      addEventListener('pointermove', move, { passive: false })
      addEventListener('pointerup', end)
      addEventListener('pointercancel', end)
    },
  }
}
