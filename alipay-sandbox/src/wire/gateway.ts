import { randomBytes } from 'node:crypto'
import type { ApiCall, ApiResult } from '../api/call.ts'
import { openPage, type PagePayResult } from '../api/page-pay.ts'
import { PAGE_METHODS, SERVER_METHODS, simulates } from '../api/registry.ts'
import type { CashierResponse } from '../cashier/port.ts'
import type { Engine } from '../engine/engine.ts'
import { takeFault } from '../engine/faults.ts'
import type { Fault } from '../engine/model.ts'
import { readPublicKey } from '../keys.ts'
import { type AppKey, type CheckContext, type CheckedRequest, checkRequest, isRealMethod } from './check-request.ts'
import { type Answer, envelope, type Seal } from './envelope.ts'
import { errorPage } from './error-page.ts'
import { GatewayError } from './gateway-error.ts'
import { type ParsedRequest, parseRequest } from './parse-request.ts'
import { type Outcome, outcomeOf, RequestLog } from './request-log.ts'
import { spoilAnswer, spoilsBefore } from './spoil-answer.ts'

/** One request to `/gateway.do`, freed of its socket. */
interface GatewayRequest {
  /** The HTTP method; GET when absent. */
  readonly verb?: string
  /** Path and query as sent, also in absolute form. */
  readonly target: string
  readonly contentType: string | undefined
  readonly body: Buffer
}

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** `silence`: the caller is left waiting, as a fault demands. */
export type GatewayReply = HttpAnswer | 'silence'

export interface Gateway {
  handle(request: GatewayRequest): Promise<GatewayReply>
  /** Opens the cashier page behind a signed pay address without HTTP. Refusals of the wire are thrown as GatewayError. */
  open(target: string): PagePayResult
  /** The latest requests, for people. */
  readonly requests: RequestLog
}

/** What a request came to: the reply, and the same for the log. */
interface Served {
  readonly reply: GatewayReply
  readonly outcome: Outcome
}

/** The wire side of `/gateway.do`: checks, dispatches, waits until the outcome is on disk, and writes canonical bytes. */
export function createGateway(
  engine: Engine,
  renderRefusal: (code: string, text: string, href?: string) => CashierResponse,
): Gateway {
  const requests = new RequestLog()
  const publicKeys = new Map<string, AppKey>()

  function appKey(id: string): AppKey | undefined {
    const app = engine.state.apps.get(id)
    if (!app) return undefined
    const known = publicKeys.get(id) ?? { appId: id, publicKey: readPublicKey(app.publicKey) }
    publicKeys.set(id, known)
    return known
  }

  function check(parsed: ParsedRequest, notes: string[]): ApiCall & Pick<CheckedRequest, 'method'> {
    const at = engine.settledNow()
    const context: CheckContext = {
      settings: engine.state.settings,
      nowMs: at,
      app: appKey,
      simulates,
      warn(text) {
        notes.push(text)
        engine.warn(text)
      },
    }
    const checked = checkRequest(parsed, context)
    const sellerId = engine.state.apps.get(checked.appId)?.sellerId ?? ''
    return { ...checked, engine, sellerId, at }
  }

  async function servePage(parsed: ParsedRequest, notes: string[]): Promise<Served> {
    try {
      const call = check(parsed, notes)
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

  async function serveCall(parsed: ParsedRequest, method: string | undefined, notes: string[]): Promise<Served> {
    let answer: Answer
    let signed = true
    let fault: Fault | undefined
    try {
      const call = check(parsed, notes)
      const { out_trade_no: outTradeNo } = call.biz
      const occasion = {
        where: 'api',
        method: call.method,
        outTradeNo: typeof outTradeNo === 'string' ? outTradeNo : undefined,
      } as const
      fault = takeFault(engine, occasion)
      if (fault && spoilsBefore(fault)) answer = { code: '10000', msg: 'Success' }
      else answer = { code: '10000', msg: 'Success', ...run(call) }
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      answer = error.toAnswer()
      signed = error.signed
    }
    await engine.store.durable()
    const seal: Seal = { key: engine.alipayPrivateKey }
    const outcome = outcomeOf(answer, fault?.kind)
    if (fault) return { reply: await spoilAnswer(fault, method, answer, seal), outcome }
    return { reply: jsonAnswer(await envelope(method, answer, signed ? seal : undefined)), outcome }
  }

  return {
    requests,

    async handle({ verb = 'GET', target, contentType, body }) {
      const begun = performance.now()
      const parsed = parseRequest(target, contentType, body)
      const { params } = parsed
      const { method } = params
      const notes: string[] = []
      const isPage = method !== undefined && Object.hasOwn(PAGE_METHODS, method)
      const root = method !== undefined && isRealMethod(method, { simulates }) ? method : undefined
      const { reply, outcome } = await (isPage ? servePage(parsed, notes) : serveCall(parsed, root, notes))
      const tookMs = Math.round((performance.now() - begun) * 10) / 10
      const { clock } = engine
      requests.add({ at: clock.nowMs(), realAt: clock.realNowMs(), verb, params, notes, tookMs, ...outcome })
      return reply
    },

    open(target) {
      const call = check(parseRequest(target, undefined, Buffer.alloc(0)), [])
      const product = PAGE_METHODS[call.method]
      if (!product) throw new GatewayError('40002', 'isv.invalid-method', `${call.method} 不是网页支付接口`)
      return openPage(call, product)
    },
  }
}

function run(call: ApiCall & { readonly method: string }): ApiResult {
  return SERVER_METHODS[call.method]?.(call) ?? {}
}

/** Always 200 and never application/json, as the real gateway does it. */
export function jsonAnswer(body: string): HttpAnswer {
  const traceId = randomBytes(16).toString('hex')
  return { status: 200, headers: { 'content-type': 'text/html;charset=utf-8', trace_id: traceId }, body }
}
