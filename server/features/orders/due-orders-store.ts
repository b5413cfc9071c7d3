import type { Db } from '../../platform/db.ts'

/** How many due orders one look takes in. */
const BATCH = 100

const inStatus = (db: Db, status: string) =>
  db.selectFrom('orders').select('id').where('status', '=', status).limit(BATCH)

export const listUnanswered = (db: Db, now: Date) =>
  inStatus(db, 'WAIT_ACCEPT').where('accept_by', '<=', now).orderBy('accept_by').execute()

export const listUnpaid = (db: Db, now: Date) =>
  inStatus(db, 'WAIT_PAYMENT').where('pay_by', '<=', now).orderBy('pay_by').execute()

/** Paid stays whose last day is `day` or earlier. */
export const listStayed = (db: Db, day: string) =>
  inStatus(db, 'PAID').where('end_date', '<=', day).orderBy('end_date').execute()

export const listUncommented = (db: Db, checkedOutBefore: Date) =>
  inStatus(db, 'WAIT_COMMENT').where('checked_out_at', '<=', checkedOutBefore).orderBy('checked_out_at').execute()
