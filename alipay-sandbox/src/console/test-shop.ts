import { type KeyObject, randomBytes } from 'node:crypto'
import { NotAllowed } from '../control/control.ts'
import { formatBeijing } from '../engine/beijing.ts'
import type { Product } from '../engine/model.ts'
import { formatYuan } from '../engine/money.ts'
import { signText, verifyText } from '../keys.ts'
import type { HttpAnswer } from '../wire/gateway.ts'
import { requestStringToSign, v1StringToSign } from '../wire/string-to-sign.ts'

/** How the test shop answers a notify. */
export type ShopAnswer = 'success' | 'fail'

export interface TestOrderWish {
  readonly product: Product
  readonly amountFen: number
  readonly subject: string
  readonly answer: ShopAnswer
  /** The merchant's own address instead of the test shop's. */
  readonly notifyUrl?: string
  /** By which address the buyer's browser reaches this sandbox; its own by default. */
  readonly origin?: string
}

/**
 * A shop that lives in the sandbox, so that a first payment needs no program at all: it signs pay addresses with the
 * key of the first app as any merchant does, checks what it is notified of, and answers as it was told to.
 */
export interface TestShop {
  /** Whether it has a key to sign orders with. */
  readonly canOrder: boolean
  /** A new order and the address that the buyer opens to pay it. */
  order(wish: TestOrderWish): Promise<{ readonly outTradeNo: string; readonly payUrl: string }>
  /** A notify that came to this shop. */
  receive(path: string, body: Buffer): HttpAnswer
  /** Whether the parameters of a return address carry Alipay's signature. */
  isSigned(fields: URLSearchParams): boolean
}

export interface ShopParts {
  readonly appId: string
  /** Absent when the app has a key of the merchant's own, of which only the public half is here. */
  readonly appPrivateKey?: KeyObject
  readonly alipayPublicKey: KeyObject
  /** Known once the sandbox listens. */
  readonly endpoint: () => string
  readonly now: () => Date
}

export const SHOP_RETURN = '/_sandbox/shop/return'
const NOTIFY_PATHS: Readonly<Record<string, ShopAnswer>> = {
  '/_sandbox/shop/notify': 'success',
  '/_sandbox/shop/notify-fail': 'fail',
}
const PRODUCT_CODE: Readonly<Record<Product, string>> = { wap: 'QUICK_WAP_WAY', page: 'FAST_INSTANT_TRADE_PAY' }

export function createTestShop(parts: ShopParts): TestShop {
  const isSigned = (fields: URLSearchParams) =>
    verifyText(parts.alipayPublicKey, v1StringToSign(Object.fromEntries(fields)), fields.get('sign') ?? '')

  return {
    canOrder: parts.appPrivateKey !== undefined,
    isSigned,

    async order({ product, amountFen, subject, answer, notifyUrl, origin = parts.endpoint() }) {
      if (!parts.appPrivateKey) throw new NotAllowed('this sandbox holds no private key of the app')
      const now = formatBeijing(parts.now())
      const outTradeNo = `test_${now.replace(/\D/g, '')}_${randomBytes(3).toString('hex')}`
      const own = Object.keys(NOTIFY_PATHS).find((path) => NOTIFY_PATHS[path] === answer)
      const params = {
        app_id: parts.appId,
        method: `alipay.trade.${product}.pay`,
        charset: 'utf-8',
        sign_type: 'RSA2',
        timestamp: now,
        version: '1.0',
        notify_url: notifyUrl ?? `${parts.endpoint()}${own}`,
        return_url: `${origin}${SHOP_RETURN}`,
        biz_content: JSON.stringify({
          out_trade_no: outTradeNo,
          total_amount: formatYuan(amountFen),
          subject,
          product_code: PRODUCT_CODE[product],
          ...(product === 'wap' && { quit_url: `${origin}/_sandbox/` }),
        }),
      }
      const sign = await signText(parts.appPrivateKey, requestStringToSign(params))
      return { outTradeNo, payUrl: `${origin}/gateway.do?${new URLSearchParams({ ...params, sign })}` }
    },

    receive(path, body) {
      const answer = NOTIFY_PATHS[path]
      const genuine = isSigned(new URLSearchParams(body.toString('utf8')))
      return {
        status: answer === undefined ? 404 : 200,
        headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
        body: answer === 'success' && genuine ? 'success' : 'fail',
      }
    },
  }
}
