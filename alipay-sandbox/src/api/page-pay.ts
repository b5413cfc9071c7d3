import { parseBeijing } from '../engine/beijing.ts'
import { type CheckoutRefusal, openCheckout, openRefusal } from '../engine/checkouts.ts'
import type { Checkout, ExpressTimeout, OrderData, Product } from '../engine/model.ts'
import { parseYuan } from '../engine/money.ts'
import { expressEnd } from '../engine/trades.ts'
import { parseDuration } from '../settings.ts'
import { businessError } from '../wire/gateway-error.ts'
import { type ApiCall, invalidParameter, optionalText } from './call.ts'

const PRODUCT_CODE: Readonly<Record<Product, string>> = { wap: 'QUICK_WAP_WAY', page: 'FAST_INSTANT_TRADE_PAY' }
const MOST_AMOUNT_FEN = 10_000_000_000
const DAY_MS = 86_400_000
/** Also the default. */
const MOST_EXPRESS_MS = 15 * DAY_MS
/** Of the official sandbox. */
const OFFICIAL_MOST_MS = 15 * 3_600_000

/** Where to send the buyer's browser: to a new cashier page, or to a page that says why not. */
export type PagePayResult = Checkout | (CheckoutRefusal & { readonly returnHref?: string })

/** alipay.trade.wap.pay and alipay.trade.page.pay: opens a cashier page. No trade exists yet. */
export function openPage(call: ApiCall, product: Product): PagePayResult {
  const { params, engine, at } = call
  const order = readOrder(call, product)
  const seller = optionalText(call.biz, 'seller_id', 28)
  if (seller !== undefined && seller !== call.sellerId) throw businessError('ACQ.PARTNER_ERROR', '应用与收款账号不匹配')
  const passbackParams = optionalText(call.biz, 'passback_params', 512)
  const storeId = optionalText(call.biz, 'store_id', 32)
  const quitUrl = optionalText(call.biz, 'quit_url', 400)
  const expiry = readExpiry(call, product)
  const refusal = openRefusal(engine, call.sellerId, order)
  if (refusal) return params.return_url ? { ...refusal, returnHref: params.return_url } : refusal
  heedOfficialLimit(call, expiry)
  if (expiry.expiresAt <= at) {
    throw businessError('ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR', '当前时间晚于交易的最晚付款时间')
  }
  return openCheckout(
    engine,
    {
      appId: call.appId,
      sellerId: call.sellerId,
      order,
      charset: params.charset ?? 'utf-8',
      ...(call.certificates && { alipayCertSn: call.certificates.alipay.sn }),
      ...expiry,
      ...(product === 'page' && readQrMode(call)),
      ...(passbackParams !== undefined && { passbackParams }),
      ...(storeId !== undefined && { storeId }),
      ...(params.notify_url && { notifyUrl: params.notify_url }),
      ...(params.return_url && { returnUrl: params.return_url }),
      ...(quitUrl !== undefined && { quitUrl }),
    },
    at,
  )
}

function readOrder({ biz, engine }: ApiCall, product: Product): OrderData {
  const outTradeNo = optionalText(biz, 'out_trade_no', 64)
  if (outTradeNo === undefined || !/^\w+$/.test(outTradeNo)) throw invalidParameter('out_trade_no')
  const subject = optionalText(biz, 'subject', 256)
  if (subject === undefined) throw invalidParameter('subject')
  const amountFen = parseYuan(biz.total_amount)
  if (amountFen === undefined || amountFen === 0) throw invalidParameter('total_amount')
  if (amountFen > MOST_AMOUNT_FEN) throw businessError('ACQ.TOTAL_FEE_EXCEED', '订单总金额不在允许范围内')
  checkProductCode(optionalText(biz, 'product_code', 64), product, (text) => engine.warn(text))
  const body = optionalText(biz, 'body', 128)
  return { outTradeNo, product, amountFen, subject, ...(body !== undefined && { body }) }
}

function checkProductCode(code: string | undefined, product: Product, warn: (text: string) => void): void {
  if (code === PRODUCT_CODE[product]) return
  if (product === 'wap' && code === 'QUICK_WAP_PAY') {
    warn('product_code QUICK_WAP_PAY was taken for QUICK_WAP_WAY; one SDK misspells it')
    return
  }
  throw invalidParameter(`product_code 应为 ${PRODUCT_CODE[product]}`)
}

/** Mode 2, the default, is a whole page; any other value is taken for it. */
function readQrMode({ biz }: ApiCall): Pick<Checkout, 'qrPayMode' | 'qrcodeWidth'> {
  const mode = optionalText(biz, 'qr_pay_mode', 2)
  if (mode !== '0' && mode !== '1' && mode !== '3' && mode !== '4') return {}
  const width = Number(optionalText(biz, 'qrcode_width', 4))
  const fits = mode === '4' && Number.isInteger(width) && width >= 75 && width <= 1000
  return { qrPayMode: mode, ...(fits && { qrcodeWidth: width }) }
}

function readExpiry(
  { biz, at, engine }: ApiCall,
  product: Product,
): Pick<Checkout, 'expiresAt' | 'expressFromConfirm'> {
  const absolute = optionalText(biz, 'time_expire', 32)
  if (absolute !== undefined) {
    const expiresAt = parseBeijing(absolute)
    if (!expiresAt) throw invalidParameter('time_expire')
    return { expiresAt: expiresAt.getTime() }
  }
  const text = optionalText(biz, 'timeout_express', 6)
  const longest = engine.state.settings.official_sandbox_limits ? OFFICIAL_MOST_MS : MOST_EXPRESS_MS
  const express = text === undefined ? longest : readExpress(text)
  if (product === 'page') return { expiresAt: expressEnd(at, express) }
  // Counted from the confirmation; until then the page itself stays open for as long as any page may.
  return { expiresAt: at + longest, expressFromConfirm: express }
}

/** The official sandbox takes no expiry that is further away. */
function heedOfficialLimit(
  { engine, biz, at }: ApiCall,
  expiry: Pick<Checkout, 'expiresAt' | 'expressFromConfirm'>,
): void {
  if (!engine.state.settings.official_sandbox_limits) return
  const { expiresAt, expressFromConfirm } = expiry
  const asked = biz.time_expire !== undefined || biz.timeout_express !== undefined
  const end = expressFromConfirm === undefined ? expiresAt : expressEnd(at, expressFromConfirm)
  if (asked && end > at + OFFICIAL_MOST_MS) throw invalidParameter('官方沙箱的支付期限不能超过 15 小时')
}

function readExpress(text: string): ExpressTimeout {
  if (text === '1c') return 'end_of_day'
  const span = /^\d+[mhd]$/.test(text) ? parseDuration(text) : undefined
  if (span === undefined || span < 60_000 || span > MOST_EXPRESS_MS) throw invalidParameter('timeout_express')
  return span
}
