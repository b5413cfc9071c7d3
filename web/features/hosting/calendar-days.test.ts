import type { HouseCalendarView } from '@ihome/contract/schemas/calendars'
import { describe, expect, test } from 'vitest'
import { calendarDays, changesBack } from './calendar-days.ts'

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
})
