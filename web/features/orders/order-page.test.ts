import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type MountedPage, mountPage, outage, refusal, settle } from '../testing-page.ts'
import OrderPage from './OrderPage.vue'
import { aDetail } from './testing-orders.ts'

let page: MountedPage | undefined
beforeEach(() => {
  sessionStorage.clear()
  history.replaceState(null, '', '/')
})
afterEach(() => {
  page?.unmount()
  page = undefined
  vi.unstubAllGlobals()
})

type Detail = ReturnType<typeof aDetail>
const open = (detail: () => Promise<Detail>) =>
  mountPage(OrderPage, { path: '/orders/12', pattern: '/orders/:id', api: { orders: { detail } } })

const event = (
  to: Detail['order']['history'][number]['to'],
  actor: string,
  at: string,
  reason: string | null = null,
) => ({
  from: null,
  to,
  actor,
  reason,
  at,
})

test('a paid order shows its days, amounts, trade number and what happened, in Shanghai’s clock time', async () => {
  page = await open(async () =>
    aDetail(
      { status: 'PAID' },
      {
        trade_no: '2026112322001750621600000004',
        paid_at: '2026-11-23T13:26:00.000Z',
        history: [
          event('WAIT_ACCEPT', 'guest', '2026-11-23T13:25:00.000Z'),
          event('WAIT_PAYMENT', 'host', '2026-11-23T13:25:30.000Z'),
          event('PAID', 'gateway', '2026-11-23T13:26:00.000Z'),
        ],
      },
    ),
  )
  expect(page.text()).toContain('￥388 × 2 晚￥776')
  expect(page.text()).toContain('11月27日 周五14:00 后')
  expect(page.text()).toContain('11月29日 周日12:00 前')
  const lines = [...page.element.querySelectorAll('.history li')].map((line) => line.textContent)
  expect(lines).toEqual(['你提交了订单11月23日 21:25', '房东接单11月23日 21:25', '支付完成11月23日 21:26'])

  const writeText = vi.fn(async () => undefined)
  vi.stubGlobal('navigator', Object.assign(Object.create(navigator), { clipboard: { writeText } }))
  await page.press('复制支付宝交易号')
  expect(writeText).toHaveBeenCalledExactlyOnceWith('2026112322001750621600000004')
  expect(page.announced()).toBe('已复制')
})

test.each([
  ['processing', 'trade', null, '退款处理中 ￥776', '开始退款'],
  ['attention', 'trade', null, '退款处理中，工作人员正在跟进 ￥776', '开始退款'],
  ['done', 'trade', '2026-11-23T15:00:00.000Z', '已退款 ￥776，原路退回支付宝', '11月23日 23:00 已退款'],
  ['done', 'transfer', '2026-11-23T15:00:00.000Z', '已退款 ￥776，已另行转账', '11月23日 23:00 已退款'],
] as const)('a refund that is %s by %s is said so', async (state, via, settled_at, line, when) => {
  page = await open(async () =>
    aDetail(
      { status: 'CANCELED', close_reason: 'guest' },
      {
        refunds: [
          { amount_fen: 77_600, reason: 'surplus', state, via, created_at: '2026-11-23T14:00:00.000Z', settled_at },
        ],
      },
    ),
  )
  expect(page.text()).toContain(line)
  expect(page.text()).toContain(when)
})

test.each([
  ['guest', 'guest', 'guest', '你取消订单'],
  ['host', 'guest', 'guest', '房客取消订单'],
  ['guest', 'host', '水管坏了', '房东取消订单'],
  ['guest', 'system', 'expired', '超时，订单自动取消'],
  ['guest', 'operator', 'system', '平台取消订单'],
] as const)('to the %s, a cancellation by the %s (%s) is %s', async (viewer, actor, reason, line) => {
  page = await open(async () =>
    aDetail(
      { status: 'CANCELED', close_reason: 'guest' },
      { viewer, history: [event('CANCELED', actor, '2026-11-23T13:25:00.000Z', reason)] },
    ),
  )
  expect(page.element.querySelector('.history')?.textContent).toContain(line)
})

test('an order that is not one’s own, or does not exist, leads back to the orders', async () => {
  page = await open(async () => Promise.reject(refusal('order_not_found')))
  expect(page.text()).toContain('订单数据有误')
  expect(page.button('我的订单').getAttribute('href')).toBe('/orders')
})

test('an order that cannot be read offers 重试', async () => {
  const detail = vi.fn<() => Promise<Detail>>().mockRejectedValueOnce(outage())
  detail.mockResolvedValue(aDetail())
  page = await open(detail)
  await page.press('重试')
  expect(page.text()).toContain('国贸落地窗两居')
})

const PAID_STEPS = [
  { until: '2026-11-24T06:00:00.000Z', refund_fen: 77_600 },
  { until: '2026-11-26T06:00:00.000Z', refund_fen: 38_800 },
]

test('cancelling a paid order says what comes back, until when, and then what the server made of it', async () => {
  const detail = vi.fn(async () =>
    aDetail({ status: 'PAID', refund_if_cancelled_fen: 77_600, refund_steps: PAID_STEPS }),
  )
  const cancel = vi.fn(async (_id: number, _body: object, _key: string) => ({
    status: 'CANCELED' as const,
    refund_fen: 77_600,
  }))
  page = await mountPage(OrderPage, {
    path: '/orders/12',
    pattern: '/orders/:id',
    api: { orders: { detail, cancel } },
  })
  await page.press('取消订单')
  expect(page.text()).toContain('现在取消，退 ￥776，原路退回支付宝')
  expect(page.text()).toContain('11月24日 14:00 前退 ￥776')
  expect(page.text()).toContain('11月26日 14:00 前退 ￥388')
  expect(page.text()).toContain('11月26日 14:00 后不退款')
  await page.press('确认取消')
  expect(cancel).toHaveBeenCalledTimes(1)
  expect(page.announced()).toBe('订单已取消，￥776 退款处理中')
})

test('an amount that has gone down since the order was read is said as it is now', async () => {
  const late = '2026-11-25T06:00:00.000Z'
  const paid = { status: 'PAID', refund_if_cancelled_fen: 77_600, refund_steps: PAID_STEPS } as const
  page = await mountPage(OrderPage, {
    path: '/orders/12',
    pattern: '/orders/:id',
    now: late,
    api: { orders: { detail: async () => aDetail(paid, {}, late) } },
  })
  await page.press('取消订单')
  expect(page.text()).toContain('现在取消，退 ￥388')
})

test('on the last day cancelling says that nothing comes back', async () => {
  const late = '2026-11-26T22:00:00.000Z'
  page = await mountPage(OrderPage, {
    path: '/orders/12',
    pattern: '/orders/:id',
    now: late,
    api: { orders: { detail: async () => aDetail({ status: 'PAID', refund_steps: PAID_STEPS }, {}, late) } },
  })
  await page.press('取消订单')
  expect(page.text()).toContain('现在取消不退款')
})

test('a reload with the sheet open opens it again; back closes it and stays', async () => {
  history.replaceState({ sheet: 'cancel-12' }, '', '/')
  page = await open(async () => aDetail())
  await settle()
  expect(page.buttons()).toContain('确认取消')
})

test('a reload opens no sheet for a step that can no longer be taken', async () => {
  history.replaceState({ sheet: 'cancel-12' }, '', '/')
  page = await open(async () => aDetail({ status: 'COMPLETE' }))
  await settle()
  expect(page.buttons()).not.toContain('确认取消')
})
