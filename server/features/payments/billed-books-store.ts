import { sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'

const BATCH = 5_000

/** Asks in parts, so that a bill of any length stays within what one statement can carry. */
async function inParts<Row>(numbers: readonly string[], ask: (part: string[]) => Promise<Row[]>): Promise<Row[]> {
  const rows: Row[] = []
  for (let at = 0; at < numbers.length; at += BATCH) rows.push(...(await ask(numbers.slice(at, at + BATCH))))
  return rows
}

const attemptColumns = (db: Db, provider: string) =>
  db
    .selectFrom('payment_attempts as a')
    .where('a.provider', '=', provider)
    .select([
      'a.id',
      'a.order_id',
      'a.out_trade_no',
      'a.trade_no',
      'a.amount_fen',
      'a.received_fen',
      'a.expected_fee_fen',
      'a.refundable',
      'a.succeeded_at',
      sql<boolean>`exists (select from ledger_transactions t where t.order_id = a.order_id and t.event = 'accrue')`.as(
        'host_credited',
      ),
    ])

export type AttemptRow = Awaited<ReturnType<typeof listBilledAttempts>>[number]

/** Attempts with one of these numbers. */
export const listBilledAttempts = (db: Db, provider: string, numbers: readonly string[]) =>
  inParts(numbers, (part) => attemptColumns(db, provider).where(sql<boolean>`a.out_trade_no = any(${part})`).execute())

/** Attempts whose money we heard of from `from` until before `to`. */
export const listAttemptsPaidBetween = (db: Db, provider: string, from: Date, to: Date) =>
  attemptColumns(db, provider).where('a.succeeded_at', '>=', from).where('a.succeeded_at', '<', to).execute()

const refundColumns = (db: Db, provider: string) =>
  db
    .selectFrom('refunds as r')
    .select([
      'r.id',
      'r.attempt_id',
      'r.order_id',
      'r.out_trade_no',
      'r.out_request_no',
      'r.amount_fen',
      'r.done_fen',
      'r.state',
      'r.settled_at',
    ])
    .where('r.state', '<>', 'VOID')
    .where('r.via', '=', 'trade')
    .where('r.provider', '=', provider)

export type RefundRow = Awaited<ReturnType<typeof listBilledRefunds>>[number]

export const listBilledRefunds = (db: Db, provider: string, numbers: readonly string[]) =>
  inParts(numbers, (part) => refundColumns(db, provider).where(sql<boolean>`r.out_trade_no = any(${part})`).execute())

export const listRefundsDoneBetween = (db: Db, provider: string, from: Date, to: Date) =>
  refundColumns(db, provider)
    .where('r.settled_at', '>=', from)
    .where('r.settled_at', '<', to)
    .where('r.done_fen', '>', 0)
    .execute()

/** Refunds promised before `before` that have not ended. */
export const listRefundsOutstanding = (db: Db, provider: string, before: Date) =>
  refundColumns(db, provider).where('r.settled_at', 'is', null).where('r.created_at', '<', before).execute()

/** Money booked under these numbers although no attempt has them: fen by number. */
export async function listUnmatchedMoney(db: Db, numbers: readonly string[]): Promise<Map<string, number>> {
  const rows = await inParts(numbers, async (part) => {
    const keys = part.map((number) => `unmatched:${number}`)
    return db
      .selectFrom('ledger_transactions as t')
      .innerJoin('ledger_entries as e', 'e.tx_id', 't.id')
      .select(['e.owner_id', sql<number>`(0 - e.amount_fen)::bigint`.as('fen')])
      .where(sql<boolean>`t.business_key = any(${keys})`)
      .where('e.account', '=', 'SUSPENSE')
      .execute()
  })
  return new Map(rows.map(({ owner_id, fen }) => [owner_id ?? '', fen]))
}

export async function saveBilledFee(db: Db | Tx, attemptId: number, feeFen: number): Promise<void> {
  await db.updateTable('payment_attempts').set({ billed_fee_fen: feeFen }).where('id', '=', attemptId).execute()
}

/** Any genuine fact about the number: what a fee without an attempt is posted for. */
export const findFactOf = (db: Db | Tx, outTradeNo: string): Promise<{ id: number } | undefined> =>
  db
    .selectFrom('gateway_facts')
    .select('id')
    .where('out_trade_no', '=', outTradeNo)
    .where('verified', '=', true)
    .where('effect', '=', 'unmatched')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
