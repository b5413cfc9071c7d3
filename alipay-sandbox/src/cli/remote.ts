import { formatYuan } from '../engine/money.ts'
import { CommandFailed, type Flags, UsageError } from './command.ts'

export const REMOTE_FLAGS = ['url', 'token'] as const

type Verb = 'GET' | 'POST' | 'DELETE' | 'PATCH'

/** Calls the control API of a running sandbox; a refusal becomes a {@link CommandFailed} with its text. */
export async function callControl(flags: Flags, method: Verb, path: string, body?: unknown): Promise<unknown> {
  return (await fetchControl(flags, method, path, body)).json()
}

/** The same, for answers that are not JSON. */
export async function fetchControl(flags: Flags, method: Verb, path: string, body?: unknown): Promise<Response> {
  const origin = originOf(flags)
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (flags.text.token !== undefined) headers.authorization = `Bearer ${flags.text.token}`
  const response = await fetch(`${origin}/_sandbox/api/v1${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  }).catch((error: unknown) => {
    throw new CommandFailed(`no sandbox answers at ${origin}; start one or name it with --url`, { cause: error })
  })
  if (response.ok) return response
  const message = await response.json().then(
    (answer: unknown) => (answer as { message?: string }).message,
    () => undefined,
  )
  throw new CommandFailed(message ?? `${origin} answered ${response.status}; is it an alipay-sandbox?`)
}

function originOf({ text }: Flags): string {
  const origin = (text.url ?? 'http://127.0.0.1:9021').replace(/\/$/, '')
  if (!URL.canParse(origin) || !/^https?:/.test(origin))
    throw new UsageError(`--url ${origin} is not an http(s) address`)
  return origin
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
