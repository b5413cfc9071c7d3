import type { HouseListView } from '@ihome/contract/schemas/houses'
import { describe, expect, test } from 'vitest'
import type { Db } from '../../platform/db.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { houseApp } from '../houses/testing-houses.ts'
import { readCursor, writeCursor } from './cursor.ts'

/** Today of the test clock is 2026-11-23. */
const block = async (db: Db, houseId: number, start: string, end: string, state = 'confirmed') => {
  await db
    .insertInto('stays')
    .values({
      house_id: houseId,
      kind: 'block',
      start_date: start,
      end_date: end,
      state,
      created_at: new Date(0),
      released_at: state === 'released' ? new Date(0) : null,
    })
    .execute()
}

describe('searching houses', async () => {
  const app = await houseApp()
  const { db } = app.deps
  const host = await givenUser(db, { name: '房东' })

  /** 25 houses in area 1 with many equal prices and counts, created one day after another; two in other areas. */
  const ids: number[] = []
  for (let n = 0; n < 25; n += 1) {
    const createdAt = new Date(Date.UTC(2026, 0, 1 + Math.floor(n / 3)))
    const facts = { hostId: host.id, areaId: 1, priceFen: 10_000 + (n % 3) * 100, orderCount: n % 4, createdAt }
    ids.push((await givenHouse(db, facts)).id)
  }
  const elsewhere = await givenHouse(db, { hostId: host.id, areaId: 5, priceFen: 1 })
  await givenHouse(db, { hostId: host.id, areaId: 1, priceFen: 2, listed: false })

  const list = (query: string) => app.read<HouseListView>(`/houses${query}`)
  const idsOf = ({ houses }: HouseListView) => houses.map((house) => house.house_id)
  const n = (id: number) => ids.indexOf(id)
  const inOrder = (compare: (a: number, b: number) => number) => [...ids].sort(compare)
  const EXPECTED = {
    new: inOrder((a, b) => Math.floor(n(b) / 3) - Math.floor(n(a) / 3) || b - a),
    booking: inOrder((a, b) => (n(b) % 4) - (n(a) % 4) || b - a),
    'price-inc': inOrder((a, b) => (n(a) % 3) - (n(b) % 3) || a - b),
    'price-des': inOrder((a, b) => (n(b) % 3) - (n(a) % 3) || b - a),
  }
  const SORTS = Object.entries(EXPECTED)

  test.each(SORTS)('R4.1 D-37 sorts by %s with the id as tie-breaker, page after page', async (sort, expected) => {
    const found: number[] = []
    for (let page = 1; page <= 3; page += 1) {
      const view = await list(`?aid=1&sk=${sort}&p=${page}`)
      expect(view).toMatchObject({ total_page: 3, current_page: page })
      found.push(...idsOf(view))
    }
    expect(found).toEqual(expected)
  })

  test.each(SORTS)('R4.2 the cursor of %s gives the complete list without doubles or gaps', async (sort, expected) => {
    for (const nights of ['', '&sd=2026-12-01&ed=2026-12-03']) {
      const found: number[] = []
      let next: string | null = ''
      while (next !== null) {
        const view: HouseListView = await list(`?aid=1&sk=${sort}${nights}${next === '' ? '' : `&cursor=${next}`}`)
        found.push(...idsOf(view))
        next = view.next_cursor
      }
      expect(found).toEqual(expected)
    }
  })

  test('R4.2 a list that goes on by cursor is not disturbed by a house that appears meanwhile', async () => {
    const first = await list('?aid=1&sk=new')
    const late = await givenHouse(db, { hostId: host.id, areaId: 1, createdAt: new Date('2026-11-23T00:00:00Z') })
    const second = await list(`?aid=1&sk=new&cursor=${first.next_cursor}`)
    expect([...idsOf(first), ...idsOf(second)]).toEqual(EXPECTED.new.slice(0, 20))
    expect(second.current_page).toBe(2)
    await db.updateTable('houses').set({ listed: false }).where('id', '=', late.id).execute()
  })

  test.each(['0', '-1', 'abc', '', '1.5', '1e2', '%20', '99999999999999999999'])(
    'D-38 p=%s means the first page',
    async (page) => {
      expect(await list(`?aid=1&p=${page}`)).toMatchObject({ current_page: 1, total_page: 3 })
      expect(idsOf(await list(`?aid=1&p=${page}`))).toEqual(EXPECTED.new.slice(0, 10))
    },
  )

  test('D-38 a page past the end is empty and tells the true number of pages', async () => {
    expect(await list('?aid=1&p=99999')).toEqual({ houses: [], total_page: 3, current_page: 99_999, next_cursor: null })
    expect(await list('?aid=1&p=4')).toEqual({ houses: [], total_page: 3, current_page: 4, next_cursor: null })
  })

  test.each(['x', '!!', 'eyJhIjoxfQ', Buffer.from('[1,"new","x",1,1,1]').toString('base64url')])(
    'a cursor that is none of ours (%s) means the first page',
    async (cursor) => {
      expect(idsOf(await list(`?aid=1&cursor=${cursor}`))).toEqual(EXPECTED.new.slice(0, 10))
    },
  )

  test('a cursor of another order means the first page', async () => {
    const { next_cursor } = await list('?aid=1&sk=booking')
    expect(idsOf(await list(`?aid=1&sk=price-inc&cursor=${next_cursor}`))).toEqual(EXPECTED['price-inc'].slice(0, 10))
  })

  test('D-30 an unknown order is the newest first, and empty parameters are none', async () => {
    expect(idsOf(await list('?aid=1&sk=whatever'))).toEqual(EXPECTED.new.slice(0, 10))
    expect(idsOf(await list('?aid=1&sd=&ed=&sk=&cursor='))).toEqual(EXPECTED.new.slice(0, 10))
    expect((await list('?aid=')).houses.length).toBe(10)
  })

  test('R4.1 filters by area', async () => {
    expect(idsOf(await list('?aid=5'))).toEqual([elsewhere.id])
    expect(await list('?aid=16')).toMatchObject({ houses: [], total_page: 0, current_page: 1, next_cursor: null })
  })

  test('shows of a card what lists need, and no phone', async () => {
    const [card] = (await list('?aid=5')).houses
    expect(card).toEqual({
      house_id: elsewhere.id,
      title: expect.any(String),
      price: 1,
      area_name: '昌平区',
      img_url: null,
      cover: null,
      photo_count: 0,
      room_count: 1,
      order_count: 0,
      instant: false,
      score: null,
      review_count: 0,
      address: expect.any(String),
      user_avatar: null,
      user_name: '房东',
      ctime: '2026-01-01T00:00:00.000Z',
    })
  })

  test('R4.1 D-34 D-35 leaves out a house whose nights share one with the wish, and only then', async () => {
    const house = await givenHouse(db, { hostId: host.id, areaId: 9 })
    await block(db, house.id, '2026-12-10', '2026-12-13')
    const free = async (query: string) => idsOf(await list(`?aid=9&${query}`)).includes(house.id)
    expect(await free('sd=2026-12-08&ed=2026-12-10')).toBe(true)
    expect(await free('sd=2026-12-13&ed=2026-12-15')).toBe(true)
    expect(await free('sd=2026-12-09&ed=2026-12-11')).toBe(false)
    expect(await free('sd=2026-12-12&ed=2026-12-20')).toBe(false)
    expect(await free('sd=2026-12-01&ed=2026-12-30')).toBe(false)
    expect(await free('sd=2026-12-12')).toBe(false)
    expect(await free('sd=2026-12-13')).toBe(true)
    expect(await free('ed=2026-12-10')).toBe(true)
    expect(await free('ed=2026-12-11')).toBe(false)
    expect(await free('ed=2026-12-13')).toBe(false)
    expect(await free('ed=2026-12-14')).toBe(true)
  })

  test('R4.1 a house is there again once its nights are released', async () => {
    const house = await givenHouse(db, { hostId: host.id, areaId: 10 })
    const wish = '?aid=10&sd=2026-12-01&ed=2026-12-02'
    await block(db, house.id, '2026-12-01', '2026-12-05')
    expect(idsOf(await list(wish))).toEqual([])
    await db
      .updateTable('stays')
      .set({ state: 'released', released_at: new Date(0) })
      .where('house_id', '=', house.id)
      .execute()
    expect(idsOf(await list(wish))).toEqual([house.id])
  })

  test('R1.3 area and nights together', async () => {
    const view = await list('?aid=1&sd=2026-12-01&ed=2026-12-03')
    expect(view.total_page).toBe(3)
    expect(view.houses.every((house) => house.area_name === '东城区')).toBe(true)
  })

  test.each([
    ['sd=2026-11-22', 422, 'dates_invalid'],
    ['ed=2026-11-23', 422, 'dates_invalid'],
    ['sd=2026-12-02&ed=2026-12-02', 422, 'dates_invalid'],
    ['sd=2026-12-03&ed=2026-12-02', 422, 'dates_invalid'],
    ['sd=2026-02-30', 422, 'dates_invalid'],
    ['sd=tomorrow', 422, 'dates_invalid'],
    ['sd=2026-12-01T00:00:00Z', 422, 'dates_invalid'],
    ['sd=9999-12-31', 422, 'dates_invalid'],
    ['ed=9999-12-31', 422, 'dates_invalid'],
    ["sd=2026-12-01'--", 422, 'dates_invalid'],
    ['aid=17', 404, 'area_not_found'],
    ['aid=0', 404, 'area_not_found'],
    ['aid=-1', 404, 'area_not_found'],
    ['aid=abc', 404, 'area_not_found'],
    ['aid=1%20or%201=1', 404, 'area_not_found'],
    ['aid=99999999999999999999', 404, 'area_not_found'],
    ['area=1', 400, 'input_invalid'],
    ['aid=1&price=3', 400, 'input_invalid'],
    ['__proto__=1', 400, 'input_invalid'],
    ['sd=2026-12-01&sd=2026-12-02', 400, 'input_invalid'],
    [`cursor=${'x'.repeat(201)}`, 400, 'input_invalid'],
  ])('D-39 answers ?%s with %i %s', async (query, status, problem) => {
    const answer = await app.get(`/api/v1.0/houses?${query}`)
    expect([answer.statusCode, answer.json().problem]).toEqual([status, problem])
  })

  test('today in Shanghai decides what is past, whatever the zone of the process', async () => {
    app.deps.clock.set('2026-11-23T16:30:00Z')
    expect((await app.get('/api/v1.0/houses?sd=2026-11-23')).json().problem).toBe('dates_invalid')
    expect((await app.get('/api/v1.0/houses?sd=2026-11-24')).statusCode).toBe(200)
    app.deps.clock.set('2026-11-23T04:00:00Z')
  })

  test('F18 D-36 a page costs the same number of statements for one card and for ten', async () => {
    const cost = async (query: string) => {
      const before = app.statements()
      await list(query)
      return app.statements() - before
    }
    expect(await cost('?aid=5&sk=booking')).toBe(await cost('?aid=1&sk=booking'))
    // Beside the list itself, the prices of the nights of all its houses.
    expect(await cost('?sd=2026-12-01&sk=booking')).toBe(2)
    const { next_cursor } = await list('?sk=booking')
    expect(await cost(`?sk=booking&cursor=${next_cursor}`)).toBe(1)
  })
})

describe('lists kept in memory', async () => {
  const app = await houseApp({ keeping: true })
  const { db } = app.deps
  for (let n = 0; n < 12; n += 1) await givenHouse(db, { areaId: 2 })
  await app.read('/houses')

  const cost = async (query: string) => {
    const before = app.statements()
    await app.read(`/houses${query}`)
    return app.statements() - before
  }

  test('D-30 requests that mean the same share one place in memory', async () => {
    await cost('?aid=2')
    expect(await cost('?aid=2&p=1')).toBe(0)
    expect(await cost('?aid=2&p=abc&sk=nonsense&sd=')).toBe(0)
    expect(await cost('?p=0&sk=new&aid=2')).toBe(0)
  })

  test('D-31 a page past the end is not kept, and neither is a list that asks for nights', async () => {
    await cost('?aid=2&p=77')
    expect(await cost('?aid=2&p=77')).toBe(1)
    await cost('?aid=2&sd=2026-12-01')
    expect(await cost('?aid=2&sd=2026-12-01')).toBe(2)
  })

  test('F20 a booking is visible in a search by nights at the next request', async () => {
    const house = await givenHouse(db, { areaId: 4 })
    const wish = '/houses?aid=4&sd=2026-12-01&ed=2026-12-02'
    expect((await app.read<HouseListView>(wish)).houses).toHaveLength(1)
    await block(db, house.id, '2026-12-01', '2026-12-02')
    expect((await app.read<HouseListView>(wish)).houses).toHaveLength(0)
  })
})

describe('the cursor', () => {
  test('is read back as it was written, for every order', () => {
    const places = {
      new: '2026-01-01 00:00:00.123456+00',
      booking: '12',
      'price-inc': '38800',
      'price-des': '1',
    } as const
    for (const [sort, place] of Object.entries(places) as [keyof typeof places, string][]) {
      const cursor = { sort, place, id: 7, page: 3, totalPage: 9 }
      expect(readCursor(writeCursor(cursor), sort)).toEqual(cursor)
    }
  })

  test.each([
    ['2026-13-45 00:00:00+00', 1, 1, 1],
    ["2026-01-01 00:00:00+00'; drop table houses", 1, 1, 1],
    ['2026-01-01 00:00:00+00', 0, 1, 1],
    ['2026-01-01 00:00:00+00', 1.5, 1, 1],
    ['2026-01-01 00:00:00+00', 1, -1, 1],
    ['2026-01-01 00:00:00+00', 1, 1, 1e9],
  ])('is refused with place %s, id %d, page %d, pages %d', (place, id, page, pages) => {
    const text = Buffer.from(JSON.stringify([1, 'new', place, id, page, pages])).toString('base64url')
    expect(readCursor(text, 'new')).toBeUndefined()
  })
})
