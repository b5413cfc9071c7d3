import type { Answer } from '../provider.ts'
import type { Verified } from './verify-response.ts'

/** The business codes that each API publishes (alipay.md 3). One we do not know may mean anything, so it is unknown. */
const PUBLISHED: Readonly<Record<string, ReadonlySet<string>>> = {
  'alipay.trade.query': new Set(['ACQ.INVALID_PARAMETER', 'ACQ.ENTERPRISE_PAY_BIZ_ERROR']),
  'alipay.trade.close': new Set([
    'ACQ.TRADE_STATUS_ERROR',
    'ACQ.INVALID_PARAMETER',
    'ACQ.REASON_TRADE_STATUS_INVALID',
    'ACQ.REASON_ILLEGAL_STATUS',
    'ACQ.TRADE_HAS_SUCCESS',
  ]),
  'alipay.trade.refund': new Set([
    'ACQ.INVALID_PARAMETER',
    'ACQ.SELLER_BALANCE_NOT_ENOUGH',
    'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL',
    'ACQ.REASON_TRADE_BEEN_FREEZEN',
    'ACQ.TRADE_HAS_FINISHED',
    'ACQ.TRADE_STATUS_ERROR',
    'ACQ.DISCORDANT_REPEAT_REQUEST',
    'ACQ.REASON_TRADE_REFUND_FEE_ERR',
    'ACQ.TRADE_NOT_ALLOW_REFUND',
    'ACQ.REFUND_FEE_ERROR',
    'ACQ.TRADE_HAS_CLOSE',
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
  ]),
  'alipay.trade.fastpay.refund.query': new Set(['ACQ.INVALID_PARAMETER', 'ACQ.ENTERPRISE_PAY_BIZ_ERROR']),
  // Without `ACQ.`, and one of them misspelt by the gateway.
  'alipay.data.dataservice.bill.downloadurl.query': new Set([
    'NO_BILL_DATA',
    'INVAILID_ARGUMENTS',
    'BILL_NOT_EXIST',
    'UNKNOWN_ERROR',
    'BILL_DATE_BEFORE_REGISTRATION',
    'TYPE_NOT_SUPPORTED',
    'SYSTEM_RATE_LIMIT',
    'USER_RATE_LIMIT',
  ]),
  // ORDER_NOT_EXIST of the query stands in no list on purpose: the transfer may still be on its way (alipay.md 5).
  'alipay.fund.trans.common.query': new Set(['INVALID_PARAMETER', 'NO_ORDER_PERMISSION']),
  'alipay.fund.trans.uni.transfer': new Set([
    'INVALID_PARAMETER',
    'BALANCE_IS_NOT_ENOUGH',
    'PAYER_BALANCE_NOT_ENOUGH',
    'PAYMENT_MONEY_NOT_ENOUGH',
    'PAYEE_NOT_EXIST',
    'PAYEE_USERINFO_ERROR',
    'PAYEE_ACCOUNT_STATUS_ERROR',
    'PAYEE_NOT_RELNAME_CERTIFY',
    'PERM_AML_NOT_REALNAME_REV',
    'BLOCK_USER_FORBBIDEN_RECIEVE',
    'NO_ACCOUNT_RECEIVE_PERMISSION',
    'PAYER_PAYEE_CANNOT_SAME',
    'EXCEED_LIMIT_SM_AMOUNT',
    'EXCEED_LIMIT_DM_AMOUNT',
    'EXCEED_LIMIT_MM_AMOUNT',
    'EXCEED_LIMIT_SM_MIN_AMOUNT',
    'EXCEED_LIMIT_DC_RECEIVED',
    'PRODUCT_NOT_SIGN',
    'NO_ORDER_PERMISSION',
    'SECURITY_CHECK_FAILED',
    'JUDICIAL_FREEZE',
    'TRANSFER_SCENE_NAME_BLANK',
    'TRANSFER_SCENE_NAME_ILLEGAL',
    'TRANSFER_SCENE_REPORT_INFO_ILLEGAL',
    'TRANSFER_SCENE_INFO_ADMIT_FAIL',
    'REP_INCONSISTENT',
    'BIZ_UNIQUE_EXCEPTION',
  ]),
}
const OVERDRAFT = /^ACQ\.OVERDRAFT_[A-Z_]+$/
const NOT_EXIST = new Set(['ACQ.TRADE_NOT_EXIST', 'TRADE_NOT_EXIST'])
const UNKNOWN_CODE = /SYSTEM_ERROR$|^aop\.|^isp\.|REQUEST_PROCESSING$|TRANS_ORDER_DEALING$/
const MISCONFIGURED = new Set(['40001', '40002', '40003', '40006', '20001'])
const UNSIGNED_MISCONFIGURED = new Set(['40001', '40002'])

/** Puts an answer into one of the classes of alipay.md 8.3. For 10000 `readFact` compares the numbers and decides. */
export function classify<Fact>(
  raw: string,
  verified: Verified,
  method: string,
  readFact: (fields: Readonly<Record<string, unknown>>) => Answer<Fact>,
): Answer<Fact> {
  if (verified.kind === 'unreadable') return { kind: 'unknown', reason: verified.reason, raw }
  const code = textOf(verified.fields.code) ?? ''
  const subCode = textOf(verified.fields.sub_code) ?? ''
  if (verified.kind === 'unsigned') {
    return UNSIGNED_MISCONFIGURED.has(code)
      ? { kind: 'misconfigured', code: subCode || code, raw }
      : { kind: 'unknown', reason: 'unsigned', raw }
  }
  if (code === '10000') return readFact(verified.fields)
  if (UNKNOWN_CODE.test(subCode)) return { kind: 'unknown', reason: subCode, raw }
  if (MISCONFIGURED.has(code)) return { kind: 'misconfigured', code: subCode || code, raw }
  if (code !== '40004') return { kind: 'unknown', reason: subCode || code || 'no_code', raw }
  if (NOT_EXIST.has(subCode)) return { kind: 'not_exist', raw }
  const published = PUBLISHED[method]?.has(subCode) || (method === 'alipay.trade.refund' && OVERDRAFT.test(subCode))
  return published ? { kind: 'refused', code: subCode, raw } : { kind: 'unknown', reason: subCode || code, raw }
}

export const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
