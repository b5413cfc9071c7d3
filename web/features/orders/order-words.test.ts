import type { OrderItem } from '@ihome/contract/schemas/orders'
import type { Viewer } from '@ihome/core/orders/steps'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createServerClock } from '../../platform/server-clock.ts'
import { sayPrivately as say } from '../../text/private-say.ts'
import { buttonsOf } from './order-buttons.ts'
import { labelOf, TONES } from './order-label.ts'
import { orderSentence, refundSentence } from './order-sentence.ts'
import { anOrder } from './testing-orders.ts'

const NOON = '2026-11-23T04:00:00Z'

beforeEach(() => {
  vi.stubEnv('TZ', 'America/New_York')
  vi.useFakeTimers()
  // The phone is three days behind, and somewhere else.
  vi.setSystemTime('2026-11-20T01:02:03Z')
})
afterEach(() => {
  vi.unstubAllEnvs()
  vi.useRealTimers()
})

interface Row {
  readonly order: Partial<OrderItem>
  readonly viewer: Viewer
  readonly at?: string
  readonly tag: string
  readonly tone: string
  readonly says: string
  readonly main?: string
  readonly quiet?: readonly string[]
}

const accepted = { status: 'WAIT_PAYMENT', pay_by: '2026-11-23T13:40:00Z' } as const
const canceled = (close_reason: OrderItem['close_reason'], more: Partial<OrderItem> = {}): Partial<OrderItem> => ({
  status: 'CANCELED',
  close_reason,
  ...more,
})

const ROWS: readonly Row[] = [
  { order: {}, viewer: 'guest', tag: '待接单', tone: 'warn', says: '房东最晚 11月24日 20:10 回复', quiet: ['cancel'] },
  {
    order: {},
    viewer: 'host',
    tag: '待接单',
    tone: 'warn',
    says: '请在 11月24日 20:10 前回复，还剩 1 天 8 小时',
    main: 'accept',
    quiet: ['reject'],
  },
  {
    order: accepted,
    viewer: 'guest',
    at: '2026-11-23T12:28:00Z',
    tag: '待支付',
    tone: 'warn',
    says: '请在 21:40 前支付 ￥776，还剩 1 小时 12 分',
    main: 'pay',
    quiet: ['cancel'],
  },
  {
    order: accepted,
    viewer: 'host',
    tag: '待支付',
    tone: 'warn',
    says: '等待房客支付，21:40 截止',
    quiet: ['cancel'],
  },
  {
    order: { ...accepted, status: 'CLOSING', close_reason: 'guest' },
    viewer: 'guest',
    tag: '关闭中',
    tone: 'plain',
    says: '正在和支付宝确认没有扣款，日期暂时保留；若已扣款会全额退回',
  },
  {
    order: { ...accepted, status: 'CLOSING', close_reason: 'expired' },
    viewer: 'guest',
    tag: '关闭中',
    tone: 'plain',
    says: '正在和支付宝确认没有扣款，日期暂时保留；若已支付，订单照常有效',
  },
  {
    order: { ...accepted, status: 'CLOSING', close_reason: 'expired' },
    viewer: 'host',
    tag: '关闭中',
    tone: 'plain',
    says: '正在关闭，日期暂时保留',
  },
  {
    order: { status: 'PAID' },
    viewer: 'guest',
    tag: '已支付',
    tone: 'trust',
    says: '11月27日 14:00 后入住',
    quiet: ['cancel'],
  },
  {
    order: { status: 'PAID' },
    viewer: 'host',
    tag: '已支付',
    tone: 'trust',
    says: '11月27日 14:00 后到店',
    quiet: ['cancel'],
  },
  {
    order: { status: 'PAID' },
    viewer: 'guest',
    at: '2026-11-26T16:00:00Z',
    tag: '入住中',
    tone: 'trust',
    says: '11月29日 12:00 前退房',
    quiet: ['cancel'],
  },
  {
    order: { status: 'PAID' },
    viewer: 'host',
    at: '2026-11-28T15:59:59Z',
    tag: '入住中',
    tone: 'trust',
    says: '11月29日 12:00 前退房',
  },
  {
    order: { status: 'PAID' },
    viewer: 'guest',
    at: '2026-11-28T16:00:00Z',
    tag: '已支付',
    tone: 'trust',
    says: '11月29日 12:00 前退房',
    main: 'check_out',
  },
  {
    order: { status: 'PAID' },
    viewer: 'host',
    at: '2026-11-28T16:00:00Z',
    tag: '已支付',
    tone: 'trust',
    says: '11月29日 12:00 前退房',
    main: 'check_out',
  },
  {
    order: { status: 'WAIT_COMMENT' },
    viewer: 'guest',
    tag: '待评价',
    tone: 'plain',
    says: '说说这次住得怎么样',
    main: 'comment',
  },
  { order: { status: 'WAIT_COMMENT' }, viewer: 'host', tag: '待评价', tone: 'plain', says: '等待房客评价' },
  {
    order: { status: 'COMPLETE', comment: '很安静' },
    viewer: 'guest',
    tag: '已完成',
    tone: 'plain',
    says: '我的评价：很安静',
  },
  {
    order: { status: 'COMPLETE', comment: '很安静' },
    viewer: 'host',
    tag: '已完成',
    tone: 'plain',
    says: '房客评价：很安静',
    quiet: ['reply'],
  },
  {
    order: { status: 'COMPLETE', comment: '很安静', reply: '欢迎再来' },
    viewer: 'host',
    tag: '已完成',
    tone: 'plain',
    says: '房客评价：很安静',
  },
  { order: canceled('expired'), viewer: 'guest', tag: '已取消', tone: 'plain', says: '超时未接单' },
  {
    order: canceled('expired', { pay_by: '2026-11-23T13:40:00Z' }),
    viewer: 'host',
    tag: '已取消',
    tone: 'plain',
    says: '超时未支付',
  },
  { order: canceled('guest'), viewer: 'guest', tag: '已取消', tone: 'plain', says: '你已取消' },
  { order: canceled('guest'), viewer: 'host', tag: '已取消', tone: 'plain', says: '房客取消' },
  {
    order: canceled('host', { cancel_note: '水管坏了' }),
    viewer: 'guest',
    tag: '已取消',
    tone: 'plain',
    says: '房东取消：水管坏了',
  },
  {
    order: canceled('host', { cancel_note: '水管坏了' }),
    viewer: 'host',
    tag: '已取消',
    tone: 'plain',
    says: '你已取消：水管坏了',
  },
  { order: canceled('system'), viewer: 'guest', tag: '已取消', tone: 'plain', says: '平台取消' },
  { order: canceled('system'), viewer: 'host', tag: '已取消', tone: 'plain', says: '平台取消' },
  {
    order: { status: 'REJECTED', reject_reason: '房子在维修' },
    viewer: 'guest',
    tag: '已拒单',
    tone: 'danger',
    says: '拒单原因：房子在维修',
  },
  {
    order: { status: 'REJECTED', reject_reason: '房子在维修' },
    viewer: 'host',
    tag: '已拒单',
    tone: 'danger',
    says: '你的拒单原因：房子在维修',
  },
]

describe('what an order says', () => {
  test('the phone of these tests is in New York', () => {
    expect(new Date('2026-11-23T04:00:00Z').getTimezoneOffset()).toBe(300)
  })

  test.each(ROWS)('$order.status, to the $viewer: $tag, $says', ({ order, viewer, at = NOON, ...expected }) => {
    const clock = createServerClock({ now: undefined, today: '2026-11-23' })
    clock.hear(at)
    const shown = anOrder(order)
    const now = clock.now()
    const label = labelOf(shown, now)
    const { main, quiet } = buttonsOf(shown, viewer, now)

    expect(say(`status.${label}`)).toBe(expected.tag)
    expect(TONES[label]).toBe(expected.tone)
    expect(orderSentence(say, shown, viewer, now)).toBe(expected.says)
    expect(main).toBe(expected.main)
    expect(quiet).toEqual(expected.quiet ?? [])
  })

  test('R9.4 a refused guest is led to other houses, the host is not', () => {
    const rejected = anOrder({ status: 'REJECTED', reject_reason: '房子在维修' })
    expect(buttonsOf(rejected, 'guest', new Date(NOON)).browse).toBe(true)
    expect(buttonsOf(rejected, 'host', new Date(NOON)).browse).toBe(false)
  })

  test('once the window is over, no rest is shown any more', () => {
    const over = new Date('2026-11-23T13:40:00Z')
    expect(orderSentence(say, anOrder(accepted), 'guest', over)).toBe('支付时间已过，正在更新订单')
    expect(orderSentence(say, anOrder(), 'host', new Date('2026-11-24T12:10:00Z'))).toBe('回复时间已过，正在更新订单')
  })

  test.each([
    ['none', undefined],
    ['processing', '退款处理中'],
    ['done', '已退款 ￥388，原路退回支付宝'],
  ] as const)('the refund line of %s is %s', (refund_state, line) => {
    expect(refundSentence(say, anOrder({ status: 'CANCELED', refund_state, refund_fen: 38_800 }))).toBe(line)
  })
})
