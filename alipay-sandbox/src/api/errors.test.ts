import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AlipaySandbox, type FaultSpec, startAlipaySandbox } from '../index.ts'
import { DEFAULT_SETTINGS, type Settings } from '../settings.ts'
import { handClock } from '../testing/bare-engine.ts'
import { sharedKeys } from '../testing/keys.ts'
import { callGateway, payUrl } from '../testing/merchant.ts'

const DAY = 86_400_000

let sandbox: AlipaySandbox
let numbers = 0

beforeAll(async () => {
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys: await sharedKeys(), clock: handClock() })
})
afterAll(() => sandbox.stop())

/** A number in some state of its life. */
type Made = 'nothing' | 'unpaid' | 'closed' | 'paid' | 'partly' | 'refunded' | 'finished' | 'unaffordable'

async function make(made: Made): Promise<string> {
  numbers += 1
  const no = `e${numbers}`
  const url = payUrl(
    sandbox,
    { out_trade_no: no, ...(made === 'unaffordable' && { total_amount: '50000000' }) },
    {},
    'page',
  )
  if (made === 'nothing') return no
  if (made === 'unpaid' || made === 'closed') {
    await sandbox.pay({ payUrl: url, outcome: 'tab_closed' })
    if (made === 'closed') await sandbox.control.closeTrade(no)
    return no
  }
  if (made === 'unaffordable') {
    // The seller keeps half of it, and that with the opening balance is less than the whole.
    await sandbox.control.changeSettings({ fee_rate: 0.5 })
    await sandbox.pay({ payUrl: url })
    return no
  }
  await sandbox.pay({ payUrl: url })
  if (made === 'partly' || made === 'refunded') {
    const amountFen = made === 'partly' ? 1000 : 8880
    await sandbox.control.refundTrade(no, { amountFen, outRequestNo: 'earlier' })
  }
  if (made === 'finished') await sandbox.control.finishTrade(no)
  return no
}

interface Row {
  readonly method: 'query' | 'close' | 'refund' | 'fastpay.refund.query'
  readonly code: string
  readonly when: Made
  /** Besides the number. */
  readonly biz?: Readonly<Record<string, unknown>>
  readonly settings?: Partial<Settings>
  readonly fault?: FaultSpec
}

const refund = { refund_amount: '1', out_request_no: 'now' }
const published = (method: Row['method'], biz: Row['biz'], ...codes: string[]): Row[] =>
  codes.map((code) => ({
    method,
    code,
    when: 'paid',
    ...(biz && { biz }),
    fault: { kind: 'business_error', value: code },
  }))

/** The error lists of the four methods: those that a state or a setting brings about, and the rest by a fault. */
const ROWS: readonly Row[] = [
  { method: 'query', code: 'ACQ.TRADE_NOT_EXIST', when: 'nothing' },
  { method: 'query', code: 'ACQ.INVALID_PARAMETER', when: 'paid', biz: { out_trade_no: '' } },
  { method: 'query', code: 'ACQ.INVALID_PARAMETER', when: 'paid', biz: { out_trade_no: 'x'.repeat(65) } },
  { method: 'query', code: 'ACQ.INVALID_PARAMETER', when: 'paid', biz: { trade_no: ['1'] } },
  { method: 'query', code: 'ACQ.SYSTEM_ERROR', when: 'paid', fault: { kind: 'system_error' } },
  ...published('query', undefined, 'ACQ.ENTERPRISE_PAY_BIZ_ERROR'),

  { method: 'close', code: 'ACQ.TRADE_NOT_EXIST', when: 'nothing' },
  { method: 'close', code: 'ACQ.INVALID_PARAMETER', when: 'unpaid', biz: { out_trade_no: '' } },
  { method: 'close', code: 'ACQ.REASON_TRADE_STATUS_INVALID', when: 'paid' },
  { method: 'close', code: 'ACQ.REASON_TRADE_STATUS_INVALID', when: 'closed' },
  { method: 'close', code: 'ACQ.REASON_TRADE_STATUS_INVALID', when: 'finished' },
  {
    method: 'close',
    code: 'ACQ.TRADE_STATUS_ERROR',
    when: 'paid',
    settings: { close_paid_error: 'ACQ.TRADE_STATUS_ERROR' },
  },
  {
    method: 'close',
    code: 'ACQ.REASON_ILLEGAL_STATUS',
    when: 'paid',
    settings: { close_paid_error: 'ACQ.REASON_ILLEGAL_STATUS' },
  },
  { method: 'close', code: 'ACQ.SYSTEM_ERROR', when: 'unpaid', fault: { kind: 'system_error' } },

  { method: 'refund', code: 'ACQ.TRADE_NOT_EXIST', when: 'nothing', biz: refund },
  { method: 'refund', code: 'ACQ.TRADE_STATUS_ERROR', when: 'unpaid', biz: refund },
  { method: 'refund', code: 'ACQ.TRADE_HAS_CLOSE', when: 'closed', biz: refund },
  { method: 'refund', code: 'ACQ.TRADE_HAS_CLOSE', when: 'refunded', biz: refund },
  { method: 'refund', code: 'ACQ.TRADE_HAS_FINISHED', when: 'finished', biz: refund },
  {
    method: 'refund',
    code: 'ACQ.DISCORDANT_REPEAT_REQUEST',
    when: 'partly',
    biz: { ...refund, out_request_no: 'earlier' },
  },
  {
    method: 'refund',
    code: 'ACQ.REASON_TRADE_REFUND_FEE_ERR',
    when: 'paid',
    biz: { ...refund, refund_amount: '88.81' },
  },
  {
    method: 'refund',
    code: 'ACQ.REASON_TRADE_REFUND_FEE_ERR',
    when: 'partly',
    biz: { ...refund, refund_amount: '78.81' },
  },
  {
    method: 'refund',
    code: 'ACQ.SELLER_BALANCE_NOT_ENOUGH',
    when: 'unaffordable',
    biz: { ...refund, refund_amount: '50000000' },
  },
  ...[0, '0', '0.00', -1, '-1', '1.001', '1e1', '', null, '一'].map(
    (amount): Row => ({
      method: 'refund',
      code: 'ACQ.INVALID_PARAMETER',
      when: 'paid',
      biz: { ...refund, refund_amount: amount },
    }),
  ),
  { method: 'refund', code: 'ACQ.INVALID_PARAMETER', when: 'paid', biz: { out_request_no: 'no amount' } },
  { method: 'refund', code: 'ACQ.INVALID_PARAMETER', when: 'paid', biz: { ...refund, out_request_no: 'x'.repeat(65) } },
  {
    method: 'refund',
    code: 'ACQ.INVALID_PARAMETER',
    when: 'paid',
    biz: { ...refund, refund_reason: '长'.repeat(257) },
  },
  {
    method: 'refund',
    code: 'ACQ.REFUND_FEE_ERROR',
    when: 'partly',
    biz: refund,
    settings: { refund_interval: 'reject' },
  },
  {
    method: 'refund',
    code: 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL',
    when: 'paid',
    biz: refund,
    settings: { official_sandbox_limits: true },
  },
  {
    method: 'refund',
    code: 'ACQ.TRADE_NOT_ALLOW_REFUND',
    when: 'partly',
    biz: refund,
    settings: { official_sandbox_limits: true },
  },
  { method: 'refund', code: 'ACQ.SYSTEM_ERROR', when: 'paid', biz: refund, fault: { kind: 'system_error' } },
  ...published(
    'refund',
    refund,
    'ACQ.REASON_TRADE_BEEN_FREEZEN',
    'ACQ.BUYER_NOT_EXIST',
    'ACQ.BUYER_ENABLE_STATUS_FORBID',
    'ACQ.REASON_TRADE_STATUS_INVALID',
    'ACQ.NOT_ALLOW_PARTIAL_REFUND',
    'ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND',
    'ACQ.BUYER_ERROR',
    'ACQ.CURRENCY_NOT_SUPPORT',
    'ACQ.ALLOC_AMOUNT_VALIDATE_ERROR',
    'ACQ.USER_NOT_MATCH_ERR',
    'ACQ.TRADE_SETTLE_ERROR',
    'ACQ.REFUND_CHARGE_ERROR',
    'ACQ.ENTERPRISE_PAY_BIZ_ERROR',
    'ACQ.REFUND_ACCOUNT_NOT_EXIST',
    'ACQ.CUSTOMER_VALIDATE_ERROR',
    'ACQ.REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST',
    'ACQ.REFUNDALLOC_UNAUTH_LIMIT',
  ),

  { method: 'fastpay.refund.query', code: 'ACQ.TRADE_NOT_EXIST', when: 'nothing', biz: { out_request_no: 'r' } },
  { method: 'fastpay.refund.query', code: 'ACQ.INVALID_PARAMETER', when: 'paid' },
  {
    method: 'fastpay.refund.query',
    code: 'ACQ.INVALID_PARAMETER',
    when: 'paid',
    biz: { out_request_no: 'x'.repeat(65) },
  },
  {
    method: 'fastpay.refund.query',
    code: 'ACQ.SYSTEM_ERROR',
    when: 'partly',
    biz: { out_request_no: 'earlier' },
    fault: { kind: 'system_error' },
  },
  ...published('fastpay.refund.query', { out_request_no: 'r' }, 'TRADE_NOT_EXIST', 'ACQ.ENTERPRISE_PAY_BIZ_ERROR'),
]

describe('every published error of query, close, refund and refund query (SBX-43, SBX-46)', () => {
  test.each(ROWS)('SBX-43 SBX-46 $method answers $code when the trade is $when', async (row) => {
    const no = await make(row.when)
    await sandbox.control.changeSettings({ ...row.settings })
    if (row.fault) await sandbox.faults.add(row.fault)
    const moneyBefore = JSON.stringify(sandbox.control.accounts())
    const before = row.when === 'nothing' ? undefined : sandbox.control.trade(no)

    const biz = { out_trade_no: no, ...row.biz }
    const { answer, verified } = await callGateway(sandbox, `alipay.trade.${row.method}`, biz)
    expect(answer).toMatchObject({ code: '40004', msg: 'Business Failed', sub_code: row.code })
    expect(answer.sub_msg).toMatch(/[\u4e00-\u9fff]/)
    expect(verified).toBe(true)

    // A refusal is never half an execution.
    expect(JSON.stringify(sandbox.control.accounts())).toBe(moneyBefore)
    expect(before && sandbox.control.trade(no)).toEqual(before)
    expect(sandbox.faults.list().every(({ used }) => used === 1)).toBe(true)
    for (const { id } of sandbox.faults.list()) await sandbox.faults.remove(id)
    await sandbox.control.changeSettings(DEFAULT_SETTINGS)
    await sandbox.clock.advance(DAY / 24)
  })
})
