import { type ApiCall, type ApiMethod, optionalText } from '../api/call.ts'
import { formatBeijing } from '../engine/beijing.ts'
import { parseYuan } from '../engine/money.ts'
import { businessError, GatewayError } from '../wire/gateway-error.ts'
import { IDENTITY_TYPES, type IdentityType, PAYEE_REFUSALS, type TransferOrder } from './transfer.ts'
import { makeTransfer, type TransferRefusal } from './transfers.ts'

const TEXT: Readonly<Record<TransferRefusal, string>> = {
  ...PAYEE_REFUSALS,
  PAYEE_NOT_EXIST: '收款账号不存在',
  PAYEE_USERINFO_ERROR: '收款用户姓名或其它信息不一致',
  PAYER_PAYEE_CANNOT_SAME: '收付款方不能相同',
  EXCEED_LIMIT_SM_MIN_AMOUNT: '转账金额低于单笔最低限额',
  EXCEED_LIMIT_SM_AMOUNT: '转账金额超过单笔限额',
  EXCEED_LIMIT_DM_AMOUNT: '转账金额超过单日累计限额',
  EXCEED_LIMIT_MM_AMOUNT: '转账金额超过单月累计限额',
  BALANCE_IS_NOT_ENOUGH: '账户余额不足',
  REP_INCONSISTENT: '重复请求的参数与原请求不一致',
}

/** The purposes that money may be sent for, as published in 2025. */
const SCENES: ReadonlySet<string> = new Set([
  '现金营销',
  '企业退款',
  '佣金报酬',
  '业务结算',
  '二手回收',
  '公益补助',
  '行政补贴和退款',
  '保险理赔',
])

/** alipay.fund.trans.uni.transfer: money out, in certificate mode only. */
export const uniTransfer: ApiMethod = (call) => {
  demandCertificates(call)
  const outcome = makeTransfer(call.engine, { appId: call.appId, sellerId: call.sellerId }, readOrder(call), call.at)
  if (outcome.kind === 'refused') throw businessError(outcome.code, TEXT[outcome.code])
  const { transfer } = outcome
  return {
    order_id: transfer.orderId,
    out_biz_no: transfer.order.outBizNo,
    pay_fund_order_id: transfer.payFundOrderId,
    status: transfer.status,
    trans_date: formatBeijing(new Date(transfer.createdAt)),
  }
}

/** The interfaces that move money out are closed to key mode; the code is the general one for a missing permission. */
export function demandCertificates({ certificates, params }: ApiCall): void {
  if (certificates) return
  throw new GatewayError(
    '40006',
    'isv.insufficient-isv-permissions',
    `ISV权限不足：${params.method} 必须使用公钥证书模式（app_cert_sn 与 alipay_root_cert_sn）调用`,
  )
}

/** These interfaces name their errors without `ACQ.`. */
const invalid = (subMsg: string) => businessError('INVALID_PARAMETER', `参数有误：${subMsg}`)

/** As {@link optionalText}, with the code of these interfaces. */
export function textOf(biz: ApiCall['biz'], name: string, most: number): string | undefined {
  try {
    return optionalText(biz, name, most)
  } catch {
    throw invalid(name)
  }
}

export function required(biz: ApiCall['biz'], name: string, most: number): string {
  const text = textOf(biz, name, most)
  if (text === undefined) throw invalid(`${name} 不能为空`)
  return text
}

function readOrder({ biz, engine }: ApiCall): TransferOrder {
  const outBizNo = required(biz, 'out_biz_no', 64)
  const amountFen = parseYuan(biz.trans_amount)
  if (amountFen === undefined) throw invalid('trans_amount')
  const productCode = required(biz, 'product_code', 64)
  if (productCode !== 'TRANS_ACCOUNT_NO_PWD') throw businessError('PRODUCT_NOT_SIGN', '产品未签约')
  const bizScene = required(biz, 'biz_scene', 64)
  if (bizScene !== 'DIRECT_TRANSFER') throw invalid('biz_scene 应为 DIRECT_TRANSFER')
  const sceneName = readScene(biz, engine.state.settings.transfer_scene)
  const title = textOf(biz, 'order_title', 128)
  const remark = textOf(biz, 'remark', 200)
  const passbackParams = textOf(biz, 'passback_params', 512)
  return {
    outBizNo,
    amountFen,
    productCode,
    bizScene,
    ...readPayee(biz.payee_info),
    ...(title !== undefined && { title }),
    ...(remark !== undefined && { remark }),
    ...(sceneName !== undefined && { sceneName }),
    ...(passbackParams !== undefined && { passbackParams }),
  }
}

function readPayee(info: unknown): Pick<TransferOrder, 'identity' | 'identityType' | 'payeeName'> {
  if (typeof info !== 'object' || info === null || Array.isArray(info)) throw invalid('payee_info 不能为空')
  const payee: ApiCall['biz'] = { ...info }
  const identity = required(payee, 'identity', 64)
  const type = required(payee, 'identity_type', 64)
  const identityType = IDENTITY_TYPES.find((one): one is IdentityType => one === type)
  if (!identityType) throw invalid('identity_type')
  const payeeName = textOf(payee, 'name', 128)
  if (identityType === 'ALIPAY_LOGON_ID' && payeeName === undefined) {
    throw invalid('identity_type 为 ALIPAY_LOGON_ID 时 name 不能为空')
  }
  return { identity, identityType, ...(payeeName !== undefined && { payeeName }) }
}

function readScene(biz: ApiCall['biz'], rule: 'optional' | 'required'): string | undefined {
  const name = textOf(biz, 'transfer_scene_name', 64)
  if (name === undefined) {
    if (rule === 'required') throw businessError('TRANSFER_SCENE_NAME_BLANK', '转账场景不能为空')
    return undefined
  }
  if (!SCENES.has(name)) throw businessError('TRANSFER_SCENE_NAME_ILLEGAL', '转账场景不合法')
  const infos: unknown = biz.transfer_scene_report_infos
  if (!Array.isArray(infos) || infos.length === 0 || !infos.every(isReport)) {
    throw businessError('TRANSFER_SCENE_REPORT_INFO_ILLEGAL', '转账场景报备信息不合法')
  }
  return name
}

function isReport(info: unknown): boolean {
  if (typeof info !== 'object' || info === null) return false
  const { info_type, info_content }: Record<string, unknown> = { ...info }
  return [info_type, info_content].every((text) => typeof text === 'string' && text !== '')
}
