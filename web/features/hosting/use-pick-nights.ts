import { addDays, type CivilDate, type Stay, weekday } from '@ihome/core/calendar'
import { type ComputedRef, computed, onUnmounted, type Ref, ref, shallowRef } from 'vue'

/** A finger that rests this long means to choose, not to scroll. */
const HOLD_MS = 350

export interface NightPicker {
  /** The one day that Tab reaches. */
  readonly focused: Ref<CivilDate>
  /** What is chosen so far, half-open. */
  readonly picked: ComputedRef<Stay | undefined>
  /** For events of the days, which carry their date as `data-date`. */
  click(date: CivilDate, event: MouseEvent): void
  key(event: KeyboardEvent): void
  press(event: PointerEvent): void
  touch(event: TouchEvent): void
}

interface Bounds {
  readonly today: CivilDate
  readonly last: CivilDate
  /** Sees to it that the day is in the page, and puts the keyboard there. */
  show(date: CivilDate): Promise<void>
  chosen(stretch: Stay): void
}

const STEPS: Readonly<Record<string, (date: CivilDate) => CivilDate>> = {
  ArrowLeft: (date) => addDays(date, -1),
  ArrowRight: (date) => addDays(date, 1),
  ArrowUp: (date) => addDays(date, -7),
  ArrowDown: (date) => addDays(date, 7),
  Home: (date) => addDays(date, -weekday(date)),
  End: (date) => addDays(date, 6 - weekday(date)),
  PageUp: (date) => addDays(date, -28),
  PageDown: (date) => addDays(date, 28),
}

const dayAt = (target: EventTarget | null): CivilDate | undefined =>
  target instanceof Element ? target.closest<HTMLElement>('[data-date]')?.dataset.date : undefined

/**
 * Nights chosen on a calendar: the first and then the last by two clicks, all by dragging with mouse or finger, or by
 * Shift and the arrow keys and then Enter. Escape forgets the choice.
 */
export function usePickNights({ today, last, show, chosen }: Bounds): NightPicker {
  const focused = ref(today)
  const first = shallowRef<CivilDate>()
  const other = shallowRef<CivilDate>()
  const picked = computed((): Stay | undefined => {
    const one = first.value
    if (one === undefined) return undefined
    const two = other.value ?? one
    return one < two ? { start_date: one, end_date: addDays(two, 1) } : { start_date: two, end_date: addDays(one, 1) }
  })
  const within = (date: CivilDate): CivilDate => (date < today ? today : date > last ? last : date)

  function forget(): void {
    first.value = undefined
    other.value = undefined
  }

  function finish(date: CivilDate): void {
    other.value = date
    const stretch = picked.value
    forget()
    if (stretch) chosen(stretch)
  }

  // While a pointer is down: the day where it came down, and whether it has begun to choose.
  let from: CivilDate | undefined
  let drags = false
  /** The click that the browser makes of a drag that ends where it began. */
  let swallows = false
  let holding: ReturnType<typeof setTimeout> | undefined

  function begin(): void {
    clearTimeout(holding)
    if (from === undefined || drags) return
    drags = true
    first.value = from
    other.value = from
  }

  function move(event: PointerEvent): void {
    const date = dayAt(document.elementFromPoint(event.clientX, event.clientY))
    if (date === undefined) return
    if (date !== from) begin()
    if (drags) other.value = within(date)
  }

  function letGo(): void {
    clearTimeout(holding)
    from = undefined
    drags = false
    removeEventListener('pointermove', move)
    removeEventListener('pointerup', end)
    removeEventListener('pointercancel', cancel)
  }

  function end(): void {
    const date = drags ? other.value : undefined
    swallows = date !== undefined && date === from
    letGo()
    if (date === undefined) return
    focused.value = date
    finish(date)
  }

  function cancel(): void {
    if (drags) forget()
    letGo()
  }

  onUnmounted(letGo)
  return {
    focused,
    picked,
    click(date, event) {
      // A key or a screen reader clicks without a pointer.
      if (swallows && event.detail > 0) {
        swallows = false
        return
      }
      if (date < today) return
      focused.value = date
      if (first.value === undefined) first.value = date
      else finish(date)
    },
    key(event) {
      if (event.key === 'Escape' && first.value !== undefined) {
        event.preventDefault()
        forget()
        return
      }
      const step = STEPS[event.key]
      if (!step) return
      event.preventDefault()
      // A screen reader may stand on another day than the one that Tab reaches.
      focused.value = dayAt(event.target) ?? focused.value
      const date = within(step(focused.value))
      if (event.shiftKey) {
        first.value ??= focused.value
        other.value = date
      } else if (other.value !== undefined) {
        forget()
      }
      focused.value = date
      void show(date)
    },
    press(event) {
      swallows = false
      const date = dayAt(event.target)
      if (event.button !== 0 || !event.isPrimary || date === undefined || date < today) return
      letGo()
      from = date
      if (event.pointerType === 'touch') holding = setTimeout(begin, HOLD_MS)
      addEventListener('pointermove', move)
      addEventListener('pointerup', end)
      addEventListener('pointercancel', cancel)
    },
    touch(event) {
      // From the moment that a finger chooses, the page stays where it is.
      if (drags && event.cancelable) event.preventDefault()
    },
  }
}
