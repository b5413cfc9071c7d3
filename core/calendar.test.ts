import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addDays,
  countNights,
  dayInShanghai,
  endRefusal,
  endsOnly,
  instantInShanghai,
  isCivilDate,
  latestEnd,
  monthOf,
  nightIsFree,
  type Stay,
  type StayRules,
  startRefusal,
  stayRefusal,
  weekday,
} from './calendar.ts'

const rules = (facts: Partial<StayRules> = {}): StayRules => ({
  today: '2026-11-23',
  booked: [],
  minNights: 1,
  maxNights: 0,
  horizonDays: 365,
  longestNights: 365,
  ...facts,
})
const aDay = fc.integer({ min: 0, max: 40_000 }).map((days) => addDays('2000-01-01', days))

describe('a date', () => {
  test.each(['2026-02-28', '2028-02-29', '2026-12-31', '2000-02-29', '9999-12-31', '0001-01-01'])(
    '%s is a day',
    (text) => {
      expect(isCivilDate(text)).toBe(true)
    },
  )
  test.each([
    '2026-02-29',
    '2027-02-30',
    '2100-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-04-31',
    '2026-2-3',
    '26-02-03',
    '2026-02-03 ',
    '2026-02-03\n',
    '２０２６-02-03',
    '2026-02-03T00:00:00Z',
    '+02026-02-03',
    '',
    '0000-00-00',
  ])('%j is not', (text) => {
    expect(isCivilDate(text)).toBe(false)
  })

  test('E37 in Shanghai begins at 16:00 UTC, to the millisecond', () => {
    expect(dayInShanghai(new Date('2026-11-30T15:59:59.999Z'))).toBe('2026-11-30')
    expect(dayInShanghai(new Date('2026-11-30T16:00:00.000Z'))).toBe('2026-12-01')
    expect(instantInShanghai('2026-12-01', 0)).toEqual(new Date('2026-11-30T16:00:00Z'))
    expect(instantInShanghai('2026-12-01', 24)).toEqual(instantInShanghai('2026-12-02', 0))
  })

  test('E38 is counted on across month, year and leap day', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29')
    expect(addDays('2027-02-28', 1)).toBe('2027-03-01')
    expect(countNights({ start_date: '2028-02-28', end_date: '2028-03-01' })).toBe(2)
    expect(countNights({ start_date: '2027-02-28', end_date: '2027-03-01' })).toBe(1)
  })

  test('any number of days on lies that many nights away, and back again', () => {
    fc.assert(
      fc.property(aDay, fc.integer({ min: -800, max: 800 }), (day, days) => {
        expect(isCivilDate(addDays(day, days))).toBe(true)
        expect(countNights({ start_date: day, end_date: addDays(day, days) })).toBe(days)
        expect(addDays(addDays(day, days), -days)).toBe(day)
      }),
    )
  })

  test('later days are greater texts, and every seventh is the same weekday', () => {
    fc.assert(
      fc.property(aDay, fc.integer({ min: 1, max: 400 }), (day, days) => {
        expect(addDays(day, days) > day).toBe(true)
        expect(weekday(addDays(day, 7))).toBe(weekday(day))
      }),
    )
    expect(weekday('2026-11-23')).toBe(1)
    expect(weekday('1969-12-31')).toBe(3)
  })

  test('E38 means the same in every zone of the process', () => {
    const zone = process.env.TZ
    for (const name of ['UTC', 'Asia/Shanghai', 'America/New_York', 'Pacific/Kiritimati']) {
      process.env.TZ = name
      expect(dayInShanghai(new Date('2027-02-28T16:00:00Z'))).toBe('2027-03-01')
      expect(addDays('2027-03-13', 1)).toBe('2027-03-14')
      expect(weekday('2027-03-01')).toBe(1)
    }
    if (zone === undefined) delete process.env.TZ
    else process.env.TZ = zone
  })
})

describe('a stay', () => {
  const booked: Stay[] = [
    { start_date: '2026-12-10', end_date: '2026-12-12' },
    { start_date: '2026-12-01', end_date: '2026-12-03' },
  ]
  test.each<[string, Stay, ReturnType<typeof stayRefusal>]>([
    ['starts today', { start_date: '2026-11-23', end_date: '2026-11-24' }, undefined],
    ['started yesterday', { start_date: '2026-11-22', end_date: '2026-11-24' }, { kind: 'past' }],
    ['starts on the last day of the horizon', { start_date: '2027-11-23', end_date: '2027-11-24' }, undefined],
    ['starts after it', { start_date: '2027-11-24', end_date: '2027-11-25' }, { kind: 'beyond_horizon', days: 365 }],
    ['fits between two others', { start_date: '2026-12-03', end_date: '2026-12-10' }, undefined],
    ['starts in another', { start_date: '2026-12-02', end_date: '2026-12-04' }, { kind: 'taken' }],
    [
      'ends in another',
      { start_date: '2026-12-08', end_date: '2026-12-11' },
      { kind: 'taken_between', latest: '2026-12-10' },
    ],
    [
      'spans another',
      { start_date: '2026-12-08', end_date: '2026-12-14' },
      { kind: 'taken_between', latest: '2026-12-10' },
    ],
  ])('that %s', (_case, stay, refusal) => {
    expect(stayRefusal(stay, rules({ booked }))).toEqual(refusal)
  })

  test('keeps to the fewest and the most nights of the house, and to a year where it sets no limit', () => {
    const range = (nights: number): Stay => ({ start_date: '2026-12-20', end_date: addDays('2026-12-20', nights) })
    const house = rules({ minNights: 3, maxNights: 5, booked })
    expect([2, 3, 5, 6].map((nights) => stayRefusal(range(nights), house)?.kind)).toEqual([
      'stay_too_short',
      undefined,
      undefined,
      'stay_too_long',
    ])
    expect(stayRefusal(range(365), rules())).toBeUndefined()
    expect(stayRefusal(range(366), rules())).toEqual({ kind: 'stay_too_long', nights: 365 })
  })

  test('cannot start where too few nights are left before the next guest', () => {
    expect(startRefusal('2026-12-08', rules({ booked, minNights: 3 }))).toEqual({
      kind: 'gap_too_short',
      nights: 3,
      free: 2,
    })
    expect(endRefusal('2026-12-07', '2026-12-10', rules({ booked, minNights: 3 }))).toBeUndefined()
  })

  test('may end on the day on which the next one begins', () => {
    expect(endsOnly('2026-12-10', rules({ booked }))).toBe(true)
    expect(endsOnly('2026-12-11', rules({ booked }))).toBe(false)
    expect(endsOnly('2026-12-12', rules({ booked }))).toBe(false)
    expect(nightIsFree('2026-12-12', rules({ booked }))).toBe(true)
  })

  test('is allowed exactly when every one of its nights is free, whatever the others are', () => {
    const aStay = fc
      .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 12 }))
      .map(([start, nights]): Stay => {
        const start_date = addDays('2026-11-23', start)
        return { start_date, end_date: addDays(start_date, nights) }
      })
    fc.assert(
      fc.property(fc.array(aStay, { maxLength: 6 }), aStay, (others, stay) => {
        const given = rules({ booked: others })
        const nights = Array.from({ length: countNights(stay) }, (_, index) => addDays(stay.start_date, index))
        const free = nights.every((night) => nightIsFree(night, given))
        expect(stayRefusal(stay, given) === undefined).toBe(free)
        if (free) expect(stay.end_date <= latestEnd(stay.start_date, given)).toBe(true)
      }),
    )
  })
})

describe('a month', () => {
  test('of any day has all its days once, in weeks that begin on Sunday', () => {
    fc.assert(
      fc.property(aDay, fc.integer({ min: -24, max: 24 }), (day, offset) => {
        const { first, weeks } = monthOf(day, offset)
        const days = weeks.flat().filter((cell) => cell !== undefined)
        expect(days[0]).toBe(first)
        expect(new Set(days).size).toBe(days.length)
        expect(days.every((cell) => cell.slice(0, 7) === first.slice(0, 7))).toBe(true)
        expect(addDays(days.at(-1) ?? '', 1).endsWith('-01')).toBe(true)
        for (const week of weeks) {
          expect(week).toHaveLength(7)
          for (const [column, cell] of week.entries()) if (cell !== undefined) expect(weekday(cell)).toBe(column)
        }
      }),
    )
  })

  test('counts on across the year', () => {
    expect(monthOf('2026-11-23', 2).first).toBe('2027-01-01')
    expect(monthOf('2027-01-31', 1).first).toBe('2027-02-01')
  })
})
