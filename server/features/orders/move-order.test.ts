import { LIFECYCLE, ORDER_STATUSES, type OrderStatus, STAY_OF_STATUS } from '@ihome/core/orders/lifecycle'
import { beforeAll, describe, expect, test } from 'vitest'
import { Refusal } from '../../platform/refusal.ts'
import { type TestDeps, testDeps } from '../../platform/testing.ts'
import { givenHouse } from '../../platform/testing-builders.ts'
import { type Mover, moveOrder, type OrderMove } from './move-order.ts'
import { type LockedOrder, lockOrder } from './order-lock.ts'
import { givenOrder } from './testing-orders.ts'

let deps: TestDeps
beforeAll(async () => {
  deps = await testDeps()
})

const GATEWAY = { actor: 'gateway' } as const
const SYSTEM = { actor: 'system' } as const
let trades = 0
const aTrade = () => {
  trades += 1
  return `20261123220014${String(trades).padStart(8, '0')}`
}

const move = (id: number, step: OrderMove, by: Mover, see: (order: LockedOrder) => LockedOrder = (order) => order) =>
  deps.transact(async (tx) => {
    const order = await lockOrder(tx, id)
    if (!order) throw new Error(`order ${id} was made`)
    return moveOrder(tx, see(order), step, by, deps.clock.now())
  })
const row = (id: number) => deps.db.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const keys = async (id: number) => {
  const messages = await deps.db.selectFrom('outbox').select('dedupe_key').where('order_id', '=', id).execute()
  return messages.map(({ dedupe_key }) => dedupe_key).sort()
}

describe('the graph', () => {
  test('in the database has exactly the moves of the code', async () => {
    const rows = await deps.db.selectFrom('order_moves').select(['from_status', 'to_status']).execute()
    const inCode = ORDER_STATUSES.flatMap((from) => Object.values(LIFECYCLE[from]).map(({ to }) => `${from} ${to}`))
    expect(rows.map(({ from_status, to_status }) => `${from_status} ${to_status}`).sort()).toEqual(
      [...new Set(inCode)].sort(),
    )
  })

  test('cannot be left by a program that forgets it: every other move is refused by the table', async () => {
    for (const from of ORDER_STATUSES) {
      const { id } = await givenOrder(deps.db, { status: from })
      const allowed: OrderStatus[] = Object.values(LIFECYCLE[from]).map((step) => step.to)
      for (const to of ORDER_STATUSES) {
        if (to === from || allowed.includes(to)) continue
        const jump = deps.db.updateTable('orders').set({ status: to, version: 99 }).where('id', '=', id).execute()
        await expect(jump).rejects.toMatchObject({ constraint: 'orders_move_along_the_graph' })
      }
    }
  })
})

describe('moving an order', () => {
  test('F1 F12 through a whole stay writes every step once, with nights, history and messages', async () => {
    const house = await givenHouse(deps.db)
    const { id, guestId, hostId } = await givenOrder(deps.db, { house })
    const payBy = new Date('2026-11-23T06:00:00Z')
    const tradeNo = aTrade()
    const steps: [OrderMove, Mover][] = [
      [
        { step: 'accept', payBy, holdUntil: new Date('2026-11-23T06:02:00Z') },
        { actor: 'host', id: hostId },
      ],
      [{ step: 'pay', tradeNo }, GATEWAY],
      [{ step: 'check_out' }, { actor: 'guest', id: guestId }],
      [
        { step: 'comment', comment: '很好' },
        { actor: 'guest', id: guestId },
      ],
    ]
    for (const [step, by] of steps) {
      const moved = await move(id, step, by)
      const { state } = await deps.db
        .selectFrom('stays')
        .select('state')
        .where('order_id', '=', id)
        .executeTakeFirstOrThrow()
      expect(state).toBe(STAY_OF_STATUS[moved.status])
    }
    const now = deps.clock.now()
    expect(await row(id)).toMatchObject({
      status: 'COMPLETE',
      version: 5,
      trade_no: tradeNo,
      paid_at: now,
      checked_out_at: now,
      completed_at: now,
      counted_at: now,
      close_reason: null,
    })
    expect(await keys(id)).toEqual([
      `accepted:${id}:guest`,
      `checked_out:${id}:guest`,
      `completed:${id}:host`,
      `paid:${id}:guest`,
      `paid:${id}:host`,
    ])
    const history = await deps.db
      .selectFrom('order_history')
      .selectAll()
      .where('order_id', '=', id)
      .orderBy('id')
      .execute()
    expect(history.slice(1).map(({ to_status, actor, actor_id }) => [to_status, actor, actor_id])).toEqual([
      ['WAIT_PAYMENT', 'host', hostId],
      ['PAID', 'gateway', null],
      ['WAIT_COMMENT', 'guest', guestId],
      ['COMPLETE', 'guest', guestId],
    ])
    const { order_count } = await deps.db
      .selectFrom('houses')
      .select('order_count')
      .where('id', '=', house.id)
      .executeTakeFirstOrThrow()
    expect(order_count).toBe(1)
  })

  test('E04 money that comes while time has closed the order makes it live again', async () => {
    const { id } = await givenOrder(deps.db, { status: 'CLOSING', closeReason: 'expired' })
    await expect(move(id, { step: 'pay', tradeNo: aTrade() }, GATEWAY)).resolves.toMatchObject({ status: 'PAID' })
    expect(await row(id)).toMatchObject({ status: 'PAID', close_reason: null, cancel_note: null })
  })

  test.each(['guest', 'host', 'system'] as const)(
    'E05 E06 money that comes after the %s closed it does not',
    async (closeReason) => {
      const { id } = await givenOrder(deps.db, { status: 'CLOSING', closeReason })
      await expect(move(id, { step: 'pay', tradeNo: aTrade() }, GATEWAY)).rejects.toMatchObject({
        problem: 'step_refused',
      })
      await expect(move(id, { step: 'settle' }, GATEWAY)).resolves.toMatchObject({ status: 'CANCELED' })
      expect(await row(id)).toMatchObject({ status: 'CANCELED', close_reason: closeReason, trade_no: null })
      expect(await keys(id)).toEqual([`canceled:${id}:guest`, `canceled:${id}:host`])
    },
  )

  test('is refused to whoever may not, and then nothing is written', async () => {
    const { id, guestId } = await givenOrder(deps.db, { status: 'WAIT_PAYMENT' })
    const before = await row(id)
    const refused: [OrderMove, Mover][] = [
      [
        { step: 'pay', tradeNo: aTrade() },
        { actor: 'guest', id: guestId },
      ],
      [{ step: 'accept', payBy: deps.clock.now(), holdUntil: deps.clock.now() }, { actor: 'host' }],
      [{ step: 'settle' }, SYSTEM],
      [
        { step: 'comment', comment: '很好' },
        { actor: 'guest', id: guestId },
      ],
    ]
    for (const [step, by] of refused)
      await expect(move(id, step, by)).rejects.toMatchObject({ problem: 'step_refused' })
    expect(await row(id)).toEqual(before)
    expect(await keys(id)).toEqual([])
  })

  test('is refused when the order is no longer as it was read', async () => {
    const { id } = await givenOrder(deps.db)
    const cancel = { step: 'cancel', closeReason: 'expired' } as const
    for (const stale of [{ version: 7 }, { status: 'WAIT_PAYMENT' as const }]) {
      const late = move(id, cancel, SYSTEM, (order) => ({ ...order, ...stale }))
      await expect(late).rejects.toThrow(Refusal)
    }
    expect((await row(id)).status).toBe('WAIT_ACCEPT')
  })

  test('is given up when its nights are gone', async () => {
    const { id } = await givenOrder(deps.db, { status: 'WAIT_PAYMENT' })
    const gone = { state: 'released', hold_until: null, released_at: deps.clock.now() }
    const order = await deps.transact((tx) => lockOrder(tx, id))
    await deps.db.updateTable('stays').set(gone).where('order_id', '=', id).execute()
    const pay = move(id, { step: 'pay', tradeNo: aTrade() }, GATEWAY, (read) => order ?? read)
    await expect(pay).rejects.toThrow('has lost its nights')
    expect((await row(id)).status).toBe('WAIT_PAYMENT')
  })

  test('twenty at once do it once', async () => {
    const { id } = await givenOrder(deps.db)
    const cancel = { step: 'cancel', closeReason: 'guest' } as const
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => move(id, cancel, { actor: 'guest' })))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect((await row(id)).version).toBe(2)
  })
})
