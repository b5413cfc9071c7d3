import type { HeroesView } from '@ihome/contract/schemas/operator-desk'
import { writtenText } from '@ihome/core/text'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { type OperatorAction, recordAction } from '../operators/record-action.ts'
import { countHouses, insertArea, listHeroes, renameArea, renameFacility, replaceHeroes } from './content-store.ts'

type Needs = Pick<Deps, 'transact' | 'clock' | 'events'>

const NAME_LENGTH = 20

function nameOf(name: string): string {
  const written = writtenText(name, NAME_LENGTH)
  if (written === undefined) throw inputInvalid({ field: 'name', reason: `1 to ${NAME_LENGTH} characters` })
  return written
}

const act = <T>(
  { transact, clock }: Needs,
  operatorId: number,
  work: (
    tx: Tx,
  ) => Promise<{ readonly result: T; readonly action: Pick<OperatorAction, 'kind' | 'subject' | 'detail'> }>,
): Promise<T> =>
  transact(async (tx) => {
    const { result, action } = await work(tx)
    await recordAction(tx, { ...action, operatorId, at: clock.now() })
    return result
  })

/** A new district, on every page at the next request. Gives its number. Says no with `input_invalid`, `name_taken`. */
export async function addArea(needs: Needs, operatorId: number, wish: string): Promise<number> {
  const name = nameOf(wish)
  const id = await act(needs, operatorId, async (tx) => {
    const result = await insertArea(tx, name)
    return { result, action: { kind: 'area_added', subject: `area:${result}`, detail: { name } } }
  })
  needs.events.publish({ kind: 'areas_changed' })
  return id
}

/** Says no with `input_invalid`, `name_taken` and `area_not_found`. */
export async function nameArea(needs: Needs, operatorId: number, id: number, wish: string): Promise<void> {
  const name = nameOf(wish)
  await act(needs, operatorId, async (tx) => {
    if (id > 2_147_483_647 || !(await renameArea(tx, id, name))) throw new Refusal('area_not_found')
    return { result: undefined, action: { kind: 'area_renamed', subject: `area:${id}`, detail: { name } } }
  })
  needs.events.publish({ kind: 'everything_changed' })
}

/** Says no with `input_invalid`, `name_taken` and `not_found`. */
export async function nameFacility(needs: Needs, operatorId: number, id: number, wish: string): Promise<void> {
  const name = nameOf(wish)
  await act(needs, operatorId, async (tx) => {
    if (id > 2_147_483_647 || !(await renameFacility(tx, id, name))) throw new Refusal('not_found')
    return { result: undefined, action: { kind: 'facility_renamed', subject: `facility:${id}`, detail: { name } } }
  })
  needs.events.publish({ kind: 'facilities_changed' })
}

export const readHeroes = async ({ db }: Pick<Deps, 'db'>): Promise<HeroesView> => ({ heroes: await listHeroes(db) })

/** The homes that the first page shows first, in this order; the most booked fill up. Says no with `house_not_found`. */
export async function chooseHeroes(needs: Needs, operatorId: number, ids: readonly number[]): Promise<void> {
  await act(needs, operatorId, async (tx) => {
    if ((await countHouses(tx, ids)) !== ids.length) throw new Refusal('house_not_found')
    await replaceHeroes(tx, ids)
    return { result: undefined, action: { kind: 'heroes_chosen', detail: { houses: ids.join(' ') } } }
  })
  needs.events.publish({ kind: 'everything_changed' })
}
