import type { DeskOrderDetail } from '@ihome/contract/schemas/operator-desk'
import type { DeskPayout, DeskPayouts } from '@ihome/contract/schemas/payouts'
import { describe, expect, test } from 'vitest'
import { readToday } from '../desk/desk-today.ts'
import { operatorHeaders } from '../operators/testing-operators.ts'
import { listPayoutsForDesk } from './desk-payouts.ts'
import { openPayouts } from './open-payouts.ts'
import { type GivenHost, PAYEE, payoutBed, payoutsOfOrder, setAccount } from './testing-payouts.ts'

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
