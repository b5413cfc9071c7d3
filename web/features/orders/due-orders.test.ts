import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { rememberPaying } from '../payments/paying-order.ts'
import { type MountedPage, mountPage } from '../testing-page.ts'
import OrdersPage from './OrdersPage.vue'
import { aList, anOrder } from './testing-orders.ts'
import { isDue } from './use-due-orders.ts'

let page: MountedPage | undefined
beforeEach(() => {
  sessionStorage.clear()
  vi.stubEnv('TZ', 'America/New_York')
  vi.useFakeTimers()
  vi.setSystemTime('2026-11-20T01:02:03Z')
})
afterEach(() => {
  page?.unmount()
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

test('the rest counts down on the server’s clock, and at zero the order is read again', async () => {
  const toPay = anOrder({ status: 'WAIT_PAYMENT', pay_by: '2026-11-23T04:01:30.000Z' })
  const list = vi.fn(async () => aList([toPay]))
  page = await mountPage(OrdersPage, { path: '/orders', api: { orders: { list } } })
  expect(page.text()).toContain('请在 12:01 前支付 ￥776，还剩 1 分')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(page.text()).toContain('还剩 不到 1 分')
  expect(list).toHaveBeenCalledTimes(1)
  list.mockResolvedValue(
    aList([{ ...toPay, status: 'CANCELED', close_reason: 'expired' }], { now: '2026-11-23T04:01:35.000Z' }),
  )
  await vi.advanceTimersByTimeAsync(35_000)
  await flushPromises()
  expect(list).toHaveBeenCalledTimes(2)
  expect(page.text()).toContain('超时未支付')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(list).toHaveBeenCalledTimes(2)
})

test('an order that this tab left to pay is asked about until it is paid', async () => {
  const toPay = anOrder({ status: 'WAIT_PAYMENT', pay_by: '2026-11-23T06:00:00.000Z' })
  rememberPaying(12)
  const list = vi.fn(async () => aList([toPay]))
  page = await mountPage(OrdersPage, { path: '/orders', api: { orders: { list } } })
  list.mockResolvedValue(aList([{ ...toPay, status: 'PAID' }]))
  await vi.advanceTimersByTimeAsync(15_000)
  expect(page.text()).toContain('已支付')
  const asked = list.mock.calls.length
  await vi.advanceTimersByTimeAsync(60_000)
  expect(list).toHaveBeenCalledTimes(asked)
})

test.each([
  [anOrder(), '2026-11-24T12:09:59Z', false],
  [anOrder(), '2026-11-24T12:10:00Z', true],
  [anOrder({ status: 'CLOSING', close_reason: 'guest' }), '2026-11-23T04:00:00Z', true],
  [anOrder({ status: 'PAID' }), '2026-12-24T12:10:00Z', false],
])('an order is due only when it will change without anybody here (%#)', (order, now, due) => {
  expect(isDue(order, new Date(now), undefined)).toBe(due)
})
