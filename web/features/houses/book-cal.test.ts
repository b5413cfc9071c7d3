import { mount } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { SAY, sayInChinese } from '../../text/say.ts'
import BookCal from './BookCal.vue'

const RULES = {
  today: '2026-11-23',
  booked: [
    { start_date: '2026-11-27', end_date: '2026-11-30' },
    { start_date: '2026-12-01', end_date: '2026-12-02' },
  ],
  minNights: 1,
  maxNights: 7,
  horizonDays: 365,
  longestNights: 365,
}

beforeEach(() => {
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.setAttribute('open', '')
  }
  HTMLDialogElement.prototype.close = function close() {
    this.removeAttribute('open')
  }
  history.replaceState({}, '', '/')
})
afterEach(() => {
  document.body.innerHTML = ''
})

async function openCalendar(props: Partial<InstanceType<typeof BookCal>['$props']> = {}) {
  const wrapper = mount(BookCal, {
    props: { open: false, stay: undefined, rules: RULES, priceFen: 38_800, ...props },
    global: { provide: { [SAY as symbol]: sayInChinese }, stubs: { RouterLink: true } },
    attachTo: document.body,
  })
  await wrapper.setProps({ open: true, 'onUpdate:open': (open: boolean) => wrapper.setProps({ open }) })
  await vi.waitFor(() => expect(document.activeElement?.getAttribute('data-day')).toBeTruthy())
  const day = (date: string) => wrapper.get(`[data-day="${date}"]`)
  return {
    wrapper,
    day,
    focused: () => document.activeElement?.getAttribute('data-day'),
    tap: (date: string) => day(date).trigger('click'),
    foot: () => wrapper.get('.book-cal__foot p').text(),
    async key(name: string) {
      await wrapper
        .get(`[data-day="${document.activeElement?.getAttribute('data-day')}"]`)
        .trigger('keydown', { key: name })
      await nextTick()
      await nextTick()
    },
    confirm: () => wrapper.findAll('button').at(-1)?.trigger('click'),
  }
}

describe('the calendar that opens because dates were refused', () => {
  it('says why first, and takes no choice that somebody else has taken', async () => {
    const taken = { start_date: '2026-11-25', end_date: '2026-11-26' }
    const { wrapper, foot, focused, tap } = await openCalendar({
      stay: taken,
      rules: { ...RULES, booked: [...RULES.booked, taken] },
      why: '这些日期刚被别人订走了，请重新选择',
    })
    expect(foot()).toContain('这些日期刚被别人订走了')
    expect(wrapper.find('.is-end').exists()).toBe(false)
    expect(focused()).toBe('2026-11-25')
    await tap('2026-11-27')
    expect(foot()).not.toContain('这些日期刚被别人订走了')
  })
})

describe('the calendar by keyboard', () => {
  it('has one tab stop, on today when nothing is chosen', async () => {
    const { wrapper, focused } = await openCalendar()
    expect(focused()).toBe('2026-11-23')
    expect(wrapper.findAll('[data-day][tabindex="0"]')).toHaveLength(1)
  })

  it.each([
    ['ArrowRight', '2026-11-26'],
    ['ArrowLeft', '2026-11-24'],
    ['ArrowDown', '2026-12-02'],
    ['Home', '2026-11-23'],
    ['End', '2026-11-28'],
    ['PageDown', '2026-12-23'],
    ['PageUp', '2026-11-23'],
  ])('moves from 11-25 by %s to %s', async (key, date) => {
    const { focused, key: press } = await openCalendar({ stay: { start_date: '2026-11-25', end_date: '2026-11-26' } })
    expect(focused()).toBe('2026-11-25')
    await press(key)
    expect(focused()).toBe(date)
  })

  it('makes months as the keys reach them, and stops at the horizon', async () => {
    const { wrapper, focused, key } = await openCalendar()
    for (let step = 0; step < 20; step += 1) await key('PageDown')
    const [year, month] = focused()?.split('-') ?? []
    expect(`${year}-${month}`).toBe('2027-12')
    expect(wrapper.findAll('table').length).toBe(14)
  })
})

describe('the calendar by taps', () => {
  it('shows the price under free days, nothing under taken ones, and where one can only leave', async () => {
    const { day } = await openCalendar()
    expect(day('2026-11-24').text()).toBe('24￥388')
    expect(day('2026-11-28').text()).toBe('28')
    expect(day('2026-11-28').classes()).toContain('is-taken')
    expect(day('2026-11-27').text()).toBe('27可离开')
  })

  it('sums up a chosen stay and hands it over once it has left the history', async () => {
    const { wrapper, tap, foot, confirm } = await openCalendar()
    await tap('2026-11-24')
    expect(foot()).toContain('选择离开日期')
    await tap('2026-11-26')
    expect(foot()).toContain('2晚 · ￥776')
    await confirm()
    await vi.waitFor(() =>
      expect(wrapper.emitted('choose')).toEqual([[{ start_date: '2026-11-24', end_date: '2026-11-26' }]]),
    )
    expect(history.state.sheet).toBeUndefined()
  })

  it.each([
    ['2026-11-28', '11月28日已被预订'],
    ['2026-11-27', '11月27日只能离开，不能入住'],
  ])('says why a stay cannot begin on %s', async (date, sentence) => {
    const { tap, foot } = await openCalendar()
    await tap(date)
    expect(foot()).toContain(sentence)
  })

  it('says until when one can stay when nights between are taken', async () => {
    const { tap, foot } = await openCalendar()
    await tap('2026-11-25')
    await tap('2026-11-29')
    expect(foot()).toContain('最晚11月27日离开，之后已被预订')
  })

  it('says that a gap is too short for the least nights of the house', async () => {
    const { tap, foot } = await openCalendar({ rules: { ...RULES, minNights: 2 } })
    await tap('2026-11-30')
    expect(foot()).toContain('从11月30日起只空 1 晚，至少要住 2 晚')
  })

  it('says what is missing when confirmed too early', async () => {
    const { tap, foot, confirm, wrapper } = await openCalendar()
    await confirm()
    expect(foot()).toContain('请选择入住日期')
    await tap('2026-11-24')
    await confirm()
    expect(foot()).toContain('请选择离开日期')
    expect(wrapper.emitted('choose')).toBeUndefined()
  })

  it('takes dates away where they may be absent', async () => {
    const stay = { start_date: '2026-11-24', end_date: '2026-11-26' }
    const { wrapper, confirm } = await openCalendar({ stay, clearable: true })
    await wrapper.get('.book-cal__clear').trigger('click')
    await confirm()
    await vi.waitFor(() => expect(wrapper.emitted('choose')).toEqual([[undefined]]))
  })
})

describe('the calendar before booked nights are known', () => {
  it('is busy, marks nothing as taken and lets nothing be chosen', async () => {
    const { wrapper, day, tap, foot } = await openCalendar({ busy: true })
    expect(day('2026-11-28').classes()).not.toContain('is-taken')
    await tap('2026-11-24')
    expect(foot()).toContain('正在读取已订日期')
    expect(wrapper.find('.is-end').exists()).toBe(false)
  })

  it('offers to try again when they could not be read', async () => {
    const { wrapper, tap } = await openCalendar({ trouble: { kind: 'outage' } })
    expect(wrapper.get('[role="alert"]').text()).toContain('未能读取已订日期')
    await tap('2026-11-24')
    expect(wrapper.find('.is-end').exists()).toBe(false)
    await wrapper.get('[role="alert"] button').trigger('click')
    expect(wrapper.emitted('retry')).toHaveLength(1)
  })
})
