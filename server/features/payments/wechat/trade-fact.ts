import type { TradeFact } from '../provider.ts'

export type Fields = Readonly<Record<string, unknown>>

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const textIn = (fields: Fields, name: string): string | undefined => {
  const value = fields[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** An amount in the object `amount`: whole fen, as they are sent. */
export function fenIn(fields: Fields, name: string): number | undefined {
  const amount = isFields(fields.amount) ? fields.amount[name] : undefined
  return typeof amount === 'number' && Number.isSafeInteger(amount) && amount >= 0 ? amount : undefined
}

const MONEY: Readonly<Record<string, TradeFact['money']>> = {
  SUCCESS: 'paid',
  // Paid, and something of it went back. How much is not said here; our refunds are asked about by their own numbers.
  REFUND: 'paid',
  CLOSED: 'closed',
  REVOKED: 'closed',
  NOTPAY: 'waiting',
  USERPAYING: 'waiting',
  PAYERROR: 'waiting', // one try of the buyer failed; the trade takes another
}

/** What a transaction, asked for or told of, says; undefined when it does not name one. Unknown words are no money. */
export function tradeFactOf(fields: Fields): TradeFact | undefined {
  const outTradeNo = textIn(fields, 'out_trade_no')
  const status = textIn(fields, 'trade_state')
  if (!outTradeNo || !status) return undefined
  const money = MONEY[status] ?? 'unknown'
  const tradeNo = textIn(fields, 'transaction_id')
  const amountFen = fenIn(fields, 'total')
  if (money === 'paid' && (tradeNo === undefined || amountFen === undefined)) return undefined
  return { outTradeNo, tradeNo, money, status, amountFen, finished: false, refund: undefined }
}
