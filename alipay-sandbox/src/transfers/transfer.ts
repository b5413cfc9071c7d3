import type { Instant } from '../engine/model.ts'

/** What section 5 of the published codes says about a payee, with what it means; each can be set for an account. */
export const PAYEE_REFUSALS = {
  PAYEE_ACCOUNT_STATUS_ERROR: '收款账号状态异常',
  PAYEE_NOT_RELNAME_CERTIFY: '收款用户未实名',
  PERM_AML_NOT_REALNAME_REV: '根据监管部门的要求，收款用户需要补充身份信息',
  BLOCK_USER_FORBBIDEN_RECIEVE: '根据监管部门的要求，收款账户被禁止收款',
  NO_ACCOUNT_RECEIVE_PERMISSION: '收款账户不支持收款',
  EXCEED_LIMIT_DC_RECEIVED: '收款方单日收款笔数超过上限',
} as const satisfies Readonly<Record<string, string>>
export type PayeeRefusal = keyof typeof PAYEE_REFUSALS

/** What becomes of money that is sent to an account. */
export type ReceiveOutcome = 'success' | 'dealing_then_success' | 'dealing_then_fail' | PayeeRefusal
export const RECEIVE_OUTCOMES: readonly ReceiveOutcome[] = [
  'success',
  'dealing_then_success',
  'dealing_then_fail',
  ...(Object.keys(PAYEE_REFUSALS) as PayeeRefusal[]),
]

export interface ReceiveRule {
  readonly outcome: ReceiveOutcome
  /** How long a transfer stays DEALING, in virtual milliseconds. */
  readonly afterMs: number
}

export type IdentityType = 'ALIPAY_USER_ID' | 'ALIPAY_LOGON_ID' | 'ALIPAY_OPEN_ID'
export const IDENTITY_TYPES: readonly IdentityType[] = ['ALIPAY_USER_ID', 'ALIPAY_LOGON_ID', 'ALIPAY_OPEN_ID']

/** What the merchant asked for; the repeat of a number must agree in all of it. */
export interface TransferOrder {
  readonly outBizNo: string
  readonly amountFen: number
  readonly productCode: string
  readonly bizScene: string
  readonly identity: string
  readonly identityType: IdentityType
  readonly payeeName?: string
  readonly title?: string
  readonly remark?: string
  readonly sceneName?: string
  readonly passbackParams?: string
}

export type TransferStatus = 'SUCCESS' | 'DEALING' | 'FAIL'

export interface Transfer {
  /** 32 digits. */
  readonly orderId: string
  readonly payFundOrderId: string
  readonly appId: string
  readonly sellerId: string
  readonly payeeId: string
  readonly order: TransferOrder
  readonly createdAt: Instant
  status: TransferStatus
  /** Only while DEALING: when it ends, and how. */
  readonly settlesAt?: Instant
  readonly settlesAs?: 'SUCCESS' | 'FAIL'
  /** When the money arrived, or came back. */
  settledAt?: Instant
  failCode?: PayeeRefusal
}

export const transferKey = (sellerId: string, outBizNo: string) => `${sellerId}/${outBizNo}`
