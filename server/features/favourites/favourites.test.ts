import type { FavouriteListView } from '@ihome/contract/schemas/favourites'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { testApp } from '../../platform/testing.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { favouriteRoutes } from './routes.ts'

describe('hearts', async () => {
  const bed = await testApp({ features: { api: [favouriteRoutes] } })
  const { db, clock, database } = bed.deps
  const host = await givenUser(db)

  async function person() {
    const { headers } = await bed.signIn((await givenUser(db)).phone)
    return async (method: 'GET' | 'PUT' | 'DELETE', path: string) => {
      const answer = await bed.request({ method, url: `/api/v1.0${path}`, headers })
      return { status: answer.statusCode, ...answer.json<{ problem: string | null; data: unknown }>() }
    }
  }
  const house = (facts = {}) => givenHouse(db, { hostId: host.id, ...facts })
  const idsOf = ({ favourites }: FavouriteListView) => favourites.map(({ house: { house_id: id } }) => id)

  test('are set and taken away, each as often as one likes, by each person alone', async () => {
    const [one, other] = [await person(), await person()]
    const [first, second] = [await house(), await house()]
    for (const { id } of [first, first, second]) {
      expect(await one('PUT', `/favourites/${id}`)).toMatchObject({ status: 200 })
      clock.advance(1_000)
    }
    expect((await one('GET', '/favourites/ids')).data).toEqual({ ids: [second.id, first.id] })
    expect((await other('GET', '/favourites/ids')).data).toEqual({ ids: [] })
    for (let times = 0; times < 2; times += 1) {
      expect(await one('DELETE', `/favourites/${second.id}`)).toMatchObject({ status: 200 })
    }
    expect((await one('GET', '/favourites/ids')).data).toEqual({ ids: [first.id] })
    expect(await one('PUT', '/favourites/999999')).toMatchObject({ status: 404, problem: 'house_not_found' })
  })

  test('list homes newest first, also those that are taken down or taken in the nights asked about', async () => {
    const mine = await person()
    const homes = [await house(), await house({ listed: false }), await house()]
    for (const { id } of homes) {
      await mine('PUT', `/favourites/${id}`)
      clock.advance(1_000)
    }
    const [free, down, taken] = homes
    await sql`update houses set busy = '{[2026-12-01,2026-12-03)}' where id = ${taken?.id}`.execute(database.owner)
    const bare = (await mine('GET', '/favourites')).data as FavouriteListView
    expect(idsOf(bare)).toEqual([taken?.id, down?.id, free?.id])
    expect(bare.favourites.map(({ listed, free }) => [listed, free])).toEqual([
      [true, null],
      [false, null],
      [true, null],
    ])
    const dated = (await mine('GET', '/favourites?sd=2026-12-02&ed=2026-12-04')).data as FavouriteListView
    expect(dated.favourites.map(({ free }) => free)).toEqual([false, true, true])
  })

  test('come page after page', async () => {
    const mine = await person()
    const ids: number[] = []
    for (let count = 0; count < 25; count += 1) {
      const { id } = await house()
      ids.unshift(id)
      await mine('PUT', `/favourites/${id}`)
      if (count % 2) clock.advance(1_000)
    }
    const first = (await mine('GET', '/favourites')).data as FavouriteListView
    const second = (await mine('GET', `/favourites?cursor=${first.next_cursor}`)).data as FavouriteListView
    expect([...idsOf(first), ...idsOf(second)]).toEqual(ids)
    expect(second.next_cursor).toBeNull()
    expect(await mine('GET', '/favourites?cursor=x')).toMatchObject({ problem: 'input_invalid' })
  })

  test('are bounded, and a visitor has none', async () => {
    const { id: userId, phone } = await givenUser(db)
    const { id } = await house()
    await sql`insert into houses overriding system value select (h).* from (select jsonb_populate_record(null::houses, to_jsonb(h) || jsonb_build_object('id', 1000000 + n)) as h
              from houses h, generate_series(1, 500) n where h.id = ${id}) made`.execute(database.owner)
    await sql`insert into favourites select ${userId}, id, ${clock.now()} from houses where id > 1000000`.execute(
      database.owner,
    )
    const { headers } = await bed.signIn(phone)
    const set = () => bed.request({ method: 'PUT', url: `/api/v1.0/favourites/${id}`, headers })
    expect((await set()).json()).toMatchObject({ problem: 'too_many_favourites' })
    expect((await bed.request({ method: 'GET', url: '/api/v1.0/favourites/ids' })).statusCode).toBe(401)
  })
})
