import type { DeskOrderDetail } from '@ihome/contract/schemas/operator-desk'
import type { DeskPayout, DeskPayouts } from '@ihome/contract/schemas/payouts'
import { describe, expect, test } from 'vitest'
import { readToday } from '../desk/desk-today.ts'
import { operatorHeaders } from '../operators/testing-operators.ts'
import { listPayoutsForDesk } from './desk-payouts.ts'
import { openPayouts } from './open-payouts.ts'
import {
  eventsOfOrder,
  type GivenHost,
  PAYEE,
  payoutBed,
  payoutsOfOrder,
  setAccount,
  standingOf,
} from './testing-payouts.ts'

const MINUTE = 60_000
const API = '/api/v1.0/operator/payouts'

describe('payouts at the desk', async () => {
  const bed = await payoutBed()
  const { deps } = bed
  const headers = await operatorHeaders(bed, { login: 'money', role: 'finance' })
  const support = await operatorHeaders(bed, { login: 'help', role: 'support' })

  /** The sessions of the desk end long before the days of these tests. */
  const stayAtDesk = async () => {
    const until = new Date(deps.clock.now().getTime() + 10 * MINUTE)
    await deps.database.owner
      .updateTable('operator_sessions')
      .set({ idle_until: until, absolute_until: until })
      .where('ended_at', 'is', null)
      .execute()
  }
  const read = async (query = '') => {
    await stayAtDesk()
    return (await bed.request({ method: 'GET', url: API + query, headers })).json<{ data: DeskPayouts }>().data
  }
  const act = async (id: number, what: string, as = headers) => {
    await stayAtDesk()
    const url = `${API}/${id}/${what}`
    const answer = await bed.request({ method: 'POST', url, headers: as, payload: { reason: '房客投诉' } })
    return { status: answer.statusCode, ...answer.json<{ data: DeskPayout; problem: string | null }>() }
  }
  const given = async (host: GivenHost) => {
    const order = await bed.givenEarned(host)
    return { order, row: async () => (await payoutsOfOrder(bed, order.id))[0] }
  }

  test('E31 T1 a dispute keeps a payout until somebody lets it go, and both are written down', async () => {
    const host = await bed.givenHost({ account: null })
    const { order, row } = await given(host)
    await bed.settle()
    const id = (await row())?.id ?? 0
    expect((await act(id, 'freeze')).data).toMatchObject({ frozen_reason: 'dispute', held: true, may_retry: false })
    await setAccount(bed, host, PAYEE.logonId)
    const before = bed.moved()
    await bed.pass(15 * MINUTE)
    expect(bed.moved()).toEqual(before)
    expect(await row()).toMatchObject({ state: 'ACCRUED', frozen_reason: 'dispute' })
    expect(await act(id, 'freeze')).toMatchObject({ status: 409, problem: 'step_refused' })
    expect((await act(id, 'unfreeze')).status).toBe(200)
    await bed.settle()
    expect(await row()).toMatchObject({ state: 'SUCCEEDED' })
    const order_ = await deps.db.selectFrom('orders').select('status').where('id', '=', order.id).executeTakeFirst()
    expect(order_?.status).toBe('PAID')
    const actions = await deps.database.owner
      .selectFrom('operator_actions')
      .select(['kind', 'reason'])
      .where('subject', '=', `payout:${id}`)
      .orderBy('id')
      .execute()
    expect(actions).toEqual([
      { kind: 'payout_frozen', reason: '房客投诉' },
      { kind: 'payout_unfrozen', reason: '房客投诉' },
    ])
  })

  test.each([
    ['that moved as another sum', 'moved'],
    ['whose number the gateway knows with another content', 'REP_INCONSISTENT'],
  ])('T2 money %s is not sent a second time to another account', async (_title, word) => {
    const host = await bed.givenHost({ account: '2088000000000001' })
    const { row } = await given(host)
    const { transfer } = bed.provider
    // Both say that the gateway has done something under our number; what that was, no retry can find out.
    bed.provider.transfer = async (wish) =>
      word === 'moved'
        ? {
            kind: 'fact',
            fact: {
              outBizNo: wish.outBizNo,
              amountFen: wish.amount - 1,
              gatewayNo: '1',
              state: 'succeeded',
              code: undefined,
            },
            raw: '',
          }
        : { kind: 'refused', code: word, raw: '' }
    await bed.settle()
    bed.provider.transfer = transfer
    const first = await row()
    expect(first).toMatchObject({ state: 'MANUAL', owner: 'finance', error: expect.stringContaining(word) })
    await setAccount(bed, host, PAYEE.logonId)
    const before = bed.moved()
    await bed.pass(73 * 60 * MINUTE, 24 * 60 * MINUTE)
    expect(await act(first?.id ?? 0, 'retry')).toMatchObject({ status: 409, problem: 'step_refused' })
    await bed.settle()
    expect(bed.moved()).toEqual(before)
    expect(await row()).toMatchObject({ state: 'MANUAL', out_biz_no: first?.out_biz_no })
  })

  describe('a payout in doubt whose host has another account', () => {
    const stuck = async () => {
      const host = await bed.givenHost({ account: '2088000000000001' })
      const { order, row } = await given(host)
      const { transfer } = bed.provider
      bed.provider.transfer = async () => ({ kind: 'refused', code: 'REP_INCONSISTENT', raw: '' })
      await bed.settle()
      bed.provider.transfer = transfer
      await setAccount(bed, host, PAYEE.logonId)
      await bed.pass(73 * 60 * MINUTE, 24 * 60 * MINUTE)
      const payout = await row()
      if (!payout) throw new Error('nothing was promised')
      return { host, order, row, id: payout.id, number: payout.out_biz_no }
    }
    const second = operatorHeaders(bed, { login: 'money2', role: 'finance' })

    test('has arrived when two say so: booked once, the host told, and its return still looked for', async () => {
      const { host, order, row, id } = await stuck()
      const before = bed.moved()
      expect(await act(id, 'retry')).toMatchObject({ status: 409 })
      expect((await act(id, 'arrived')).data).toMatchObject({
        in_doubt: true,
        said: 'arrived',
        said_by: 'money',
        may_retry: false,
      })
      expect(await act(id, 'arrived')).toMatchObject({ status: 403, problem: 'role_refused' })
      expect(await act(id, 'arrived', support)).toMatchObject({ status: 403, problem: 'role_refused' })
      expect(await row()).toMatchObject({ state: 'MANUAL' })
      expect((await act(id, 'arrived', await second)).data).toMatchObject({
        state: 'SUCCEEDED',
        in_doubt: false,
        said: null,
      })
      expect(await row()).toMatchObject({ owner: null, due_at: null, settled_at: deps.clock.now(), in_doubt: false })
      expect(await standingOf(bed, host)).toEqual({ owed: 0, debt: 0 })
      expect((await eventsOfOrder(bed, order.id)).filter((event) => event === 'payout')).toHaveLength(1)
      expect(
        await deps.db
          .selectFrom('outbox')
          .select('id')
          .where('dedupe_key', 'like', `payout_sent:%`)
          .where('order_id', '=', order.id)
          .execute(),
      ).toHaveLength(1)
      expect((await row())?.next_try_at).not.toBeNull()
      expect(await act(id, 'arrived')).toMatchObject({ status: 409, problem: 'step_refused' })
      expect(bed.moved()).toEqual(before)
    })

    test('goes to the account of now under a new number when two say that nothing left, and only once', async () => {
      const { host, row, id, number } = await stuck()
      const before = bed.moved()
      await act(id, 'arrived')
      // Whoever looks again may say otherwise; then the other one has to agree to that.
      expect((await act(id, 'not-arrived', await second)).data).toMatchObject({
        said: 'not_arrived',
        said_by: 'money2',
      })
      await bed.settle()
      expect(bed.moved()).toEqual(before)
      const answers = await Promise.all([act(id, 'not-arrived'), act(id, 'not-arrived')])
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
      await bed.settle()
      expect(bed.moved().arrived - before.arrived).toBe(20_000)
      expect(await row()).toMatchObject({ state: 'SUCCEEDED', error: null })
      expect((await row())?.out_biz_no).not.toBe(number)
      expect(await standingOf(bed, host)).toEqual({ owed: 0, debt: 0 })
    })

    test('the table itself lets nobody end the doubt alone, nor send under another number meanwhile', async () => {
      const { id } = await stuck()
      await act(id, 'arrived')
      const change = (set: object) => deps.db.updateTable('payouts').set(set).where('id', '=', id).execute()
      const { ending_by } = await deps.db
        .selectFrom('payouts')
        .select('ending_by')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      const done = { state: 'SUCCEEDED', owner: null, due_at: null, settled_at: deps.clock.now() }
      await expect(change(done)).rejects.toMatchObject({ constraint: 'payouts_arrive_by_two' })
      await expect(change({ in_doubt: false })).rejects.toMatchObject({ constraint: 'payouts_doubt_ends_by_two' })
      await expect(change({ out_biz_no: 'ih_another_number_altogether' })).rejects.toMatchObject({
        constraint: 'payouts_in_doubt_stay_one',
      })
      await expect(change({ ended_by: ending_by })).rejects.toMatchObject({ constraint: 'payouts_ending_takes_two' })
    })

    test('stays with finance when a repeat fails, or the account changes before it', async () => {
      const { transfer } = bed.provider
      const doubtful = async () => {
        const host = await bed.givenHost({ account: '2088000000000001' })
        const { row } = await given(host)
        bed.provider.transfer = async () => ({ kind: 'refused', code: 'REP_INCONSISTENT', raw: '' })
        await bed.settle()
        bed.provider.transfer = transfer
        return { host, row, id: (await row())?.id ?? 0 }
      }
      const failing = await doubtful()
      expect((await act(failing.id, 'retry')).data.state).toBe('SCHEDULED')
      bed.provider.transfer = async () => ({ kind: 'refused', code: 'PAYEE_NOT_EXIST', raw: '' })
      await bed.settle()
      bed.provider.transfer = transfer
      expect(await failing.row()).toMatchObject({
        state: 'MANUAL',
        owner: 'finance',
        in_doubt: true,
        next_try_at: null,
      })

      const moving = await doubtful()
      await setAccount(bed, moving.host, PAYEE.logonId)
      await act(moving.id, 'freeze')
      deps.clock.advance(73 * 60 * MINUTE)
      await deps.db
        .updateTable('payouts')
        .set({
          state: 'SCHEDULED',
          owner: null,
          due_at: null,
          held_at: null,
          frozen_reason: null,
          next_try_at: deps.clock.now(),
        })
        .where('id', '=', moving.id)
        .execute()
      const before = bed.moved()
      await bed.settle()
      expect(await moving.row()).toMatchObject({ state: 'MANUAL', owner: 'finance', in_doubt: true })
      expect(bed.moved()).toEqual(before)
      await act(moving.id, 'not-arrived')
      expect((await act(moving.id, 'not-arrived', await second)).data.state).toBe('SCHEDULED')
      await bed.settle()
      expect(bed.moved().arrived - before.arrived).toBe(20_000)
    })

    test('is asked of a payout in doubt alone', async () => {
      const { row } = await given(await bed.givenHost())
      await bed.fault('business_error', { value: 'SECURITY_CHECK_FAILED' })
      await bed.settle()
      const id = (await row())?.id ?? 0
      expect(await row()).toMatchObject({ state: 'MANUAL', in_doubt: false })
      expect(await act(id, 'arrived')).toMatchObject({ status: 409, problem: 'step_refused' })
      await act(id, 'retry')
      await bed.settle()
    })
  })

  test('a dispute that comes while the answer is missing lets nothing be sent again', async () => {
    const host = await bed.givenHost()
    const { row } = await given(host)
    await bed.fault('no_answer_before')
    await bed.settle()
    const payout = await row()
    expect(payout?.state).toBe('UNKNOWN')
    await act(payout?.id ?? 0, 'freeze')
    const before = bed.moved()
    await bed.pass(30 * MINUTE, 5 * MINUTE)
    expect(bed.moved()).toEqual(before)
    expect(await row()).toMatchObject({ state: 'UNKNOWN', frozen_reason: 'dispute' })
    await act(payout?.id ?? 0, 'unfreeze')
    await bed.pass(15 * MINUTE, MINUTE)
    expect(await row()).toMatchObject({ state: 'SUCCEEDED', out_biz_no: payout?.out_biz_no })
    expect(bed.moved().arrived - before.arrived).toBe(20_000)
  })

  test('what stands with finance goes on by a retry, under its own number', async () => {
    const host = await bed.givenHost()
    const { row } = await given(host)
    await bed.fault('business_error', { value: 'SECURITY_CHECK_FAILED' })
    const before = bed.moved()
    await bed.pass(MINUTE)
    const payout = await row()
    expect(payout).toMatchObject({ state: 'MANUAL', owner: 'finance', error: 'SECURITY_CHECK_FAILED' })
    expect(payout?.due_at?.getTime()).toBeGreaterThan(deps.clock.now().getTime())
    expect((await act(payout?.id ?? 0, 'retry')).data.state).toBe('SCHEDULED')
    await bed.settle()
    expect(await row()).toMatchObject({ state: 'SUCCEEDED', out_biz_no: payout?.out_biz_no })
    expect(bed.moved().arrived - before.arrived).toBe(20_000)
  })

  test('a retry asks at once about what is unknown and sends nothing before its day', async () => {
    const host = await bed.givenHost()
    const later = await bed.givenEarned(host, 20_000, 24)
    await bed.settle()
    const [early] = await payoutsOfOrder(bed, later.id)
    expect((await act(early?.id ?? 0, 'retry')).data.state).toBe('ACCRUED')
    const before = bed.moved()
    await bed.settle()
    expect(bed.moved()).toEqual(before)
  })

  test('the list finds payouts by state, by order, by host and by what keeps them, and orders them', async () => {
    const host = await bed.givenHost({ account: null })
    const { order, row } = await given(host)
    await bed.settle()
    const found = await read(`?q=${(await row())?.out_biz_no}`)
    expect(found).toMatchObject({ enabled: true, total: 1 })
    expect(found.rows[0]).toMatchObject({ order_id: order.id, frozen_reason: 'payee_change', payee: null, held: false })
    const numbers = async (query: string) => (await read(query)).rows.map((one) => one.order_id)
    expect(await numbers(`?q=${order.id}&state=ACCRUED&frozen=yes`)).toContain(order.id)
    expect(await numbers(`?q=${host.id}`)).toContain(order.id)
    expect(await numbers(`?q=${order.id}&frozen=no`)).not.toContain(order.id)
    const amounts = (await read('?sort=amount')).rows.map(({ amount_fen }) => amount_fen)
    expect(amounts).toEqual([...amounts].sort((one, other) => one - other))
    expect((await read('?size=2')).rows).toHaveLength(2)
  })

  test('a shop that pays its hosts elsewhere is late with nothing that it never sent', async () => {
    const { order } = await given(await bed.givenHost())
    await openPayouts(deps)
    deps.clock.advance(2 * 24 * 60 * MINUTE)
    const late = async (config: typeof deps.config) =>
      (await listPayoutsForDesk({ ...deps, config }, { waits: 'overdue' })).rows.map((one) => one.order_id)
    expect(await late(deps.config)).toContain(order.id)
    expect(await late({ ...deps.config, payouts: undefined })).not.toContain(order.id)
    await bed.settle()
  })

  test('the board of the day counts what is unknown, stuck, returned or overdue, and its links find the same', async () => {
    const alarms = async () =>
      Object.fromEntries(
        (await readToday(deps)).alarms
          .filter(({ name }) => name.startsWith('payouts_'))
          .map(({ name, value }) => [name.slice('payouts_'.length), value]),
      )
    const found = async (query: string) => (await read(query)).rows.map((one) => one.order_id)
    const before = await alarms()
    const host = await bed.givenHost()
    const { order, row } = await given(host)
    await bed.fault('business_error', { value: 'BALANCE_IS_NOT_ENOUGH' })
    await bed.settle()
    expect(await row()).toMatchObject({ state: 'RETRY' })
    expect(await alarms()).toEqual({ ...before, retry: (before.retry ?? 0) + 1 })
    expect(await found('?state=RETRY')).toContain(order.id)
    expect(await found('?waits=overdue')).not.toContain(order.id)
    // Nobody tops up the account for a day, and then the jobs stand still.
    deps.clock.advance(24 * 60 * MINUTE + MINUTE)
    expect((await alarms()).overdue).toBe((before.overdue ?? 0) + 1)
    expect(await found('?waits=overdue')).toContain(order.id)
    await bed.settle()
    expect((await alarms()).overdue).toBe(before.overdue)

    const queryTransfer = bed.provider.queryTransfer
    bed.provider.queryTransfer = async (outBizNo) => {
      const answer = await queryTransfer(outBizNo)
      return answer.kind === 'fact' ? { ...answer, fact: { ...answer.fact, state: 'returned' } } : answer
    }
    await bed.pass(24 * 60 * MINUTE + MINUTE, 24 * 60 * MINUTE)
    bed.provider.queryTransfer = queryTransfer
    expect((await payoutsOfOrder(bed, order.id)).map(({ state }) => state)).toEqual(['RETURNED', 'ACCRUED'])
    expect((await alarms()).returned).toBeGreaterThan(before.returned ?? 0)
    expect(await found(`?waits=returned&q=${order.id}`)).toEqual([order.id])
    expect(await found(`?waits=returned&state=RETURNED`)).toEqual([])
  })

  test("an order's log tells what was earned, sent, refused, paid and returned, each with its instant", async () => {
    const host = await bed.givenHost()
    const { order, row } = await given(host)
    const begun = deps.clock.now()
    await bed.fault('business_error', { value: 'BALANCE_IS_NOT_ENOUGH' })
    await bed.settle()
    await bed.pass(10 * MINUTE)
    const paid = (await row())?.settled_at
    const queryTransfer = bed.provider.queryTransfer
    bed.provider.queryTransfer = async (outBizNo) => {
      const answer = await queryTransfer(outBizNo)
      return answer.kind === 'fact' ? { ...answer, fact: { ...answer.fact, state: 'returned' } } : answer
    }
    await bed.pass(24 * 60 * MINUTE + MINUTE, 24 * 60 * MINUTE)
    bed.provider.queryTransfer = queryTransfer
    const [first, again] = await payoutsOfOrder(bed, order.id)
    await stayAtDesk()
    const url = `/api/v1.0/operator/orders/${order.id}`
    const { data } = (await bed.request({ method: 'GET', url, headers })).json<{ data: DeskOrderDetail }>()
    const log = data.events.filter(({ kind }) => kind === 'payout')
    const number = first?.out_biz_no ?? ''
    expect(log.map(({ at, title, detail, amount }) => [at, title, detail, amount])).toEqual([
      [begun.toISOString(), 'ACCRUED', number, -20_000],
      [begun.toISOString(), 'SENT', number, -20_000],
      [begun.toISOString(), 'RETRY', `${number} · BALANCE_IS_NOT_ENOUGH`, null],
      [paid?.toISOString(), 'SUCCEEDED', number, -20_000],
      [first?.settled_at?.toISOString(), 'RETURNED', number, 20_000],
      [first?.settled_at?.toISOString(), 'ACCRUED', `${again?.out_biz_no} · payee_change`, -20_000],
    ])
    expect(data.events.filter(({ kind, detail }) => kind === 'posting' && /^payout/.test(detail))).toHaveLength(4)
  })

  test('only finance acts, with a reason, on what exists and is not over', async () => {
    const host = await bed.givenHost()
    const { row } = await given(host)
    await bed.settle()
    const id = (await row())?.id ?? 0
    expect(await act(id, 'freeze', support)).toMatchObject({ status: 403, problem: 'role_refused' })
    expect(await act(id, 'freeze')).toMatchObject({ status: 409, problem: 'step_refused' })
    expect(await act(999_999_999, 'retry')).toMatchObject({ status: 404, problem: 'not_found' })
    const answer = await bed.request({ method: 'POST', url: `${API}/${id}/retry`, headers, payload: { reason: ' ' } })
    expect(answer.statusCode).toBe(400)
  })
})
