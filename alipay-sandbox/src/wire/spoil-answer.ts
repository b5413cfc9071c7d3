import type { FaultKind } from '../engine/fault-kinds.ts'
import { phaseOf } from '../engine/faults.ts'
import type { Fault } from '../engine/model.ts'
import { formatYuan, parseYuan } from '../engine/money.ts'
import { canonicalJson, type Json } from './canonical-json.ts'
import { type Answer, certField, envelope, rootKey, type Seal, signSealed } from './envelope.ts'
import { type GatewayReply, type HttpAnswer, jsonAnswer } from './gateway.ts'
import { businessError, GatewayError } from './gateway-error.ts'

const HUGE_BYTES = 10 * 1024 * 1024
const DRIP_MS = 60_000

/** Whether the fault strikes before the operation is carried out. */
export const spoilsBefore = (fault: Fault): boolean => phaseOf(fault) === 'before'

interface Truth {
  readonly method: string | undefined
  readonly answer: Answer
  readonly seal: Seal
  readonly fault: Fault
}

type Spoiling = (truth: Truth) => GatewayReply | Promise<GatewayReply>

/** One entry for each kind of the wire; those that are missing strike elsewhere. */
const SPOILINGS: Readonly<Partial<Record<FaultKind, Spoiling>>> = {
  no_answer_before: () => 'silence',
  no_answer_after: () => 'silence',
  connection_reset: () => 'reset',
  slow_drip: async (truth) => ({ ...(await signed(truth, truth.answer)), dripMs: truth.fault.delayMs ?? DRIP_MS }),
  http_500: () => htmlPage(500, 'Internal Server Error'),
  http_502: () => htmlPage(502, 'Bad Gateway'),
  // A client that follows it asks without its parameters, and reads an answer to a question it never put.
  redirect: () => ({ ...htmlPage(302, 'Found'), headers: { ...HTML, location: '/gateway.do?redirected=1' } }),
  unknown_error: (truth) => refusal(truth, new GatewayError('20000', 'aop.unknow-error', '系统繁忙')),
  system_error: (truth) => refusal(truth, businessError('ACQ.SYSTEM_ERROR', '系统错误')),
  business_error: (truth) => refusal(truth, businessError(truth.fault.value ?? 'TRADE_NOT_EXIST', '业务处理失败')),
  seller_balance_not_enough: (truth) => refusal(truth, businessError('ACQ.SELLER_BALANCE_NOT_ENOUGH', '卖家余额不足')),
  truncated: async (truth) => {
    const whole = await envelope(truth.method, truth.answer, truth.seal)
    return jsonAnswer(whole.slice(0, Math.floor(whole.length / 2)))
  },
  huge_body: (truth) => signed(truth, { ...truth.answer, sandbox_padding: 'x'.repeat(HUGE_BYTES) }),
  unsigned: async ({ method, answer }) => jsonAnswer(await envelope(method, answer, undefined)),
  bad_signature: async ({ method, answer, seal }) => {
    const text = canonicalJson(answer)
    return jsonAnswer(`{"${rootKey(method)}":${text},${await signatureFields(seal, `${text}.`)}}`)
  },
  other_order: (truth) => signed(truth, aboutAnother(truth.answer)),
  wrong_amount: (truth) => signed(truth, withWrongAmounts(truth.answer)),
  duplicated_root: async ({ method, answer, seal }) => {
    const text = canonicalJson(answer)
    const root = rootKey(method)
    const forged = canonicalJson(forgedSuccess(answer))
    return jsonAnswer(`{"${root}":${text},"${root}":${forged},${await signatureFields(seal, text)}}`)
  },
  fund_change_missing: (truth) => signed(truth, { ...truth.answer, fund_change: undefined }),
}

/** What the caller gets instead of the true answer. */
export async function spoilAnswer(
  fault: Fault,
  method: string | undefined,
  answer: Answer,
  seal: Seal,
): Promise<GatewayReply> {
  const truth = { fault, method, answer, seal }
  return (SPOILINGS[fault.kind] ?? ((same: Truth) => signed(same, same.answer)))(truth)
}

const signed = async ({ method, seal }: Truth, answer: Answer): Promise<HttpAnswer> =>
  jsonAnswer(await envelope(method, answer, seal))

const refusal = (truth: Truth, error: GatewayError) => signed(truth, error.toAnswer())

const signatureFields = async (seal: Seal, text: string) => `${certField(seal)}"sign":"${await signSealed(seal, text)}"`

const HTML = { 'content-type': 'text/html;charset=utf-8' }

const htmlPage = (status: number, title: string): HttpAnswer => ({
  status,
  headers: HTML,
  body: `<html><body><h1>${status} ${title}</h1></body></html>`,
})

const AMOUNTS = [
  'total_amount',
  'receipt_amount',
  'buyer_pay_amount',
  'invoice_amount',
  'refund_fee',
  'refund_amount',
  'trans_amount',
] as const

/** Every amount one fen higher. */
function withWrongAmounts(answer: Answer): Answer {
  const changed: Record<string, Json> = {}
  for (const name of AMOUNTS) {
    const fen = parseYuan(answer[name])
    if (fen !== undefined) changed[name] = formatYuan(fen + 1)
  }
  return { ...answer, ...changed }
}

/** The same answer, but about an order that was not asked for. */
function aboutAnother(answer: Answer): Answer {
  const changed: Record<string, Json> = {}
  for (const name of ['out_trade_no', 'trade_no', 'out_request_no', 'out_biz_no', 'order_id'] as const) {
    const no = answer[name]
    if (typeof no === 'string') changed[name] = `${no.slice(0, -1)}${no.endsWith('0') ? '1' : '0'}`
  }
  return { ...answer, ...changed }
}

/** What an attacker would like to be read: everything went well. */
function forgedSuccess({ sub_code: _code, sub_msg: _msg, ...answer }: Answer): Answer {
  const wanted = { trade_status: 'TRADE_SUCCESS', fund_change: 'Y', refund_status: 'REFUND_SUCCESS' }
  return { ...answer, ...wanted, code: '10000', msg: 'Success' }
}
