import type { AccountLine, JudgedLine, TradeLine } from '@ihome/core/bills/bill'
import { type CivilDate, countNights } from '@ihome/core/calendar'
import { type Selectable, sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'
import type { BillLines, Bills } from '../../platform/db-types.ts'
import type { BillKind } from '../payments/bill-source.ts'

export type BillState = 'waiting' | 'fetched' | 'compared' | 'absent'
export type Bill = Omit<Selectable<Bills>, 'kind' | 'state'> & { readonly kind: BillKind; readonly state: BillState }
export type BillLine = Selectable<BillLines>

const bills = (db: Db | Tx) => db.selectFrom('bills').selectAll().$narrowType<Pick<Bill, 'kind' | 'state'>>()

/** Both bills of a day, that of trades first. */
export const listBillsOf = (db: Db | Tx, day: CivilDate): Promise<Bill[]> =>
  bills(db).where('day', '=', day).orderBy('kind', 'desc').execute()

/** The first and the last day of which a bill was asked for. */
export async function billDays(db: Db): Promise<{ readonly last: CivilDate } | undefined> {
  const row = await db
    .selectFrom('bills')
    .select((of) => of.fn.max<string | null>('day').as('last'))
    .executeTakeFirst()
  return row?.last ? { last: row.last } : undefined
}

/** Both bills of a day, to be fetched from `dueAt` on; those that are there already stay as they are. */
export async function expectBills(db: Db, day: CivilDate, now: Date, dueAt: Date): Promise<void> {
  await db
    .insertInto('bills')
    .values((['trade', 'account'] as const).map((kind) => ({ day, kind, created_at: now, next_try_at: dueAt })))
    .onConflict((conflict) => conflict.columns(['day', 'kind']).doNothing())
    .execute()
}

/** Days of which a bill is due, the oldest first; leased, so that instances share them. */
export async function leaseDueDays(db: Db, now: Date, leaseUntil: Date, limit: number): Promise<CivilDate[]> {
  const { rows } = await sql<{ day: string }>`
    update bills set lease_until = ${leaseUntil}
    where day in (
      select day from bills where next_try_at <= ${now} and (lease_until is null or lease_until <= ${now})
      order by day limit ${limit})
      and (lease_until is null or lease_until <= ${now})
    returning day`.execute(db)
  return [...new Set(rows.map(({ day }) => day))].sort()
}

/** Takes one day for somebody who waits; false while another works on it. */
export async function leaseDay(db: Db, day: CivilDate, now: Date, leaseUntil: Date): Promise<boolean> {
  const leased = await db
    .updateTable('bills')
    .set({ lease_until: leaseUntil })
    .where('day', '=', day)
    .where((or) => or.or([or('lease_until', 'is', null), or('lease_until', '<=', now)]))
    .executeTakeFirst()
  return leased.numUpdatedRows > 0n
}

export async function releaseDay(db: Db, day: CivilDate): Promise<void> {
  await db.updateTable('bills').set({ lease_until: null }).where('day', '=', day).execute()
}

export interface TriedBill {
  readonly state?: BillState
  readonly error: string | null
  readonly nextTryAt: Date | null
}

export async function saveTry(db: Db | Tx, id: number, { state, error, nextTryAt }: TriedBill): Promise<void> {
  await db
    .updateTable('bills')
    .set({ tries: sql`tries + 1`, error, next_try_at: nextTryAt, ...(state ? { state } : {}) })
    .where('id', '=', id)
    .execute()
}

const BATCH = 1_000

/** Keeps a file that came, in place of what an earlier one said. */
export async function saveFetched(
  tx: Tx,
  bill: Pick<Bill, 'id' | 'kind'>,
  file: { readonly sha256: string | null; readonly lines: readonly (TradeLine | AccountLine)[] },
  now: Date,
): Promise<void> {
  await tx.deleteFrom('bill_lines').where('bill_id', '=', bill.id).execute()
  for (let at = 0; at < file.lines.length; at += BATCH) {
    await tx
      .insertInto('bill_lines')
      .values(file.lines.slice(at, at + BATCH).map((line) => rowOf(bill.id, line)))
      .execute()
  }
  const [first, last] = [file.lines[0], file.lines.at(-1)]
  const isAccount = bill.kind === 'account'
  await tx
    .updateTable('bills')
    .set({
      state: 'fetched',
      error: null,
      tries: sql`tries + 1`,
      sha256: file.sha256,
      line_count: file.lines.length,
      opening_fen: isAccount && first && 'balanceFen' in first ? first.balanceFen - first.amountFen : null,
      closing_fen: isAccount && last && 'balanceFen' in last ? last.balanceFen : null,
      fetched_at: now,
      // It is compared at once; should that fail, the job takes it up again.
      next_try_at: now,
    })
    .where('id', '=', bill.id)
    .execute()
}

const rowOf = (billId: number, line: TradeLine | AccountLine) => ({
  bill_id: billId,
  no: line.no,
  type: line.type,
  out_trade_no: line.outTradeNo,
  at: line.at,
  amount_fen: line.amountFen,
  ...('balanceFen' in line
    ? {
        trade_no: line.about,
        serial: line.serial,
        balance_fen: line.balanceFen,
        words: line.words,
        request_no: null,
        fee_fen: 0,
      }
    : {
        trade_no: line.tradeNo,
        serial: null,
        balance_fen: null,
        words: null,
        request_no: line.requestNo,
        fee_fen: line.feeFen,
      }),
})

export const listLines = (db: Db | Tx, billId: number): Promise<BillLine[]> =>
  db.selectFrom('bill_lines').selectAll().where('bill_id', '=', billId).orderBy('no').execute()

/** Writes how the lines stand to our books; lines that stand as they stood are left alone. */
export async function saveJudged(tx: Tx, billId: number, judged: ReadonlyMap<number, JudgedLine>): Promise<void> {
  const all = [...judged]
  for (let at = 0; at < all.length; at += BATCH) {
    const part = all.slice(at, at + BATCH)
    await sql`
      update bill_lines l
      set result = j.result, order_id = j.order_id, attempt_id = j.attempt_id, refund_id = j.refund_id
      from unnest(${part.map(([no]) => no)}::int[], ${part.map(([, one]) => one.result)}::text[],
                  ${part.map(([, one]) => one.orderId)}::bigint[], ${part.map(([, one]) => one.attemptId)}::bigint[],
                  ${part.map(([, one]) => one.refundId)}::bigint[])
        as j (no, result, order_id, attempt_id, refund_id)
      where l.bill_id = ${billId} and l.no = j.no
        and (l.result, l.order_id, l.attempt_id, l.refund_id)
            is distinct from (j.result, j.order_id, j.attempt_id, j.refund_id)`.execute(tx)
  }
}

/** Numbers of trades and refunds that bills of other days show: those of `days` are looked at. */
export async function shownOn(
  db: Db,
  days: { readonly from: CivilDate; readonly before: CivilDate },
): Promise<{ readonly attempts: Set<number>; readonly refunds: Set<number> }> {
  const rows = await db
    .selectFrom('bill_lines as l')
    .innerJoin('bills as b', 'b.id', 'l.bill_id')
    .select(['l.type', 'l.attempt_id', 'l.refund_id'])
    .where('b.kind', '=', 'trade')
    .where('b.day', '>=', days.from)
    .where('b.day', '<', days.before)
    .where('l.attempt_id', 'is not', null)
    .execute()
  const attempts = rows.filter(({ type }) => type === 'payment').flatMap(({ attempt_id }) => attempt_id ?? [])
  const refunds = rows.flatMap(({ refund_id }) => refund_id ?? [])
  return { attempts: new Set(attempts), refunds: new Set(refunds) }
}

export async function markCompared(tx: Tx, day: CivilDate, now: Date, again: Date | null): Promise<void> {
  await tx
    .updateTable('bills')
    .set({ state: 'compared', compared_at: now, next_try_at: again })
    .where('day', '=', day)
    .where('state', 'in', ['fetched', 'compared'])
    .execute()
}

/**
 * What the account held after the last line before `day`. Undefined before the first bill of it, and where one in
 * between is not here: what moved then is unknown.
 */
export async function findClosingBefore(db: Db, day: CivilDate): Promise<number | undefined> {
  const row = await db
    .selectFrom('bills')
    .select(['day', 'closing_fen'])
    .where('kind', '=', 'account')
    .where('day', '<', day)
    .where('closing_fen', 'is not', null)
    .orderBy('day', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && (await isUnbroken(db, row.day, day)) ? (row.closing_fen ?? undefined) : undefined
}

/** Whether the bill of the account is here for each day after `from` and before `to`. */
export async function isUnbroken(db: Db, from: CivilDate, to: CivilDate): Promise<boolean> {
  const { count } = await db
    .selectFrom('bills')
    .select(sql<number>`count(*)::integer`.as('count'))
    .where('kind', '=', 'account')
    .where('state', 'in', ['fetched', 'compared'])
    .where('day', '>', from)
    .where('day', '<', to)
    .executeTakeFirstOrThrow()
  return count === countNights({ start_date: from, end_date: to }) - 1
}
