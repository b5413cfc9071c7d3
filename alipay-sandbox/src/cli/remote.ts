import { formatYuan } from '../engine/money.ts'
import { CommandFailed, type Flags } from './command.ts'

export const REMOTE_FLAGS = ['url', 'token'] as const

/** Calls the control API of a running sandbox; a refusal becomes a {@link CommandFailed} with its text. */
export async function callControl(
  flags: Flags,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<unknown> {
  const origin = (flags.text.url ?? 'http://127.0.0.1:9021').replace(/\/$/, '')
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (flags.text.token !== undefined) headers.authorization = `Bearer ${flags.text.token}`
  const response = await fetch(`${origin}/_sandbox/api/v1${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new CommandFailed(`no sandbox answers at ${origin}; start one or name it with --url`, { cause: error })
  })
  const answer: unknown = await response.json()
  if (response.ok) return answer
  const { message } = answer as { message?: string }
  throw new CommandFailed(message ?? `${response.status}`)
}

export const asText = (value: unknown) => JSON.stringify(value, null, 2)

/** The parts of a trade that the commands print. */
export interface TradeOnTheWire {
  readonly trade_no: string
  readonly out_trade_no: string
  readonly status: string
  readonly amount_fen: number
  readonly refunded_fen: number
  readonly subject: string
}

export function tradeLine(trade: TradeOnTheWire): string {
  const refunded = trade.refunded_fen > 0 ? ` refunded ${formatYuan(trade.refunded_fen)}` : ''
  return `${trade.trade_no}  ${trade.out_trade_no}  ${trade.status}  ${formatYuan(trade.amount_fen)}${refunded}  ${trade.subject}`
}
