import type { DeskEvent } from '@ihome/contract/schemas/operator-desk'
import { expect, it } from 'vitest'
import { logDetail, logTitle } from './log-words.ts'

const event = (kind: DeskEvent['kind'], title: string, detail: string): DeskEvent => ({
  at: '2026-11-23T04:00:00.000Z',
  kind,
  title,
  detail,
  amount: null,
})
const said = (...facts: Parameters<typeof event>) => [logTitle(event(...facts)), logDetail(event(...facts))]

it.each([
  ['move', 'PAID', 'WAIT_PAYMENT · gateway', '已支付', '原为待支付 · 支付网关'],
  ['move', 'CANCELED', 'PAID · operator · 房屋停电', '已取消', '原为已支付 · 运营 · 房屋停电'],
  ['attempt', 'SUCCEEDED', 'IH2026 · APPLIED', '已支付', 'IH2026 · 买下了房晚'],
  ['fact', 'rejected', 'notify · paid · TRADE_SUCCESS · app_id', '拒收', '异步通知 · 已收款 · TRADE_SUCCESS · app_id'],
  ['refund', 'SENT', 'guest_cancel · R2026', '已发送', '房客取消 · R2026'],
  ['payout', 'ACCRUED', 'IHP2026 · payee_change', '已入账', 'IHP2026 · 没有可用的收款账户'],
  ['payout', 'RETRY', 'IHP2026 · BALANCE_IS_NOT_ENOUGH', '等待重试', 'IHP2026 · BALANCE_IS_NOT_ENOUGH'],
  ['payout', 'netted', 'IHP2026', '全部抵扣', 'IHP2026'],
  ['posting', 'CLEARING', 'pay_applied', '支付宝账户', '付款入账'],
  ['case', 'mismatch', 'IH2026', '金额不符', 'IH2026'],
] as const)('a %s of the log is said in words: %s', (kind, title, detail, titleWords, detailWords) => {
  expect(said(kind, title, detail)).toEqual([titleWords, detailWords])
})

it('a name that nobody gave words to is shown as it is', () => {
  expect(said('fact', 'brand_new', 'somewhere')).toEqual(['brand_new', 'somewhere'])
})
