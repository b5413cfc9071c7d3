import type { Fault } from '../engine/model.ts'
import { formatYuan, parseYuan } from '../engine/money.ts'
import { signText } from '../keys.ts'
import { canonicalJson, type Json } from './canonical-json.ts'
import { type Answer, certField, envelope, rootKey, type Seal } from './envelope.ts'
import { type GatewayReply, type HttpAnswer, jsonAnswer } from './gateway.ts'
import { GatewayError } from './gateway-error.ts'

/** Whether the fault strikes before the operation is carried out. */
export function spoilsBefore(fault: Fault): boolean {
  if (fault.kind === 'no_answer_before' || fault.kind === 'http_500') return true
  return fault.kind === 'unknown_error' && fault.phase !== 'after'
}

/** What the caller gets instead of the true answer. */
export async function spoilAnswer(
  fault: Fault,
  method: string | undefined,
  answer: Answer,
  seal: Seal,
): Promise<GatewayReply> {
  switch (fault.kind) {
    case 'no_answer_before':
    case 'no_answer_after':
      return 'silence'
    case 'http_500':
      return serverError
    case 'unknown_error': {
      const unknown = new GatewayError('20000', 'aop.unknow-error', '系统繁忙')
      return jsonAnswer(await envelope(method, unknown.toAnswer(), seal))
    }
    case 'truncated': {
      const whole = await envelope(method, answer, seal)
      return jsonAnswer(whole.slice(0, Math.floor(whole.length / 2)))
    }
    case 'unsigned':
      return jsonAnswer(await envelope(method, answer, undefined))
    case 'bad_signature': {
      const text = canonicalJson(answer)
      return jsonAnswer(
        `{"${rootKey(method)}":${text},${certField(seal)}"sign":"${await signText(seal.key, `${text}.`)}"}`,
      )
    }
    default:
      return jsonAnswer(await envelope(method, withWrongAmounts(answer), seal))
  }
}

const serverError: HttpAnswer = {
  status: 500,
  headers: { 'content-type': 'text/html;charset=utf-8' },
  body: '<html><body><h1>500 Internal Server Error</h1></body></html>',
}

const AMOUNTS = [
  'total_amount',
  'receipt_amount',
  'buyer_pay_amount',
  'invoice_amount',
  'refund_fee',
  'refund_amount',
] as const

/** Every amount one fen higher, correctly signed. */
function withWrongAmounts(answer: Answer): Answer {
  const changed: Record<string, Json> = {}
  for (const name of AMOUNTS) {
    const fen = parseYuan(answer[name])
    if (fen !== undefined) changed[name] = formatYuan(fen + 1)
  }
  return { ...answer, ...changed }
}
