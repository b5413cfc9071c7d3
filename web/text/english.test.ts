import { describe, expect, it } from 'vitest'
import { dayText, dayWithWeekday, fullDayText, momentText, monthText, shortSpan } from './dates.ts'
import { en } from './en.ts'
import { enAccounts } from './en-accounts.ts'
import { enBills } from './en-bills.ts'
import { enCalendar } from './en-calendar.ts'
import { enDesk } from './en-desk.ts'
import { enDetail } from './en-detail.ts'
import { enFacilities } from './en-facilities.ts'
import { enFrame } from './en-frame.ts'
import { enGone } from './en-gone.ts'
import { enHelp } from './en-help.ts'
import { enHome } from './en-home.ts'
import { enHosting } from './en-hosting.ts'
import { enHouseMore } from './en-house-more.ts'
import { enPrivate } from './en-private.ts'
import { enSearch } from './en-search.ts'
import { english, sayInEnglish as say } from './english.ts'
import './english-desk.ts'
import { restText } from './rest-say.ts'
import { facilityText, sayInChinese, type Texts } from './say.ts'
import { zh } from './zh.ts'
import { zhAccounts } from './zh-accounts.ts'
import { zhBills } from './zh-bills.ts'
import { zhCalendar } from './zh-calendar.ts'
import { zhDesk } from './zh-desk.ts'
import { zhDetail } from './zh-detail.ts'
import { zhFrame } from './zh-frame.ts'
import { zhGone } from './zh-gone.ts'
import { zhHelp } from './zh-help.ts'
import { zhHome } from './zh-home.ts'
import { zhHosting } from './zh-hosting.ts'
import { zhHouseMore } from './zh-house-more.ts'
import { zhPrivate } from './zh-private.ts'
import { zhSearch } from './zh-search.ts'

const PAIRS: readonly (readonly [string, Texts, Texts])[] = [
  ['zh', zh, en],
  ['zhAccounts', zhAccounts, enAccounts],
  ['zhBills', zhBills, enBills],
  ['zhCalendar', zhCalendar, enCalendar],
  ['zhDesk', zhDesk, enDesk],
  ['zhDetail', zhDetail, enDetail],
  ['zhFrame', zhFrame, enFrame],
  ['zhGone', zhGone, enGone],
  ['zhHelp', zhHelp, enHelp],
  ['zhHome', zhHome, enHome],
  ['zhHouseMore', zhHouseMore, enHouseMore],
  ['zhHosting', zhHosting, enHosting],
  ['zhPrivate', zhPrivate, enPrivate],
  ['zhSearch', zhSearch, enSearch],
]
/** The link that leads Chinese readers back is in their language. */
const CHINESE = ['app.other_language']

const slotsOf = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{(\w+)[^}]*\}/g)].map(([, name]) => name ?? ''))].sort()
const isHan = (text: string): boolean => /[\p{Script=Han}\u3000-\u303f\uff00-\uffe4\uffe6-\uffef]/u.test(text)

describe.each(PAIRS)('%s in English', (_name, chinese, words) => {
  it('has the same keys, each with the same slots', () => {
    const slots = (texts: Texts) => Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, slotsOf(text)]))
    expect(slots(words)).toEqual(slots(chinese))
  })

  it('leaves nothing in Chinese', () => {
    expect(Object.entries(words).filter(([key, text]) => isHan(text) && !CHINESE.includes(key))).toEqual([])
  })
})

it('holds every text once, so that no page can take the words of another', () => {
  const keys = [...PAIRS.map(([, , words]) => words), enFacilities].flatMap(Object.keys)
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([])
  expect(Object.keys(english).sort()).toEqual(keys.sort())
})

describe('English dates', () => {
  const NOW = new Date('2026-11-23T12:28:00Z') // 20:28 in Shanghai

  it.each([
    [dayText(say, '2026-11-27'), '27 Nov'],
    [dayWithWeekday(say, '2026-11-27'), 'Fri 27 Nov'],
    [fullDayText(say, '2026-09-05'), '5 Sep 2026'],
    [monthText(say, '2026-12-01'), 'December 2026'],
    [shortSpan(say, '2026-11-27', '2026-11-29'), '27–29 Nov'],
    [shortSpan(say, '2026-11-27', '2026-12-02'), '27 Nov – 2 Dec'],
    [say('detail.dates' as 'app.name', { start: 'Fri 27 Nov', end: 'Sun 29 Nov' } as never), 'Fri 27 Nov – Sun 29 Nov'],
    [momentText(say, new Date('2026-11-23T13:40:00Z'), NOW), 'today 21:40'],
    [momentText(say, new Date('2026-11-23T16:00:00Z'), NOW), 'tomorrow 00:00'],
    [momentText(say, new Date('2026-11-25T12:10:00Z'), NOW), '25 Nov, 20:10'],
    [restText(say, new Date('2026-11-23T13:40:00Z'), NOW), '1 h 12 min'],
    [restText(say, new Date('2026-11-24T13:28:00Z'), NOW), '1 day 1 h'],
  ])('%s', (said, wanted) => {
    expect(said).toBe(wanted)
  })
})

it('counts in words: one night, two nights', () => {
  expect(say('stay.nights', { nights: 1 })).toBe('1 night')
  expect(say('stay.nights', { nights: 2 })).toBe('2 nights')
})

it('names the usual facilities, and leaves what operators have added as it is', () => {
  expect(facilityText(say, { id: 1, name: '无线网络' })).toBe('Wi-Fi')
  expect(facilityText(say, { id: 77, name: '壁炉' })).toBe('壁炉')
  expect(facilityText(sayInChinese, { id: 1, name: '无线网络' })).toBe('无线网络')
})
