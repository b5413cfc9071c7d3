import type { OrderItem } from '@ihome/contract/schemas/orders'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type MountedPage, mountPage, type PlayedApi } from '../testing-page.ts'
import HostOrdersPage from './HostOrdersPage.vue'
import OrderPage from './OrderPage.vue'
import OrdersPage from './OrdersPage.vue'
import { aBookingView, aDetail, aList, anOrder } from './testing-orders.ts'

/** Check-in is on 27 November at 14:00; everything comes back until the 24th, half of it until the 26th. */
const PAID: Partial<OrderItem> = {
  status: 'PAID',
  pay_by: '2026-11-23T06:00:00.000Z',
  refund_if_cancelled_fen: 77_600,
  refund_steps: [
    { until: '2026-11-24T06:00:00.000Z', refund_fen: 77_600 },
    { until: '2026-11-26T06:00:00.000Z', refund_fen: 38_800 },
  ],
}
const ended = { status: 'CANCELED', refund_state: 'processing', refund_fen: 77_600 } as const

let page: MountedPage | undefined
beforeEach(() => {
  sessionStorage.clear()
  history.replaceState(null, '', '/')
  vi.stubEnv('TZ', 'America/New_York')
  vi.useFakeTimers()
  vi.setSystemTime('2026-11-20T01:02:03Z')
})
afterEach(() => {
  page?.unmount()
  page = undefined
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

const press = async (words: string) => {
  page?.button(words).click()
  await vi.advanceTimersByTimeAsync(1_000)
}

/** 我的订单 with one order, read at this instant of the server's clock. */
const openAt = (now: string, order: Partial<OrderItem>, orders: PlayedApi['orders'] = {}) =>
  mountPage(OrdersPage, {
    path: '/orders',
    api: { orders: { list: async () => aList([anOrder({ ...PAID, ...order })], { now }), ...orders } },
  })

describe('a guest who cancels a paid order', () => {
  test('R8 reads before what comes back now, and until when how much', async () => {
    page = await openAt('2026-11-23T04:00:00.000Z', {})
    await press('取消订单')
    expect(page.text()).toContain('现在取消，退 ￥776，原路退回支付宝')
    expect(page.text()).toContain('11月24日 14:00 前退 ￥776')
    expect(page.text()).toContain('11月26日 14:00 前退 ￥388')
    expect(page.text()).toContain('11月26日 14:00 后不退款')
    expect(page.text()).not.toContain('你还没有支付')
    expect(page.button('确认取消').className).toContain('danger')
  })

  test('R8 reads less at the very moment when less comes back, also in a sheet that stands open', async () => {
    page = await openAt('2026-11-24T05:59:50.000Z', {})
    await press('取消订单')
    expect(page.text()).toContain('退 ￥776，原路退回支付宝')
    await vi.advanceTimersByTimeAsync(15_000)
    expect(page.text()).toContain('现在取消，退 ￥388，原路退回支付宝')
    expect(page.text()).not.toContain('￥776，原路')
  })

  test('R8 reads that nothing comes back when it is too late', async () => {
    page = await openAt('2026-11-26T06:00:00.001Z', { refund_if_cancelled_fen: 0 })
    await press('取消订单')
    expect(page.text()).toContain('现在取消不退款')
    expect(page.text()).not.toContain('原路退回')
  })

  test('sends no reason and no amount, and reads on the card that the money is on its way, then that it is back', async () => {
    const cancel = vi.fn(async (_id: number, _body: object, _key: string) => ({
      status: 'CANCELED' as const,
      refund_fen: 77_600,
    }))
    const list = vi.fn(async () => aList([anOrder(PAID)]))
    page = await openAt(
      '2026-11-23T04:00:00.000Z',
      {},
      {
        list,
        cancel,
        detail: async () => aDetail({ ...ended, close_reason: 'guest' }),
      },
    )
    await press('取消订单')
    await press('确认取消')
    expect(cancel.mock.calls.map(([id, body]) => [id, body])).toEqual([[12, {}]])
    expect(page.text()).toContain('已取消')
    expect(page.text()).toContain('退款处理中')
    expect(page.buttons()).not.toContain('取消订单')
    list.mockResolvedValue(aList([anOrder({ ...ended, close_reason: 'guest', refund_state: 'done' })]))
    await vi.advanceTimersByTimeAsync(15_000)
    expect(page.text()).toContain('已退款 ￥776，原路退回支付宝')
    const asked = list.mock.calls.length
    await vi.advanceTimersByTimeAsync(60_000)
    expect(list).toHaveBeenCalledTimes(asked)
  })

  test('finds the same on the page of the order, until check-in', async () => {
    let now = '2026-11-27T05:59:55.000Z'
    page = await mountPage(OrderPage, {
      path: '/orders/12',
      pattern: '/orders/:id',
      api: { orders: { detail: async () => aDetail({ ...PAID, refund_if_cancelled_fen: 0 }, {}, now) } },
    })
    await press('取消订单')
    expect(page.text()).toContain('现在取消不退款')
    await press('先不取消')
    now = '2026-11-27T06:00:05.000Z'
    await vi.advanceTimersByTimeAsync(10_000)
    expect(page.buttons()).not.toContain('取消订单')
  })
})

describe('a host who cancels a paid order', () => {
  test('R9 reads that the guest gets everything back, and has to say why', async () => {
    const cancel = vi.fn(async (_id: number, _body: object, _key: string) => ({
      status: 'CANCELED' as const,
      refund_fen: 77_600,
    }))
    page = await mountPage(HostOrdersPage, {
      path: '/host-orders',
      api: {
        houses: { booking: async () => aBookingView() },
        orders: {
          // So late that a guest would get nothing.
          list: async () => aList([anOrder(PAID)], { now: '2026-11-27T05:00:00.000Z' }),
          cancel,
          detail: async () => aDetail({ ...ended, close_reason: 'host', cancel_note: '水管坏了' }, { viewer: 'host' }),
        },
      },
    })
    await press('取消订单')
    expect(page.text()).toContain('￥776 全额退给房客')
    expect(page.text()).not.toContain('房客还没有支付')
    await press('确认取消')
    expect(cancel).not.toHaveBeenCalled()
    await page.type('取消原因', '水管坏了')
    await press('确认取消')
    expect(cancel.mock.calls.map(([id, body]) => [id, body])).toEqual([[12, { reason: '水管坏了' }]])
    expect(page.text()).toContain('你已取消：水管坏了')
    expect(page.text()).toContain('退款处理中')
  })
})
