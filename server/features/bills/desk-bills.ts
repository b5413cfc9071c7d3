import type {
  DeskBill,
  DeskBillLine,
  DeskBillLines,
  DeskBillLinesQuery,
  DeskBills,
  DeskBillsQuery,
  DeskDifference,
  DeskDifferences,
  DeskDifferencesQuery,
} from '@ihome/contract/schemas/bills'
import { type CivilDate, dayInShanghai, isCivilDate } from '@ihome/core/calendar'
import type { Deps } from '../../platform/deps.ts'
import { deskList, deskSpan } from '../../platform/desk-page.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { type DeskWish, reasonOf } from '../operators/reason.ts'
import { recordAction } from '../operators/record-action.ts'
import { endCaseOfDay } from '../payments/bill-cases.ts'
import type { BillNeeds } from './bill-needs.ts'
import { expectBills, leaseDay, releaseDay } from './bill-store.ts'
import { countDays, type DeskDay, findDeskDay, listDeskDays } from './day-store.ts'
import { countDeskDifferences, countDeskLines, listDeskDifferences, listDeskLines } from './desk-bill-store.ts'
import { countWaiting, type KeptDifference, lockDifference, saveDifference } from './difference-store.ts'
import { billDueAt, fetchDay, LEASE_MS } from './fetch-day.ts'

const text = (at: Date | null): string | null => at?.toISOString() ?? null

const viewOf = ({ line_count, foreign_lines, fetched_at, compared_at, ...row }: DeskDay): DeskBill => ({
  ...row,
  lines: line_count,
  foreign: foreign_lines,
  fetched_at: text(fetched_at),
  compared_at: text(compared_at),
})

const differenceOf = (row: KeptDifference): DeskDifference => ({
  difference_id: row.id,
  day: row.day,
  kind: row.kind,
  subject: row.subject,
  line_no: row.line_no,
  out_trade_no: row.out_trade_no,
  order_id: row.order_id,
  ours_fen: row.ours_fen,
  theirs_fen: row.theirs_fen,
  state: row.state,
  owner: row.owner,
  note: row.note,
  found_at: row.found_at.toISOString(),
  settled_at: text(row.settled_at),
})

/** Days and their bills, the newest first. */
export async function listBills({ db }: Pick<Deps, 'db'>, asked: DeskBillsQuery): Promise<DeskBills> {
  const span = deskSpan(asked, ['day', 'lines', 'fees'])
  const [total, rows] = await Promise.all([countDays(db), listDeskDays(db, span)])
  return deskList(rows.map(viewOf), total, span.page, span.take)
}

/** One day's bill. Says no with `not_found` and, for what is no day, `input_invalid`. */
export async function readBill({ db }: Pick<Deps, 'db'>, day: CivilDate): Promise<DeskBill> {
  const found = await findDeskDay(db, checkedDay(day))
  if (!found) throw new Refusal('not_found')
  return viewOf(found)
}

export async function listBillLines(
  { db }: Pick<Deps, 'db'>,
  day: CivilDate,
  { q, result, ...asked }: DeskBillLinesQuery,
): Promise<DeskBillLines> {
  const span = deskSpan({ sort: 'no', ...asked }, ['no', 'amount', 'fee', 'at'])
  const filter = { day: checkedDay(day), q, result }
  const [total, rows] = await Promise.all([countDeskLines(db, filter), listDeskLines(db, filter, span)])
  const views = rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }) as DeskBillLine)
  return deskList(views, total, span.page, span.take)
}

export async function listBillDifferences(
  { db }: Pick<Deps, 'db'>,
  day: CivilDate,
  { q, state, kind, ...asked }: DeskDifferencesQuery,
): Promise<DeskDifferences> {
  const span = deskSpan({ sort: 'id', ...asked }, ['id', 'kind', 'state', 'theirs'])
  const filter = { day: checkedDay(day), q, state, kind }
  const [total, rows] = await Promise.all([countDeskDifferences(db, filter), listDeskDifferences(db, filter, span)])
  return deskList(rows.map(differenceOf), total, span.page, span.take)
}

const SIX_YEARS_DAYS = 6 * 366

/**
 * Fetches a day's bill anew and compares it. Says no with `input_invalid` for a day whose bill cannot be there, and
 * with `request_in_flight` while somebody works on that day.
 */
export async function fetchBillAtDesk(
  needs: BillNeeds,
  { day, operatorId }: { readonly day: CivilDate; readonly operatorId: number },
): Promise<DeskBill> {
  const now = needs.clock.now()
  checkedDay(day)
  const oldest = dayInShanghai(new Date(now.getTime() - SIX_YEARS_DAYS * 86_400_000))
  if (day < oldest || billDueAt(day) > now) throw inputInvalid({ field: 'day', reason: 'has no bill yet' })
  await expectBills(needs.db, day, now, now)
  if (!(await leaseDay(needs.db, day, now, new Date(now.getTime() + LEASE_MS)))) throw new Refusal('request_in_flight')
  try {
    await needs.transact((tx) =>
      recordAction(tx, { operatorId, at: now, kind: 'bill_fetched', subject: `bill:${day.replaceAll('-', '')}` }),
    )
    await fetchDay(needs, day, { again: true })
  } finally {
    await releaseDay(needs.db, day)
  }
  return readBill(needs, day)
}

export interface DifferenceWish extends DeskWish {
  readonly id: number
  readonly login: string
}

/** Takes a difference on. Says no with `not_found`, and `step_refused` when it has ended. */
export const takeDifference = (deps: Deps, wish: DifferenceWish): Promise<DeskDifference> =>
  act(deps, wish, 'difference_taken', () => ({ owner: wish.login }))

/** Ends a difference by a person's word; nothing moves by it. Says no alike. */
export const resolveDifference = (deps: Deps, wish: DifferenceWish): Promise<DeskDifference> =>
  act(deps, wish, 'difference_resolved', (reason, now) => ({
    owner: wish.login,
    state: 'resolved',
    note: reason,
    settled_at: now,
  }))

async function act(
  { transact, clock }: Deps,
  { id, operatorId, reason: typed }: DifferenceWish,
  kind: string,
  change: (reason: string, now: Date) => Partial<Pick<KeptDifference, 'owner' | 'state' | 'note' | 'settled_at'>>,
): Promise<DeskDifference> {
  const reason = reasonOf(typed)
  const now = clock.now()
  return transact(async (tx) => {
    const found = await lockDifference(tx, id)
    if (!found) throw new Refusal('not_found')
    if (found.state === 'fixed' || found.state === 'resolved') throw new Refusal('step_refused')
    const changed = { ...found, ...change(reason, now) }
    const { owner, state, note, settled_at } = changed
    await saveDifference(tx, id, { owner, state, note, settled_at })
    const detail = { day: found.day, difference: found.kind }
    await recordAction(tx, { operatorId, at: now, kind, subject: `difference:${id}`, reason, detail })
    if ((await countWaiting(tx, found.day)).open === 0) await endCaseOfDay(tx, 'bill_difference', found.day, now)
    return differenceOf(changed)
  })
}

function checkedDay(day: string): CivilDate {
  if (!isCivilDate(day)) throw inputInvalid({ field: 'day', reason: 'is no day' })
  return day
}
