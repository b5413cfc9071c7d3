import type { PayWay } from '@ihome/contract/schemas/payments'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { anOrder } from '../orders/testing-orders.ts'
import { type MountedPage, mountPage, type PlayedApi, refusal } from '../testing-page.ts'
import { LEAVE } from './leave-to-cashier.ts'
import PayButton from './PayButton.vue'
import { opensWechatPay } from './use-pay-ways.ts'

const PHONE = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0 Mobile Safari/537.36'
const DESKTOP = 'Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0 Safari/537.36'
const IN_WECHAT = `${PHONE} MicroMessenger/8.0.50`

const leave = vi.fn()
let page: MountedPage | undefined
afterEach(() => {
  page?.unmount()
  page = undefined
  leave.mockReset()
  sessionStorage.clear()
  vi.restoreAllMocks()
})

async function open(payments: PlayedApi['payments'], agent = PHONE): Promise<MountedPage> {
  vi.spyOn(navigator, 'userAgent', 'get').mockReturnValue(agent)
  page = await mountPage(PayButton, {
    api: { ...(payments ? { payments } : {}) },
    path: '/orders/12',
    props: { order: anOrder({ status: 'WAIT_PAYMENT', pay_by: '2026-11-23T06:00:00Z' }) },
    provide: [[LEAVE, leave]],
  })
  return page
}
const choices = (shown: MountedPage) => [...shown.element.querySelectorAll<HTMLInputElement>('input[type=radio]')]
const both = async () => ({ ways: ['alipay', 'wechat'] as PayWay[] })
const address = { order_id: 12, status: 'WAIT_PAYMENT' as const, pay_url: 'https://pay.test/', expires_at: null }

describe('the ways to pay', () => {
  test('are no choice where the shop has one, and none where it does not answer', async () => {
    const one = await open({ ways: async () => ({ ways: ['alipay'] as PayWay[] }), open: async () => address })
    expect(choices(one)).toEqual([])
    one.unmount()
    const silent = await open({ open: async () => address })
    expect(choices(silent)).toEqual([])
    await silent.press('去支付')
    expect(leave).toHaveBeenCalledWith('https://pay.test/')
  })

  test('are chosen by name, Alipay first, and the chosen one is asked for', async () => {
    const asked = vi.fn(async (_order: number, _key: string, _way?: PayWay) => address)
    const shown = await open({ ways: both, open: asked })
    expect(shown.text()).toContain('支付方式')
    const [alipay, wechat] = choices(shown)
    expect(alipay?.checked).toBe(true)
    expect(alipay?.labels?.[0]?.textContent).toBe('支付宝')
    expect(wechat?.labels?.[0]?.textContent).toBe('微信支付')
    wechat?.click()
    await shown.press('去支付')
    expect(asked).toHaveBeenCalledExactlyOnceWith(12, expect.any(String), 'wechat')
  })

  test('go back to Alipay when that page was opened first, and say so', async () => {
    const asked = vi
      .fn<(order: number, key: string, way?: PayWay) => Promise<typeof address>>()
      .mockRejectedValueOnce(refusal('pay_way_taken', { way: 'alipay' }))
      .mockResolvedValue(address)
    const shown = await open({ ways: both, open: asked })
    choices(shown)[1]?.click()
    await shown.press('去支付')
    expect(shown.text()).toContain('已经用另一种方式打开过付款页')
    expect(choices(shown)[0]?.checked).toBe(true)
    await shown.press('重试')
    expect(asked).toHaveBeenLastCalledWith(12, expect.any(String), 'alipay')
  })

  test('name the one that cannot be reached', async () => {
    const shown = await open({ ways: both, open: async () => Promise.reject(refusal('gateway_unavailable')) })
    choices(shown)[1]?.click()
    await shown.press('去支付')
    expect(shown.text()).toContain('微信支付暂时连不上，订单为你保留到 14:00')
  })

  test('hold WeChat Pay only where it opens: in the browser of a phone', async () => {
    expect([PHONE, DESKTOP, IN_WECHAT].map(opensWechatPay)).toEqual([true, false, false])
    const ways = vi.fn(both)
    const shown = await open({ ways, open: async () => address }, DESKTOP)
    expect(choices(shown)).toEqual([])
    expect(ways).not.toHaveBeenCalled()
  })
})
