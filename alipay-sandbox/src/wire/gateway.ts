import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import type { ApiCall, ApiResult } from '../api/call.ts'
import { openPage, type PagePayResult } from '../api/page-pay.ts'
import { PAGE_METHODS, SERVER_METHODS, simulates } from '../api/registry.ts'
import type { CashierResponse } from '../cashier/port.ts'
import type { Certificates } from '../certificates/certificates.ts'
import { usesCertificates } from '../certificates/check-certificates.ts'
import { CERTIFICATE_DOWNLOAD } from '../certificates/download.ts'
import type { Engine } from '../engine/engine.ts'
import { takeFault } from '../engine/faults.ts'
import type { Fault } from '../engine/model.ts'
import { readPublicKey } from '../keys.ts'
import { canonicalJson, misleadsBraceCounters } from './canonical-json.ts'
import { type AppKey, type CheckContext, type CheckedRequest, checkRequest, isRealMethod } from './check-request.ts'
import { contentCipher } from './content-cipher.ts'
import { type Answer, envelope, type Seal } from './envelope.ts'
import { errorPage } from './error-page.ts'
import { GatewayError } from './gateway-error.ts'
import { encodeGbk } from './gbk.ts'
import { type ParsedRequest, parseRequest } from './parse-request.ts'
import { type Outcome, outcomeOf, RequestLog } from './request-log.ts'
import { explainSignature, type SignatureHelp } from './signature-helper.ts'
import { spoilAnswer, spoilsBefore } from './spoil-answer.ts'
import { checkStrictly } from './strict-check.ts'
import type { Params } from './string-to-sign.ts'

/** One request to `/gateway.do`, freed of its socket. */
interface GatewayRequest {
  /** The HTTP method; GET when absent. */
  readonly verb?: string
  /** Path and query as sent, also in absolute form. */
  readonly target: string
  readonly contentType: string | undefined
  readonly body: Buffer
  /** How the caller reached us, such as `http://127.0.0.1:9021`: addresses that it is given begin with it. */
  readonly origin?: string
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
  /** Only as a fault demands: the body leaves in small pieces over so many real milliseconds. */
  readonly dripMs?: number
}

/** As faults demand: with `silence` the caller is left waiting, with `reset` the connection breaks off. */
export type GatewayReply = HttpAnswer | 'silence' | 'reset'

export interface Gateway {
  handle(request: GatewayRequest): Promise<GatewayReply>
  /** Opens the cashier page behind a signed pay address without HTTP. Refusals of the wire are thrown as GatewayError. */
  open(target: string): Promise<PagePayResult>
  /** The latest requests, for people. */
  readonly requests: RequestLog
}

/** A request with what was found out on its way. */
interface Inbound {
  readonly parsed: ParsedRequest
  /** Remarks for people, collected. */
  readonly notes: string[]
  /** Only if the request needs them. */
  readonly known: Certificates | undefined
  readonly origin: string
}

const BRACE_HINT =
  'a value in this answer opens a { that it does not close, or the other way: python-alipay-sdk, which counts braces, will not verify it'

const SIGNATURE_REFUSALS: ReadonlySet<string> = new Set(['isv.invalid-signature', 'isv.missing-signature'])
/** A timestamp that was damaged on its way is complained about before the signature is looked at. */
const DAMAGE_REFUSAL = 'isv.invalid-timestamp'

/** What a request came to: the reply, and the same for the log. */
interface Served {
  readonly reply: GatewayReply
  readonly outcome: Outcome
}

/** The wire side of `/gateway.do`: checks, dispatches, waits until the outcome is on disk, and writes canonical bytes. */
export function createGateway(
  engine: Engine,
  renderRefusal: (code: string, text: string, href?: string) => CashierResponse,
  certificates: () => Promise<Certificates>,
): Gateway {
  const requests = new RequestLog()
  const publicKeys = new Map<string, AppKey>()
  let alipayKey: KeyObject | undefined

  function appKey(id: string): AppKey | undefined {
    const app = engine.state.apps.get(id)
    if (!app) return undefined
    const known = publicKeys.get(id) ?? { appId: id, publicKey: readPublicKey(app.publicKey) }
    publicKeys.set(id, known)
    return known
  }

  /** Made only for those who ask for them: most sandboxes never see certificate mode. */
  async function certificatesFor({ params }: ParsedRequest): Promise<Certificates | undefined> {
    return usesCertificates(params) || params.method === CERTIFICATE_DOWNLOAD ? certificates() : undefined
  }

  function expectedSns({ params }: ParsedRequest, known: Certificates) {
    return (appId: string) => {
      const app = engine.state.apps.get(appId)
      if (!app || !usesCertificates(params)) return undefined
      return { appSn: known.ofApp(app).sn, rootSn: known.root.sn }
    }
  }

  function check({ parsed, notes, known, origin }: Inbound): ApiCall & Pick<CheckedRequest, 'method'> {
    const at = engine.settledNow()
    const context: CheckContext = {
      settings: engine.state.settings,
      nowMs: at,
      app: appKey,
      ...(known && { certificates: expectedSns(parsed, known) }),
      simulates,
      decrypt: (appId, text) => contentCipher(engine.alipayPrivateKey, appId).decrypt(text),
      warn(text) {
        notes.push(text)
        engine.warn(text)
      },
    }
    const checked = checkRequest(parsed, context)
    const { strict_mode: strict } = engine.state.settings
    checkStrictly(checked.method, checked.biz, { strict, warn: context.warn })
    const sellerId = engine.state.apps.get(checked.appId)?.sellerId ?? ''
    return { ...checked, engine, sellerId, at, origin, ...(known && { certificates: known }) }
  }

  /** Why a signature was refused, as far as it can be told from the request itself. */
  function signatureHelp(params: Params, { subCode = '' }: Outcome): SignatureHelp | undefined {
    const certain = SIGNATURE_REFUSALS.has(subCode)
    const app = certain || subCode === DAMAGE_REFUSAL ? appKey(params.app_id ?? '') : undefined
    if (!app) return undefined
    const others = [...engine.state.apps.keys()].filter((id) => id !== app.appId)
    const otherKeys = others.flatMap((id) => {
      const publicKey = appKey(id)?.publicKey
      return publicKey ? [{ name: `app ${id}`, publicKey }] : []
    })
    alipayKey ??= createPublicKey(engine.alipayPrivateKey)
    const help = explainSignature({ params, appKey: app.publicKey, alipayKey, otherKeys })
    return certain || help.cause !== 'unknown' ? help : undefined
  }

  async function servePage(inbound: Inbound): Promise<Served> {
    try {
      const call = check(inbound)
      const result = openPage(call, PAGE_METHODS[call.method] ?? 'wap')
      await engine.store.durable()
      if ('kind' in result) {
        const { code: subCode, text: subMsg, returnHref } = result
        return { reply: renderRefusal(subCode, subMsg, returnHref), outcome: { code: '40004', subCode, subMsg } }
      }
      const reply = { status: 302, headers: { location: `/cashier/${result.id}` }, body: '' }
      return { reply, outcome: { code: '10000' } }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      const reply = { status: 200, headers: { 'content-type': 'text/html;charset=GBK' }, body: errorPage(error) }
      return { reply, outcome: outcomeOf(error.toAnswer()) }
    }
  }

  async function serveCall(inbound: Inbound, method: string | undefined): Promise<Served> {
    let answer: Answer
    let signed = true
    let fault: Fault | undefined
    let encrypted: string | undefined
    try {
      const call = check(inbound)
      // From here on both sides know that they share the key; a refusal before that is readable for anyone.
      if (call.params.encrypt_type === 'AES') encrypted = call.appId
      fault = takeFault(engine, { where: 'api', method: call.method, outTradeNo: namedOutTradeNo(call) })
      if (fault && spoilsBefore(fault)) answer = { code: '10000', msg: 'Success' }
      else answer = { code: '10000', msg: 'Success', ...run(call) }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      answer = error.toAnswer()
      signed = error.signed
    }
    if (misleadsBraceCounters(canonicalJson(answer))) {
      inbound.notes.push(BRACE_HINT)
      engine.warn(BRACE_HINT)
    }
    await engine.store.durable()
    const certSn = usesCertificates(inbound.parsed.params) ? inbound.known?.alipay.sn : undefined
    const { charset } = inbound.parsed
    const seal: Seal = {
      key: engine.alipayPrivateKey,
      charset,
      ...(certSn !== undefined && { certSn }),
      ...(encrypted && { encrypt: contentCipher(engine.alipayPrivateKey, encrypted).encrypt }),
    }
    const outcome = outcomeOf(answer, fault?.kind)
    const reply = fault
      ? await spoilAnswer(fault, method, answer, seal)
      : jsonAnswer(await envelope(method, answer, signed ? seal : undefined))
    return { reply: charset === 'gbk' ? asGbk(reply) : reply, outcome }
  }

  /** Remembers a request with what came of it. */
  function remember(inbound: Inbound, verb: string, outcome: Outcome, begun: number): void {
    const { params } = inbound.parsed
    const signature = signatureHelp(params, outcome)
    requests.add({
      at: engine.clock.nowMs(),
      realAt: engine.clock.realNowMs(),
      verb,
      params,
      notes: inbound.notes,
      tookMs: Math.round((performance.now() - begun) * 10) / 10,
      ...outcome,
      ...(signature && { signature }),
    })
  }

  function openChecked(inbound: Inbound): PagePayResult {
    const call = check(inbound)
    const product = PAGE_METHODS[call.method]
    if (!product) throw new GatewayError('40002', 'isv.invalid-method', `${call.method} 不是网页支付接口`)
    return openPage(call, product)
  }

  return {
    requests,

    async handle({ verb = 'GET', target, contentType, body, origin = '' }) {
      const begun = performance.now()
      const parsed = parseRequest(target, contentType, body)
      const { method } = parsed.params
      const isPage = method !== undefined && Object.hasOwn(PAGE_METHODS, method)
      const root = method !== undefined && isRealMethod(method, { simulates }) ? method : undefined
      const inbound = { parsed, notes: [], known: await certificatesFor(parsed), origin }
      const { reply, outcome } = await (isPage ? servePage(inbound) : serveCall(inbound, root))
      remember(inbound, verb, outcome, begun)
      return reply
    },

    async open(target) {
      const begun = performance.now()
      const parsed = parseRequest(target, undefined, Buffer.alloc(0))
      const inbound = { parsed, notes: [], known: await certificatesFor(parsed), origin: '' }
      try {
        return openChecked(inbound)
      } catch (error) {
        // Nobody sees the page that a browser would have shown, so the reason is kept where people look.
        if (error instanceof GatewayError) remember(inbound, 'GET', outcomeOf(error.toAnswer()), begun)
        throw error
      }
    },
  }
}

/** The same answer for a caller that wrote in GBK. */
function asGbk(reply: GatewayReply): GatewayReply {
  if (typeof reply === 'string' || typeof reply.body !== 'string') return reply
  const headers = { ...reply.headers, 'content-type': 'text/html;charset=GBK' }
  return { ...reply, headers, body: encodeGbk(reply.body) }
}

function run(call: ApiCall & { readonly method: string }): ApiResult {
  return SERVER_METHODS[call.method]?.(call) ?? {}
}

/** The merchant's number that a call is about, also where it names the gateway's. */
function namedOutTradeNo({ biz, engine }: ApiCall): string | undefined {
  const byTradeNo = typeof biz.trade_no === 'string' ? engine.state.trades.get(biz.trade_no) : undefined
  if (byTradeNo) return byTradeNo.order.outTradeNo
  const own = biz.out_trade_no ?? biz.out_biz_no
  return typeof own === 'string' ? own : undefined
}

/** Always 200 and never application/json, as the real gateway does it. */
export function jsonAnswer(body: string): HttpAnswer {
  const traceId = randomBytes(16).toString('hex')
  return { status: 200, headers: { 'content-type': 'text/html;charset=utf-8', trace_id: traceId }, body }
}
