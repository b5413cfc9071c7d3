import type { HouseDetailView } from '@ihome/contract/schemas/houses'
import type { ReviewListView } from '@ihome/contract/schemas/reviews'
import { addDays } from '@ihome/core/calendar'
import { beforeAll, describe, expect, test } from 'vitest'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { checkRedundancy } from '../houses/check-redundancy.ts'
import { type OrderApp, type Person, testOrderApp } from '../orders/testing-order-app.ts'
import { givenOrder } from '../orders/testing-orders.ts'
import { jpeg } from '../pictures/testing-odd-pictures.ts'

let bed: OrderApp
beforeAll(async () => {
  bed = await testOrderApp()
})

const FIVE = { overall: 5, clean: 5, accurate: 4, location: 3, host: 5 }

async function stayed() {
  const { db } = bed.deps
  const hostUser = await givenUser(db)
  const house = await givenHouse(db, { hostId: hostUser.id })
  const guestUser = await givenUser(db, { name: `客人${hostUser.id}` })
  const { id } = await givenOrder(db, { house, guestId: guestUser.id, status: 'WAIT_COMMENT', startDate: '2026-11-20' })
  return { id, house, guestUser, guest: await bed.as(guestUser), host: await bed.as(hostUser) }
}
const detailOf = async (person: Person, houseId: number) =>
  ((await person.send('GET', `/house/${houseId}`)).data as HouseDetailView).house
const reviewsOf = async (person: Person, houseId: number, query = '') =>
  (await person.send('GET', `/house/${houseId}/reviews${query}`)).data as ReviewListView

/** A form with one file, as a browser sends it. */
async function sendPhoto(user: { readonly phone: string }, orderId: number, file: Buffer) {
  const { headers } = await bed.signIn(user.phone)
  const boundary = 'a-line-between'
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="photo"; filename="a.jpg"\r\ncontent-type: image/jpeg\r\n\r\n`
  const answer = await bed.request({
    method: 'POST',
    url: `/api/v1.0/orders/${orderId}/comment/photos`,
    headers: { ...headers, 'content-type': `multipart/form-data; boundary=${boundary}` },
    payload: Buffer.concat([Buffer.from(head), file, Buffer.from(`\r\n--${boundary}--\r\n`)]),
  })
  return { status: answer.statusCode, ...answer.json<{ problem: string | null; data: { key: string } }>() }
}

describe('a review', () => {
  test('brings its stars to the page and the card of the house at the next request', async () => {
    const { id, house, guest } = await stayed()
    expect(await detailOf(guest, house.id)).toMatchObject({ score: null, review_count: 0, comment_count: 0 })

    const body = { comment: '很好', stars: FIVE }
    expect(await guest.send('PUT', `/orders/${id}/comment`, body)).toMatchObject({ status: 200 })

    expect(await detailOf(guest, house.id)).toMatchObject({
      score: 5,
      review_count: 1,
      comment_count: 1,
      parts: { clean: 5, accurate: 4, location: 3, host: 5 },
      comments: [{ comment: '很好', stars: 5, photos: [], reply: null }],
    })
    const list = await guest.send('GET', '/houses')
    expect(list.data).toMatchObject({
      houses: expect.arrayContaining([expect.objectContaining({ house_id: house.id, score: 5 })]),
    })
    expect((await guest.send('GET', `/orders/${id}`)).data).toMatchObject({ order: { stars: 5, reply: null } })
  })

  test('without stars counts as words alone', async () => {
    const { id, house, guest } = await stayed()
    await guest.send('PUT', `/orders/${id}/comment`, { comment: '还行' })
    expect(await detailOf(guest, house.id)).toMatchObject({
      score: null,
      review_count: 0,
      comment_count: 1,
      comments: [{ comment: '还行', stars: null }],
    })
  })

  test.each([
    ['six stars', { overall: 6 }],
    ['no star', { overall: 0 }],
    ['half a star', { overall: 4.5 }],
    ['parts without a whole', { clean: 5 }],
    ['a part that is unknown', { overall: 5, food: 5 }],
  ])('with %s is refused and changes nothing', async (_case, stars) => {
    const { id, guest } = await stayed()
    expect(await guest.send('PUT', `/orders/${id}/comment`, { comment: '好', stars })).toMatchObject({ status: 400 })
    expect((await guest.send('GET', `/orders/${id}`)).data).toMatchObject({ order: { status: 'WAIT_COMMENT' } })
  })

  test('is answered by its host once, and by nobody else', async () => {
    const { id, house, guest, host } = await stayed()
    const reply = (person: Person) => person.send('PUT', `/orders/${id}/reply`, { reply: ' 谢谢 ' })
    expect(await reply(host)).toMatchObject({ status: 409, problem: 'step_refused' })
    await guest.send('PUT', `/orders/${id}/comment`, { comment: '很好', stars: FIVE })
    expect(await reply(guest)).toMatchObject({ problem: 'step_refused' })
    expect(await reply(host)).toMatchObject({ status: 200, data: { reply: '谢谢' } })
    expect(await reply(host)).toMatchObject({ problem: 'step_refused' })
    expect(await host.send('PUT', `/orders/${id}/reply`, { reply: '   ' })).toMatchObject({ problem: 'input_invalid' })
    expect((await detailOf(guest, house.id)).comments).toMatchObject([{ reply: '谢谢' }])
  })

  test('that is hidden is gone from page, list and score, and shown again counts again', async () => {
    const { id, house, guest } = await stayed()
    await guest.send('PUT', `/orders/${id}/comment`, { comment: '很好', stars: FIVE })
    const { db, events, clock } = bed.deps
    const set = async (hidden: boolean) => {
      const written = hidden
        ? { hidden_at: clock.now(), hidden_reason: '广告' }
        : { hidden_at: null, hidden_reason: null }
      await db.updateTable('reviews').set(written).where('order_id', '=', id).execute()
      events.publish({ kind: 'house_changed', houseId: house.id })
    }
    await set(true)
    expect(await detailOf(guest, house.id)).toMatchObject({
      score: null,
      review_count: 0,
      comment_count: 0,
      comments: [],
    })
    expect(await reviewsOf(guest, house.id)).toMatchObject({ count: 0, reviews: [] })
    await set(false)
    expect(await detailOf(guest, house.id)).toMatchObject({ score: 5, review_count: 1, comment_count: 1 })
  })
})

describe('photos of a review', () => {
  test('are sent before it, shown in its order, and dropped when it does not name them', async () => {
    const { id, house, guestUser, guest } = await stayed()
    const keys: string[] = []
    for (let count = 0; count < 3; count += 1) keys.push((await sendPhoto(guestUser, id, await jpeg(90, 60))).data.key)
    const [one = '', two = '', three = ''] = keys
    expect(await guest.send('DELETE', `/orders/${id}/comment/photos/${one}`)).toMatchObject({ status: 200 })
    const comment = { comment: '有图', stars: { overall: 4 }, photos: [three] }
    expect(await guest.send('PUT', `/orders/${id}/comment`, comment)).toMatchObject({ status: 200 })

    expect((await detailOf(guest, house.id)).comments).toMatchObject([{ photos: [{ key: three }] }])
    const isKept = async (key: string) => {
      const file = await bed.deps.files.open(`${key}-360.webp`)
      file?.body.destroy()
      return file !== undefined
    }
    expect(await isKept(three)).toBe(true)
    for (const gone of [one, two]) expect(await isKept(gone)).toBe(false)
  })

  test('are at most six, and only of the guest whose stay it was', async () => {
    const { id, guestUser, guest } = await stayed()
    const stranger = await givenUser(bed.deps.db)
    const picture = await jpeg(60, 40)
    expect(await sendPhoto(stranger, id, picture)).toMatchObject({ status: 409, problem: 'step_refused' })
    for (let count = 0; count < 6; count += 1) expect((await sendPhoto(guestUser, id, picture)).status).toBe(201)
    expect(await sendPhoto(guestUser, id, picture)).toMatchObject({ status: 422, problem: 'file_invalid' })
    expect(await sendPhoto(guestUser, id, Buffer.from('<svg onload=alert(1)>'))).toMatchObject({
      problem: 'file_invalid',
    })
    await guest.send('PUT', `/orders/${id}/comment`, { comment: '好' })
    expect(await sendPhoto(guestUser, id, picture)).toMatchObject({ problem: 'step_refused' })
  })
})

test('all reviews of a house come page after page, newest first, without doubles', async () => {
  const { db } = bed.deps
  const house = await givenHouse(db)
  const at = (n: number) => new Date(Date.UTC(2026, 5, 1 + Math.floor(n / 2)))
  for (let n = 0; n < 23; n += 1) {
    const startDate = addDays('2026-01-01', 3 * n)
    await givenOrder(db, { house, status: 'COMPLETE', comment: `第${n}条`, startDate, at: at(n) })
  }
  const reader = await bed.as(await givenUser(db))
  const found: string[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: ReviewListView = await reviewsOf(reader, house.id, cursor === '' ? '' : `?cursor=${cursor}`)
    found.push(...page.reviews.map(({ comment }) => comment))
    cursor = page.next_cursor
  }
  const { count } = await reviewsOf(reader, house.id)
  expect(count).toBe(23)
  expect(found).toHaveLength(count)
  expect(new Set(found).size).toBe(count)
  expect(await reader.send('GET', `/house/${house.id}/reviews?cursor=abc`)).toMatchObject({ problem: 'input_invalid' })
  expect(await reader.send('GET', '/house/999999/reviews')).toMatchObject({ problem: 'house_not_found' })
})

test('F16 what houses say of their scores is what the reviews say', async () => {
  const differences = await checkRedundancy(bed.deps.db, '2026-11-23')
  expect(differences.filter(({ column }) => column.includes('review'))).toEqual([])
})
