import type { AreaView, HomeView, HouseBookingView, HouseDetailView } from '@ihome/contract/schemas/houses'
import { sql } from 'kysely'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Db } from '../../platform/db.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { checkRedundancy } from './check-redundancy.ts'
import { dropPastNights } from './drop-past-nights.ts'
import { houseCards } from './house-cards.ts'
import { lockHouse, lockListedHouse } from './lock-house.ts'
import { raiseOrderCount } from './raise-order-count.ts'
import { houseApp } from './testing-houses.ts'

let keys = 0
/** A storage key that no other picture has. */
const newKey = (): string => {
  keys += 1
  return `${'k'.repeat(24)}${String(keys).padStart(8, '0')}`
}

async function givenPhotos(db: Db, houseId: number, keys: readonly string[]): Promise<void> {
  for (const [position, storageKey] of keys.entries()) {
    await db
      .insertInto('house_photos')
      .values({
        house_id: houseId,
        storage_key: storageKey,
        position,
        caption: `图${position}`,
        created_at: new Date(0),
      })
      .execute()
  }
  await db
    .updateTable('houses')
    .set({ index_image_key: keys[0] ?? null })
    .where('id', '=', houseId)
    .execute()
}

interface CommentFacts {
  readonly houseId: number
  readonly hostId: number
  readonly guestId: number
  readonly comment: string | null
  readonly at: string
}

/** An order that came to its end, with its comment. */
async function givenComplete(db: Db, facts: CommentFacts): Promise<void> {
  await sql`
    insert into orders (guest_id, host_id, house_id, start_date, end_date, days, guest_count, house_price_fen, amount_fen,
                        status, comment, cancel_rule, accept_by, pay_by, paid_at, completed_at, counted_at, status_at,
                        created_at, updated_at)
    values (${facts.guestId}, ${facts.hostId}, ${facts.houseId}, '2026-01-02', '2026-01-03', 1, 1, 100, 100, 'COMPLETE',
            ${facts.comment}, '{}', ${facts.at}, ${facts.at}, ${facts.at}, ${facts.at}, ${facts.at}, ${facts.at},
            ${facts.at}, ${facts.at})`.execute(db)
}

const block = (db: Db, houseId: number, start: string, end: string) =>
  db
    .insertInto('stays')
    .values({
      house_id: houseId,
      kind: 'block',
      start_date: start,
      end_date: end,
      state: 'confirmed',
      created_at: new Date(0),
    })
    .execute()

describe('reading houses', async () => {
  const app = await houseApp()
  const { db } = app.deps

  beforeEach(async () => {
    await db.updateTable('houses').set({ listed: false }).execute()
  })

  test('R4.3 lists the 16 districts and the 23 facilities', async () => {
    expect(await app.read<AreaView[]>('/house/areas')).toHaveLength(16)
    const facilities = await app.read<{ id: number; name: string; icon: string }[]>('/house/facility')
    expect(facilities).toHaveLength(23)
    expect(facilities[0]).toEqual({ id: 1, name: '无线网络', icon: 'wifi' })
  })

  test.each([
    [0, 0],
    [3, 3],
    [25, 5],
  ])('R1.1 D-33 a visitor sees of %i houses with a cover %i on the home page', async (made, shown) => {
    for (let n = 0; n < made; n += 1) {
      const house = await givenHouse(db, { orderCount: n % 4 })
      await givenPhotos(db, house.id, [newKey()])
    }
    expect((await app.read<HomeView>('/house/index')).hlist).toHaveLength(shown)
  })

  test('D-47 orders the home page by stays, then newest first, and leaves out what has no cover or is not offered', async () => {
    const old = await givenHouse(db, { orderCount: 5 })
    const young = await givenHouse(db, { orderCount: 5 })
    const best = await givenHouse(db, { orderCount: 9 })
    const hidden = await givenHouse(db, { orderCount: 99, listed: false })
    await givenHouse(db, { orderCount: 100 })
    for (const house of [old, young, best, hidden]) await givenPhotos(db, house.id, [newKey()])
    const { hlist } = await app.read<HomeView>('/house/index')
    expect(hlist.map((house) => house.house_id)).toEqual([best.id, young.id, old.id])
  })

  test('R5.1 shows a house whole', async () => {
    const host = await givenUser(db, { name: '周姐' })
    const house = await givenHouse(db, {
      hostId: host.id,
      title: '小院',
      priceFen: 38_800,
      depositFen: 20_000,
      maxDays: 30,
    })
    const [first, second] = [newKey(), newKey()]
    await givenPhotos(db, house.id, [first, second])
    await db
      .insertInto('house_facilities')
      .values([3, 1].map((id) => ({ house_id: house.id, facility_id: id })))
      .execute()
    const { user_id, house: shown } = await app.read<HouseDetailView>(`/house/${house.id}`)
    expect(user_id).toBe(-1)
    expect(shown).toEqual({
      hid: house.id,
      user_id: host.id,
      user_name: '周姐',
      user_avatar: null,
      title: '小院',
      price: 38_800,
      area_name: '朝阳区',
      address: '北京市朝阳区朝阳公园南路1号',
      room_count: 1,
      acreage: 40,
      unit: '一室一厅',
      capacity: 2,
      beds: '双人床1张',
      deposit: 20_000,
      min_days: 1,
      max_days: 30,
      order_count: 0,
      img_urls: [`/uploads/${first}-960.webp`, `/uploads/${second}-960.webp`],
      pictures: [
        { key: first, caption: '图0' },
        { key: second, caption: '图1' },
      ],
      facilities: [1, 3],
      instant: false,
      cancel_policy: 'standard',
      score: null,
      review_count: 0,
      parts: { clean: null, accurate: null, location: null, host: null },
      comment_count: 0,
      comments: [],
      listed: true,
    })
  })

  test('names the viewer, and hides the middle of the phone of a host without a name', async () => {
    const host = await givenUser(db)
    const house = await givenHouse(db, { hostId: host.id })
    const headers = await app.signIn(host.phone)
    const answer = await app.get(`/api/v1.0/house/${house.id}`, headers)
    const { data } = answer.json<{ data: HouseDetailView }>()
    expect(data.user_id).toBe(host.id)
    expect(data.house.user_name).toBe(`${host.phone.slice(0, 3)}****${host.phone.slice(-4)}`)
    expect(answer.body).not.toContain(host.phone)
  })

  test('D-32 shows the newest five comments of any number, and calls an author without a name 匿名用户', async () => {
    const host = await givenUser(db, { name: '房东一' })
    const house = await givenHouse(db, { hostId: host.id })
    const named = await givenUser(db, { name: '小满' })
    const unnamed = await givenUser(db)
    for (let n = 1; n <= 7; n += 1) {
      const guestId = n % 2 === 0 ? named.id : unnamed.id
      const at = `2026-02-0${n}T04:00:00Z`
      await givenComplete(db, { houseId: house.id, hostId: host.id, guestId, comment: `评论${n}`, at })
    }
    await givenComplete(db, {
      houseId: house.id,
      hostId: host.id,
      guestId: named.id,
      comment: null,
      at: '2026-03-01T00:00:00Z',
    })
    const { comments } = (await app.read<HouseDetailView>(`/house/${house.id}`)).house
    expect(comments.map(({ comment, user_name }) => [comment, user_name])).toEqual([
      ['评论7', '匿名用户'],
      ['评论6', '小满'],
      ['评论5', '匿名用户'],
      ['评论4', '小满'],
      ['评论3', '匿名用户'],
    ])
    expect(comments[0]?.ctime).toBe('2026-02-07T04:00:00.000Z')
  })

  test('X7 gives text back as text, whatever it looks like', async () => {
    const title = '<script>alert(1)</script><img src=x onerror=alert(1)>'
    const house = await givenHouse(db, { title })
    expect((await app.read<HouseDetailView>(`/house/${house.id}`)).house.title).toBe(title)
  })

  test('F18 asks as much for a house with one picture and comment as for one with many', async () => {
    const host = await givenUser(db)
    const plain = await givenHouse(db, { hostId: host.id })
    const rich = await givenHouse(db, { hostId: host.id })
    await givenPhotos(db, rich.id, Array.from({ length: 20 }, newKey))
    const cost = async (id: number) => {
      const before = app.statements()
      await app.read(`/house/${id}`)
      return app.statements() - before
    }
    expect(await cost(plain.id)).toBe(1)
    expect(await cost(rich.id)).toBe(1)
  })

  test('gives the booking page the rules and the nights that are taken from today on', async () => {
    const house = await givenHouse(db, { minDays: 2, maxDays: 9, capacity: 3 })
    await block(db, house.id, '2026-11-01', '2026-11-05')
    await block(db, house.id, '2026-11-22', '2026-11-24')
    await block(db, house.id, '2026-12-10', '2026-12-12')
    const view = await app.read<HouseBookingView>(`/order/house/${house.id}`)
    expect(view).toMatchObject({
      today: '2026-11-23',
      horizon_days: 365,
      longest_nights: 365,
      accept_hours: 24,
      pay_minutes: 120,
    })
    expect(view.house).toMatchObject({
      house_id: house.id,
      min_days: 2,
      max_days: 9,
      capacity: 3,
      user_id: house.hostId,
    })
    expect(view.house.booked).toEqual([
      { start_date: '2026-11-22', end_date: '2026-11-24' },
      { start_date: '2026-12-10', end_date: '2026-12-12' },
    ])
  })

  test.each([
    ['/house/999999', 404, 'house_not_found'],
    ['/order/house/999999', 404, 'house_not_found'],
    ['/house/0', 400, 'input_invalid'],
    ['/house/-1', 400, 'input_invalid'],
    ['/house/abc', 400, 'input_invalid'],
    ['/house/1.5', 400, 'input_invalid'],
    ['/house/99999999999999999999', 400, 'input_invalid'],
    ['/house/1%00', 400, 'input_invalid'],
  ])('answers %s with %i %s', async (path, status, problem) => {
    const answer = await app.get(`/api/v1.0${path}`)
    expect([answer.statusCode, answer.json().problem]).toEqual([status, problem])
  })

  test('a house that is no longer offered can be read but not booked', async () => {
    const house = await givenHouse(db, { listed: false })
    expect((await app.read<HouseDetailView>(`/house/${house.id}`)).house.listed).toBe(false)
    expect((await app.get(`/api/v1.0/order/house/${house.id}`)).json().problem).toBe('house_not_found')
  })

  test('hands other features the lock, the count and the cards of a house', async () => {
    const house = await givenHouse(db, { title: '一号' })
    const hidden = await givenHouse(db, { listed: false })
    const cover = newKey()
    await givenPhotos(db, house.id, [cover])
    await app.deps.transact(async (tx) => {
      expect(await lockListedHouse(tx, house.id)).toMatchObject({ id: house.id, hostId: house.hostId, listed: true })
      expect(await lockListedHouse(tx, hidden.id)).toBeUndefined()
      expect(await lockHouse(tx, hidden.id)).toMatchObject({ listed: false })
      expect(await lockHouse(tx, 999_999)).toBeUndefined()
      await raiseOrderCount(tx, house.id)
    })
    const cards = await houseCards(db, [house.id, house.id, 999_999])
    expect([...cards.values()]).toEqual([
      { id: house.id, title: '一号', coverKey: cover, imgUrl: `/uploads/${cover}-640.webp` },
    ])
    const { order_count } = await db
      .selectFrom('houses')
      .select('order_count')
      .where('id', '=', house.id)
      .executeTakeFirstOrThrow()
    expect(order_count).toBe(1)
  })

  test('drops nights of the past from the search column, and what is left is still consistent', async () => {
    const house = await givenHouse(db)
    await block(db, house.id, '2026-11-01', '2026-11-05')
    await block(db, house.id, '2026-11-21', '2026-11-26')
    await block(db, house.id, '2026-12-10', '2026-12-12')
    expect(await dropPastNights(app.deps)).toBeGreaterThan(0)
    expect(await dropPastNights(app.deps)).toBe(0)
    const { busy } = await db.selectFrom('houses').select('busy').where('id', '=', house.id).executeTakeFirstOrThrow()
    expect(busy).toBe('{[2026-11-23,2026-11-26),[2026-12-10,2026-12-12)}')
    const differences = await checkRedundancy(db, '2026-11-23')
    expect(differences.filter(({ column }) => column === 'houses.busy')).toEqual([])
  })
})

describe('houses kept in memory', async () => {
  const app = await houseApp({ keeping: true })
  const { db } = app.deps

  const cost = async (path: string) => {
    const before = app.statements()
    await app.read(path)
    return app.statements() - before
  }

  test.each(['/house/areas', '/house/facility', '/house/index', '/houses?aid=3&sk=booking', '/houses?aid=3&p=1'])(
    'R1.4 the second call of %s makes no statement',
    async (path) => {
      const house = await givenHouse(db)
      await givenPhotos(db, house.id, [newKey()])
      await vi.waitFor(async () => expect((await app.read<HomeView>('/house/index')).hlist.length).toBeGreaterThan(0))
      // What the set-up wrote is announced a moment after its commit, and each announcement empties the memory.
      await vi.waitFor(async () => {
        await app.read(path)
        expect(await cost(path)).toBe(0)
      })
    },
  )

  test('R1.4 the second call of a detail makes no statement, and a missing house is not remembered', async () => {
    const house = await givenHouse(db)
    await vi.waitFor(async () => {
      await app.read(`/house/${house.id}`)
      expect(await cost(`/house/${house.id}`)).toBe(0)
    })
    const before = app.statements()
    await app.get('/api/v1.0/house/888888')
    await app.get('/api/v1.0/house/888888')
    expect(app.statements() - before).toBe(2)
  })

  test('R1.4 a new area shows without a restart', async () => {
    await app.read('/house/areas')
    await db.insertInto('areas').values({ id: 17, city: '北京', name: '雄安新区' }).execute()
    await vi.waitFor(async () => expect(await app.read<AreaView[]>('/house/areas')).toHaveLength(17))
  })

  test('D-31 F20 a write of another instance is seen: title, picture, count, comment, name', async () => {
    const host = await givenUser(db)
    const guest = await givenUser(db, { name: '青禾' })
    const house = await givenHouse(db, { hostId: host.id, title: '旧名' })
    const shown = async () => (await app.read<HouseDetailView>(`/house/${house.id}`)).house
    const seen = (facts: object) => vi.waitFor(async () => expect(await shown()).toMatchObject(facts))
    await seen({ title: '旧名' })
    await db.updateTable('houses').set({ title: '新名' }).where('id', '=', house.id).execute()
    await seen({ title: '新名' })
    const cover = newKey()
    await givenPhotos(db, house.id, [cover])
    await seen({ pictures: [{ key: cover, caption: '图0' }] })
    await givenComplete(db, {
      houseId: house.id,
      hostId: host.id,
      guestId: guest.id,
      comment: '很好',
      at: '2026-03-01T00:00:00Z',
    })
    await app.deps.transact((tx) => raiseOrderCount(tx, house.id))
    await seen({ order_count: 1, comments: [{ comment: '很好', user_name: '青禾' }] })
    await db.updateTable('users').set({ name: '陈家小院' }).where('id', '=', host.id).execute()
    await seen({ user_name: '陈家小院' })
  })

  test('a write that this instance announces is seen at the very next request', async () => {
    const house = await givenHouse(db, { title: '甲' })
    for (const title of ['乙', '丙', '丁', '戊']) {
      await app.read(`/house/${house.id}`)
      await db.updateTable('houses').set({ title }).where('id', '=', house.id).execute()
      app.deps.events.publish({ kind: 'house_changed', houseId: house.id })
      expect((await app.read<HouseDetailView>(`/house/${house.id}`)).house.title).toBe(title)
    }
  })

  test('F20 nothing is kept while the feed of changes is down, and all is well when it is back', async () => {
    await vi.waitFor(async () => expect(await cost('/house/areas')).toBe(0))
    await sql`select pg_terminate_backend(pid) from pg_stat_activity
              where application_name = 'ihome-changes' and datname = current_database()`.execute(
      app.deps.database.owner,
    )
    await vi.waitFor(async () => expect(await cost('/house/areas')).toBe(1))
    await vi.waitFor(
      async () => {
        await app.read('/house/areas')
        expect(await cost('/house/areas')).toBe(0)
      },
      { timeout: 5_000 },
    )
  })

  test('200 visitors who come at once cost one statement', async () => {
    const house = await givenHouse(db)
    await vi.waitFor(async () => {
      app.deps.events.publish({ kind: 'house_changed', houseId: house.id })
      const before = app.statements()
      await Promise.all(Array.from({ length: 200 }, () => app.read(`/house/${house.id}`)))
      expect(app.statements() - before).toBe(1)
    })
  })
})
