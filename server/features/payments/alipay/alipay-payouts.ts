import { fenFromYuanText, yuanText } from '@ihome/core/money'
import type { Clock } from '../../../platform/clock.ts'
import type { PayoutProvider, TransferFact, TransferWish } from '../../payouts/provider.ts'
import type { Answer } from '../provider.ts'
import { type CertificateFiles, readCertificates } from './certificates.ts'
import { textOf } from './classify.ts'
import { callGateway, type GatewayCaller } from './gateway-call.ts'

export interface AlipayPayoutOptions {
  readonly gateway: string
  readonly appId: string
  /** Ours, PEM. */
  readonly appPrivateKey: string
  readonly certificates: CertificateFiles
  readonly clock: Clock
  /** Milliseconds. */
  readonly timeouts?: { readonly query: number; readonly change: number }
}

const DEFAULT_TIMEOUTS = { query: 5_000, change: 10_000 }
const TRANSFER = 'alipay.fund.trans.uni.transfer'
const QUERY = 'alipay.fund.trans.common.query'
/** Both names of a transfer without a password, from account to account. */
const PRODUCT = { product_code: 'TRANS_ACCOUNT_NO_PWD', biz_scene: 'DIRECT_TRANSFER' } as const
/** The purpose under which Alipay wants to know payouts of a marketplace. */
const SCENE = {
  transfer_scene_name: '业务结算',
  transfer_scene_report_infos: [{ info_type: '结算款项名称', info_content: '房租结算' }],
} as const

type Fields = Readonly<Record<string, unknown>>

/**
 * Alipay's 转账 behind the payout port, in certificate mode, the only one in which Alipay lets money out. An answer
 * under another certificate than the one configured is not believed. Throws at once when a key or certificate is wrong.
 */
export function createAlipayPayouts(options: AlipayPayoutOptions): PayoutProvider {
  const keys = readCertificates(options.certificates, options.appPrivateKey)
  const { gateway, appId, clock } = options
  const caller: GatewayCaller = { gateway, appId, clock, keys, certificates: keys }
  const timeouts = options.timeouts ?? DEFAULT_TIMEOUTS

  const call = (method: string, content: Fields, timeoutMs: number, outBizNo: string): Promise<Answer<TransferFact>> =>
    callGateway(caller, { method, content, timeoutMs }, (fields, raw) => readTransfer(fields, outBizNo, raw))

  return {
    name: 'alipay',
    transfer: (wish) => call(TRANSFER, transferContent(wish), timeouts.change, wish.outBizNo),
    queryTransfer: (outBizNo) => call(QUERY, { out_biz_no: outBizNo, ...PRODUCT }, timeouts.query, outBizNo),
  }
}

/** Everything in it follows from the wish, so that a repeat is the same to the letter. */
const transferContent = ({ outBizNo, amount, payee, title }: TransferWish): Fields => ({
  out_biz_no: outBizNo,
  trans_amount: yuanText(amount),
  ...PRODUCT,
  order_title: title,
  payee_info: { identity: payee.identity, identity_type: payee.kind, name: payee.name },
  remark: title,
  ...SCENE,
})

const STATES: Readonly<Record<string, TransferFact['state']>> = {
  SUCCESS: 'succeeded',
  DEALING: 'dealing',
  FAIL: 'failed',
  REFUND: 'returned',
}

function readTransfer(fields: Fields, outBizNo: string, raw: string): Answer<TransferFact> {
  if (fields.out_biz_no !== outBizNo) return { kind: 'unknown', reason: 'other_number', raw }
  const state = STATES[textOf(fields.status) ?? '']
  if (!state) return { kind: 'unknown', reason: 'status_unknown', raw }
  const amount = textOf(fields.trans_amount)
  const amountFen = amount === undefined ? undefined : fenFromYuanText(amount)
  if (amount !== undefined && amountFen === undefined) return { kind: 'unknown', reason: 'amount_unreadable', raw }
  const gatewayNo = textOf(fields.order_id)
  return { kind: 'fact', fact: { outBizNo, amountFen, gatewayNo, state, code: textOf(fields.error_code) }, raw }
}
