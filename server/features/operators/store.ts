import type { OperatorRole } from '@ihome/contract/schemas/operators'
import type { Db, Tx } from '../../platform/db.ts'

export interface StoredOperator {
  readonly id: number
  readonly login: string
  readonly role: OperatorRole
  readonly passwordHash: string
  readonly totpSealed: Buffer | null
  readonly totpConfirmed: boolean
}

/** An operator who may sign in. Somebody disabled is answered like somebody unknown. */
export async function findOperator(db: Db, login: string): Promise<StoredOperator | undefined> {
  const row = await db
    .selectFrom('operators')
    .select(['id', 'login', 'role', 'password_hash', 'totp_sealed', 'totp_confirmed_at'])
    .where('login', '=', login)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  return (
    row && {
      id: row.id,
      login: row.login,
      role: row.role as OperatorRole,
      passwordHash: row.password_hash,
      totpSealed: row.totp_sealed,
      totpConfirmed: row.totp_confirmed_at !== null,
    }
  )
}

/** Keeps a secret that is not confirmed yet. The one that came first stays: two tabs show the same. */
export async function keepSecret(db: Db, operatorId: number, sealed: Buffer): Promise<Buffer> {
  await db
    .updateTable('operators')
    .set({ totp_sealed: sealed })
    .where('id', '=', operatorId)
    .where('totp_sealed', 'is', null)
    .execute()
  const row = await db
    .selectFrom('operators')
    .select('totp_sealed')
    .where('id', '=', operatorId)
    .executeTakeFirstOrThrow()
  return row.totp_sealed ?? sealed
}

/** Uses up the code of a time step, confirming the secret with the first. False when that step, or a later one, was used. */
export async function useStep(tx: Tx, operatorId: number, step: number, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('operators')
    .set(({ fn, val }) => ({
      totp_used_step: step,
      totp_confirmed_at: fn.coalesce('totp_confirmed_at', val(now)),
    }))
    .where('id', '=', operatorId)
    .where('disabled_at', 'is', null)
    .where((where) => where.or([where('totp_used_step', 'is', null), where('totp_used_step', '<', step)]))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export interface NewOperatorSession {
  readonly digest: Buffer
  readonly operatorId: number
  readonly now: Date
  readonly idleUntil: Date
  readonly absoluteUntil: Date
}

export async function insertOperatorSession(tx: Tx, session: NewOperatorSession): Promise<void> {
  await tx
    .insertInto('operator_sessions')
    .values({
      id_digest: session.digest,
      operator_id: session.operatorId,
      created_at: session.now,
      last_used_at: session.now,
      idle_until: session.idleUntil,
      absolute_until: session.absoluteUntil,
    })
    .execute()
}

export interface LiveOperatorSession {
  readonly operatorId: number
  readonly login: string
  readonly role: OperatorRole
  readonly lastUsedAt: Date
  readonly absoluteUntil: Date
}

/** The session behind the digest, when it is alive at `now` and its operator not disabled. */
export async function findOperatorSession(db: Db, digest: Buffer, now: Date): Promise<LiveOperatorSession | undefined> {
  const row = await db
    .selectFrom('operator_sessions as s')
    .innerJoin('operators as o', 'o.id', 's.operator_id')
    .select(['o.id', 'o.login', 'o.role', 's.last_used_at', 's.absolute_until'])
    .where('s.id_digest', '=', digest)
    .where('s.ended_at', 'is', null)
    .where('s.idle_until', '>', now)
    .where('s.absolute_until', '>', now)
    .where('o.disabled_at', 'is', null)
    .executeTakeFirst()
  return (
    row && {
      operatorId: row.id,
      login: row.login,
      role: row.role as OperatorRole,
      lastUsedAt: row.last_used_at,
      absoluteUntil: row.absolute_until,
    }
  )
}

/** Puts the idle end off. A session that ended meanwhile stays ended. */
export async function touchOperatorSession(db: Db, digest: Buffer, now: Date, idleUntil: Date): Promise<void> {
  await db
    .updateTable('operator_sessions')
    .set({ last_used_at: now, idle_until: idleUntil })
    .where('id_digest', '=', digest)
    .where('ended_at', 'is', null)
    .where('last_used_at', '<', now)
    .execute()
}

export async function endOperatorSession(db: Db | Tx, digest: Buffer, now: Date): Promise<void> {
  await db
    .updateTable('operator_sessions')
    .set({ ended_at: now })
    .where('id_digest', '=', digest)
    .where('ended_at', 'is', null)
    .execute()
}

export async function upsertOperator(
  tx: Tx,
  { login, role, passwordHash, now }: { login: string; role: OperatorRole; passwordHash: string; now: Date },
): Promise<{ readonly id: number; readonly isNew: boolean }> {
  const fresh = {
    role,
    password_hash: passwordHash,
    totp_sealed: null,
    totp_confirmed_at: null,
    totp_used_step: null,
    disabled_at: null,
  }
  const known = await tx
    .updateTable('operators')
    .set(fresh)
    .where('login', '=', login)
    .returning('id')
    .executeTakeFirst()
  if (known) return { id: known.id, isNew: false }
  const { id } = await tx
    .insertInto('operators')
    .values({ ...fresh, login, created_at: now })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { id, isNew: true }
}

export async function endOperatorSessions(tx: Tx, operatorId: number, now: Date): Promise<void> {
  await tx
    .updateTable('operator_sessions')
    .set({ ended_at: now })
    .where('operator_id', '=', operatorId)
    .where('ended_at', 'is', null)
    .execute()
}
