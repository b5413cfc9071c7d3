import { beforeEach, describe, expect, test, vi } from 'vitest'
import { createEvents, type Events } from './events.ts'
import { createReadCache, type Kept, type ReadCache } from './read-cache.ts'
import { type MovableClock, movableClock } from './testing.ts'

let clock: MovableClock
let events: Events
let cache: ReadCache

beforeEach(() => {
  clock = movableClock()
  events = createEvents((error) => {
    throw error
  })
  cache = createReadCache({ clock, events, changes: { hearing: () => true, stop: async () => undefined } })
})

const wish = <T>(key: string, load: () => Promise<T>, more: Partial<Kept<T>> = {}): Kept<T> => ({
  topic: 'houses',
  key,
  ttlS: 60,
  load,
  ...more,
})

describe('an answer kept in memory', () => {
  test('lasts as long as it was given, to the millisecond of the clock', async () => {
    const load = vi.fn(async () => 'one')
    await cache.read(wish('a', load))
    clock.advance(59_999)
    await cache.read(wish('a', load))
    expect(load).toHaveBeenCalledTimes(1)
    clock.advance(1)
    await cache.read(wish('a', load))
    expect(load).toHaveBeenCalledTimes(2)
    expect(cache.stats).toEqual({ hits: 1, misses: 2 })
  })

  test('is loaded once for all who ask while it is loading', async () => {
    const load = vi.fn(async () => 'one')
    expect(await Promise.all(Array.from({ length: 50 }, () => cache.read(wish('a', load))))).toHaveLength(50)
    expect(load).toHaveBeenCalledTimes(1)
  })

  test('is not kept when loading failed, and the failure reaches all who waited', async () => {
    const fail = wish('a', async () => Promise.reject(new Error('away')))
    const answers = await Promise.allSettled([cache.read(fail), cache.read(fail)])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await cache.read(wish('a', async () => 'back'))).toBe('back')
  })

  test('is not kept when it is not worth its place', async () => {
    const load = vi.fn(async () => [])
    const empty = wish('a', load, { worthKeeping: ({ length }) => length > 0 })
    await cache.read(empty)
    await cache.read(empty)
    expect(load).toHaveBeenCalledTimes(2)
  })

  test('is not found by those who ask after a change, also when the change came while it was loading', async () => {
    const load = vi.fn(async () => {
      events.publish({ kind: 'house_changed', houseId: 1 })
      return 'stale'
    })
    await cache.read(wish('a', load))
    await cache.read(wish('a', load))
    expect(load).toHaveBeenCalledTimes(2)
  })

  test('gives way when there is no room, the one that was used longest ago first', async () => {
    const load = vi.fn(async () => 'one')
    for (let at = 0; at < 4_096; at += 1) await cache.read(wish(`k${at}`, load))
    await cache.read(wish('k0', load))
    await cache.read(wish('new', load))
    load.mockClear()
    await cache.read(wish('k0', load))
    expect(load).not.toHaveBeenCalled()
    await cache.read(wish('k1', load))
    expect(load).toHaveBeenCalledTimes(1)
  })
})
