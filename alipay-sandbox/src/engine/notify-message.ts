import type { Settings } from '../settings.ts'
import { formatBeijing, formatBeijingMs } from './beijing.ts'
import type { Engine } from './engine.ts'
import { notifyId } from './ids.ts'
import type { Instant, Notify, NotifyKind, Refund, Trade } from './model.ts'
import { formatYuan } from './money.ts'
import { openIdOf } from './open-id.ts'
import type { Emit } from './store.ts'

/**
 * Key order of the messages seen in the wild. Signatures do not depend on it; merchants that print or store the raw
 * body do. The refund keys were inserted by us.
 */
export const NOTIFY_FIELD_ORDER = [
  'gmt_create',
  'charset',
  'gmt_payment',
  'gmt_refund',
  'gmt_close',
  'notify_time',
  'subject',
  'sign',
  'body',
  'buyer_id',
  'buyer_open_id',
  'passback_params',
  'invoice_amount',
  'version',
  'notify_id',
  'fund_bill_list',
  'notify_type',
  'out_trade_no',
  'total_amount',
  'refund_fee',
  'out_biz_no',
  'trade_status',
  'trade_no',
  'auth_app_id',
  'receipt_amount',
  'point_amount',
  'app_id',
  'buyer_pay_amount',
  'sign_type',
  'seller_id',
] as const

/** Known keys in their order, others after them. */
export function notifyPairs(fields: Readonly<Record<string, string>>): [string, string][] {
  const known = NOTIFY_FIELD_ORDER.filter((key) => fields[key] !== undefined)
  const others = Object.keys(fields).filter((key) => !known.some((name) => name === key))
  return [...known, ...others].map((key) => [key, fields[key] ?? ''])
}

/** The body of a notify. */
export const encodeNotify = (fields: Readonly<Record<string, string>>): string =>
  new URLSearchParams(notifyPairs(fields)).toString()

const TRIGGER: Readonly<Record<NotifyKind, keyof Settings>> = {
  created: 'notify_on_wait_buyer_pay',
  paid: 'notify_on_trade_success',
  refunded: 'notify_on_refund',
  closed: 'notify_on_trade_closed',
  finished: 'notify_on_trade_finished',
}

/** Queues what the merchant is to be told about `trade` as it stands now, if a setting wants it and it gave an address. */
export function queueNotify(
  engine: Engine,
  emit: Emit,
  trade: Trade,
  kind: NotifyKind,
  at: Instant,
  refund?: Refund,
): void {
  const { settings, serial } = engine.state
  if (trade.notifyUrl === undefined || settings[TRIGGER[kind]] !== true) return
  const id = notifyId(serial, new Date(at), engine.random)
  const notify: Notify = {
    id,
    kind,
    tradeNo: trade.tradeNo,
    outTradeNo: trade.order.outTradeNo,
    appId: trade.appId,
    url: trade.notifyUrl,
    tradeStatus: trade.status,
    fields: {
      ...notifyFields(trade, id, settings, refund),
      ...(settings.notify_cert_sn && trade.alipayCertSn !== undefined && { alipay_cert_sn: trade.alipayCertSn }),
    },
    createdAt: at,
    state: 'pending',
    attempts: 0,
    nextAt: at,
    deliveries: [],
  }
  emit({ type: 'notify_queued', at, notify })
}

/** A correctly shaped message that says of the trade what is not true. */
export function falseStatus(engine: Engine, notify: Notify, status: Notify['tradeStatus'], at: Instant): Notify {
  const id = notifyId(engine.state.serial, new Date(at), engine.random)
  const closed = status === 'TRADE_CLOSED'
  return {
    ...notify,
    id,
    kind: closed ? 'closed' : 'finished',
    tradeStatus: status,
    fields: {
      ...notify.fields,
      notify_id: id,
      trade_status: status,
      ...(closed && { gmt_close: formatBeijing(new Date(at)) }),
    },
    createdAt: at,
    state: 'pending',
    attempts: 0,
    nextAt: at,
    deliveries: [],
  }
}

/** Never an empty value: the rules for signing those contradict each other between SDKs. */
function notifyFields(trade: Trade, id: string, settings: Settings, refund?: Refund): Record<string, string> {
  const { order } = trade
  const total = formatYuan(order.amountFen)
  const fields: Record<string, string | undefined> = {
    gmt_create: formatBeijing(new Date(trade.createdAt)),
    // In the words of the pay request: a merchant that writes GBK reads GBK.
    charset: trade.charset.toLowerCase() === 'gbk' ? 'GBK' : 'utf-8',
    subject: order.subject,
    body: order.body,
    ...buyerId(trade, settings),
    passback_params: trade.passbackParams,
    version: '1.0',
    notify_id: id,
    notify_type: 'trade_status_sync',
    out_trade_no: order.outTradeNo,
    total_amount: total,
    trade_status: trade.status,
    trade_no: trade.tradeNo,
    auth_app_id: trade.appId,
    app_id: trade.appId,
    sign_type: 'RSA2',
    seller_id: trade.sellerId,
  }
  if (trade.paidAt !== undefined) {
    Object.assign(fields, {
      gmt_payment: formatBeijing(new Date(trade.paidAt)),
      invoice_amount: total,
      receipt_amount: total,
      buyer_pay_amount: total,
      point_amount: '0.00',
      // camelCase here, snake_case in API answers: so it is in the real messages.
      fund_bill_list: JSON.stringify([{ amount: total, fundChannel: 'ALIPAYACCOUNT' }]),
    })
  }
  if (trade.closedAt !== undefined) fields.gmt_close = formatBeijing(new Date(trade.closedAt))
  if (refund) {
    const single = settings.notify_refund_fee === 'single'
    fields.refund_fee = formatYuan(single ? refund.amountFen : refund.cumulativeFen)
    fields.out_biz_no = refund.outRequestNo
    const write = settings.gmt_refund_fraction ? formatBeijingMs : formatBeijing
    fields.gmt_refund = write(new Date(refund.at))
  }
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, string] => Boolean(field[1])))
}

function buyerId({ appId, buyerId }: Trade, { id_mode }: Settings): Record<string, string | undefined> {
  if (id_mode === 'user_id' || buyerId === undefined) return { buyer_id: buyerId }
  return { buyer_open_id: openIdOf(appId, buyerId) }
}
