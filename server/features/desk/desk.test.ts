import { toFen } from '@ihome/core/money'
import { beforeAll, describe, expect, it } from 'vitest'
import { type TestApp, testApp, testDeps } from '../../platform/testing.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { deskUserRoutes } from '../accounts/desk-user-routes.ts'
import { verifyRealName } from '../accounts/real-names.ts'
import { contentRoutes } from '../houses/content-routes.ts'
import { deskHouseRoutes } from '../houses/desk-house-routes.ts'
import { houseRoutes } from '../houses/routes.ts'
import { deskActionRoutes } from '../operators/action-routes.ts'
import { operatorHeaders } from '../operators/testing-operators.ts'
import { givenOrder } from '../orders/testing-orders.ts'
import { deskReviewRoutes } from '../reviews/desk-review-routes.ts'
import { deskOrderRoutes } from './desk-order-routes.ts'

let shop: TestApp
let admin: Record<string, string>
let support: Record<string, string>
const refunded: { readonly orderId: number; readonly by: string }[] = []

beforeAll(async () => {
  const payments = {
    couldStillTakeMoney: async () => false,
    refundPaid: async (_tx: unknown, _needs: unknown, order: { id: number; amount_fen: number }, by: string) => {
      refunded.push({ orderId: order.id, by })
      return toFen(order.amount_fen)
    },
  }
  // Reads are answered from memory here, so that an act which forgets to say what it changed is found out.
  const changes = { hearing: () => true, stop: async () => undefined }
  shop = await testApp({
    deps: { ...(await testDeps()), changes },
    features: {
      api: [
        houseRoutes,
        contentRoutes,
        deskHouseRoutes,
        deskReviewRoutes,
        deskUserRoutes,
        deskActionRoutes,
        async (app, { deps }) => {
          await app.register(deskOrderRoutes, { deps, payments })
        },
      ],
    },
  })
  admin = await operatorHeaders(shop, { login: 'chief', role: 'admin' })
  support = await operatorHeaders(shop, { login: 'help', role: 'support' })
})

type Method = 'GET' | 'POST' | 'PUT'
async function ask(headers: Record<string, string>, method: Method, path: string, payload?: object) {
  const answer = await shop.request({
    method,
    url: `/api/v1.0${path}`,
    headers,
    ...(payload === undefined ? {} : { payload }),
  })
  const { problem, data } = answer.json()
  return { status: answer.statusCode, problem, data }
}
const actionsOf = async (subject: string) =>
  (await ask(admin, 'GET', `/operator/actions?q=${subject}`)).data.rows.map(
    ({ kind, reason, login }: { kind: string; reason: string | null; login: string }) => [login, kind, reason],
  )

const MASKED = /^1\d\d\*{4}\d{4}$/

describe('homes at the desk', () => {
  it('takes a home off the market with a reason, once, and gives the decision back', async () => {
    const house = await givenHouse(shop.deps.db, { title: '照片不实的房子' })
    const path = `/operator/houses/${house.id}`
    expect((await ask(admin, 'POST', `${path}/take-down`, { reason: '   ' })).problem).toBe('input_invalid')
    expect((await ask(admin, 'POST', `${path}/take-down`, { reason: '照片与房屋不符' })).status).toBe(200)
    expect((await ask(admin, 'POST', `${path}/take-down`, { reason: '又一次' })).problem).toBe('step_refused')
    const found = await ask(admin, 'GET', `/operator/houses?q=${encodeURIComponent('照片不实')}&state=taken_down`)
    expect(found.data).toMatchObject({ total: 1, rows: [{ house_id: house.id, taken_down_reason: '照片与房屋不符' }] })
    // Whoever has taken no name is called by a phone, which nobody reads in a list.
    expect(found.data.rows[0].host_name).toMatch(MASKED)
    expect((await ask({}, 'GET', `/order/house/${house.id}`)).problem).toBe('house_not_found')

    expect((await ask(admin, 'POST', `${path}/put-back`, { reason: '已换照片' })).status).toBe(200)
    expect((await ask(admin, 'GET', `/operator/houses?q=${house.id}`)).data.rows[0].state).toBe('unlisted')
    expect(await actionsOf(`house:${house.id}`)).toEqual([
      ['chief', 'house_put_back', '已换照片'],
      ['chief', 'house_taken_down', '照片与房屋不符'],
    ])
  })

  it('means the signs of a pattern as they are written', async () => {
    await givenHouse(shop.deps.db, { title: '100%_满意' })
    const titles = async (q: string) =>
      (await ask(admin, 'GET', `/operator/houses?q=${encodeURIComponent(q)}`)).data.rows.map(
        ({ title }: { title: string }) => title,
      )
    expect(await titles('0%_满')).toEqual(['100%_满意'])
    expect(await titles('0_%满')).toEqual([])
  })

  it('refuses somebody whose role is not to decide that', async () => {
    const house = await givenHouse(shop.deps.db)
    const answer = await ask(support, 'POST', `/operator/houses/${house.id}/take-down`, { reason: '不行' })
    expect(answer).toMatchObject({ status: 403, problem: 'role_refused' })
    expect(await actionsOf(`house:${house.id}`)).toEqual([])
  })
})

describe('reviews at the desk', () => {
  it('takes a review off the page and out of the score, and puts it back', async () => {
    const { db, database } = shop.deps
    const house = await givenHouse(db)
    const { id } = await givenOrder(db, { house, status: 'COMPLETE', startDate: '2026-11-18', comment: '骂人的话' })
    await database.owner
      .insertInto('reviews')
      .values({ order_id: id, house_id: house.id, overall: 1, created_at: shop.deps.clock.now() })
      .onConflict((conflict) => conflict.column('order_id').doUpdateSet({ overall: 1 }))
      .execute()
    shop.deps.events.publish({ kind: 'house_changed', houseId: house.id })
    const seen = async () => (await ask({}, 'GET', `/house/${house.id}`)).data.house
    expect(await seen()).toMatchObject({ score: 1, review_count: 1 })
    expect((await ask(admin, 'POST', `/operator/reviews/${id}/take-down`, { reason: '辱骂' })).status).toBe(200)
    expect(await seen()).toMatchObject({ score: null, review_count: 0, comments: [] })
    expect((await ask(admin, 'GET', `/operator/reviews?q=${id}&state=hidden`)).data).toMatchObject({
      total: 1,
      rows: [{ order_id: id, comment: '骂人的话', hidden_reason: '辱骂', guest_name: expect.stringMatching(MASKED) }],
    })
    expect((await ask(admin, 'POST', `/operator/reviews/${id}/put-back`, { reason: '误会' })).status).toBe(200)
    expect(await seen()).toMatchObject({ score: 1, review_count: 1 })
  })
})

describe('people at the desk', () => {
  it('are masked, and a look at what is hidden is written down', async () => {
    const user = await givenUser(shop.deps.db, { name: '王小明' })
    const idCard = '11010519491231002X'
    await verifyRealName(shop.deps, { userId: user.id, realName: '王小明', idCard, consent: true })
    const end = user.phone.slice(-4)
    const { rows } = (await ask(support, 'GET', `/operator/users?q=${end}&verified=yes`)).data
    expect(rows).toMatchObject([{ user_id: user.id, verified: true }])
    const detail = await ask(support, 'GET', `/operator/users/${user.id}`)
    expect(JSON.stringify([rows, detail])).not.toContain(user.phone)
    expect(JSON.stringify(detail)).not.toContain(idCard)

    const path = `/operator/users/${user.id}/reveal`
    expect((await ask(support, 'POST', path, { field: 'id_card', reason: '' })).problem).toBe('input_invalid')
    expect(await actionsOf(`user:${user.id}`)).toEqual([])
    expect((await ask(support, 'POST', path, { field: 'id_card', reason: '公安协查' })).data).toEqual({ value: idCard })
    expect((await ask(support, 'POST', path, { field: 'phone', reason: '联系不上' })).data).toEqual({
      value: user.phone,
    })
    expect(await actionsOf(`user:${user.id}`)).toEqual([
      ['help', 'phone_revealed', '联系不上'],
      ['help', 'id_card_revealed', '公安协查'],
    ])
    expect(JSON.stringify(await actionsOf(''))).not.toContain(idCard)
  })

  it('are no matter of those who look after texts and pictures: nothing is revealed to them', async () => {
    const content = await operatorHeaders(shop, { login: 'words', role: 'content' })
    const user = await givenUser(shop.deps.db)
    const { headers } = await shop.signIn(user.phone)
    const reveal = { field: 'phone', reason: '想看看' }
    for (const [act, body] of [
      ['reveal', reveal],
      ['end-sessions', { reason: '想看看' }],
    ] as const) {
      const answer = await ask(content, 'POST', `/operator/users/${user.id}/${act}`, body)
      expect(answer).toMatchObject({ status: 403, problem: 'role_refused' })
      expect(JSON.stringify(answer)).not.toContain(user.phone)
    }
    expect((await ask(headers, 'GET', '/session')).status).toBe(200)
    expect(await actionsOf(`user:${user.id}`)).toEqual([])
  })

  it('are signed out everywhere by the desk', async () => {
    const user = await givenUser(shop.deps.db)
    const { headers } = await shop.signIn(user.phone)
    expect((await ask(support, 'GET', `/operator/users/${user.id}`)).data.sessions).toBe(1)
    expect((await ask(support, 'POST', `/operator/users/${user.id}/end-sessions`, { reason: '手机丢了' })).status).toBe(
      200,
    )
    expect((await ask(headers, 'GET', '/session')).problem).toBe('sign_in_needed')
    expect((await ask(support, 'POST', '/operator/users/999999/end-sessions', { reason: '无' })).problem).toBe(
      'not_found',
    )
  })
})

describe('orders at the desk', () => {
  it('are not looked for on days that there are not', async () => {
    for (const query of ['from=2026-02-30', 'to=2026-13-01']) {
      const answer = await ask(support, 'GET', `/operator/orders?${query}`)
      expect(answer).toMatchObject({
        status: 400,
        problem: 'input_invalid',
        data: { fields: [{ reason: 'is no day' }] },
      })
    }
  })

  it('are found by number and by the end of a phone, and shown with their moves', async () => {
    const { db } = shop.deps
    const guest = await givenUser(db)
    const house = await givenHouse(db)
    const { id } = await givenOrder(db, { house, guestId: guest.id, startDate: '2026-12-20' })
    for (const q of [String(id), guest.phone.slice(-5)]) {
      const { rows } = (await ask(support, 'GET', `/operator/orders?q=${q}`)).data
      expect(rows.map(({ order_id }: { order_id: number }) => order_id)).toContain(id)
    }
    const none = (await ask(support, 'GET', `/operator/orders?q=${id}&from=2026-12-21`)).data
    expect(none).toMatchObject({ total: 0, rows: [] })
    expect((await ask(support, 'GET', '/operator/orders?status=NOTHING')).problem).toBe('input_invalid')
    const detail = (await ask(support, 'GET', `/operator/orders/${id}`)).data
    expect(detail).toMatchObject({ order_id: id, status: 'WAIT_ACCEPT', may_cancel: true })
    expect((await ask(support, 'GET', '/operator/orders/999999')).problem).toBe('order_not_found')
  })

  it('are ended for the platform with everything back, once, by somebody of the money', async () => {
    const { db } = shop.deps
    const { id } = await givenOrder(db, { house: await givenHouse(db), status: 'PAID', startDate: '2026-12-24' })
    const path = `/operator/orders/${id}/cancel`
    expect((await ask(support, 'POST', path, { reason: '房屋停电' })).problem).toBe('role_refused')
    const finance = await operatorHeaders(shop, { login: 'till', role: 'finance' })
    const keyed = { ...finance, 'idempotency-key': '3f0f7c1e-6f0b-4b55-9a57-000000000001' }
    const first = await ask(keyed, 'POST', path, { reason: '房屋停电' })
    expect(first.data).toMatchObject({ status: 'CANCELED' })
    expect(await ask(keyed, 'POST', path, { reason: '房屋停电' })).toEqual(first)
    expect((await ask(finance, 'POST', path, { reason: '又一次' })).problem).toBe('step_refused')
    expect(refunded).toEqual([{ orderId: id, by: 'system' }])
    expect(await actionsOf(`order:${id}`)).toEqual([['till', 'order_cancelled', '房屋停电']])
  })
})

describe('what operators write on the site', () => {
  it('R1.4 shows a new district and a new name at the next request', async () => {
    const names = async () => (await ask({}, 'GET', '/house/areas')).data.map(({ name }: { name: string }) => name)
    expect(await names()).not.toContain('亦庄')
    const { data } = await ask(admin, 'POST', '/operator/areas', { name: ' 亦庄 ' })
    expect(await names()).toContain('亦庄')
    expect((await ask(admin, 'POST', '/operator/areas', { name: '亦庄' })).problem).toBe('name_taken')
    expect((await ask(admin, 'PUT', `/operator/areas/${data.id}`, { name: '经开区' })).status).toBe(200)
    expect(await names()).toContain('经开区')
    expect((await ask(admin, 'PUT', '/operator/areas/9999999999', { name: '远方' })).problem).toBe('area_not_found')
  })

  it('puts the chosen homes first, in their order, and only those that can be shown', async () => {
    const { db } = shop.deps
    const [one, two] = [await givenHouse(db), await givenHouse(db)]
    for (const { id } of [one, two]) {
      await shop.deps.database.owner
        .updateTable('houses')
        .set({ index_image_key: `k${id}` })
        .where('id', '=', id)
        .execute()
    }
    const first = async () =>
      (await ask({}, 'GET', '/house/index')).data.hlist.map(({ house_id }: { house_id: number }) => house_id)
    expect((await ask(admin, 'PUT', '/operator/heroes', { house_ids: [two.id, one.id] })).status).toBe(200)
    expect((await first()).slice(0, 2)).toEqual([two.id, one.id])
    await ask(admin, 'POST', `/operator/houses/${two.id}/take-down`, { reason: '停业' })
    expect((await first())[0]).toBe(one.id)
    expect((await ask(admin, 'PUT', '/operator/heroes', { house_ids: [999_999] })).problem).toBe('house_not_found')
    expect((await ask(admin, 'PUT', '/operator/heroes', { house_ids: [] })).data).toEqual({ heroes: [] })
  })
})
