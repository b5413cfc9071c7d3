import { expect, test } from 'vitest'
import { testDeps } from '../../platform/testing.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { givenOrder } from '../orders/testing-orders.ts'
import { commentOrder } from './comment-order.ts'
import { listComments } from './list-comments.ts'

test('F15 R9.3 a comment stands at its house at once, newest first, and hides the phone of whoever has no name', async () => {
  const deps = await testDeps()
  const house = await givenHouse(deps.db)
  const named = await givenUser(deps.db, { name: '小林' })
  const nameless = await givenUser(deps.db)
  const complete = { house, status: 'COMPLETE' } as const
  await givenOrder(deps.db, { ...complete, guestId: named.id, comment: '早', startDate: '2026-10-01' })
  await givenOrder(deps.db, { ...complete, startDate: '2026-10-05' })
  const { id } = await givenOrder(deps.db, {
    house,
    guestId: nameless.id,
    status: 'WAIT_COMMENT',
    startDate: '2026-11-20',
  })
  deps.clock.advance(1_000)
  await commentOrder(deps, { orderId: id, guestId: nameless.id, comment: '<b>晚</b>' })

  expect(await listComments(deps.db, house.id, 5)).toEqual([
    { comment: '<b>晚</b>', user_name: '匿名用户', ctime: deps.clock.now().toISOString() },
    { comment: '早', user_name: '小林', ctime: '2026-11-23T04:00:00.000Z' },
  ])
  expect(await listComments(deps.db, house.id, 1)).toHaveLength(1)
})
