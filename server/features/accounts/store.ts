import { brokenConstraint, type Db, type Tx } from '../../platform/db.ts'
import { Refusal } from '../../platform/refusal.ts'

export interface StoredUser {
  readonly id: number
  readonly name: string
  readonly phone: string
  readonly passwordHash: string
}

/** A person who may sign in. Somebody disabled is answered like somebody unknown. */
export async function findUserByPhone(db: Db | Tx, phone: string): Promise<StoredUser | undefined> {
  const row = await db
    .selectFrom('users')
    .select(['id', 'name', 'phone', 'password_hash'])
    .where('phone', '=', phone)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
  return row && { id: row.id, name: row.name, phone: row.phone, passwordHash: row.password_hash }
}

/** Whether the phone belongs to an account, also to one that is disabled. */
export async function isPhoneKnown(db: Db | Tx, phone: string): Promise<boolean> {
  return (await db.selectFrom('users').select('id').where('phone', '=', phone).executeTakeFirst()) !== undefined
}

/** A new person, named by the phone until another name is chosen. Says no with `phone_taken`. */
export async function insertUser(
  tx: Tx,
  { phone, passwordHash, now }: { readonly phone: string; readonly passwordHash: string; readonly now: Date },
): Promise<number> {
  try {
    const { id } = await tx
      .insertInto('users')
      .values({ phone, name: phone, password_hash: passwordHash, created_at: now, updated_at: now })
      .returning('id')
      .executeTakeFirstOrThrow()
    return id
  } catch (error) {
    throw takenOr(error)
  }
}

const TAKEN = {
  users_one_per_phone: 'phone_taken',
  users_one_per_name: 'name_taken',
  users_one_per_id_card: 'id_card_taken',
  users_verified_once: 'already_verified',
} as const

/** The refusal behind a constraint of `users`; any other error as it is. */
function takenOr(error: unknown): unknown {
  const broken = brokenConstraint(error)
  const problem = broken !== undefined && broken in TAKEN ? TAKEN[broken as keyof typeof TAKEN] : undefined
  return problem ? new Refusal(problem, {}, { cause: error }) : error
}

export async function findProfile(db: Db, userId: number) {
  return db.selectFrom('users').select(['name', 'phone', 'avatar_key']).where('id', '=', userId).executeTakeFirst()
}

export interface LiveSession {
  readonly userId: number
  readonly name: string
  readonly phone: string
  readonly lastUsedAt: Date
  readonly absoluteUntil: Date
}

/** The session behind the digest, when it is alive at `now` and its person not disabled. */
export async function findLiveSession(db: Db, digest: Buffer, now: Date): Promise<LiveSession | undefined> {
  const row = await db
    .selectFrom('sessions')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['users.id', 'users.name', 'users.phone', 'sessions.last_used_at', 'sessions.absolute_until'])
    .where('sessions.id_digest', '=', digest)
    .where('sessions.ended_at', 'is', null)
    .where('sessions.idle_until', '>', now)
    .where('sessions.absolute_until', '>', now)
    .where('users.disabled_at', 'is', null)
    .executeTakeFirst()
  return (
    row && {
      userId: row.id,
      name: row.name,
      phone: row.phone,
      lastUsedAt: row.last_used_at,
      absoluteUntil: row.absolute_until,
    }
  )
}

export interface NewSession {
  readonly digest: Buffer
  readonly userId: number
  readonly now: Date
  readonly idleUntil: Date
  readonly absoluteUntil: Date
}

export async function insertSession(tx: Tx | Db, session: NewSession): Promise<void> {
  await tx
    .insertInto('sessions')
    .values({
      id_digest: session.digest,
      user_id: session.userId,
      created_at: session.now,
      last_used_at: session.now,
      idle_until: session.idleUntil,
      absolute_until: session.absoluteUntil,
    })
    .execute()
}

/** Puts the idle end off. A session that ended meanwhile stays ended. */
export async function touchSession(db: Db, digest: Buffer, now: Date, idleUntil: Date): Promise<void> {
  await db
    .updateTable('sessions')
    .set({ last_used_at: now, idle_until: idleUntil })
    .where('id_digest', '=', digest)
    .where('ended_at', 'is', null)
    .where('last_used_at', '<', now)
    .execute()
}

export type EndReason = 'logout' | 'rotated' | 'expired' | 'disabled'

export async function endSession(tx: Tx | Db, digest: Buffer, reason: EndReason, now: Date): Promise<void> {
  await tx
    .updateTable('sessions')
    .set({ ended_at: now, end_reason: reason })
    .where('id_digest', '=', digest)
    .where('ended_at', 'is', null)
    .execute()
}

/** Marks sessions whose time is over; answers how many. They already open nothing: this keeps the table honest. */
export async function endExpiredSessions(db: Db, now: Date, limit: number): Promise<number> {
  const ended = await db
    .updateTable('sessions')
    .set({ ended_at: now, end_reason: 'expired' })
    .where('id_digest', 'in', (query) =>
      query
        .selectFrom('sessions')
        .select('id_digest')
        .where('ended_at', 'is', null)
        .where((where) => where.or([where('idle_until', '<=', now), where('absolute_until', '<=', now)]))
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .executeTakeFirst()
  return Number(ended.numUpdatedRows)
}

/** Drops sessions that ended before `before`; answers how many. */
export async function dropEndedSessions(db: Db, before: Date, limit: number): Promise<number> {
  const dropped = await db
    .deleteFrom('sessions')
    .where('id_digest', 'in', (query) =>
      query
        .selectFrom('sessions')
        .select('id_digest')
        .where('ended_at', '<', before)
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .executeTakeFirst()
  return Number(dropped.numDeletedRows)
}
