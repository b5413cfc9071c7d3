import type { Db, Tx } from '../../platform/db.ts'
import { closeCase, openCase } from './case-store.ts'

/** A day whose bill does not come, or whose differences wait for a person. */
export type BillCaseKind = 'bill_late' | 'bill_difference'

/** Asks a person to look at the bill of a day; once while it is open. */
export const askForDay = (db: Db | Tx, kind: BillCaseKind, day: string, note: string, now: Date): Promise<void> =>
  openCase(db, { kind, subject: day, note }, now)

/** Nothing of this kind is left to look at. */
export const endCaseOfDay = (db: Db | Tx, kind: BillCaseKind, day: string, now: Date): Promise<void> =>
  closeCase(db, kind, day, now)
