import { accrue, payApplied, refundSucceeded } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import { describe, expect, it } from 'vitest'
import { movableClock, testApp, testDeps } from '../../platform/testing.ts'
import { operatorHeaders } from '../operators/testing-operators.ts'
import { givenOrder } from '../orders/testing-orders.ts'
import { deskLedgerRoutes } from './desk-ledger-routes.ts'
import { post, reverse } from './post.ts'

describe('the ledger at the desk', async () => {
  const clock = movableClock()
  const deps = await testDeps({ clock })
  const shop = await testApp({ deps, features: { api: [deskLedgerRoutes] } })
  const headers = await operatorHeaders(shop, { login: 'look', role: 'support' })
  const read = async (path: string) =>
    (await shop.request({ method: 'GET', url: `/api/v1.0/operator/ledger${path}`, headers })).json()
  const order = await givenOrder(deps.db, { status: 'WAIT_PAYMENT' })
  const [orderId, hostId] = [String(order.id), String(order.hostId)]
  const causes = { orderId: order.id }
  const start = clock.now()
  const share = { gross: toFen(1_000), net: toFen(994), gatewayFee: toFen(6), platformFee: toFen(0) }
  const book = (
    businessKey: string,
    event: 'pay_applied' | 'accrue' | 'refund',
    entries: Parameters<typeof post>[1]['entries'],
  ) => deps.transact((tx) => post(tx, { businessKey, event, causes, entries, at: clock.now() }))

  await book('t:1', 'pay_applied', payApplied(orderId, toFen(1_000)))
  clock.advance(1_500)
  await book('t:2', 'accrue', accrue(orderId, hostId, share))
  clock.advance(60_000)

  it('L9 G07 tells every balance at any second, and that they sum to nothing', async () => {
    const balances = async (at: Date) => {
      const { data } = await read(`?at=${at.toISOString().replace(/\.\d+Z$/, 'Z')}`)
      expect(data.sum_fen).toBe(0)
      return Object.fromEntries(
        data.accounts.map((row: { account: string; balance_fen: number }) => [row.account, row.balance_fen]),
      )
    }
    expect(await balances(new Date(start.getTime() - 1_000))).toEqual({})
    expect(await balances(start)).toEqual({ CLEARING: 1_000, GUEST_ESCROW: 1_000 })
    expect(await balances(new Date(start.getTime() + 2_000))).toEqual({
      CLEARING: 1_000,
      GUEST_ESCROW: 0,
      HOST_PAYABLE: 994,
      GATEWAY_FEE: -6,
    })
    const now = (await read('')).data
    expect(now).toMatchObject({ sum_fen: 0, transactions: 2, at: clock.now().toISOString() })
    expect(now.accounts.find(({ account }: { account: string }) => account === 'HOST_PAYABLE').owners).toBe(1)
    expect((await read('?at=yesterday')).problem).toBe('input_invalid')
  })

  it('gives the statement of an order and of a host, with a running sum that knows what was before', async () => {
    const ofOrder = (await read(`/entries?order=${orderId}&sort=posted`)).data
    expect(ofOrder).toMatchObject({ total: 5, sum_fen: 0 })
    expect(ofOrder.rows.map(({ running_fen }: { running_fen: number }) => running_fen)).toEqual([1_000, 0, 1_000, 6, 0])
    const ofHost = (await read(`/entries?host=${hostId}`)).data
    expect(ofHost).toMatchObject({ total: 1, sum_fen: -994, rows: [{ account: 'HOST_PAYABLE', amount_fen: -994 }] })
    expect((await read('/entries?host=999999')).data).toMatchObject({ total: 0, rows: [], sum_fen: 0 })
    expect((await read('/entries?from=2026-02-30')).problem).toBe('input_invalid')
    expect((await read('/entries?order=x')).problem).toBe('input_invalid')
    const later = (await read(`/entries?account=CLEARING&from=2099-01-01`)).data
    expect(later).toMatchObject({ total: 0, rows: [], sum_fen: 1_000 })
  })

  it('L2 takes a posting back by one that names it, once', async () => {
    await book('t:3', 'refund', refundSucceeded(orderId, toFen(50)))
    const again = () => deps.transact((tx) => reverse(tx, 't:3', { causes, at: clock.now() }))
    expect([await again(), await again()]).toEqual([true, false])
    expect(await deps.transact((tx) => reverse(tx, 'no-such-key', { causes, at: clock.now() }))).toBe(false)
    const { data } = await read(`/entries?account=CLEARING&order=${orderId}`)
    expect(
      data.rows.map(({ event, amount_fen }: { event: string; amount_fen: number }) => [event, amount_fen]),
    ).toEqual([
      ['reversal', 50],
      ['refund', -50],
      ['pay_applied', 1_000],
    ])
  })
})
