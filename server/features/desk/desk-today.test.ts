import { paySuspense } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import { describe, expect, it } from 'vitest'
import { putMessage } from '../../platform/outbox.ts'
import { movableClock, testApp, testDeps } from '../../platform/testing.ts'
import { givenHouse } from '../../platform/testing-builders.ts'
import { post } from '../ledger/post.ts'
import { operatorHeaders } from '../operators/testing-operators.ts'
import { givenOrder } from '../orders/testing-orders.ts'
import { openCase } from '../payments/case-store.ts'
import { deskRoutes } from './desk-routes.ts'

describe('the board of the day and the outbox', async () => {
  // 00:30 in Shanghai: yesterday there is still today in UTC.
  const clock = movableClock(new Date('2026-11-23T16:30:00Z'))
  const deps = await testDeps({ clock })
  const shop = await testApp({ deps, features: { api: [deskRoutes] } })
  const support = await operatorHeaders(shop, { login: 'help', role: 'support' })
  const content = await operatorHeaders(shop, { login: 'words', role: 'content' })
  const ask = async (method: 'GET' | 'POST', path: string, payload?: object, headers = support) => {
    const answer = await shop.request({
      method,
      url: `/api/v1.0/operator${path}`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    })
    const { problem, data } = answer.json()
    return { status: answer.statusCode, problem, data }
  }
  const alarms = async (): Promise<Record<string, number>> =>
    Object.fromEntries(
      (await ask('GET', '/today')).data.alarms.map(({ name, value }: { name: string; value: number }) => [name, value]),
    )
  const given = (messageId: string, topic = 'notice') =>
    deps.transact((tx) =>
      putMessage(tx, {
        topic,
        dedupeKey: messageId,
        payload: { user_id: 1, secret: '13800001234' },
        createdAt: clock.now(),
        dueAt: clock.now(),
      }),
    )
  const kill = (key: string) =>
    deps.database.owner
      .updateTable('outbox')
      .set({ dead_at: clock.now(), tries: 12, error: 'not_taken' })
      .where('dedupe_key', '=', key)
      .execute()

  it('counts by days of Shanghai, today beside yesterday', async () => {
    const at = clock.now()
    const house = await givenHouse(deps.db)
    await givenOrder(deps.db, { house, at, startDate: '2026-12-01' })
    const paid = await givenOrder(deps.db, { house, at, status: 'PAID', startDate: '2026-12-05' })
    await givenOrder(deps.db, { house, at: new Date('2026-11-23T15:59:59Z'), startDate: '2026-12-09' })
    const { data } = await ask('GET', '/today')
    expect(data.day).toBe('2026-11-24')
    expect(data.figures).toEqual(
      expect.arrayContaining([
        { name: 'placed', unit: 'count', today: 2, yesterday: 1 },
        { name: 'paid', unit: 'count', today: 1, yesterday: 0 },
        { name: 'paid_fen', unit: 'fen', today: paid.amountFen, yesterday: 0 },
      ]),
    )
  })

  it('raises an alarm for what should be nothing', async () => {
    expect(Object.values(await alarms()).every((value) => value === 0)).toBe(true)
    await openCase(deps.db, { kind: 'mismatch', subject: 'SOME' }, clock.now())
    await deps.transact(async (tx) => {
      const order = await givenOrder(deps.db, { startDate: '2026-12-20' })
      await post(tx, {
        businessKey: 'unmatched:SOME',
        event: 'pay_suspense',
        causes: { orderId: order.id },
        entries: paySuspense('SOME', toFen(700)),
        at: clock.now(),
      })
    })
    await given('alarm:1')
    await kill('alarm:1')
    expect(await alarms()).toMatchObject({
      suspense: 700,
      cases_open: 1,
      cases_overdue: 0,
      outbox_dead: 1,
      ledger_sum: 0,
    })
  })

  it('shows no words and no phones, and sends a dead letter again, once', async () => {
    await given('retry:1')
    await kill('retry:1')
    const listed = await ask('GET', '/outbox?state=dead&q=retry')
    expect(JSON.stringify(listed.data)).not.toContain('13800001234')
    const [row] = listed.data.rows
    expect(row).toMatchObject({ dedupe_key: 'retry:1', state: 'dead', tries: 12, error: 'not_taken', may_retry: true })
    const path = `/outbox/${row.message_id}/retry`
    expect((await ask('POST', path, { reason: '短信平台恢复' }, content)).problem).toBe('role_refused')
    expect((await ask('POST', path, { reason: '短信平台恢复' })).status).toBe(200)
    expect((await ask('POST', path, { reason: '又一次' })).problem).toBe('step_refused')
    expect((await ask('GET', '/outbox?q=retry')).data.rows).toMatchObject([{ state: 'waiting', tries: 0, error: null }])
  })

  it('does not send a code again whose words are gone', async () => {
    await given('sms:1', 'sms')
    await kill('sms:1')
    const [row] = (await ask('GET', '/outbox?q=sms:1')).data.rows
    expect(row.may_retry).toBe(false)
    expect((await ask('POST', `/outbox/${row.message_id}/retry`, { reason: '再发' })).problem).toBe('step_refused')
  })
})
