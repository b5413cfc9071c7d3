import type { Stay } from '@ihome/core/calendar'
import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { type NightPicker, usePickNights } from './use-pick-nights.ts'

const TODAY = '2026-11-23'
const DAYS = Array.from({ length: 14 }, (_, place) => `2026-11-${String(17 + place).padStart(2, '0')}`)

let chosen: Stay[]
let shown: string[]
let picker: NightPicker
let wrapper: ReturnType<typeof mount>

beforeEach(() => {
  chosen = []
  shown = []
  const Days = defineComponent({
    setup() {
      picker = usePickNights({
        today: TODAY,
        last: '2026-11-30',
        show: async (date) => void shown.push(date),
        chosen: (stretch) => chosen.push(stretch),
      })
      return () =>
        DAYS.map((date) =>
          h('button', {
            'data-date': date,
            onClick: (event: MouseEvent) => picker.click(date, event),
            onPointerdown: picker.press,
            onTouchmove: picker.touch,
            onKeydown: picker.key,
          }),
        )
    },
  })
  wrapper = mount(Days, { attachTo: document.body })
})

afterEach(() => {
  wrapper.unmount()
  vi.useRealTimers()
})

const day = (date: number) => wrapper.get(`[data-date="2026-11-${date}"]`)
const nights = (from: number, to: number) => ({ start_date: `2026-11-${from}`, end_date: `2026-11-${to}` })
const press = (date: number, pointerType = 'mouse') =>
  day(date).element.dispatchEvent(
    Object.assign(new MouseEvent('pointerdown', { bubbles: true, button: 0 }), { isPrimary: true, pointerType }),
  )
/** A pointer over a day, or over nothing. */
function over(date: number | undefined): void {
  document.elementFromPoint = () => (date === undefined ? null : day(date).element)
  dispatchEvent(new MouseEvent('pointermove'))
}
/** With `detail` 1 as after a pointer, with 0 as by a key. */
const click = (date: number, detail: number) =>
  day(date).element.dispatchEvent(new MouseEvent('click', { bubbles: true, detail }))
const letGo = () => dispatchEvent(new MouseEvent('pointerup'))
const key = (name: string, shiftKey = false) =>
  day(Number(picker.focused.value.slice(8))).trigger('keydown', { key: name, shiftKey })

describe('nights of the host’s calendar are chosen', () => {
  test('by two clicks in either order, and by two on one day', async () => {
    await day(26).trigger('click')
    expect(picker.picked.value).toEqual(nights(26, 27))
    await day(24).trigger('click')
    await day(25).trigger('click')
    await day(25).trigger('click')
    expect(chosen).toEqual([nights(24, 27), nights(25, 26)])
  })

  test('by dragging, forwards or backwards, and never into the past', () => {
    press(24)
    over(25)
    over(undefined)
    over(27)
    expect(picker.picked.value).toEqual(nights(24, 28))
    letGo()
    press(26)
    over(18)
    letGo()
    expect(chosen).toEqual([nights(24, 28), nights(23, 27)])
    expect(picker.picked.value).toBeUndefined()
  })

  test('not by a press that goes nowhere, whose click counts as one', () => {
    press(24)
    over(24)
    letGo()
    click(24, 1)
    expect(chosen).toEqual([])
    expect(picker.picked.value).toEqual(nights(24, 25))
  })

  test('by a finger that rests and then moves, while the page stays; one that scrolls chooses nothing', () => {
    vi.useFakeTimers()
    const touch = () => {
      const event = new Event('touchmove', { bubbles: true, cancelable: true })
      day(24).element.dispatchEvent(event)
      return event.defaultPrevented
    }
    press(24, 'touch')
    expect(touch()).toBe(false)
    dispatchEvent(new MouseEvent('pointercancel'))
    vi.advanceTimersByTime(1_000)
    expect(picker.picked.value).toBeUndefined()
    press(24, 'touch')
    vi.advanceTimersByTime(400)
    expect(picker.picked.value).toEqual(nights(24, 25))
    expect(touch()).toBe(true)
    over(26)
    letGo()
    expect(chosen).toEqual([nights(24, 27)])
  })

  test('by Shift and the arrows and then Enter; an arrow alone or Escape forgets them', async () => {
    await key('ArrowRight')
    expect(shown).toEqual(['2026-11-24'])
    await key('ArrowRight', true)
    await key('ArrowRight', true)
    expect(picker.picked.value).toEqual(nights(24, 27))
    click(26, 0)
    expect(chosen).toEqual([nights(24, 27)])
    await key('ArrowLeft', true)
    await key('ArrowLeft')
    expect(picker.picked.value).toBeUndefined()
    await day(25).trigger('click')
    await key('Escape')
    expect(picker.picked.value).toBeUndefined()
    await day(28).trigger('keydown', { key: 'ArrowLeft' })
    expect(shown.at(-1)).toBe('2026-11-27')
    await key('PageDown')
    await key('ArrowRight')
    expect(shown.at(-1)).toBe('2026-11-30')
  })
})
