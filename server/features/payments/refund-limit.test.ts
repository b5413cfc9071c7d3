import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import type { Db, Tx } from '../../platform/db.ts'
import { testDatabase } from '../../platform/testing.ts'
import { givenOrder } from '../orders/testing-orders.ts'

const NOW = new Date('2026-11-23T04:00:00Z')
let count = 0
const next = () => {
  count += 1
  return String(count).padStart(12, '0')
}

async function givenPaidAttempt(db: Db) {
  const order = await givenOrder(db, { status: 'PAID', tradeNo: `trade${next()}` })
  const attempt = await db
    .insertInto('payment_attempts')
    .values({
      order_id: order.id,
      out_trade_no: `ihTEST_20261123_${next()}`,
      amount_fen: 10_000,
      received_fen: 10_000,
      app_id: 'app',
      seller_id: 'seller',
      subject: '爱家租房',
      time_expire: NOW,
      state: 'SUCCEEDED',
      disposition: 'APPLIED',
      created_at: NOW,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  return { order, attempt }
}

type Paid = Awaited<ReturnType<typeof givenPaidAttempt>>

const refund = (db: Db | Tx, { order, attempt }: Paid, amount_fen: number, state = 'RESERVED') =>
  db
    .insertInto('refunds')
    .values({
      attempt_id: attempt.id,
      order_id: order.id,
      out_trade_no: attempt.out_trade_no,
      out_request_no: `r${next()}`,
      amount_fen,
      reason: 'guest_cancel',
      state,
      ...(state === 'VOID' ? { settled_at: NOW } : {}),
      created_at: NOW,
    })
    .returning('id')
    .executeTakeFirstOrThrow()

const promised = async (db: Db, { attempt }: Paid) => {
  const { rows } = await sql<{ sum: number }>`
    select coalesce(sum(amount_fen), 0)::bigint as sum from refunds where attempt_id = ${attempt.id}`.execute(db)
  return rows[0]?.sum
}

async function pidOf(db: Db): Promise<number> {
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)
  return rows[0]?.pid ?? 0
}

/** Whether this connection waits for what another one holds. */
async function isBlocked(db: Db, pid: number): Promise<boolean> {
  const { rows } = await sql<{ blocked: boolean }>`
    select cardinality(pg_blocking_pids(${pid})) > 0 as blocked`.execute(db)
  return rows[0]?.blocked === true
}

/** Two who both have inserted before either commits; the second may have to wait for the first. */
async function twoAtOnce(db: Db, paid: Paid) {
  const [one, other] = await Promise.all([db.startTransaction().execute(), db.startTransaction().execute()])
  const pid = await pidOf(other)
  await refund(one, paid, 6_000)
  const second = refund(other, paid, 6_000).then(
    async () => {
      await other.commit().execute()
      return 'kept'
    },
    async (error: { constraint?: string }) => {
      await other.rollback().execute()
      return error.constraint
    },
  )
  // The one has not committed: without the lock the other does not wait for it.
  let early: string | undefined
  void second.then((end) => {
    early ??= end
  })
  while (early === undefined) if (await isBlocked(db, pid)) early ??= 'waits'
  await one.commit().execute()
  return { early, end: await second }
}

describe('what goes back never exceeds what came', () => {
  test('R1 a refund counts from its creation, in every state but VOID', async () => {
    const { db } = await testDatabase()
    const paid = await givenPaidAttempt(db)
    await refund(db, paid, 4_000)
    await refund(db, paid, 9_999, 'VOID')
    await expect(refund(db, paid, 6_001)).rejects.toMatchObject({ constraint: 'refunds_never_exceed_what_came' })
    await refund(db, paid, 6_000)
    expect(await promised(db, paid)).toBe(19_999)
  })

  test('R3 the number and the amount of a refund never change, and what is settled stays settled', async () => {
    const { db } = await testDatabase()
    const { id } = await refund(db, await givenPaidAttempt(db), 4_000)
    const change = (set: object) => db.updateTable('refunds').set(set).where('id', '=', id).execute()
    await expect(change({ amount_fen: 3_999 })).rejects.toMatchObject({ constraint: 'refunds_keep_number_and_amount' })
    await expect(change({ out_request_no: 'x' })).rejects.toMatchObject({
      constraint: 'refunds_keep_number_and_amount',
    })
    await change({ state: 'SUCCEEDED', done_fen: 4_000, settled_at: NOW })
    await expect(change({ state: 'RESERVED', done_fen: 0, settled_at: null })).rejects.toMatchObject({
      constraint: 'refunds_settled_stays_settled',
    })
  })

  test('R2 of two at once that ask for more together, the second waits and is refused', async () => {
    const { db } = await testDatabase()
    const paid = await givenPaidAttempt(db)
    expect(await twoAtOnce(db, paid)).toEqual({ early: 'waits', end: 'refunds_never_exceed_what_came' })
    expect(await promised(db, paid)).toBe(6_000)
  })

  test('R2 the race is real: without the lock both are kept', async () => {
    const { db, owner } = await testDatabase()
    const { rows } = await sql<{ source: string }>`
      select pg_get_functiondef('refunds_never_exceed_what_came'::regproc) as source`.execute(owner)
    const unlocked = (rows[0]?.source ?? '').replace('for no key update', '')
    expect(unlocked).not.toBe(rows[0]?.source)
    await sql.raw(unlocked).execute(owner)
    const paid = await givenPaidAttempt(db)
    expect(await twoAtOnce(db, paid)).toEqual({ early: 'kept', end: 'kept' })
    expect(await promised(db, paid)).toBe(12_000)
  })
})
