import { randomBytes, randomUUID } from 'node:crypto'
import type { ApiCall, ApiResult } from '../api/call.ts'
import { SERVER_METHODS } from '../api/registry.ts'
import type { Certificates } from '../certificates/certificates.ts'
import { checkCertificates } from '../certificates/check-certificates.ts'
import { CERTIFICATE_DOWNLOAD } from '../certificates/download.ts'
import type { Engine } from '../engine/engine.ts'
import { takeFault } from '../engine/faults.ts'
import type { App, Fault } from '../engine/model.ts'
import { readPublicKey, signText, verifyText } from '../keys.ts'
import { type ContentCipher, contentCipher } from '../wire/content-cipher.ts'
import type { GatewayReply, HttpAnswer } from '../wire/gateway.ts'
import { GatewayError } from '../wire/gateway-error.ts'
import { queryOf } from '../wire/parse-request.ts'
import { outcomeOf, type RequestLog } from '../wire/request-log.ts'
import { spoilsBefore } from '../wire/spoil-answer.ts'
import { type Authorization, parseAuthorization } from './authorization.ts'
import { replyOfFault, strikesV3 } from './v3-faults.ts'

/** One request below `/v3/`, freed of its socket. */
export interface V3Request {
  readonly verb: string
  /** Path and query as sent, also in absolute form. */
  readonly target: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
  readonly origin: string
}

export type V3Gateway = (request: V3Request) => Promise<GatewayReply>

/** What a method came to, not yet signed. */
interface Result {
  readonly body: string
  /** Only in certificate mode. */
  readonly certSn?: string
  readonly fault?: Fault
}

const BILL_URL = 'alipay.data.dataservice.bill.downloadurl.query'
const MINUTE_MS = 60_000

const missing = (subCode: string, text: string) => new GatewayError('40001', subCode, text)
const invalid = (subCode: string, text: string) => new GatewayError('40002', subCode, text)

/**
 * Protocol v3: the same methods under `/v3/` with their dots as slashes, JSON in and out, signatures in headers.
 * Refusals are HTTP errors and unsigned.
 */
export function createV3Gateway(
  engine: Engine,
  certificates: () => Promise<Certificates>,
  requests: RequestLog,
): V3Gateway {
  async function run(request: V3Request, method: string): Promise<Result> {
    const auth = demandAuthorization(request.headers.authorization)
    const app = knownApp(engine, auth)
    checkTimestamp(engine, auth)
    const certified = auth.fields.app_cert_sn !== undefined
    const known = certified || method === CERTIFICATE_DOWNLOAD ? await certificates() : undefined
    if (known && certified) checkSns(engine, app, auth, request, known)
    checkSignature(app, auth, request)
    const cipher = cipherOf(engine, app, request)
    const biz = request.verb === 'GET' ? bizOfQuery(request) : bizOfBody(request, cipher)
    const at = engine.settledNow()
    const call: ApiCall = {
      engine,
      appId: app.id,
      sellerId: app.sellerId,
      params: { method, app_id: app.id },
      biz,
      at,
      origin: request.origin,
      ...(known && { certificates: known }),
    }
    const number = biz.out_trade_no ?? biz.out_biz_no
    const outTradeNo = typeof number === 'string' ? number : undefined
    const fault = takeFault(engine, { where: 'api', method, outTradeNo }, strikesV3)
    const result: ApiResult = fault && spoilsBefore(fault) ? {} : (SERVER_METHODS[method]?.(call) ?? {})
    const text = JSON.stringify(result)
    return {
      body: cipher ? cipher.encrypt(text) : text,
      ...(known && certified && { certSn: known.alipay.sn }),
      ...(fault && { fault }),
    }
  }

  async function serve(request: V3Request, method: string | undefined): Promise<GatewayReply> {
    if (method === undefined) throw invalid('isv.invalid-method', '不存在的方法名')
    const { body, certSn, fault } = await run(request, method)
    await engine.store.durable()
    const spoilt = fault && replyOfFault(fault, engine.alipayPrivateKey)
    if (spoilt) return spoilt
    const timestamp = String(Date.now())
    const nonce = randomUUID()
    const signed = `${timestamp}\n${nonce}\n${body}\n${fault?.kind === 'bad_signature' ? '.' : ''}`
    return {
      status: 200,
      headers: {
        'content-type': 'application/json;charset=utf-8',
        'alipay-timestamp': timestamp,
        'alipay-nonce': nonce,
        ...(fault?.kind !== 'unsigned' && { 'alipay-signature': await signText(engine.alipayPrivateKey, signed) }),
        ...(certSn !== undefined && { 'alipay-sn': certSn }),
      },
      body,
    }
  }

  return async (request) => {
    const begun = performance.now()
    const method = methodOf(request)
    const seen = {
      at: engine.clock.nowMs(),
      realAt: engine.clock.realNowMs(),
      verb: request.verb,
      params: { ...(method !== undefined && { method }), biz_content: contentOf(request) },
      notes: ['protocol v3'],
    }
    const took = () => Math.round((performance.now() - begun) * 10) / 10
    try {
      const answer = await serve(request, method)
      requests.add({ ...seen, code: '10000', tookMs: took() })
      return traced(answer)
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      await engine.store.durable()
      requests.add({ ...seen, ...outcomeOf(error.toAnswer()), tookMs: took() })
      return traced(refusal(error))
    }
  }
}

/** `/v3/alipay/trade/query` → `alipay.trade.query`; nothing for what is not served, or not by this verb. */
function methodOf({ verb, target }: V3Request): string | undefined {
  const path = requestPath(target).split('?', 1)[0] ?? ''
  const method = path.slice('/v3/'.length).replaceAll('/', '.')
  if (!Object.hasOwn(SERVER_METHODS, method)) return undefined
  return verb === (method === BILL_URL ? 'GET' : 'POST') ? method : undefined
}

/** Path and query, which is what is signed, also of an absolute target. */
const requestPath = (target: string) => target.replace(/^[a-z]+:\/\/[^/?#]*/i, '')

const contentOf = ({ verb, target, body }: V3Request) => (verb === 'GET' ? queryOf(target) : body.toString('utf8'))

function demandAuthorization(header: string | undefined): Authorization {
  const auth = parseAuthorization(header)
  if (!auth) throw missing('isv.missing-signature', '缺少 Authorization: ALIPAY-SHA256withRSA …')
  return auth
}

function knownApp(engine: Engine, { fields }: Authorization): App {
  if (!fields.app_id) throw missing('isv.missing-app-id', '缺少 app_id 参数')
  const app = engine.state.apps.get(fields.app_id)
  if (!app) throw invalid('isv.invalid-app-id', '无效的 AppID 参数')
  return app
}

/** SDKs take the time of their process, so it is compared with ours and not with the virtual clock. */
function checkTimestamp(engine: Engine, { fields }: Authorization): void {
  const { timestamp = '' } = fields
  if (timestamp === '') throw missing('isv.missing-timestamp', '缺少时间戳参数')
  if (!/^\d{13}$/.test(timestamp)) throw invalid('isv.invalid-timestamp', '非法的时间戳参数')
  const { v3_timestamp_minutes: minutes } = engine.state.settings
  const late = engine.clock.realNowMs() - Number(timestamp)
  if (minutes > 0 && late > minutes * MINUTE_MS) throw invalid('isv.invalid-timestamp', '时间戳已过期')
}

function checkSns(engine: Engine, app: App, { fields }: Authorization, { headers }: V3Request, known: Certificates) {
  const named = {
    app_cert_sn: fields.app_cert_sn ?? '',
    alipay_root_cert_sn: headers['alipay-root-cert-sn'] ?? '',
  }
  const expected = { appSn: known.ofApp(app).sn, rootSn: known.root.sn }
  checkCertificates(named, expected, engine.state.settings.cert_sn_error)
}

function checkSignature(app: App, { text, sign }: Authorization, { verb, target, headers, body }: V3Request): void {
  if (sign === '') throw missing('isv.missing-signature', '缺少签名参数')
  const token = headers['alipay-app-auth-token']
  const lines = [text, verb, requestPath(target), body.toString('utf8'), ...(token === undefined ? [] : [token])]
  const signed = lines.map((line) => `${line}\n`).join('')
  if (verifyText(readPublicKey(app.publicKey), signed, sign)) return
  throw invalid('isv.invalid-signature', `验签出错，网关生成的验签字符串为：${JSON.stringify(signed)}`)
}

function cipherOf(engine: Engine, app: App, { headers }: V3Request): ContentCipher | undefined {
  const type = headers['alipay-encrypt-type']
  if (type === undefined || type === '') return undefined
  if (type !== 'AES') throw invalid('isv.invalid-parameter', 'alipay-encrypt-type 只支持 AES')
  return contentCipher(engine.alipayPrivateKey, app.id)
}

const bizOfQuery = ({ target }: V3Request): ApiCall['biz'] => Object.fromEntries(new URLSearchParams(queryOf(target)))

function bizOfBody({ body }: V3Request, cipher: ContentCipher | undefined): ApiCall['biz'] {
  const text = body.toString('utf8')
  const plain = cipher ? cipher.decrypt(text) : text
  let parsed: unknown
  try {
    parsed = JSON.parse(plain === '' ? '{}' : plain)
  } catch {
    throw invalid('isv.illegal-json', '请求体不是合法的 JSON')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw invalid('isv.illegal-json', '请求体应为 JSON 对象')
  }
  return { ...parsed }
}

const STATUS: Readonly<Record<GatewayError['code'], number>> = {
  '20000': 500,
  '40001': 400,
  '40002': 400,
  '40003': 400,
  '40004': 400,
  '40006': 403,
}

function refusal({ code, subCode, message }: GatewayError): HttpAnswer {
  const links = [{ link: '/_sandbox/requests', desc: '在沙箱控制台查看这次请求' }]
  return {
    status: STATUS[code],
    headers: { 'content-type': 'application/json;charset=utf-8' },
    body: JSON.stringify({ code: subCode.replace(/^isv\./, ''), message, links }),
  }
}

function traced(reply: GatewayReply): GatewayReply {
  if (typeof reply === 'string') return reply
  return { ...reply, headers: { ...reply.headers, 'alipay-trace-id': randomBytes(16).toString('hex') } }
}
