import { beforeEach, expect, it } from 'vitest'
import { lastSearch, rememberSearch } from './last-search.ts'

beforeEach(() => localStorage.clear())

it('offers the search that was made last, without its page and its sheet', () => {
  rememberSearch({ aid: '3', aname: '朝阳区', sd: '2026-11-27', ed: '2026-11-29', p: '2', sheet: 'filter' })
  expect(lastSearch()).toEqual({ aid: '3', aname: '朝阳区', sd: '2026-11-27', ed: '2026-11-29' })
})

it('forgets it after a search that asked for nothing', () => {
  rememberSearch({ aid: '3' })
  rememberSearch({ p: '2' })
  expect(lastSearch()).toBeUndefined()
})

it.each(['null', '7', '{', '{"next":"//evil.example"}', '{"aid":7}'])('offers nothing where %s was kept', (kept) => {
  localStorage.setItem('ihome:last-search', kept)
  expect(lastSearch()).toBeUndefined()
})
