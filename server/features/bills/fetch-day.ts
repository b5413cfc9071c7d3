import { addDays, type CivilDate, dayInShanghai, instantInShanghai } from '@ihome/core/calendar'
import type { Job } from '../../platform/jobs.ts'
import { askForDay, endCaseOfDay } from '../payments/bill-cases.ts'
import type { BillNeeds } from './bill-needs.ts'
import {
  type Bill,
  billDays,
  expectBills,
  leaseDueDays,
  listBillsOf,
  releaseDay,
  saveFetched,
  saveTry,
} from './bill-store.ts'
import { compareDay } from './compare-day.ts'

/** Bills are made about 09:00 of the next day; we ask from 09:30 on. */
const READY_HOUR = 33.5
const TRY_AGAIN_MS = 15 * 60_000
/** A bill that is not here so long after it should be is an alarm (ALI-27). */
const LATE_MS = 24 * 3_600_000
/** Longer than fetching and comparing the largest day takes, so a lease that ended belongs to a process that died. */
export const LEASE_MS = 30 * 60_000
/** After a longer pause the days in between are asked for by hand. */
const MOST_DAYS = 62
const BATCH = 3

/** When the bill of a day can be asked for. */
export const billDueAt = (day: CivilDate): Date => instantInShanghai(day, READY_HOUR)

/**
 * Fetches and compares the bills that are due; gives how many days it did. The first day is that on which the shop
 * first ran; days missed while it stood still are made up for. Several instances share the days by leases.
 */
export async function fetchDueBills(needs: BillNeeds, signal?: AbortSignal): Promise<number> {
  const now = needs.clock.now()
  await expectDays(needs, now)
  let count = 0
  for (const day of await leaseDueDays(needs.db, now, new Date(now.getTime() + LEASE_MS), BATCH)) {
    if (signal?.aborted) return count
    try {
      await fetchDay(needs, day)
      await releaseDay(needs.db, day)
      count += 1
    } catch (error) {
      // The lease stays, so that what fails is not tried again at once.
      needs.log.error({ day, err: error }, 'bill_not_compared')
    }
  }
  return count
}

async function expectDays(needs: BillNeeds, now: Date): Promise<void> {
  const today = dayInShanghai(now)
  const known = await billDays(needs.db)
  const earliest = addDays(today, -MOST_DAYS)
  let day = known ? addDays(known.last, 1) : today
  if (day < earliest) day = earliest
  for (; day <= today; day = addDays(day, 1)) await expectBills(needs.db, day, now, billDueAt(day))
}

/** Fetches what is missing of a day, or all of it anew with `again`, and compares it when it is here. */
export async function fetchDay(needs: BillNeeds, day: CivilDate, { again = false } = {}): Promise<void> {
  const now = needs.clock.now()
  const isLate = now.getTime() - billDueAt(day).getTime() >= LATE_MS
  for (const bill of await listBillsOf(needs.db, day)) {
    if (again || bill.state === 'waiting') await fetchOne(needs, bill, now)
  }
  const bills = await listBillsOf(needs.db, day)
  const waiting = bills.filter(({ state }) => state === 'waiting')
  const tradeHere = bills.some(({ kind, state }) => kind === 'trade' && state !== 'waiting' && state !== 'absent')
  if (waiting.length > 0 && isLate) {
    const note = waiting.map(({ kind, error }) => `${kind} ${error ?? ''}`.trim()).join(', ')
    needs.log.error({ day, note }, 'bill_late')
    await askForDay(needs.db, 'bill_late', day, note, now)
  }
  if (waiting.length === 0) await endCaseOfDay(needs.db, 'bill_late', day, now)
  // The account's bill is waited for as long as that is no alarm; after that trades alone are better than nothing.
  if (tradeHere && (waiting.length === 0 || isLate)) await compareDay(needs, day)
}

async function fetchOne(needs: BillNeeds, bill: Bill, now: Date): Promise<void> {
  const answer = await needs.bills.downloadBill(bill.kind, bill.day)
  const nextTryAt = new Date(now.getTime() + TRY_AGAIN_MS)
  if (answer.kind === 'bill') {
    const isSame = bill.fetched_at !== null && bill.sha256 === answer.sha256
    if (!isSame) await needs.transact((tx) => saveFetched(tx, bill, answer, now))
    return
  }
  const error = answer.kind === 'failed' ? answer.reason : answer.code
  needs.log.warn({ day: bill.day, bill: bill.kind, reason: error }, 'bill_not_here')
  // What is here stays, whatever a later try brings.
  if (bill.fetched_at !== null) return
  const isAbsent = answer.kind === 'absent' && bill.kind === 'account'
  await saveTry(needs.db, bill.id, isAbsent ? { state: 'absent', error, nextTryAt: null } : { error, nextTryAt })
}

/** The job of bills. Safe to run on several instances at once. */
export const billJob = (needs: BillNeeds): Job => ({
  name: 'fetch_due_bills',
  everyMs: 60_000,
  run: (signal) => fetchDueBills(needs, signal),
})
