import type { Db, Tx } from '../../platform/db.ts'
import { Refusal } from '../../platform/refusal.ts'
import { takenOr } from './store.ts'

export interface SealedPerson {
  readonly userId: number
  readonly name: Buffer
  readonly card: Buffer
}

export async function findSealed(db: Db, userId: number): Promise<SealedPerson | undefined> {
  const row = await db
    .selectFrom('users')
    .select(['real_name_sealed', 'id_card_sealed'])
    .where('id', '=', userId)
    .executeTakeFirst()
  if (!row?.real_name_sealed || !row.id_card_sealed) return undefined
  return { userId, name: row.real_name_sealed, card: row.id_card_sealed }
}

export interface NewRealName extends SealedPerson {
  /** Under every key, that of now first: older rows may have been written under another. */
  readonly digests: readonly Buffer[]
  readonly verifiedBy: string
  /** Version of the wording that was agreed to. */
  readonly consent: string
  readonly now: Date
}

/**
 * Writes the consent and, unless there is one, the real name: of two at once one wins. Says no with
 * `already_verified` and `id_card_taken`.
 */
export async function writeRealName(tx: Tx, person: NewRealName): Promise<void> {
  const { userId, now, digests } = person
  await tx
    .insertInto('consents')
    .values({ user_id: userId, purpose: 'real_name', version: person.consent, given_at: now })
    .execute()
  const other = await tx.selectFrom('users').select('id').where('id_card_digest', 'in', digests).executeTakeFirst()
  if (other && other.id !== userId) throw new Refusal('id_card_taken')
  const written = await tx
    .updateTable('users')
    .set({
      real_name_sealed: person.name,
      id_card_sealed: person.card,
      id_card_digest: digests[0] ?? null,
      verified_at: now,
      verified_by: person.verifiedBy,
      updated_at: now,
    })
    .where('id', '=', userId)
    .where('verified_at', 'is', null)
    .where('disabled_at', 'is', null)
    .executeTakeFirst()
    .catch((error: unknown) => {
      throw takenOr(error)
    })
  if (written.numUpdatedRows === 0n) throw new Refusal('already_verified')
}

/** Verified people in the order of their ids, those after `after` first. */
export async function listSealed(db: Db, after: number, limit: number): Promise<SealedPerson[]> {
  const rows = await db
    .selectFrom('users')
    .select(['id', 'real_name_sealed', 'id_card_sealed'])
    .where('id', '>', after)
    .where('verified_at', 'is not', null)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.flatMap(({ id, real_name_sealed: name, id_card_sealed: card }) =>
    name && card ? [{ userId: id, name, card }] : [],
  )
}

/** Puts another seal around the same person, unless somebody else has done so since `before` was read. */
export async function replaceSeal(
  db: Db,
  before: Buffer,
  { userId, name, card, digest }: SealedPerson & { readonly digest: Buffer | undefined },
): Promise<void> {
  await db
    .updateTable('users')
    .set({ real_name_sealed: name, id_card_sealed: card, id_card_digest: digest ?? null })
    .where('id', '=', userId)
    .where('id_card_sealed', '=', before)
    .execute()
}
