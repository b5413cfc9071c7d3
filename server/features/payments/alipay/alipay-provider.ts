import { type Fen, fenFromYuanText, yuanText } from '@ihome/core/money'
import type { Clock } from '../../../platform/clock.ts'
import {
  type Answer,
  type CloseFact,
  NO_REFUND_RECORD,
  type PaymentProvider,
  type PayQuestion,
  type RefundFact,
  type RefundWish,
  type TradeFact,
} from '../provider.ts'
import { beijingTime } from './beijing-time.ts'
import { textOf } from './classify.ts'
import { callGateway, type GatewayCaller, signRequest } from './gateway-call.ts'
import { readNotice, readReturn } from './read-message.ts'
import { readKeys } from './signing.ts'
import { tradeFactOf } from './trade-fact.ts'

export interface AlipayOptions {
  readonly gateway: string
  readonly appId: string
  readonly sellerId: string
  /** Alipay's, PEM. */
  readonly publicKey: string
  /** Ours, PEM. */
  readonly appPrivateKey: string
  /** Scheme and host of our site, for the addresses that Alipay calls or leads back to. */
  readonly publicOrigin: string
  readonly clock: Clock
  /** Milliseconds; queries are answered while somebody waits. */
  readonly timeouts?: { readonly query: number; readonly change: number }
}

export interface AlipayProvider extends PaymentProvider {
  /** Built here, without a call. */
  createPayUrl(question: PayQuestion): string
}

const DEFAULT_TIMEOUTS = { query: 5_000, change: 10_000 }
type Fields = Readonly<Record<string, unknown>>

/**
 * Alipay behind the payment port: protocol v2, RSA2, 手机网站支付. Throws at once when a key is wrong. Times are
 * Beijing's and come from the injected clock, so the zone of the process never matters.
 */
export function createAlipay(options: AlipayOptions): AlipayProvider {
  const keys = readKeys({ appPrivateKey: options.appPrivateKey, alipayPublicKey: options.publicKey })
  const { gateway, appId, clock } = options
  const caller: GatewayCaller = { gateway, appId, clock, keys }
  const timeouts = options.timeouts ?? DEFAULT_TIMEOUTS

  const call = <Fact>(
    method: string,
    content: Fields,
    timeoutMs: number,
    readFact: (fields: Fields, raw: string) => Answer<Fact>,
  ): Promise<Answer<Fact>> => callGateway(caller, { method, content, timeoutMs }, readFact)

  const createPayUrl = (question: PayQuestion): string => {
    const addresses = {
      notify_url: `${options.publicOrigin}/api/v1.0/pay/alipay/notify`,
      return_url: `${options.publicOrigin}/pay-complete`,
    }
    const { query, biz } = signRequest(caller, 'alipay.trade.wap.pay', addresses, {
      out_trade_no: question.outTradeNo,
      total_amount: yuanText(question.amount),
      subject: question.subject,
      product_code: 'QUICK_WAP_WAY',
      quit_url: question.quitUrl,
      time_expire: beijingTime(question.timeExpire),
    })
    return `${query}&${biz}`
  }

  return {
    name: 'alipay',
    appId: options.appId,
    sellerId: options.sellerId,
    createPayUrl,
    openPage: async (question) => ({ kind: 'fact', fact: { url: createPayUrl(question) }, raw: '' }),

    query: (outTradeNo) =>
      call<TradeFact>('alipay.trade.query', { out_trade_no: outTradeNo }, timeouts.query, (fields, raw) => {
        if (fields.out_trade_no !== outTradeNo) return { kind: 'unknown', reason: 'other_number', raw }
        const fact = tradeFactOf((name) => textOf(fields[name]))
        if (!fact) return { kind: 'unknown', reason: 'fields_missing', raw }
        return { kind: 'fact', fact, raw }
      }),

    close: (outTradeNo) =>
      call<CloseFact>('alipay.trade.close', { out_trade_no: outTradeNo }, timeouts.change, (fields, raw) =>
        fields.out_trade_no === outTradeNo
          ? { kind: 'fact', fact: { outTradeNo }, raw }
          : { kind: 'unknown', reason: 'other_number', raw },
      ),

    refund: (wish) =>
      call<RefundFact>('alipay.trade.refund', refundContent(wish), timeouts.change, (fields, raw) => {
        if (fields.out_trade_no !== wish.outTradeNo) return { kind: 'unknown', reason: 'other_number', raw }
        // 10000 alone is not success, and refund_fee is the running total of the trade: the amount is what we asked.
        if (fields.fund_change !== 'Y') return { kind: 'unknown', reason: 'fund_change_absent', raw }
        return { kind: 'fact', fact: { outRequestNo: wish.outRequestNo, amountFen: wish.amount }, raw }
      }),

    queryRefund: (wish) =>
      call<RefundFact>(
        'alipay.trade.fastpay.refund.query',
        { out_trade_no: wish.outTradeNo, out_request_no: wish.outRequestNo },
        timeouts.query,
        (fields, raw) => readRefundQuery(fields, wish, raw),
      ),

    parseNotify: (body) => readNotice(body, keys),
    parseReturn: (body) => readReturn(body, keys),
  }
}

const refundContent = (wish: RefundWish): Fields => ({
  out_trade_no: wish.outTradeNo,
  refund_amount: yuanText(wish.amount),
  out_request_no: wish.outRequestNo,
  refund_reason: wish.reason,
})

function readRefundQuery(fields: Fields, wish: RefundWish, raw: string): Answer<RefundFact> {
  // A number it does not know is answered with 10000 and no refund data at all (alipay.md 3.4).
  if (fields.refund_status === undefined && fields.refund_amount === undefined) {
    return { kind: 'unknown', reason: NO_REFUND_RECORD, raw }
  }
  if (fields.out_trade_no !== wish.outTradeNo || fields.out_request_no !== wish.outRequestNo) {
    return { kind: 'unknown', reason: 'other_number', raw }
  }
  const amount: Fen | undefined = fenFromYuanText(textOf(fields.refund_amount) ?? '')
  if (fields.refund_status !== 'REFUND_SUCCESS') return { kind: 'unknown', reason: NO_REFUND_RECORD, raw }
  if (amount === undefined) return { kind: 'unknown', reason: 'fields_missing', raw }
  return { kind: 'fact', fact: { outRequestNo: wish.outRequestNo, amountFen: amount }, raw }
}
