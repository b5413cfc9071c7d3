import { expect, it } from 'vitest'
import { datesOf, stayOf } from './stay-query.ts'

const TODAY = '2026-11-23'

it.each([
  ['two dates to come', { sd: '2026-11-27', ed: '2026-11-29' }, ['2026-11-27', '2026-11-29', false]],
  ['only a start', { sd: '2026-11-27' }, ['2026-11-27', undefined, false]],
  ['only an end', { ed: '2026-11-29' }, [undefined, '2026-11-29', false]],
  ['nothing', {}, [undefined, undefined, false]],
  ['empty fields of a form', { sd: '', ed: '' }, [undefined, undefined, false]],
  ['a past start, which takes its end along', { sd: '2026-11-22', ed: '2026-11-29' }, [undefined, undefined, true]],
  ['an end before the start', { sd: '2026-11-27', ed: '2026-11-27' }, ['2026-11-27', undefined, true]],
  ['a day that does not exist', { sd: '2026-11-31' }, [undefined, undefined, true]],
  ['a start beyond the horizon', { sd: '2027-11-24' }, [undefined, undefined, true]],
  ['a repeated parameter, of which the first counts', { sd: ['2026-11-27', 'x'] }, ['2026-11-27', undefined, false]],
])('reads %s', (_name, query, [sd, ed, dropped]) => {
  expect(datesOf(query, TODAY)).toEqual({ sd, ed, dropped })
})

it('is a stay only with both dates', () => {
  expect(stayOf({ sd: '2026-11-27', ed: undefined })).toBeUndefined()
  expect(stayOf({ sd: '2026-11-27', ed: '2026-11-28' })).toEqual({ start_date: '2026-11-27', end_date: '2026-11-28' })
})
