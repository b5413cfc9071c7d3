import type { HouseCountView, HouseListView } from '@ihome/contract/schemas/houses'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { houseApp } from '../houses/testing-houses.ts'

describe('searching by wishes', async () => {
  const app = await houseApp()
  const { db } = app.deps
  const host = await givenUser(db, { name: '房东' })

  interface Facts {
    readonly priceFen?: number
    readonly capacity?: number
    readonly rooms?: number
    readonly instant?: boolean
    readonly facilities?: readonly number[]
    readonly stars?: readonly number[]
    readonly areaId?: number
  }
  async function house(facts: Facts): Promise<number> {
    const { rooms = 1, facilities = [], stars = [], areaId = 1, ...rest } = facts
    const { id } = await givenHouse(db, { hostId: host.id, areaId, ...rest })
    const score = { review_count: stars.length, score_sum: stars.reduce((sum, star) => sum + star, 0) }
    await db
      .updateTable('houses')
      .set({ room_count: rooms, ...score })
      .where('id', '=', id)
      .execute()
    for (const facility_id of facilities) {
      await db.insertInto('house_facilities').values({ house_id: id, facility_id }).execute()
    }
    return id
  }
  const plain = await house({ priceFen: 20_000 })
  const family = await house({ priceFen: 40_000, capacity: 6, rooms: 3, facilities: [1, 16], stars: [5, 4, 5] })
  const fast = await house({ priceFen: 30_000, capacity: 4, rooms: 2, instant: true, facilities: [1], stars: [4, 3] })
  const far = await house({ priceFen: 41_000, capacity: 6, rooms: 3, facilities: [1, 16, 17], areaId: 5 })

  const list = (query: string) => app.read<HouseListView>(`/houses${query}`)
  const idsOf = ({ houses }: HouseListView) => houses.map(({ house_id: id }) => id).sort((a, b) => a - b)
  const ALL = [plain, family, fast, far]

  test.each([
    ['g=4', [family, fast, far]],
    ['pmin=300', [family, fast, far]],
    ['pmax=300', [plain, fast]],
    ['pmin=300&pmax=300', [fast]],
    ['rooms=3', [family, far]],
    ['f=1', [family, fast, far]],
    ['f=16,1', [family, far]],
    ['f=1,17', [far]],
    ['fast=1', [fast]],
    ['fast=0', ALL],
    ['score=4', [family]],
    ['score=3', [family, fast]],
    ['g=&pmin=&pmax=&rooms=&f=&fast=&score=', ALL],
    ['aid=1&g=6&rooms=3&f=1,16&pmax=400&score=4', [family]],
  ])('%s gives the houses that fulfil it, and the count says how many', async (query, expected) => {
    for (const sort of ['new', 'price-inc']) expect(idsOf(await list(`?${query}&sk=${sort}`))).toEqual(expected)
    expect(await app.read<HouseCountView>(`/houses/count?${query}`)).toEqual({ count: expected.length, more: false })
  })

  test('cards carry the score to one decimal, the number of reviews and whether one books at once', async () => {
    const { houses } = await list('')
    const card = (id: number) => houses.find(({ house_id }) => house_id === id)
    expect(card(family)).toMatchObject({ score: 4.7, review_count: 3, instant: false })
    expect(card(fast)).toMatchObject({ score: 3.5, review_count: 2, instant: true })
    expect(card(plain)).toMatchObject({ score: null, review_count: 0 })
  })

  test('an empty list says which single wish stands in the way, the one that leaves most houses first', async () => {
    const empty = await list('?aid=1&f=1,17')
    expect(empty.houses).toEqual([])
    expect(empty.drops).toEqual([
      { wish: 'f', facility: 17, count: 2 },
      { wish: 'aid', count: 1 },
    ])
    expect((await list('?g=50')).drops).toEqual([{ wish: 'g', count: 4 }])
    expect((await list('?g=50&pmax=1')).drops).toEqual([])
    expect((await list('?pmin=401&pmax=405&g=6')).drops).toEqual([{ wish: 'price', count: 2 }])
    expect((await list('?aid=1')).drops).toBeUndefined()
  })

  test('nights count as one wish', async () => {
    await sql`update houses set busy = '{[2026-12-01,2026-12-03)}' where id = ${fast}`.execute(app.deps.database.owner)
    const { houses, drops } = await list('?fast=1&sd=2026-12-02&ed=2026-12-04')
    expect(houses).toEqual([])
    expect(drops).toEqual([
      { wish: 'fast', count: 3 },
      { wish: 'dates', count: 1 },
    ])
  })

  test.each(['g=0', 'g=x', 'pmin=-1', 'pmax=1e9', 'rooms=101', 'f=a', 'f=1;2', 'fast=yes', 'score=6'])(
    '%s is refused by name',
    async (query) => {
      for (const path of ['/houses', '/houses/count']) {
        const answer = await app.get(`/api/v1.0${path}?${query}`)
        expect(answer.statusCode).toBe(400)
        expect(answer.json()).toMatchObject({
          problem: 'input_invalid',
          data: { fields: [{ field: query.split('=')[0] }] },
        })
      }
    },
  )

  test('a search takes as many statements whatever it wishes', async () => {
    await list('?aid=1&g=2&sd=2026-12-01&ed=2026-12-03')
    const before = app.statements()
    await list('?aid=1&g=2&rooms=1&f=1&score=1&pmax=900&sd=2026-12-01&ed=2026-12-03')
    // The list, where the search stopped, and what the nights cost; the districts are in memory or one more.
    expect(app.statements() - before).toBeLessThanOrEqual(4)
  })
})
