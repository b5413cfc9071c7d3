import { expect, test } from 'vitest'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { testOrderApp } from '../orders/testing-order-app.ts'
import { givenOrder } from '../orders/testing-orders.ts'

test('F15 R9.3 a comment stands on the page of the house at the next request, newest first, and the stay is counted', async () => {
  const bed = await testOrderApp()
  const { db, clock } = bed.deps
  const house = await givenHouse(db)
  const named = await givenUser(db, { name: '小林' })
  const guestUser = await givenUser(db)
  await givenOrder(db, { house, guestId: named.id, status: 'COMPLETE', comment: '早', startDate: '2026-10-01' })
  const { id } = await givenOrder(db, { house, guestId: guestUser.id, status: 'WAIT_COMMENT', startDate: '2026-11-20' })
  const guest = await bed.as(guestUser)
  const seen = () => guest.send('GET', `/house/${house.id}`)
  const bare = { stars: null, photos: [], reply: null }
  const early = { comment: '早', user_name: '小林', ctime: '2026-11-23T04:00:00.000Z', ...bare }
  expect((await seen()).data).toMatchObject({ house: { comments: [early], order_count: 0 } })

  clock.advance(1_000)
  const markup = '<img src=x onerror=alert(1)> 很好'
  expect(await guest.send('PUT', `/orders/${id}/comment`, { comment: ` ${markup} ` })).toMatchObject({ status: 200 })

  const late = { comment: markup, user_name: '匿名用户', ctime: clock.now().toISOString(), ...bare }
  expect((await seen()).data).toMatchObject({ house: { comments: [late, early], order_count: 1 } })
})
