import type { DeskUserQuery } from '@ihome/contract/schemas/operator-desk'
import { sql } from 'kysely'
import type { Db, Tx } from '../../platform/db.ts'
import { anywhere, type DeskSpan, readDeskPage } from '../../platform/desk-page.ts'

/** Digits are looked for at the end of phones: that is what people say on the telephone. */
const matching = (db: Db, { q, verified }: DeskUserQuery) =>
  db
    .selectFrom('users as u')
    .where('u.deleted_at', 'is', null)
    .$if(q !== undefined && /^\d+$/.test(q), (query) => query.where('u.phone', 'like', `%${q}`))
    .$if(q !== undefined && q !== '' && !/^\d+$/.test(q), (query) => query.where('u.name', 'like', anywhere(q ?? '')))
    .$if(verified === 'yes', (query) => query.where('u.verified_at', 'is not', null))
    .$if(verified === 'no', (query) => query.where('u.verified_at', 'is', null))

const columns = [
  'u.id',
  'u.name',
  'u.phone',
  'u.verified_at',
  'u.disabled_at',
  'u.created_at',
  sql<number>`(select count(*)::integer from orders o where o.guest_id = u.id)`.as('orders'),
  sql<number>`(select count(*)::integer from houses h where h.user_id = u.id)`.as('houses'),
] as const

/** What the list can be ordered by; the first stands when nothing is asked. */
export const USER_KEYS = ['joined', 'number', 'orders', 'houses'] as const
const USER_COLUMNS = { joined: 'u.id', number: 'u.id', orders: 'orders', houses: 'houses' } as const

export const listDeskUsers = (db: Db, filter: DeskUserQuery, span: DeskSpan<(typeof USER_KEYS)[number]>) =>
  readDeskPage(matching(db, filter).select([...columns]), USER_COLUMNS, 'u.id', span)

export const findDeskUser = (db: Db, id: number, now: Date) =>
  db
    .selectFrom('users as u')
    .select([
      ...columns,
      sql<number>`(select count(*)::integer from sessions s where s.user_id = u.id and s.ended_at is null
                   and s.idle_until > ${now} and s.absolute_until > ${now})`.as('sessions'),
    ])
    .where('u.id', '=', id)
    .where('u.deleted_at', 'is', null)
    .executeTakeFirst()

/** Ends every session of a person; answers how many there were. */
export async function endAllSessions(tx: Tx, userId: number, now: Date): Promise<number> {
  const ended = await tx
    .updateTable('sessions')
    .set({ ended_at: now, end_reason: 'disabled' })
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .executeTakeFirst()
  return Number(ended.numUpdatedRows)
}
