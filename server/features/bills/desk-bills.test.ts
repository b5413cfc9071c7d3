import { expect, test } from 'vitest'
import { testApp } from '../../platform/testing.ts'
import { operatorHeaders } from '../operators/testing-operators.ts'
import { outTradeNoOf } from '../payments/testing-payments.ts'
import { deskBillRoutes } from './desk-bill-routes.ts'
import { billBed } from './testing-bills.ts'

test('a day is fetched at the desk, its difference taken and resolved with a note, and its case ends', async () => {
  const bed = await billBed()
  const { deps, billNeeds } = bed
  const desk = await testApp({ deps, features: { api: [(app) => deskBillRoutes(app as never, { bills: billNeeds })] } })
  await bed.nextDayAt(10) // the account was opened on the day before, which is a movement of its own
  const order = await bed.givenOrder()
  const payUrl = await bed.payUrl(order)
  await bed.sandbox.pay({ payUrl })
  await bed.settle()
  const day = bed.today()
  await bed.fault('bill_line_twice', { times: 1 })
  await bed.nextDayAt(10)

  const finance = await operatorHeaders(desk, { login: 'till', role: 'finance' })
  const support = await operatorHeaders(desk, { login: 'help', role: 'support' })
  const ask = async (headers: typeof finance, method: 'GET' | 'POST', path: string, payload?: object) => {
    const url = `/api/v1.0/operator${path}`
    return (await desk.request({ method, url, headers, ...(payload ? { payload } : {}) })).json()
  }
  expect((await ask(support, 'POST', '/bills', { day })).problem).toBe('role_refused')
  expect((await ask(finance, 'POST', '/bills', { day: bed.today() })).problem).toBe('input_invalid')
  expect((await ask(finance, 'POST', '/bills', { day })).data).toMatchObject({
    day,
    state: 'compared',
    lines: 2,
    matched: 1,
    differs: 1,
    waiting: 1,
  })
  expect((await ask(support, 'GET', '/bills')).data.rows).toMatchObject([{ day, fees_fen: 120 }])
  const lines = await ask(support, 'GET', `/bills/${day}/lines?q=${outTradeNoOf(payUrl)}`)
  expect(lines.data.total).toBe(2)
  expect(lines.data.rows[0].order_id).toBe(order.id)
  expect((await ask(support, 'GET', `/bills/${day}/lines?result=matched`)).data.total).toBe(1)
  const found = (await ask(support, 'GET', `/bills/${day}/differences?state=open`)).data
  expect(found).toMatchObject({ total: 1, rows: [{ kind: 'line_twice', owner: 'operator', order_id: order.id }] })

  const path = `/bill-differences/${found.rows[0].difference_id}`
  const openCases = () => deps.db.selectFrom('cases').select('kind').where('state', '=', 'open').execute()
  expect(await openCases()).toEqual([{ kind: 'bill_difference' }])
  expect((await ask(support, 'POST', `${path}/take`, { reason: '我来查' })).problem).toBe('role_refused')
  expect((await ask(finance, 'POST', `${path}/take`, { reason: '我来查' })).data).toMatchObject({ owner: 'till' })
  expect((await ask(finance, 'POST', `${path}/resolve`, { reason: ' ' })).problem).toBe('input_invalid')
  const resolved = await ask(finance, 'POST', `${path}/resolve`, { reason: '文件重复一行' })
  expect(resolved.data).toMatchObject({ state: 'resolved', note: '文件重复一行' })
  expect(await openCases()).toEqual([])
  expect((await ask(finance, 'POST', `${path}/resolve`, { reason: '再来' })).problem).toBe('step_refused')

  expect((await ask(support, 'GET', '/bills/2026-01-01')).problem).toBe('not_found')
  expect((await ask(support, 'GET', '/bills/2026-02-30')).problem).toBe('input_invalid')
  const actions = await deps.database.owner.selectFrom('operator_actions').select('kind').orderBy('id').execute()
  expect(actions.map(({ kind }) => kind).filter((kind) => kind.startsWith('bill') || kind.startsWith('diff'))).toEqual([
    'bill_fetched',
    'difference_taken',
    'difference_resolved',
  ])
})
