import { sql } from 'kysely'
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
export function takenOr(error: unknown): unknown {
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
  readonly device?: string | undefined
  readonly stepUpAt?: Date | undefined
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
      device: session.device ?? null,
      step_up_at: session.stepUpAt ?? null,
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

export type EndReason =
  | 'logout'
  | 'rotated'
  | 'expired'
  | 'disabled'
  | 'password_change'
  | 'phone_change'
  | 'ended_by_user'

export async function endSession(tx: Tx | Db, digest: Buffer, reason: EndReason, now: Date): Promise<void> {
  await tx
    .updateTable('sessions')
    .set({ ended_at: now, end_reason: reason })
    .where('id_digest', '=', digest)
    .where('ended_at', 'is', null)
    .execute()
}

/** Ends the person's sessions, all but the one with this digest; answers how many. */
export async function endSessionsOf(
  tx: Tx | Db,
  userId: number,
  { but, reason, now }: { readonly but?: Buffer | undefined; readonly reason: EndReason; readonly now: Date },
): Promise<number> {
  const { numUpdatedRows } = await tx
    .updateTable('sessions')
    .set({ ended_at: now, end_reason: reason })
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .$if(but !== undefined, (query) => query.where('id_digest', '<>', but ?? Buffer.of()))
    .executeTakeFirst()
  return Number(numUpdatedRows)
}

export interface OpenDevice {
  readonly digest: Buffer
  readonly device: string | null
  readonly createdAt: Date
  readonly lastUsedAt: Date
}

const DEVICES_SHOWN = 50

/** Where the person is signed in, last used first. */
export async function listDevices(db: Db, userId: number, now: Date): Promise<OpenDevice[]> {
  const rows = await db
    .selectFrom('sessions')
    .select(['id_digest', 'device', 'created_at', 'last_used_at'])
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .where('idle_until', '>', now)
    .where('absolute_until', '>', now)
    .orderBy('last_used_at', 'desc')
    .limit(DEVICES_SHOWN)
    .execute()
  return rows.map((row) => ({
    digest: row.id_digest,
    device: row.device,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  }))
}

/** When the owner of the session was last recognised a second time. */
export async function findStepUp(db: Db, digest: Buffer): Promise<Date | undefined> {
  const row = await db.selectFrom('sessions').select('step_up_at').where('id_digest', '=', digest).executeTakeFirst()
  return row?.step_up_at ?? undefined
}

export async function findPasswordHash(db: Db, userId: number): Promise<string | undefined> {
  const row = await db.selectFrom('users').select('password_hash').where('id', '=', userId).executeTakeFirst()
  return row?.password_hash
}

export async function setPassword(tx: Tx, userId: number, passwordHash: string, now: Date): Promise<void> {
  await tx
    .updateTable('users')
    .set({ password_hash: passwordHash, updated_at: now })
    .where('id', '=', userId)
    .where('deleted_at', 'is', null)
    .execute()
}

/** Says no with `name_taken`. */
export async function setName(db: Db, userId: number, name: string, now: Date): Promise<void> {
  try {
    await db.updateTable('users').set({ name, updated_at: now }).where('id', '=', userId).execute()
  } catch (error) {
    throw takenOr(error)
  }
}

/** The name goes along while it is the phone itself. Says no with `phone_taken`. */
export async function setPhone(tx: Tx, userId: number, phone: string, now: Date): Promise<void> {
  try {
    await tx
      .updateTable('users')
      .set(({ eb, ref }) => ({
        phone,
        name: eb.case().when('name', '=', ref('phone')).then(phone).else(ref('name')).end(),
        updated_at: now,
      }))
      .where('id', '=', userId)
      .where('deleted_at', 'is', null)
      .execute()
  } catch (error) {
    throw takenOr(error)
  }
}

/** Shows the picture with this key from now on; answers the key of the one before. */
export async function setAvatar(db: Db, userId: number, key: string | null, now: Date): Promise<string | null> {
  const { rows } = await sql<{ before: string | null }>`
    update users set avatar_key = ${key}, updated_at = ${now} from (
      select id, avatar_key as before from users where id = ${userId} for no key update
    ) as kept where users.id = kept.id and users.deleted_at is null returning kept.before`.execute(db)
  const row = rows[0]
  if (!row) throw new Refusal('sign_in_needed')
  return row.before
}

/**
 * Takes everything that names the person off the row and leaves the row, for the orders and the ledger. Its phone
 * becomes one that no network has. Answers the key of the picture that nobody shows any more.
 */
export async function forgetPerson(tx: Tx, userId: number, now: Date): Promise<string | null> {
  const avatar = await tx.selectFrom('users').select('avatar_key').where('id', '=', userId).executeTakeFirst()
  await tx.deleteFrom('idempotency_keys').where('user_id', '=', userId).execute()
  await tx
    .updateTable('users')
    .set({
      phone: `10${String(userId).padStart(9, '0')}`,
      name: `已注销用户 ${userId}`,
      password_hash: 'nobody',
      avatar_key: null,
      real_name_sealed: null,
      id_card_sealed: null,
      id_card_digest: null,
      verified_at: null,
      verified_by: null,
      disabled_at: now,
      deleted_at: now,
      updated_at: now,
    })
    .where('id', '=', userId)
    .execute()
  return avatar?.avatar_key ?? null
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
