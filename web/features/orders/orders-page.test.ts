import type { ApiRequest } from '@ihome/contract/client'
import type { OrderItem } from '@ihome/contract/schemas/orders'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { LEAVE } from '../payments/leave-to-cashier.ts'
import { payingOrder } from '../payments/paying-order.ts'
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
import HostOrdersPage from './HostOrdersPage.vue'
import OrdersPage from './OrdersPage.vue'
import { aBookingView, aDetail, aList, anOrder } from './testing-orders.ts'

const TO_PAY = { status: 'WAIT_PAYMENT', pay_by: '2026-11-23T06:00:00.000Z' } as const

let page: MountedPage | undefined
const leave = vi.fn()
beforeEach(() => {
  sessionStorage.clear()
  history.replaceState(null, '', '/')
  leave.mockClear()
})
afterEach(() => {
  page?.unmount()
  page = undefined
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

const openOrders = (orders: OrderItem[], api: PlayedApi = {}) =>
  mountPage(OrdersPage, {
    path: '/orders',
    api: { ...api, orders: { list: async () => aList(orders), ...api.orders } },
    provide: [givenKey(LEAVE, leave)],
  })

const cardNumbers = ({ element }: MountedPage) =>
  [...element.querySelectorAll('article')].map(({ id }) => id.replace('order-', ''))

const openHostOrders = (orders: OrderItem[], api: PlayedApi = {}) =>
  mountPage(HostOrdersPage, {
    path: '/host-orders',
    api: {
      houses: { booking: async () => aBookingView() },
      orders: { list: async () => aList(orders), ...api.orders },
    },
  })

describe('paying', () => {
  test('F1 before the host has accepted there is nothing to pay', async () => {
    page = await openOrders([anOrder()])
    expect(page.buttons()).not.toContain('去支付')
    expect(page.text()).toContain('房东最晚 11月24日 20:10 回复')
  })

  test('a double tap on 去支付 sends once, leaves by navigation and remembers the order', async () => {
    const answer = later<{ order_id: number; status: 'WAIT_PAYMENT'; pay_url: string; expires_at: null }>()
    const open = vi.fn(() => answer.promise)
    page = await openOrders([anOrder(TO_PAY)], { payments: { open } })
    const button = page.button('去支付')
    button.click()
    button.click()
    answer.answer({ order_id: 12, status: 'WAIT_PAYMENT', pay_url: 'http://gateway.test/pay?x=1', expires_at: null })
    await settle()
    button.click()
    await settle()
    expect(open).toHaveBeenCalledTimes(1)
    expect(leave).toHaveBeenCalledExactlyOnceWith('http://gateway.test/pay?x=1')
    expect(payingOrder()).toBe(12)
  })

  test('F10 an order that was paid already is shown so, and nobody is sent to pay again', async () => {
    const detail = vi.fn(async () => aDetail({ status: 'PAID' }))
    page = await openOrders([anOrder(TO_PAY)], {
      payments: { open: async () => ({ order_id: 12, status: 'PAID', pay_url: null, expires_at: null }) },
      orders: { detail },
    })
    await page.press('去支付')
    expect(leave).not.toHaveBeenCalled()
    expect(page.text()).toContain('已支付')
    expect(page.text()).toContain('11月27日 14:00 后入住')
  })

  test('when the gateway cannot be reached, the order is said to be kept until its time, and a retry keeps the key', async () => {
    const open = vi.fn(async (_order: number, _key: string) => Promise.reject(refusal('gateway_unavailable')))
    page = await openOrders([anOrder(TO_PAY)], { payments: { open } })
    await page.press('去支付')
    expect(page.text()).toContain('支付宝暂时连不上，订单为你保留到 14:00')
    await page.press('重试')
    const keys = open.mock.calls.map(([, key]) => key)
    expect(keys).toHaveLength(2)
    expect(new Set(keys).size).toBe(1)
  })

  test('F3 an order that can no longer be paid is read again and shown as it is', async () => {
    page = await openOrders([anOrder(TO_PAY)], {
      payments: { open: async () => Promise.reject(refusal('order_not_found')) },
      orders: { detail: async () => aDetail({ status: 'CANCELED', close_reason: 'host', cancel_note: '水管坏了' }) },
    })
    await page.press('去支付')
    expect(page.text()).toContain('房东取消：水管坏了')
    expect(page.announced()).toBe('订单已经变了，现在是『已取消』')
  })

  test('an answer that comes after the page was left leads nobody away', async () => {
    const answer = later<{ order_id: number; status: 'WAIT_PAYMENT'; pay_url: string; expires_at: null }>()
    page = await openOrders([anOrder(TO_PAY)], { payments: { open: () => answer.promise } })
    page.button('去支付').click()
    page.unmount()
    page = undefined
    answer.answer({ order_id: 12, status: 'WAIT_PAYMENT', pay_url: 'http://gateway.test/', expires_at: null })
    await settle()
    expect(leave).not.toHaveBeenCalled()
  })

  test('in WeChat the guide opens instead, and the gateway hears nothing', async () => {
    vi.spyOn(navigator, 'userAgent', 'get').mockReturnValue('Mozilla/5.0 (iPhone) MicroMessenger/8.0.50')
    const open = vi.fn()
    page = await openOrders([anOrder(TO_PAY)], { payments: { open } })
    expect(page.text()).toContain('微信里打不开支付宝，支付要换到浏览器进行')
    await page.press('去支付')
    expect(open).not.toHaveBeenCalled()
    expect(page.text()).toContain('微信里打不开支付宝：点右上角 ··· 选『在浏览器打开』')
    const copied = vi.fn(async () => undefined)
    vi.stubGlobal('navigator', Object.assign(Object.create(navigator), { clipboard: { writeText: copied } }))
    await page.press('复制链接')
    expect(copied).toHaveBeenCalledExactlyOnceWith(`${location.origin}/orders/12`)
  })
})

describe('taking steps', () => {
  test('cancelling says what it costs first, sends once, and shows what the server made of it', async () => {
    const cancel = vi.fn(async () => ({ status: 'CANCELED' as const, refund_fen: 0 }))
    page = await openOrders([anOrder()], {
      orders: { cancel, detail: async () => aDetail({ status: 'CANCELED', close_reason: 'guest' }) },
    })
    await page.press('取消订单')
    expect(page.text()).toContain('取消后日期会放开，不收任何费用')
    const confirm = page.button('确认取消')
    confirm.click()
    confirm.click()
    await settle()
    expect(cancel).toHaveBeenCalledTimes(1)
    expect(page.announced()).toBe('订单已取消')
    expect(page.text()).toContain('你已取消')
  })

  test('an order that changed meanwhile closes the sheet, is read again, and says what it is now', async () => {
    page = await openOrders([anOrder()], {
      orders: {
        cancel: async () => Promise.reject(refusal('step_refused')),
        detail: async () => aDetail(TO_PAY),
      },
    })
    await page.press('取消订单')
    await page.press('确认取消')
    expect(page.announced()).toBe('订单已经变了，现在是『待支付』')
    expect(page.buttons()).toContain('去支付')
    expect(page.buttons()).not.toContain('确认取消')
  })

  test('without an answer the sheet stays, and the retry goes out under the same key', async () => {
    const cancel = vi.fn(async (_id: number, _body: object, _key: string) => Promise.reject(outage()))
    page = await openOrders([anOrder()], { orders: { cancel } })
    await page.press('取消订单')
    await page.press('确认取消')
    expect(page.text()).toContain('网络不稳，没有收到结果')
    await page.press('重试')
    const [first, second] = cancel.mock.calls.map(([, , key]) => key)
    expect(first).toBeTruthy()
    expect(second).toBe(first)
  })

  test('R9.2 only an ended stay can be commented, and the comment stands on the card at once', async () => {
    const comment = vi.fn(async (_request: ApiRequest) => ({ status: 'COMPLETE' as const }))
    page = await openOrders([anOrder({ status: 'WAIT_COMMENT' }), anOrder({ order_id: 11, status: 'PAID' })], {
      call: comment,
      orders: { detail: async () => aDetail({ status: 'COMPLETE', comment: '很安静' }) },
    })
    expect(page.buttons().filter((words) => words === '发表评价')).toHaveLength(1)
    await page.press('发表评价')
    await page.press('确定')
    expect(page.text()).toContain('请先写几句')
    expect(comment).not.toHaveBeenCalled()
    await page.type('这次住得怎么样', '  很安静  ')
    expect(page.text()).toContain('3/500')
    const star = (row: number, at: number) =>
      [...(page?.element.querySelectorAll<HTMLInputElement>('.stars')[row]?.querySelectorAll('input') ?? [])][at - 1]
    star(1, 5)?.click()
    await page.press('确定')
    expect(page.text()).toContain('请先打一个总体的分数')
    expect(comment).not.toHaveBeenCalled()
    star(0, 4)?.click()
    await page.press('确定')
    const stars = { overall: 4, clean: 5 }
    const [request] = comment.mock.calls.at(-1) ?? []
    expect(request).toEqual({ method: 'PUT', path: '/orders/12/comment', json: { comment: '很安静', stars } })
    expect(page.text()).toContain('我的评价：很安静')
    expect(sessionStorage.getItem('draft:comment-12')).toBeNull()
  })

  test('a comment that comes too late stays on the screen, with what the order is now', async () => {
    page = await openOrders([anOrder({ status: 'WAIT_COMMENT' })], {
      call: async () => Promise.reject(refusal('step_refused')),
      orders: {
        detail: async () => aDetail({ status: 'COMPLETE' }),
      },
    })
    await page.press('发表评价')
    await page.type('这次住得怎么样', '很安静')
    await page.press('确定')
    expect(page.text()).toContain('订单已经变了，现在是『已完成』')
    expect(page.element.querySelector('textarea')?.value).toBe('很安静')
    expect(page.buttons()).not.toContain('确定')
  })

  test('a host answers a review once, and the card then offers it no more', async () => {
    const call = vi.fn(async (_request: ApiRequest) => ({ reply: '谢谢' }))
    const seen = { status: 'COMPLETE', comment: '很好', stars: 5 } as const
    page = await mountPage(HostOrdersPage, {
      path: '/host-orders',
      api: {
        call,
        orders: {
          list: async () => aList([anOrder({ ...seen, guest_name: '小林' })]),
          detail: async () => aDetail({ ...seen, reply: '谢谢' }),
        },
      },
    })
    await page.press('回复评价')
    await page.type('你的回复', ' 谢谢 ')
    await page.press('发表回复')
    await settle()
    expect(call.mock.calls.at(-1)?.[0]).toEqual({ method: 'PUT', path: '/orders/12/reply', json: { reply: '谢谢' } })
    expect(page.buttons()).not.toContain('回复评价')
  })

  test('R13.2 a host accepts after seeing dates, amount and the guest’s time to pay', async () => {
    const answer = vi.fn(async () => ({ status: 'WAIT_PAYMENT' as const }))
    const share = { fee_fen: 466, platform_fee_fen: 0, net_fen: 77_134 }
    page = await openHostOrders([anOrder({ guest_name: '柚子茶', host_share: share })], {
      orders: { answer, detail: async () => aDetail({ ...TO_PAY, guest_name: '柚子茶' }, { viewer: 'host' }) },
    })
    expect(page.text()).toContain('房客 柚子茶')
    expect(page.text()).toContain('预计到手 ￥771.34')
    await page.press('接单')
    expect(page.text()).toContain('支付手续费（预计）−￥4.66')
    expect(page.text()).not.toContain('平台服务费')
    expect(page.text()).toContain('接单后房客有 120 分钟支付')
    expect(page.text()).toContain('11月27日 周五')
    await page.press('确认接单')
    expect(answer).toHaveBeenCalledExactlyOnceWith(12, { action: 'accept' })
    expect(page.text()).toContain('等待房客支付，14:00 截止')
  })

  test('who has no orders and no homes to read is led to the homes', async () => {
    page = await openHostOrders([])
    await vi.waitFor(() => expect(page?.button('我的房源').getAttribute('href')).toBe('/my-houses'))
  })

  test('R13.3 a host cannot reject without a reason; a chip fills it in', async () => {
    const answer = vi.fn(async () => ({ status: 'REJECTED' as const }))
    page = await openHostOrders([anOrder()], {
      orders: {
        answer,
        detail: async () => aDetail({ status: 'REJECTED', reject_reason: '这几天房子在维修' }, { viewer: 'host' }),
      },
    })
    await page.press('拒单')
    await page.press('确认拒单')
    expect(page.text()).toContain('请写一个原因，房客会看到')
    expect(answer).not.toHaveBeenCalled()
    await page.press('这几天房子在维修')
    await page.press('确认拒单')
    expect(answer).toHaveBeenCalledExactlyOnceWith(12, { action: 'reject', reason: '这几天房子在维修' })
    expect(page.text()).toContain('你的拒单原因：这几天房子在维修')
  })

  test('a host who ends an accepted order has to say why', async () => {
    const cancel = vi.fn(async (_id: number, _body: object, _key: string) => ({
      status: 'CLOSING' as const,
      refund_fen: 0,
    }))
    page = await openHostOrders([anOrder(TO_PAY)], {
      orders: { cancel, detail: async () => aDetail({ status: 'CLOSING', close_reason: 'host' }, { viewer: 'host' }) },
    })
    await page.press('取消订单')
    await page.press('确认取消')
    expect(cancel).not.toHaveBeenCalled()
    await page.type('取消原因', '水管坏了')
    await page.press('确认取消')
    expect(cancel.mock.calls[0]?.slice(0, 2)).toEqual([12, { reason: '水管坏了' }])
    expect(page.announced()).toBe('正在关闭订单，日期暂时保留')
  })
})

describe('the list', () => {
  test('no orders: says so and leads to the houses', async () => {
    page = await openOrders([])
    expect(page.text()).toContain('暂无订单')
    expect(page.buttons()).toContain('去看看房源')
  })

  test('a list that cannot be read offers 重试, which reads it', async () => {
    const list = vi.fn<() => Promise<ReturnType<typeof aList>>>().mockRejectedValueOnce(outage())
    list.mockResolvedValue(aList([anOrder()]))
    page = await mountPage(OrdersPage, { path: '/orders', api: { orders: { list } } })
    expect(page.text()).toContain('网络不稳，没有收到结果')
    await page.press('重试')
    expect(page.text()).toContain('国贸落地窗两居')
  })

  test('a failed second reading keeps the cards, with their time', async () => {
    const list = vi.fn(async () => aList([anOrder()]))
    page = await mountPage(OrdersPage, { path: '/orders', api: { orders: { list } } })
    list.mockRejectedValue(outage())
    const later = Date.now() + 5_000
    vi.spyOn(Date, 'now').mockReturnValue(later)
    dispatchEvent(new Event('focus'))
    await settle()
    expect(page.text()).toContain('国贸落地窗两居')
    expect(page.text()).toContain('更新于 12:00')
  })

  test('R9.1 pages follow by cursor, without doubles when an order was added meanwhile', async () => {
    const list = vi.fn(async ({ cursor }: { cursor?: string }) =>
      cursor === undefined
        ? aList([anOrder({ order_id: 30 }), anOrder({ order_id: 29 })], { next_cursor: '29' })
        : aList([anOrder({ order_id: 29 }), anOrder({ order_id: 28 })]),
    )
    page = await mountPage(OrdersPage, { path: '/orders', api: { orders: { list } } })
    await page.press('更多订单')
    const numbers = cardNumbers(page)
    expect(numbers).toEqual(['30', '29', '28'])
    expect(list.mock.calls.at(-1)?.[0]).toEqual({ role: 'custom', cursor: '29' })
  })

  test('R13.1 what a host has to answer stands first, the rest newest first', async () => {
    page = await openHostOrders([
      anOrder({ order_id: 30, status: 'PAID' }),
      anOrder({ order_id: 29 }),
      anOrder({ order_id: 28, status: 'PAID' }),
    ])
    const numbers = cardNumbers(page)
    expect(numbers).toEqual(['29', '30', '28'])
  })

  test('X7 names, titles and reasons with markup are shown as text', async () => {
    const nasty = '<img src=x onerror=alert(1)>'
    page = await openOrders([anOrder({ title: nasty, status: 'REJECTED', reject_reason: nasty })])
    expect(page.text()).toContain(`拒单原因：${nasty}`)
    expect(page.element.querySelector('img[src="x"]')).toBeNull()
  })
})
