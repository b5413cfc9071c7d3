import { createCipheriv, createVerify, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll } from 'vitest'
import type { Clock } from '../../../platform/clock.ts'
import { noticeText } from './notice.ts'
import { createWechatPay } from './wechat-provider.ts'

interface Trade {
  readonly outTradeNo: string
  readonly total: number
  readonly expires: Date
  state: 'NOTPAY' | 'SUCCESS' | 'CLOSED'
  transactionId?: string
}

interface BackPayment {
  readonly outRefundNo: string
  readonly trade: Trade
  readonly amount: number
  status: 'PROCESSING' | 'SUCCESS' | 'CLOSED' | 'ABNORMAL'
}

/** A notification as it leaves WeChat Pay. */
export interface SentNotice {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What can go wrong once, with the next answer: it is carried out, and then … */
export type WechatFault = 'no_answer' | 'unsigned' | 'wrong_signature' | 'http_500' | 'other_number'

type Answered = readonly [status: number, body: object | undefined]

/**
 * An offline WeChat Pay with keys of its own: H5 orders, query, close, refunds that take a while, and signed, sealed
 * notifications that a test carries itself. It keeps the rules of alipay.md 9 and was never compared with the real one,
 * which has no sandbox.
 */
export async function startWechatPay(clock: Clock) {
  const shop = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const ours = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const apiV3Key = randomBytes(16).toString('hex')
  const publicKeyId = 'PUB_KEY_ID_0000000001'
  const mchId = '1900000001'
  const appId = 'wx0000000000000001'
  const mchSerial = 'ABCDEF0123456789ABCDEF0123456789ABCDEF01'
  const trades = new Map<string, Trade>()
  const refunds = new Map<string, BackPayment>()
  const asked: string[] = []
  const faults: WechatFault[] = []
  let count = 0

  const sealOf = (body: string) => {
    const timestamp = String(Math.floor(clock.now().getTime() / 1000))
    const nonce = randomBytes(12).toString('hex')
    const text = Buffer.from(`${timestamp}\n${nonce}\n${body}\n`)
    const signature = sign('RSA-SHA256', text, ours.privateKey).toString('base64')
    return { timestamp, nonce, serial: publicKeyId, signature }
  }
  const headersOf = (seal: ReturnType<typeof sealOf>) =>
    Object.fromEntries(Object.entries(seal).map(([name, value]) => [`wechatpay-${name}`, value]))

  function noticeOf(event: string, resource: object): SentNotice {
    count += 1
    const nonce = randomBytes(6).toString('hex')
    const cipher = createCipheriv('aes-256-gcm', Buffer.from(apiV3Key), Buffer.from(nonce), { authTagLength: 16 })
    cipher.setAAD(Buffer.from('transaction'))
    const sealed = Buffer.concat([cipher.update(JSON.stringify(resource)), cipher.final(), cipher.getAuthTag()])
    const body = JSON.stringify({
      id: `EV-${String(count).padStart(20, '0')}`,
      event_type: event,
      resource_type: 'encrypt-resource',
      resource: {
        algorithm: 'AEAD_AES_256_GCM',
        ciphertext: sealed.toString('base64'),
        associated_data: 'transaction',
        nonce,
      },
    })
    return { headers: headersOf(sealOf(body)), body }
  }

  const factOf = (trade: Trade) => {
    const back = [...refunds.values()].some((refund) => refund.trade === trade && refund.status === 'SUCCESS')
    return {
      appid: appId,
      mchid: mchId,
      out_trade_no: trade.outTradeNo,
      trade_state: back ? 'REFUND' : trade.state,
      ...(trade.transactionId ? { transaction_id: trade.transactionId } : {}),
      amount: { total: trade.total, currency: 'CNY' },
    }
  }
  const refundOf = ({ outRefundNo, trade, amount, status }: BackPayment) => ({
    refund_id: `50${outRefundNo}`,
    out_refund_no: outRefundNo,
    out_trade_no: trade.outTradeNo,
    transaction_id: trade.transactionId,
    status,
    amount: { total: trade.total, refund: amount, currency: 'CNY' },
  })
  const no = (status: number, code: string): Answered => [status, { code, message: code }]

  function openTrade(wish: Order): Answered {
    const known = trades.get(wish.out_trade_no)
    if (known?.state === 'SUCCESS') return no(400, 'ORDERPAID')
    if (known && (known.state === 'CLOSED' || known.total !== wish.amount.total)) return no(403, 'OUT_TRADE_NO_USED')
    const sane = wish.mchid === mchId && wish.appid === appId && wish.scene_info?.h5_info?.type === 'Wap'
    if (!sane || !/^[0-9A-Za-z_\-|*]{6,32}$/.test(wish.out_trade_no)) return no(400, 'PARAM_ERROR')
    if (!known) {
      const trade: Trade = {
        outTradeNo: wish.out_trade_no,
        total: wish.amount.total,
        expires: new Date(wish.time_expire),
        state: 'NOTPAY',
      }
      trades.set(trade.outTradeNo, trade)
    }
    return [200, { h5_url: `${origin}/checkmweb?prepay_id=${randomBytes(8).toString('hex')}&no=${wish.out_trade_no}` }]
  }

  function refundTrade(wish: RefundOrder): Answered {
    const trade = trades.get(wish.out_trade_no)
    if (!trade?.transactionId) return no(404, 'RESOURCE_NOT_EXISTS')
    const earlier = refunds.get(wish.out_refund_no)
    if (earlier) return earlier.amount === wish.amount.refund ? [200, refundOf(earlier)] : no(400, 'INVALID_REQUEST')
    const back = [...refunds.values()]
      .filter((refund) => refund.trade === trade && refund.status !== 'CLOSED')
      .reduce((sum, refund) => sum + refund.amount, 0)
    if (wish.amount.total !== trade.total || back + wish.amount.refund > trade.total) return no(400, 'INVALID_REQUEST')
    const refund: BackPayment = {
      outRefundNo: wish.out_refund_no,
      trade,
      amount: wish.amount.refund,
      status: 'PROCESSING',
    }
    refunds.set(refund.outRefundNo, refund)
    return [200, refundOf(refund)]
  }

  function answerTo(method: string, url: URL, body: string): Answered {
    const [, trade = '', closes] = /^\/v3\/pay\/transactions\/out-trade-no\/([^/]+)(\/close)?$/.exec(url.pathname) ?? []
    if (trade !== '') {
      const found = trades.get(decodeURIComponent(trade))
      if (!found) return no(404, 'ORDER_NOT_EXIST')
      if (!closes) return [200, factOf(found)]
      if (found.state === 'SUCCESS') return no(400, 'ORDERPAID')
      found.state = 'CLOSED'
      return [204, undefined]
    }
    const refundNo = /^\/v3\/refund\/domestic\/refunds\/([^/]+)$/.exec(url.pathname)?.[1]
    if (refundNo !== undefined) {
      const refund = refunds.get(decodeURIComponent(refundNo))
      return refund ? [200, refundOf(refund)] : no(404, 'RESOURCE_NOT_EXISTS')
    }
    if (method === 'POST' && url.pathname === '/v3/pay/transactions/h5') return openTrade(JSON.parse(body))
    if (method === 'POST' && url.pathname === '/v3/refund/domestic/refunds') return refundTrade(JSON.parse(body))
    return no(404, 'NOT_FOUND')
  }

  function isSigned(method: string, target: string, body: string, header = ''): boolean {
    const [, mch, nonce = '', signature = '', timestamp = '', serial] =
      /^WECHATPAY2-SHA256-RSA2048 mchid="(.+)",nonce_str="(.+)",signature="(.+)",timestamp="(\d+)",serial_no="(.+)"$/.exec(
        header,
      ) ?? []
    const text = `${method}\n${target}\n${timestamp}\n${nonce}\n${body}\n`
    const rightKey = createVerify('RSA-SHA256').update(text).verify(shop.publicKey, signature, 'base64')
    return mch === mchId && serial === mchSerial && rightKey
  }

  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts).toString()
    const { method = 'GET', url: target = '/', headers } = request
    asked.push(`${method} ${target.split('?')[0]}`)
    const signed = isSigned(method, target, body, headers.authorization)
    const [status, answer] = signed ? answerTo(method, new URL(target, origin), body) : no(401, 'SIGN_ERROR')
    const fault = faults.shift()
    if (fault === 'no_answer') return void request.socket.destroy()
    if (fault === 'http_500') return void response.writeHead(500).end('{"code":"SYSTEM_ERROR"}')
    const changed = fault === 'other_number' ? { ...answer, out_trade_no: 'other', out_refund_no: 'other' } : answer
    const text = changed === undefined ? '' : JSON.stringify(changed)
    // What is refused carries no signature.
    const seal =
      status < 400 && fault !== 'unsigned' ? sealOf(fault === 'wrong_signature' ? `${text} ` : text) : undefined
    response.writeHead(status, { 'content-type': 'application/json', ...(seal ? headersOf(seal) : {}) }).end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  afterAll(() => {
    server.closeAllConnections()
    server.close()
  })

  const credentials = {
    gateway: origin,
    appId,
    mchId,
    mchSerial,
    mchPrivateKey: shop.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    apiV3Key,
    publicKey: ours.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    publicKeyId,
  }
  return {
    credentials,
    trades,
    refunds,
    /** Every request that came, as `METHOD /path`. */
    asked,
    /** Spoils the next answers, one each. */
    spoil: (...kinds: WechatFault[]) => void faults.push(...kinds),
    provider: (publicOrigin: string) => createWechatPay({ ...credentials, publicOrigin, clock }),
    /** The buyer pays at this address; gives what is then told. Throws where the real one would refuse. */
    pay(payUrl: string): SentNotice {
      const trade = trades.get(new URL(payUrl).searchParams.get('no') ?? '')
      if (trade?.state !== 'NOTPAY' || clock.now() >= trade.expires) throw new Error('nothing to pay here')
      trade.state = 'SUCCESS'
      trade.transactionId = `4200${trade.outTradeNo}`
      return noticeOf('TRANSACTION.SUCCESS', factOf(trade))
    },
    /** Refunds that are under way end. */
    endRefunds(status: 'SUCCESS' | 'CLOSED' | 'ABNORMAL' = 'SUCCESS'): SentNotice[] {
      const ending = [...refunds.values()].filter((refund) => refund.status === 'PROCESSING')
      return ending.map((refund) => {
        refund.status = status
        const { status: refund_status, ...rest } = refundOf(refund)
        return noticeOf(`REFUND.${status}`, { mchid: mchId, ...rest, refund_status })
      })
    },
    /** A notification of somebody else's making, or about anything. */
    noticeOf,
  }
}

/** A notification as the adapter reads it. */
export const messageOf = ({ headers, body }: SentNotice): string =>
  noticeText(
    {
      timestamp: headers['wechatpay-timestamp'],
      nonce: headers['wechatpay-nonce'],
      serial: headers['wechatpay-serial'],
      signature: headers['wechatpay-signature'],
    },
    body,
  )

interface Order {
  readonly appid: string
  readonly mchid: string
  readonly out_trade_no: string
  readonly time_expire: string
  readonly amount: { readonly total: number }
  readonly scene_info?: { readonly h5_info?: { readonly type?: string } }
}

interface RefundOrder {
  readonly out_trade_no: string
  readonly out_refund_no: string
  readonly amount: { readonly refund: number; readonly total: number }
}
