import type { HouseBookingView } from '@ihome/contract/schemas/houses'
import type { PlacedOrderView, PlaceOrderBody } from '@ihome/contract/schemas/orders'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import { LEAVE, type Leave } from '../payments/leave-to-cashier.ts'
import {
  givenKey,
  later,
  type MountedPage,
  mountPage,
  outage,
  type PlayedApi,
  refusal,
  settle,
} from '../testing-page.ts'
import BookingPage from './BookingPage.vue'
import { aBookingView } from './testing-orders.ts'

const ADDRESS = '/booking/7?sd=2026-11-27&ed=2026-11-29&g=2'
const PLACED: PlacedOrderView = { order_id: 12, status: 'WAIT_ACCEPT', days: 2, amount: 77_600 }
type Place = (body: PlaceOrderBody, key: string) => Promise<PlacedOrderView>

let page: MountedPage | undefined
beforeEach(() => {
  sessionStorage.clear()
  history.replaceState(null, '', '/')
})
afterEach(() => {
  page?.unmount()
  page = undefined
})

interface Played {
  readonly path?: string
  readonly booking?: () => Promise<HouseBookingView>
  readonly payments?: PlayedApi['payments']
  readonly leave?: Leave
}
const open = (place: Place, { path = ADDRESS, booking = async () => aBookingView(), payments, leave }: Played = {}) =>
  mountPage(BookingPage, {
    path,
    pattern: '/booking/:id',
    api: { orders: { place }, houses: { booking }, ...(payments ? { payments } : {}) },
    provide: leave ? [givenKey(LEAVE, leave)] : [],
  })
const path = () => page?.router.currentRoute.value.fullPath

describe('R6.2 the price before the decision', () => {
  test.each([
    [1_999, '￥39.98'],
    [29, '￥0.58'],
    [115, '￥2.30'],
    [38_800, '￥776'],
  ])('two nights at %i fen are %s', async (price, total) => {
    page = await open(async () => PLACED, { booking: async () => aBookingView({ price }) })
    expect(page.text()).toContain(`合计${total}`)
    expect(page.element.querySelector('.booking__total')?.textContent).toContain(total)
  })

  test('what cancelling returns, and what happens next, stand there with dates, amounts and the figures of the server', async () => {
    page = await open(async () => PLACED)
    expect(page.text()).toContain('11月24日 14:00 前退 ￥776')
    expect(page.text()).toContain('11月26日 14:00 前退 ￥388')
    expect(page.text()).toContain('11月26日 14:00 后不退款')
    expect(page.text()).toContain('房东 24 小时内接单，接单后 120 分钟内支付')
    expect(page.text()).toContain('押金 ￥500')
  })

  test('for a stay from today the host’s time is said as it really is', async () => {
    page = await open(async () => PLACED, { path: '/booking/7?sd=2026-11-23&ed=2026-11-24' })
    expect(page.text()).toContain('房东最晚 明天 00:00 前接单')
    expect(page.text()).toContain('现在起不退款')
  })
})

describe('sending', () => {
  test('a double tap sends one wish with a key and the price that was seen, then shows the orders', async () => {
    const answer = later<PlacedOrderView>()
    const place = vi.fn<Place>(() => answer.promise)
    page = await open(place)
    const button = page.button('提交订单')
    button.click()
    button.click()
    await nextTick()
    expect(button.getAttribute('aria-busy')).toBe('true')
    answer.answer(PLACED)
    await settle()
    expect(place).toHaveBeenCalledTimes(1)
    const [body, key] = place.mock.calls[0] ?? []
    expect(body).toEqual({
      house_id: 7,
      start_date: '2026-11-27',
      end_date: '2026-11-29',
      guest_count: 2,
      expected_amount_fen: 77_600,
    })
    expect(key).toMatch(/^\w{16,}$/)
    expect(path()).toBe('/orders')
    expect(page.announced()).toBe('订单已提交，等待房东接单')
  })

  test('UX12 a house with instant booking goes on to the cashier, and the way back leads to the order', async () => {
    const left: string[] = []
    const opened = vi.fn(async () => ({
      order_id: 12,
      status: 'WAIT_PAYMENT' as const,
      pay_url: 'https://cashier.test/pay',
      expires_at: null,
    }))
    page = await open(async () => ({ ...PLACED, status: 'WAIT_PAYMENT' }), {
      booking: async () => aBookingView({ instant: true }),
      payments: { open: opened },
      leave: (url) => left.push(url),
    })
    expect(page.text()).toContain('不用等房东接单')
    await page.press('提交并支付 ￥776')
    expect(opened).toHaveBeenCalledTimes(1)
    expect(left).toEqual(['https://cashier.test/pay'])
    expect(path()).toBe('/orders/12')
  })

  test('of an instant booking whose cashier cannot be reached, the order is shown', async () => {
    page = await open(async () => ({ ...PLACED, status: 'WAIT_PAYMENT' }), {
      booking: async () => aBookingView({ instant: true }),
      payments: { open: async () => Promise.reject(refusal('gateway_unavailable')) },
    })
    await page.press('提交并支付 ￥776')
    expect(path()).toBe('/orders/12')
    expect(page.announced()).toBe('订单已提交，付款后生效')
  })

  test('after silence 重试 goes out under the same key, also after a reload', async () => {
    const place = vi.fn<Place>(async () => Promise.reject(outage()))
    page = await open(place)
    await page.press('提交订单')
    expect(page.text()).toContain('网络不稳，没有收到结果')
    await page.press('重试')
    page.unmount()
    page = await open(place)
    await page.press('提交订单')
    const keys = place.mock.calls.map(([, key]) => key)
    expect(keys).toHaveLength(3)
    expect(new Set(keys).size).toBe(1)
  })

  test('an answer that comes after the page was left leads nobody away', async () => {
    const answer = later<PlacedOrderView>()
    page = await open(() => answer.promise)
    page.button('提交订单').click()
    const replace = vi.spyOn(page.router, 'replace')
    page.unmount()
    page = undefined
    answer.answer(PLACED)
    await settle()
    expect(replace).not.toHaveBeenCalled()
  })

  test('R6.1 without dates nothing is sent: the calendar opens', async () => {
    const place = vi.fn<Place>(async () => PLACED)
    page = await open(place, { path: '/booking/7' })
    expect(page.element.querySelector('dialog[open]')).not.toBeNull()
    page.button('提交订单').click()
    await settle()
    expect(place).not.toHaveBeenCalled()
    expect(page.announced()).toBe('请先选择入住日期和离开日期')
  })

  test('dates and people come back from the draft of this tab when the address has none', async () => {
    page = await open(async () => PLACED)
    page.unmount()
    page = await open(async () => PLACED, { path: '/booking/7' })
    expect(path()).toBe(ADDRESS)
    expect(page.text()).toContain('2 人')
  })

  test('people are counted up to what the house takes', async () => {
    page = await open(async () => PLACED, { booking: async () => aBookingView({ capacity: 3 }) })
    const more = page.element.querySelector<HTMLElement>('[aria-label="增加一人"]')
    more?.click()
    await settle()
    more?.click()
    await settle()
    expect(path()).toContain('g=3')
    expect(more?.getAttribute('aria-disabled')).toBe('true')
  })
})

describe('refusals, each at its place', () => {
  test('dates_taken: fresh nights are read and the calendar opens, people stay', async () => {
    const booking = vi.fn(async () => aBookingView())
    page = await open(async () => Promise.reject(refusal('dates_taken')), { booking })
    booking.mockResolvedValue(aBookingView({ booked: [{ start_date: '2026-11-27', end_date: '2026-11-28' }] }))
    await page.press('提交订单')
    expect(booking).toHaveBeenCalledTimes(2)
    expect(page.element.querySelector('#dates-error')?.textContent).toBe('这些日期刚被别人订走了，请重新选择')
    expect(page.element.querySelector('dialog[open] [data-day="2026-11-27"]')?.className).toContain('is-taken')
    expect(page.text()).toContain('2 人')
  })

  test('price_changed: old and new stand beside each other; only the new one is sent, under a new key', async () => {
    const place = vi.fn<Place>().mockRejectedValueOnce(refusal('price_changed', { amount: 81_600, days: 2 }))
    place.mockResolvedValue(PLACED)
    const booking = vi.fn(async () => aBookingView())
    page = await open(place, { booking })
    booking.mockResolvedValue(aBookingView({ price: 40_800 }))
    await page.press('提交订单')
    expect(page.text()).toContain('价格变了：￥776 → ￥816')
    await page.press('按新价格提交')
    await settle()
    expect(place.mock.calls.map(([body]) => body.expected_amount_fen)).toEqual([77_600, 81_600])
    expect(place.mock.calls[0]?.[1]).not.toBe(place.mock.calls[1]?.[1])
    expect(path()).toBe('/orders')
  })

  test('price_changed and 不订了: nothing is sent, back at the house', async () => {
    const place = vi.fn<Place>(async () => Promise.reject(refusal('price_changed', { amount: 81_600, days: 2 })))
    page = await open(place)
    await page.press('提交订单')
    await page.press('不订了')
    await settle()
    expect(place).toHaveBeenCalledTimes(1)
    expect(path()).toBe('/detail/7?sd=2026-11-27&ed=2026-11-29')
  })

  test('too_many_open_orders leads to the orders', async () => {
    page = await open(async () => Promise.reject(refusal('too_many_open_orders')))
    await page.press('提交订单')
    expect(page.text()).toContain('还没支付，先处理它们')
    expect(page.button('我的订单').getAttribute('href')).toBe('/orders')
  })

  test.each([
    ['own_house', {}, '这是你自己的房源'],
    ['stay_too_short', { min_days: 3 }, '至少住 3 晚'],
    ['stay_too_long', { max_days: 1 }, '最多住 1 晚'],
    ['dates_invalid', {}, '请重新选择日期'],
    ['too_many_guests', { capacity: 1 }, '最多住 1 人'],
  ] as const)('%s says %o as %s', async (problem, details, words) => {
    page = await open(async () => Promise.reject(refusal(problem, details)))
    await page.press('提交订单')
    expect(page.text()).toContain(words)
    expect(path()).toBe(ADDRESS)
  })

  test('rate_limited says how long to wait, and a retry keeps the wish', async () => {
    page = await open(async () => Promise.reject(refusal('overloaded', {}, 12)))
    await page.press('提交订单')
    expect(page.text()).toContain('12 秒后再试')
    expect(page.buttons()).toContain('提交订单')
  })

  test('R6.1 dates of an old link that are taken say so before anything is sent', async () => {
    const place = vi.fn<Place>(async () => PLACED)
    page = await open(place, {
      booking: async () => aBookingView({ booked: [{ start_date: '2026-11-26', end_date: '2026-11-28' }] }),
    })
    expect(page.element.querySelector('#dates-error')?.textContent).toBe('11月27日已被预订')
    await page.press('提交订单')
    expect(place).not.toHaveBeenCalled()
  })

  test('a house that is gone says so, with the way to others', async () => {
    page = await open(async () => PLACED, { booking: async () => Promise.reject(refusal('house_not_found')) })
    expect(page.text()).toContain('没有找到这个房源')
    expect(page.button('看看其他房源').getAttribute('href')).toBe('/search')
  })

  test('a house that cannot be read offers 重试, and nothing can be sent meanwhile', async () => {
    const booking = vi.fn<() => Promise<HouseBookingView>>().mockRejectedValueOnce(outage())
    booking.mockResolvedValue(aBookingView())
    page = await open(async () => PLACED, { booking })
    expect(page.text()).toContain('网络不稳，没有收到结果')
    await page.press('重试')
    expect(page.text()).toContain('合计￥776')
  })
})
