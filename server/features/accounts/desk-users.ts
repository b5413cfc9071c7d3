import type {
  DeskUser,
  DeskUserDetail,
  DeskUserQuery,
  DeskUsers,
  RevealBody,
} from '@ihome/contract/schemas/operator-desk'
import { maskPhone } from '@ihome/core/identity/phone'
import type { Deps } from '../../platform/deps.ts'
import { deskSpan } from '../../platform/desk-page.ts'
import { Refusal } from '../../platform/refusal.ts'
import { type DeskWish, reasonOf } from '../operators/reason.ts'
import { recordAction } from '../operators/record-action.ts'
import { endAllSessions, findDeskUser, listDeskUsers, USER_KEYS } from './desk-user-store.ts'
import { openRealName, readRealName } from './real-names.ts'

type Row = Awaited<ReturnType<typeof listDeskUsers>>['rows'][number]

/** People by the end of their phone or words of their name, masked, newest first unless asked otherwise. */
export async function listUsersForDesk({ db }: Pick<Deps, 'db'>, filter: DeskUserQuery): Promise<DeskUsers> {
  const list = await listDeskUsers(db, filter, deskSpan(filter, USER_KEYS))
  return { ...list, rows: list.rows.map(viewOf) }
}

/** One person, masked. Says no with `not_found`. */
export async function readUserForDesk(
  deps: Pick<Deps, 'db' | 'config' | 'clock'>,
  userId: number,
): Promise<DeskUserDetail> {
  const row = await findDeskUser(deps.db, userId, deps.clock.now())
  if (!row) throw new Refusal('not_found')
  return {
    ...viewOf(row),
    ...(await readRealName(deps, userId)),
    verified_at: row.verified_at?.toISOString() ?? null,
    sessions: row.sessions,
  }
}

const viewOf = (row: Row): DeskUser => ({
  user_id: row.id,
  // Who has given no name is called by the phone, which is not for every eye at the desk.
  name: row.name === row.phone ? maskPhone(row.phone) : row.name,
  phone: maskPhone(row.phone),
  verified: row.verified_at !== null,
  disabled: row.disabled_at !== null,
  orders: row.orders,
  houses: row.houses,
  created_at: row.created_at.toISOString(),
})

/**
 * One personal datum in the clear. That it was looked at, by whom and why, is written down before it is given. Says no
 * with `input_invalid` and `not_found`.
 */
export async function revealToDesk(
  deps: Pick<Deps, 'db' | 'config' | 'clock' | 'transact'>,
  wish: DeskWish & { readonly userId: number; readonly field: RevealBody['field'] },
): Promise<string> {
  const { userId, field, operatorId } = wish
  const reason = reasonOf(wish.reason)
  const at = deps.clock.now()
  const row = await findDeskUser(deps.db, userId, at)
  const value = field === 'phone' ? row?.phone : row && (await openRealName(deps, userId))?.[field]
  if (value === undefined) throw new Refusal('not_found')
  await deps.transact((tx) =>
    recordAction(tx, { operatorId, at, kind: `${field}_revealed`, subject: `user:${userId}`, reason }),
  )
  return value
}

/** Signs a person out everywhere. Says no with `not_found`. */
export async function endSessionsAtDesk(
  { db, transact, clock }: Pick<Deps, 'db' | 'transact' | 'clock'>,
  wish: DeskWish & { readonly userId: number },
): Promise<number> {
  const { userId, operatorId } = wish
  const reason = reasonOf(wish.reason)
  const at = clock.now()
  if (!(await findDeskUser(db, userId, at))) throw new Refusal('not_found')
  return transact(async (tx) => {
    const sessions = await endAllSessions(tx, userId, at)
    const detail = { sessions }
    await recordAction(tx, { operatorId, at, kind: 'sessions_ended', subject: `user:${userId}`, reason, detail })
    return sessions
  })
}
