import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { INVARIANTS } from '../../audit/invariants.ts'
import { openPayouts } from './open-payouts.ts'
import { payoutJobs } from './payout-jobs.ts'
import { schedulePayouts } from './schedule-payouts.ts'
import { sendDuePayouts } from './send-payouts.ts'
import { eventsOfOrder, PAYEE, payoutBed, payoutsOfOrder, setAccount, standingOf } from './testing-payouts.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

describe('payouts', async () => {
  const bed = await payoutBed()
  const { deps, sandbox } = bed
  const payee = () => sandbox.control.accounts().find(({ logonId }) => logonId === PAYEE.logonId)?.id ?? ''
  /** What a test moves, alone: the tests share one gateway. */
  const movedBy = async (work: () => Promise<void>) => {
    const before = bed.moved()
    await work()
    const after = bed.moved()
    return { arrived: after.arrived - before.arrived, spent: after.spent - before.spent }
  }
  const only = async (orderId: number) => {
    const [payout, ...others] = await payoutsOfOrder(bed, orderId)
    expect(others).toEqual([])
    if (!payout) throw new Error('no payout')
    return payout
  }

  test('T3 what a stay earned goes to the host once, and the books say so', async () => {
    const host = await bed.givenHost()
    const order = await bed.givenEarned(host, 30_000)
    expect(await movedBy(bed.settle)).toEqual({ arrived: 30_000, spent: 30_000 })
    expect(await only(order.id)).toMatchObject({ state: 'SUCCEEDED', amount_fen: 30_000, netted_fen: 0, tries: 1 })
    expect(await eventsOfOrder(bed, order.id)).toEqual(['pay_applied', 'accrue', 'payout'])
    expect(await standingOf(bed, host)).toEqual({ owed: 0, debt: 0 })
    const sent = await deps.db
      .selectFrom('outbox')
      .select('dedupe_key')
      .where('order_id', '=', order.id)
      .where('dedupe_key', 'like', 'payout_sent:%')
      .execute()
    expect(sent).toHaveLength(1)
  })

  test('T1 nothing leaves before a day after check-in', async () => {
    const host = await bed.givenHost()
    const order = await bed.givenEarned(host, 20_000, 24)
    const notBefore = new Date(new Date(`${order.startDate}T14:00:00+08:00`).getTime() + 24 * HOUR)
    await bed.pass(notBefore.getTime() - deps.clock.now().getTime() - 1, 6 * HOUR)
    expect(await only(order.id)).toMatchObject({ state: 'ACCRUED', sent_at: null, not_before: notBefore })
    await bed.pass(1)
    expect(await only(order.id)).toMatchObject({ state: 'SUCCEEDED', sent_at: notBefore })
  })

  test('T1 an open refund of the order keeps its payout, and its end lets it go', async () => {
    const host = await bed.givenHost()
    const order = await bed.givenEarned(host)
    const { id } = await deps.db
      .insertInto('refunds')
      .values({
        order_id: order.id,
        out_trade_no: `ih_test_open_refund_${order.id}`,
        out_request_no: `ih_test_open_refund_r${order.id}`,
        amount_fen: 1,
        reason: 'unmatched',
        state: 'RESERVED',
        created_at: deps.clock.now(),
      })
      .returning('id')
      .executeTakeFirstOrThrow()
    expect(await movedBy(bed.settle)).toEqual({ arrived: 0, spent: 0 })
    expect(await only(order.id)).toMatchObject({ state: 'ACCRUED', frozen_reason: 'refund' })
    await deps.db
      .updateTable('refunds')
      .set({ state: 'SUCCEEDED', done_fen: 1, sent_at: deps.clock.now(), settled_at: deps.clock.now() })
      .where('id', '=', id)
      .execute()
    expect(await movedBy(() => bed.pass(5 * MINUTE))).toEqual({ arrived: 20_000, spent: 20_000 })
    expect(await only(order.id)).toMatchObject({ state: 'SUCCEEDED', frozen_reason: null })
  })

  test('T1 T4 a host without an account waits until there is one', async () => {
    const host = await bed.givenHost({ account: null })
    const order = await bed.givenEarned(host)
    await bed.settle()
    expect(await only(order.id)).toMatchObject({ state: 'ACCRUED', frozen_reason: 'payee_change' })
    expect((await setAccount(bed, host, PAYEE.logonId)).statusCode).toBe(200)
    await bed.pass(5 * MINUTE)
    expect(await only(order.id)).toMatchObject({ state: 'SUCCEEDED' })
  })

  test('T1 a host who is no longer verified is paid nothing, by the program or past it', async () => {
    const host = await bed.givenHost()
    const order = await bed.givenEarned(host)
    await deps.database.owner
      .updateTable('users')
      .set({ disabled_at: deps.clock.now() })
      .where('id', '=', host.id)
      .execute()
    await bed.settle()
    const payout = await only(order.id)
    expect(payout).toMatchObject({ state: 'ACCRUED', frozen_reason: 'unverified' })
    const account = await deps.db
      .selectFrom('payee_accounts')
      .select('id')
      .where('user_id', '=', host.id)
      .executeTakeFirstOrThrow()
    await deps.db
      .updateTable('payouts')
      .set({ state: 'SCHEDULED', payee_id: account.id, frozen_reason: null })
      .where('id', '=', payout.id)
      .execute()
    await expect(
      deps.db
        .updateTable('payouts')
        .set({ state: 'SENT', sent_at: deps.clock.now() })
        .where('id', '=', payout.id)
        .execute(),
    ).rejects.toMatchObject({ constraint: 'payouts_to_the_verified' })
  })

  test.each(['http_500', 'no_answer_after', 'connection_reset', 'bad_signature', 'truncated', 'unsigned'] as const)(
    'T2 E33 an answer that is lost (%s) is asked about, and the money moves once',
    async (kind) => {
      const host = await bed.givenHost()
      const order = await bed.givenEarned(host)
      await bed.fault(kind)
      const moved = await movedBy(async () => {
        await bed.settle()
        expect((await only(order.id)).state).toBe('UNKNOWN')
        await bed.pass(5 * MINUTE)
      })
      expect(moved).toEqual({ arrived: 20_000, spent: 20_000 })
      expect(await only(order.id)).toMatchObject({ state: 'SUCCEEDED' })
      expect((await eventsOfOrder(bed, order.id)).filter((event) => event === 'payout')).toHaveLength(1)
    },
  )

  test('T2 what the gateway never heard of is repeated unchanged, after it was asked', async () => {
    const host = await bed.givenHost()
    const order = await bed.givenEarned(host)
    await bed.fault('no_answer_before')
    expect(await movedBy(() => bed.settle().then(() => bed.pass(MINUTE)))).toEqual({ arrived: 20_000, spent: 20_000 })
    const payout = await only(order.id)
    const answers = await deps.db
      .selectFrom('payout_answers')
      .select(['call', 'word', 'out_biz_no'])
      .where('payout_id', '=', payout.id)
      .orderBy('id')
      .execute()
    expect(answers).toEqual([
      { call: 'send', word: 'timeout', out_biz_no: payout.out_biz_no },
      { call: 'query', word: 'ORDER_NOT_EXIST', out_biz_no: payout.out_biz_no },
      { call: 'send', word: 'succeeded', out_biz_no: payout.out_biz_no },
    ])
  })

  test('T2 ALI-28 a transfer that the gateway works on is asked about until it is there', async () => {
    const host = await bed.givenHost()
    await sandbox.control.setReceiveRule(payee(), { outcome: 'dealing_then_success', afterMs: HOUR })
    const order = await bed.givenEarned(host)
    const moved = await movedBy(async () => {
      await bed.settle()
      expect(await only(order.id)).toMatchObject({ state: 'UNKNOWN', error: 'dealing' })
      await bed.pass(2 * HOUR, 20 * MINUTE)
    })
    await sandbox.control.setReceiveRule(payee(), { outcome: 'success', afterMs: 0 })
    expect(moved).toEqual({ arrived: 20_000, spent: 20_000 })
    expect(await only(order.id)).toMatchObject({ state: 'SUCCEEDED' })
  })

  test('E33 an account that cannot take the money asks the host, and another one gets it under another number', async () => {
    const host = await bed.givenHost({ account: 'nobody@example.com' })
    const order = await bed.givenEarned(host)
    expect(await movedBy(bed.settle)).toEqual({ arrived: 0, spent: 0 })
    const first = await only(order.id)
    expect(first).toMatchObject({ state: 'MANUAL', owner: 'host', error: 'PAYEE_NOT_EXIST' })
    expect(await standingOf(bed, host)).toEqual({ owed: 20_000, debt: 0 })
    await setAccount(bed, host, PAYEE.logonId)
    await bed.pass(72 * HOUR - 1, 24 * HOUR)
    expect((await only(order.id)).state).toBe('MANUAL')
    expect(await movedBy(() => bed.pass(10 * MINUTE, 5 * MINUTE))).toEqual({ arrived: 20_000, spent: 20_000 })
    const second = await only(order.id)
    expect(second.state).toBe('SUCCEEDED')
    expect(second.out_biz_no).not.toBe(first.out_biz_no)
  })

  test('E33 a transfer that fails after a while leaves the money owed and the number spent', async () => {
    const host = await bed.givenHost()
    await sandbox.control.setReceiveRule(payee(), { outcome: 'dealing_then_fail', afterMs: HOUR })
    const order = await bed.givenEarned(host)
    const moved = await movedBy(() => bed.settle().then(() => bed.pass(2 * HOUR, 20 * MINUTE)))
    await sandbox.control.setReceiveRule(payee(), { outcome: 'success', afterMs: 0 })
    expect(moved).toEqual({ arrived: 0, spent: 0 })
    expect(await only(order.id)).toMatchObject({ state: 'MANUAL', owner: 'host', number_spent: true })
    expect(await standingOf(bed, host)).toEqual({ owed: 20_000, debt: 0 })
  })

  test('E33 a balance that is short waits and sends the same later', async () => {
    const host = await bed.givenHost()
    const order = await bed.givenEarned(host)
    await bed.fault('business_error', { value: 'BALANCE_IS_NOT_ENOUGH' })
    await bed.settle()
    const first = await only(order.id)
    expect(first).toMatchObject({ state: 'RETRY', error: 'BALANCE_IS_NOT_ENOUGH' })
    expect(await movedBy(() => bed.pass(6 * MINUTE))).toEqual({ arrived: 20_000, spent: 20_000 })
    expect(await only(order.id)).toMatchObject({ state: 'SUCCEEDED', out_biz_no: first.out_biz_no, tries: 2 })
  })

  test('E33 money that comes back is owed again, and goes out once the host has another account', async () => {
    const host = await bed.givenHost()
    const order = await bed.givenEarned(host)
    await bed.settle()
    const original = bed.provider.queryTransfer
    bed.provider.queryTransfer = async (outBizNo) => {
      const answer = await original(outBizNo)
      return answer.kind === 'fact' ? { ...answer, fact: { ...answer.fact, state: 'returned' } } : answer
    }
    await bed.pass(24 * HOUR + MINUTE, 24 * HOUR)
    bed.provider.queryTransfer = original
    const [returned, again, ...others] = await payoutsOfOrder(bed, order.id)
    expect(others).toEqual([])
    expect(returned).toMatchObject({ state: 'RETURNED' })
    expect(again).toMatchObject({ state: 'ACCRUED', frozen_reason: 'payee_change', replaces_id: returned?.id })
    expect(await eventsOfOrder(bed, order.id)).toEqual(['pay_applied', 'accrue', 'payout', 'payout_returned'])
    expect(await standingOf(bed, host)).toEqual({ owed: 20_000, debt: 0 })
    await setAccount(bed, host, PAYEE.logonId)
    await bed.pass(72 * HOUR, 24 * HOUR)
    await bed.pass(10 * MINUTE, 5 * MINUTE)
    expect((await payoutsOfOrder(bed, order.id)).map(({ state }) => state)).toEqual(['RETURNED', 'SUCCEEDED'])
    expect(await standingOf(bed, host)).toEqual({ owed: 0, debt: 0 })
  })

  test('E43 two instances that race pay once', async () => {
    const host = await bed.givenHost()
    const orders = await Promise.all(Array.from({ length: 6 }, () => bed.givenEarned(host)))
    const race = async () => {
      for (const work of [openPayouts, schedulePayouts, sendDuePayouts]) {
        await Promise.all(Array.from({ length: 4 }, () => work(bed.needs)))
      }
    }
    expect(await movedBy(() => race().then(race))).toEqual({ arrived: 120_000, spent: 120_000 })
    for (const order of orders) expect(await only(order.id)).toMatchObject({ state: 'SUCCEEDED', tries: 1 })
    expect(await standingOf(bed, host)).toEqual({ owed: 0, debt: 0 })
  })

  test('G11 a process that dies after the call is followed by one that asks', async () => {
    const host = await bed.givenHost()
    const order = await bed.givenEarned(host)
    const original = bed.provider.transfer
    bed.provider.transfer = async (wish) => {
      await original(wish)
      throw new Error('the process died here')
    }
    await openPayouts(bed.needs)
    await schedulePayouts(bed.needs)
    await sendDuePayouts(bed.needs)
    bed.provider.transfer = original
    expect((await only(order.id)).state).toBe('SENT')
    const before = bed.moved()
    await bed.pass(2 * MINUTE)
    expect(await only(order.id)).toMatchObject({ state: 'SUCCEEDED', tries: 1 })
    expect(bed.moved()).toEqual(before)
  })

  test('what was earned before there were payouts is found by the first look of a process', async () => {
    const host = await bed.givenHost({ account: null })
    const order = await bed.givenEarned(host)
    deps.clock.advance(91 * 24 * HOUR)
    expect(await openPayouts(bed.needs)).toBe(0)
    const [job] = payoutJobs(bed.needs, undefined)
    expect([await job?.run(new AbortController().signal), await job?.run(new AbortController().signal)]).toEqual([1, 0])
    expect(await only(order.id)).toMatchObject({ state: 'ACCRUED' })
  })

  test('every promise that the views can show holds afterwards', async () => {
    const wrong: unknown[] = []
    for (const { id, sql: text } of INVARIANTS.filter(({ id }) => /^(T|L|V3)/.test(id))) {
      const { rows } = await sql.raw(text).execute(deps.database.owner)
      if (rows.length > 0) wrong.push({ id, rows })
    }
    expect(wrong).toEqual([])
  })

  test.each([
    ['T1', "update payouts set sent_at = not_before - interval '1 second' where state = 'SUCCEEDED'"],
    ['T2', "update payouts set out_biz_no = 'short' where id = (select max(id) from payouts)"],
    ['T3', "update payouts set state = 'UNKNOWN' where state = 'SUCCEEDED'"],
    [
      'T6',
      "update ledger_entries set amount_fen = amount_fen - 100000000 where account = 'CLEARING' and amount_fen < 0",
    ],
    ['V3', "update payouts set state = 'SUCCEEDED' where state = 'RETURNED'"],
    [
      'V3',
      "update ledger_entries e set amount_fen = amount_fen * 2 from ledger_transactions t where t.id = tx_id and t.event = 'payout'",
    ],
  ])('%s is found by a damage made for it', async (id, damage) => {
    const invariant = INVARIANTS.find((one) => one.id === id)
    const found = await deps.database.owner
      .transaction()
      .execute(async (tx) => {
        await sql`set local session_replication_role = replica`.execute(tx)
        await sql`alter table payouts drop constraint payouts_number_fits, drop constraint payouts_not_before_their_time`.execute(
          tx,
        )
        await sql.raw(damage).execute(tx)
        const { rows } = await sql.raw(invariant?.sql ?? '').execute(tx)
        throw new Damaged(rows.length)
      })
      .catch((error: unknown) => (error instanceof Damaged ? error.rows : error))
    expect(found).toBeGreaterThan(0)
  })
})

/** Ends a transaction so that nothing of the damage stays. */
class Damaged extends Error {
  readonly rows: number
  constructor(rows: number) {
    super('undone')
    this.rows = rows
  }
}
