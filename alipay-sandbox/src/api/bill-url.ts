import { BILL_TYPES, type BillName, hasRows } from '../bills/bill.ts'
import { DAY_MS, parsePeriod, readyAt } from '../bills/period.ts'
import { takeFault } from '../engine/faults.ts'
import { businessError, type GatewayError } from '../wire/gateway-error.ts'
import type { ApiCall, ApiMethod } from './call.ts'

/** The codes of this method carry no `ACQ.`, and one of them is misspelt by the real gateway. */
const TEXT = {
  INVAILID_ARGUMENTS: '入参不合法',
  TYPE_NOT_SUPPORTED: '账单类型不支持',
  BILL_DATE_BEFORE_REGISTRATION: '账单日期早于商户注册日期',
  BILL_NOT_EXIST: '账单不存在',
  NO_BILL_DATA: '账期内没有数据',
  UNKNOWN_ERROR: '未知错误，请稍后重试',
  SYSTEM_RATE_LIMIT: '系统限流，请稍后重试',
  USER_RATE_LIMIT: '用户限流，请稍后重试',
} as const

type BillError = keyof typeof TEXT

const refuse = (code: BillError, detail = ''): GatewayError => businessError(code, `${TEXT[code]}${detail}`)

const YEARS_KEPT = 6

/** alipay.data.dataservice.bill.downloadurl.query */
export const billUrl: ApiMethod = (call) => {
  const bill = namedBill(call)
  checkTime(call, bill)
  const fault = takeFault(call.engine, { where: 'bill' }, (kind) => kind === 'bill_refused')
  if (fault) throw refuse(isBillError(fault.value) ? fault.value : 'USER_RATE_LIMIT')
  const empty = !hasRows(call.engine, bill)
  const { empty_bill } = call.engine.state.settings
  if (empty && empty_bill === 'NO_BILL_DATA') throw refuse('NO_BILL_DATA')
  return {
    ...(empty && { bill_file_code: empty_bill }),
    bill_download_url: `${call.origin}${call.engine.bills.issue(bill)}`,
  }
}

const isBillError = (code: string | undefined): code is BillError => code !== undefined && Object.hasOwn(TEXT, code)

function namedBill({ biz, sellerId }: ApiCall): BillName {
  const { bill_type: type, bill_date: date } = biz
  if (typeof type !== 'string' || type === '') throw refuse('INVAILID_ARGUMENTS', '：bill_type')
  const period = typeof date === 'string' ? parsePeriod(date) : undefined
  if (!period) throw refuse('INVAILID_ARGUMENTS', '：bill_date 应为 yyyy-MM-dd 或 yyyy-MM')
  const supported = BILL_TYPES.find((one) => one === type)
  if (supported === undefined) throw refuse('TYPE_NOT_SUPPORTED', `：${type}`)
  return { sellerId, type: supported, period }
}

function checkTime({ engine, at }: ApiCall, { sellerId, period }: BillName): void {
  const { settings, accounts } = engine.state
  if (period.to > at) throw refuse('INVAILID_ARGUMENTS', '：bill_date 应早于今天')
  // Real merchants sign up long before their first test, so their quiet days before it are empty and not impossible.
  const madeAt = accounts.get(sellerId)?.registeredAt ?? 0
  if (period.to <= madeAt - settings.bill_registered_days * DAY_MS) throw refuse('BILL_DATE_BEFORE_REGISTRATION')
  const oldest = new Date(at)
  oldest.setUTCFullYear(oldest.getUTCFullYear() - YEARS_KEPT)
  if (period.to <= oldest.getTime()) throw refuse('BILL_NOT_EXIST', `：只保留 ${YEARS_KEPT} 年`)
  const ready = readyAt(period, settings)
  if (at < ready) throw refuse('BILL_NOT_EXIST', '：账单尚未生成')
  const isLate = ({ days = 1 }: { readonly days?: number }) => at < ready + days * DAY_MS
  const waiting = [...engine.state.faults.values()].some((fault) => fault.kind === 'bill_late' && isLate(fault))
  if (waiting && takeFault(engine, { where: 'bill' }, (kind) => kind === 'bill_late')) {
    throw refuse('BILL_NOT_EXIST', '：账单尚未生成')
  }
}
