import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../platform/clock.ts'
import {
  type Answer,
  type CloseFact,
  NO_REFUND_RECORD,
  type PaymentProvider,
  type PayPage,
  type RefundFact,
  type RefundWish,
  type TradeFact,
} from '../provider.ts'
import { classify } from './classify.ts'
import { readWechatNotice } from './notice.ts'
import { authorization, type GivenKeys, type Request, readWechatKeys } from './signing.ts'
import { type Fields, fenIn, textIn, tradeFactOf } from './trade-fact.ts'
import { send } from './transport.ts'

export interface WechatOptions extends GivenKeys {
  /** Scheme and host. */
  readonly gateway: string
  readonly appId: string
  /** Scheme and host of our site, for the address that WeChat Pay calls. */
  readonly publicOrigin: string
  readonly clock: Clock
  /** Milliseconds. */
  readonly timeouts?: { readonly query: number; readonly change: number }
}

const DEFAULT_TIMEOUTS = { query: 5_000, change: 10_000 }
/** The address of a payment lives five minutes; a guest who is given it needs a moment to open it. */
const FRESH_MS = 4 * 60_000
const TRADES = '/v3/pay/transactions'
const REFUNDS = '/v3/refund/domestic/refunds'
const BEIJING_MS = 8 * 3_600_000

/**
 * WeChat Pay behind the payment port: APIv3 with its public key, H5 payment. Throws at once when a key is wrong. A
 * trade exists from the moment its address is asked for, refunds are usually still under way when they are answered,
 * and the browser comes back with nothing signed.
 */
export function createWechatPay(options: WechatOptions): PaymentProvider {
  const { appId, mchId, clock, gateway } = options
  const keys = readWechatKeys(options)
  const timeouts = options.timeouts ?? DEFAULT_TIMEOUTS
  const notifyUrl = `${options.publicOrigin}/api/v1.0/pay/wechat/notify`

  async function call<Fact>(
    request: Request,
    timeoutMs: number,
    readFact: (fields: Fields, raw: string) => Answer<Fact>,
  ): Promise<Answer<Fact>> {
    const headers = {
      authorization: authorization(keys, request, clock.now(), randomBytes(16).toString('hex')),
      'content-type': 'application/json',
      'wechatpay-serial': keys.theirKeyId,
    }
    const came = await send(gateway, request, headers, timeoutMs)
    return classify(came, { keys, at: clock.now(), readFact })
  }
  const post = (target: string, fields: Fields): Request => ({ method: 'POST', target, body: JSON.stringify(fields) })
  const get = (target: string): Request => ({ method: 'GET', target, body: '' })
  const tradePath = (outTradeNo: string) => `${TRADES}/out-trade-no/${encodeURIComponent(outTradeNo)}`

  return {
    name: 'wechat',
    appId,
    sellerId: mchId,
    opensTrade: true,

    openPage(question) {
      const order = {
        appid: appId,
        mchid: mchId,
        description: question.subject,
        out_trade_no: question.outTradeNo,
        notify_url: notifyUrl,
        time_expire: beijing(question.timeExpire),
        amount: { total: question.amount, currency: 'CNY' },
        scene_info: { payer_client_ip: question.payerIp ?? '127.0.0.1', h5_info: { type: 'Wap' } },
      }
      return call<PayPage>(post(`${TRADES}/h5`, order), timeouts.change, (fields, raw) => {
        const url = textIn(fields, 'h5_url')
        if (!url || !URL.canParse(url)) return { kind: 'unknown', reason: 'fields_missing', raw }
        const freshUntil = new Date(clock.now().getTime() + FRESH_MS)
        const back = `${url}&redirect_url=${encodeURIComponent(question.quitUrl)}`
        return { kind: 'fact', fact: { url: back, freshUntil }, raw }
      })
    },

    query: (outTradeNo) =>
      call<TradeFact>(get(`${tradePath(outTradeNo)}?mchid=${mchId}`), timeouts.query, (fields, raw) => {
        const fact = tradeFactOf(fields)
        if (!fact) return { kind: 'unknown', reason: 'fields_missing', raw }
        const ours = fact.outTradeNo === outTradeNo && textIn(fields, 'mchid') === mchId
        return ours ? { kind: 'fact', fact, raw } : { kind: 'unknown', reason: 'other_number', raw }
      }),

    close: (outTradeNo) =>
      call<CloseFact>(post(`${tradePath(outTradeNo)}/close`, { mchid: mchId }), timeouts.change, (_fields, raw) => ({
        kind: 'fact',
        fact: { outTradeNo },
        raw,
      })),

    refund(wish) {
      const content = {
        out_trade_no: wish.outTradeNo,
        out_refund_no: wish.outRequestNo,
        reason: wish.reason,
        notify_url: notifyUrl,
        amount: { refund: wish.amount, total: wish.paid ?? wish.amount, currency: 'CNY' },
      }
      return call<RefundFact>(post(REFUNDS, content), timeouts.change, (fields, raw) => refundAnswer(fields, wish, raw))
    },

    async queryRefund(wish) {
      const target = `${REFUNDS}/${encodeURIComponent(wish.outRequestNo)}`
      const answer = await call<RefundFact>(get(target), timeouts.query, (fields, raw) =>
        refundAnswer(fields, wish, raw),
      )
      // Asked by the refund's number alone, it cannot say whether the trade exists; the refund itself will.
      return answer.kind === 'not_exist' ? { kind: 'unknown', reason: NO_REFUND_RECORD, raw: answer.raw } : answer
    },

    parseNotify: (message, receivedAt) => readWechatNotice(message, { keys, appId, at: receivedAt ?? clock.now() }),
    parseReturn: () => ({ kind: 'incomplete', missing: ['sign'] }),
  }
}

function refundAnswer(fields: Fields, wish: RefundWish, raw: string): Answer<RefundFact> {
  const named = textIn(fields, 'out_refund_no') === wish.outRequestNo && textIn(fields, 'out_trade_no')
  if (named !== wish.outTradeNo) return { kind: 'unknown', reason: 'other_number', raw }
  const status = textIn(fields, 'status') ?? 'fields_missing'
  if (status === 'CLOSED' || status === 'ABNORMAL') return { kind: 'refused', code: `REFUND_${status}`, raw }
  const amountFen = fenIn(fields, 'refund')
  if (status !== 'SUCCESS' || amountFen === undefined) return { kind: 'unknown', reason: status.toLowerCase(), raw }
  return { kind: 'fact', fact: { outRequestNo: wish.outRequestNo, amountFen }, raw }
}

/** RFC 3339 with Beijing's offset, whole seconds. */
const beijing = (instant: Date): string =>
  `${new Date(instant.getTime() + BEIJING_MS).toISOString().slice(0, 19)}+08:00`
