import type { PaymentResultView } from '@ihome/contract/schemas/payments'
import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type MountedPage, mountPage, outage, refusal } from '../testing-page.ts'
import PayCompletePage from './PayCompletePage.vue'

const QUERY = 'out_trade_no=a%2Bb&sign=x%2Fy%3D&total_amount=776.00'
const result = (payment_state: PaymentResultView['payment_state']): PaymentResultView => ({
  order_id: 12,
  status: payment_state === 'paid' ? 'PAID' : 'WAIT_PAYMENT',
  payment_state,
})

let page: MountedPage | undefined
beforeEach(() => {
  vi.useFakeTimers()
  history.replaceState(null, '', `/pay-complete?${QUERY}`)
})
afterEach(() => {
  page?.unmount()
  vi.useRealTimers()
  history.replaceState(null, '', '/')
})

const open = (report: (form: string) => Promise<PaymentResultView>) =>
  mountPage(PayCompletePage, { api: { payments: { report } }, path: `/pay-complete?${QUERY}` })

test('F5 the parameters go to the server exactly as they came, and out of the address', async () => {
  const report = vi.fn(async () => result('paid'))
  page = await open(report)
  expect(report).toHaveBeenCalledExactlyOnceWith(QUERY)
  expect(page.text()).toContain('支付已完成')
  expect(page.router.currentRoute.value.fullPath).toBe('/pay-complete')
  expect(page.buttons()).toEqual(expect.arrayContaining(['查看订单', '返回我的订单']))
})

test('F5 a visit without parameters asks nothing and offers the way to the orders', async () => {
  history.replaceState(null, '', '/pay-complete')
  const report = vi.fn(async () => result('paid'))
  page = await mountPage(PayCompletePage, { api: { payments: { report } }, path: '/pay-complete' })
  expect(report).not.toHaveBeenCalled()
  expect(page.text()).toContain('支付结果以订单为准')
  expect(page.buttons()).toContain('返回我的订单')
})

test('a payment whose order was cancelled without a refund is said to stand in the orders, not to have bought a stay', async () => {
  page = await open(async () => ({ order_id: 12, status: 'CANCELED', payment_state: 'paid' }))
  expect(page.text()).toContain('支付结果以订单为准')
  expect(page.text()).not.toContain('订单已生效')
})

test('while the money is on its way the page asks every 3 s for 60 s, then says where to look', async () => {
  const report = vi.fn(async () => result('pending'))
  page = await open(report)
  expect(page.text()).toContain('支付结果确认中')
  await vi.advanceTimersByTimeAsync(3_000)
  expect(report).toHaveBeenCalledTimes(2)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(report).toHaveBeenCalledTimes(20)
  expect(page.text()).toContain('还没有收到结果，请在我的订单查看')
  expect(page.text()).not.toContain('失败')
})

test('coming back to a page that has stopped asking makes it ask again', async () => {
  const report = vi.fn(async () => result('pending'))
  page = await open(report)
  await vi.advanceTimersByTimeAsync(63_000)
  report.mockResolvedValue(result('paid'))
  document.dispatchEvent(new Event('visibilitychange'))
  await flushPromises()
  expect(page.text()).toContain('支付已完成')
})

test('silence of the network stays 确认中 and is asked about again', async () => {
  const report = vi.fn<() => Promise<PaymentResultView>>().mockRejectedValueOnce(outage())
  report.mockResolvedValue(result('paid'))
  page = await open(report)
  expect(page.text()).toContain('支付结果确认中')
  await vi.advanceTimersByTimeAsync(3_000)
  expect(page.text()).toContain('支付已完成')
})

test.each(['signature_invalid', 'payment_not_found', 'payment_mismatch', 'input_invalid'] as const)(
  'F6 parameters refused with %s end like a visit without any',
  async (problem) => {
    const report = vi.fn(async () => Promise.reject(refusal(problem)))
    page = await open(report)
    expect(page.text()).toContain('支付结果以订单为准')
    await vi.advanceTimersByTimeAsync(10_000)
    expect(report).toHaveBeenCalledTimes(1)
  },
)

test.each([
  ['failed', '支付未完成', '可回到订单再次支付'],
  ['refunding', '款项退回中', '原路退回支付宝'],
] as const)('%s is said as %s', async (state, title, text) => {
  page = await open(async () => result(state))
  expect(page.text()).toContain(title)
  expect(page.text()).toContain(text)
})

test('a page that was left asks no more', async () => {
  const report = vi.fn(async () => result('pending'))
  page = await open(report)
  page.unmount()
  page = undefined
  await vi.advanceTimersByTimeAsync(30_000)
  expect(report).toHaveBeenCalledTimes(1)
})
