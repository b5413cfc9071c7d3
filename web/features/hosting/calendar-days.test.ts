import type { HouseCalendarView } from '@ihome/contract/schemas/calendars'
import { describe, expect, test } from 'vitest'
import { barsOf, calendarDays, changesBack } from './calendar-days.ts'

const view: HouseCalendarView = {
  house_id: 1,
  title: '小院',
  price: 10_000,
  weekend_price: 15_000,
  min_days: 1,
  today: '2026-11-23',
  last_day: '2028-11-22',
  nights: [
    { night: '2026-11-25', price: 9_000, min_days: null, closed: false },
    { night: '2026-11-26', price: null, min_days: 3, closed: true },
  ],
  orders: [{ order_id: 7, start_date: '2026-11-27', end_date: '2026-11-29', guest_name: '小满', status: 'PAID' }],
  imported: [{ name: 'Airbnb', start_date: '2026-11-29', end_date: '2026-11-30' }],
  export_url: null,
  imports: [],
}

describe('the days of a host’s calendar', () => {
  const dayOf = calendarDays(view)

  test('a night shows its own price, the weekend’s or the house’s, and who holds it', () => {
    expect(dayOf('2026-11-24')).toMatchObject({ priceFen: 10_000, isOwnPrice: false, closed: false, guest: undefined })
    expect(dayOf('2026-11-25')).toMatchObject({ priceFen: 9_000, isOwnPrice: true })
    expect(dayOf('2026-11-26')).toMatchObject({ closed: true, leastNights: 3 })
    expect(dayOf('2026-11-27')).toMatchObject({ priceFen: 15_000, guest: '小满' })
    expect(dayOf('2026-11-29')).toMatchObject({ guest: undefined, imported: 'Airbnb' })
  })

  test('taking back gives every night what it had, in as few stretches as there were', () => {
    expect(changesBack(view.nights, { start_date: '2026-11-23', end_date: '2026-11-28' })).toEqual([
      { start_date: '2026-11-23', end_date: '2026-11-25', price: null, min_days: null, closed: false },
      { start_date: '2026-11-25', end_date: '2026-11-26', price: 9_000, min_days: null, closed: false },
      { start_date: '2026-11-26', end_date: '2026-11-27', price: null, min_days: 3, closed: true },
      { start_date: '2026-11-27', end_date: '2026-11-28', price: null, min_days: null, closed: false },
    ])
  })

  test('an order is a bar below its nights, cut where a week ends, with what lies between left empty', () => {
    const week = (first: number) =>
      Array.from({ length: 7 }, (_, place) => `2026-11-${String(first + place).padStart(2, '0')}`)
    const short = { order_id: 8, start_date: '2026-11-24', end_date: '2026-11-25', guest_name: '阿远', status: 'PAID' }
    const long = { order_id: 7, start_date: '2026-11-27', end_date: '2026-12-01', guest_name: '小满', status: 'PAID' }
    const orders = [short, long] as HouseCalendarView['orders']
    const parts = (days: readonly (string | undefined)[]) =>
      barsOf(days, orders).map(({ days, order, begins, ends }) => [days, order?.order_id, begins, ends])
    expect(parts(week(22))).toEqual([
      [2, undefined, false, false],
      [1, 8, true, true],
      [2, undefined, false, false],
      [2, 7, true, false],
    ])
    expect(parts(['2026-11-29', '2026-11-30', ...Array(5).fill(undefined)])).toEqual([
      [2, 7, false, true],
      [5, undefined, false, false],
    ])
    expect(parts(week(8))).toEqual([])
  })
})
