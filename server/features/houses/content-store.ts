import type { Db, Tx } from '../../platform/db.ts'
import { brokenConstraint } from '../../platform/db.ts'
import { Refusal } from '../../platform/refusal.ts'

const CITY = '北京'

/** A district with the next number, which it gives. Says no with `name_taken`. */
export async function insertArea(tx: Tx, name: string): Promise<number> {
  const { id } = await taken(() =>
    tx
      .insertInto('areas')
      .columns(['id', 'city', 'name'])
      .expression((from) =>
        from.selectFrom('areas').select(({ fn, val }) => [
          // Two at once get the same number, and the key lets one of them in.
          from.eb(fn.coalesce(fn.max('id'), val(0)), '+', 1).as('id'),
          val(CITY).as('city'),
          val(name).as('name'),
        ]),
      )
      .returning('id')
      .executeTakeFirstOrThrow(),
  )
  return id
}

/** False when there is no such row. Says no with `name_taken`. */
export const renameArea = (tx: Tx, id: number, name: string): Promise<boolean> =>
  taken(async () => {
    const { numUpdatedRows } = await tx.updateTable('areas').set({ name }).where('id', '=', id).executeTakeFirst()
    return numUpdatedRows === 1n
  })

export const renameFacility = (tx: Tx, id: number, name: string): Promise<boolean> =>
  taken(async () => {
    const { numUpdatedRows } = await tx.updateTable('facilities').set({ name }).where('id', '=', id).executeTakeFirst()
    return numUpdatedRows === 1n
  })

async function taken<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write()
  } catch (error) {
    if (brokenConstraint(error) === undefined) throw error
    throw new Refusal('name_taken', {}, { cause: error })
  }
}

/** The chosen homes in their order. */
export const listHeroes = (db: Db) =>
  db
    .selectFrom('home_heroes as r')
    .innerJoin('houses as h', 'h.id', 'r.house_id')
    .select(['r.house_id', 'h.title', 'h.listed'])
    .orderBy('r.position')
    .execute()

/** How many of these houses there are. */
export async function countHouses(tx: Tx, ids: readonly number[]): Promise<number> {
  if (ids.length === 0) return 0
  const rows = await tx.selectFrom('houses').select('id').where('id', 'in', ids).execute()
  return rows.length
}

export async function replaceHeroes(tx: Tx, ids: readonly number[]): Promise<void> {
  await tx.deleteFrom('home_heroes').execute()
  if (ids.length === 0) return
  await tx
    .insertInto('home_heroes')
    .values(ids.map((house_id, index) => ({ position: index + 1, house_id })))
    .execute()
}
