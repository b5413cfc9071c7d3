import type { KeyObject } from 'node:crypto'
import type { FaultKind } from '../engine/fault-kinds.ts'
import type { Fault } from '../engine/model.ts'
import type { GatewayReply } from '../wire/gateway.ts'
import { businessError, GatewayError } from '../wire/gateway-error.ts'
import { spoilAnswer } from '../wire/spoil-answer.ts'

/** These spoil the connection whatever the answer is. */
const CONNECTION: ReadonlySet<FaultKind> = new Set([
  'no_answer_before',
  'no_answer_after',
  'connection_reset',
  'http_500',
  'http_502',
  'redirect',
])

const REFUSALS: Readonly<Partial<Record<FaultKind, (fault: Fault) => GatewayError>>> = {
  unknown_error: () => new GatewayError('20000', 'aop.unknow-error', '系统繁忙'),
  system_error: () => businessError('ACQ.SYSTEM_ERROR', '系统错误'),
  business_error: ({ value }) => businessError(value ?? 'TRADE_NOT_EXIST', '业务处理失败'),
  seller_balance_not_enough: () => businessError('ACQ.SELLER_BALANCE_NOT_ENOUGH', '卖家余额不足'),
}

/** Whether a fault means anything in protocol v3; those that spoil the bytes of a v2 envelope wait for a v2 call. */
export const strikesV3 = (kind: FaultKind): boolean =>
  CONNECTION.has(kind) || Object.hasOwn(REFUSALS, kind) || kind === 'unsigned' || kind === 'bad_signature'

/** What the caller gets instead of a true answer. A refusal is thrown; nothing where the fault strikes the signature. */
export function replyOfFault(fault: Fault, key: KeyObject): Promise<GatewayReply> | undefined {
  const refusal = REFUSALS[fault.kind]?.(fault)
  if (refusal) throw refusal
  if (!CONNECTION.has(fault.kind)) return undefined
  return spoilAnswer(fault, undefined, { code: '', msg: '' }, { key, charset: 'utf-8' })
}
