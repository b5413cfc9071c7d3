import { expect, it, vi } from 'vitest'
import type { ChangeFeed } from '../../platform/change-feed.ts'
import { createEvents } from '../../platform/events.ts'
import { createPageMemory, type MadePage } from './page-memory.ts'

function memory({ hearing = true } = {}) {
  const events = createEvents((error) => {
    throw error
  })
  const changes: ChangeFeed = { hearing: () => hearing, stop: async () => undefined }
  return { events, pages: createPageMemory({ events, changes }) }
}

const page =
  (html: string, status = 200) =>
  async (): Promise<MadePage> => ({ status, html })

it('makes a page once for visitors who come together, and keeps it', async () => {
  const { pages } = memory()
  const make = vi.fn(page('one'))
  await Promise.all([pages.read('/', make), pages.read('/', make)])
  await pages.read('/', make)
  expect(make).toHaveBeenCalledTimes(1)
  expect(pages.peek('/')?.html.body.toString()).toBe('one')
})

it('makes a page anew at the next request after a house has changed', async () => {
  const { pages, events } = memory()
  await pages.read('/', page('old'))
  events.publish({ kind: 'house_changed', houseId: 7 })
  expect((await pages.read('/', page('new'))).html.body.toString()).toBe('new')
})

it('does not keep a page that was being made while something changed', async () => {
  const { pages, events } = memory()
  await pages.read('/', async () => {
    events.publish({ kind: 'house_changed', houseId: 7 })
    return { status: 200, html: 'stale' }
  })
  expect(pages.peek('/')).toBeUndefined()
})

it('keeps pages over a booking, since no kept page shows booked nights', async () => {
  const { pages, events } = memory()
  await pages.read('/', page('one'))
  events.publish({ kind: 'calendar_changed', houseId: 7 })
  expect(pages.peek('/')).toBeDefined()
})

it('keeps no failed page, and nothing at all while changes may go unheard', async () => {
  const heard = memory().pages
  await heard.read('/detail/9', page('none', 404))
  expect(heard.peek('/detail/9')).toBeUndefined()
  const deaf = memory({ hearing: false }).pages
  await deaf.read('/', page('one'))
  expect(deaf.peek('/')).toBeUndefined()
})
