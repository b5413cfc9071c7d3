import type { DeskHouseQuery, DeskHouses } from '@ihome/contract/schemas/operator-desk'
import type { Deps } from '../../platform/deps.ts'
import { deskSpan } from '../../platform/desk-page.ts'
import { Refusal } from '../../platform/refusal.ts'
import { type DeskWish, reasonOf } from '../operators/reason.ts'
import { recordAction } from '../operators/record-action.ts'
import { HOUSE_KEYS, listDeskHouses, putBack, takeDown } from './desk-house-store.ts'
import { stateOf } from './own-houses.ts'
import { hostName } from './views.ts'

/** The homes that an operator looks for, by number or words of the title. */
export async function listHousesForDesk({ db }: Pick<Deps, 'db'>, filter: DeskHouseQuery): Promise<DeskHouses> {
  const list = await listDeskHouses(db, filter, deskSpan(filter, HOUSE_KEYS))
  return {
    ...list,
    rows: list.rows.map((row) => ({
      house_id: row.id,
      title: row.title,
      area_name: row.area_name,
      price: row.price_fen,
      host_id: row.host_id,
      // Whoever has taken no name is called by the phone, which nobody sees without being written down.
      host_name: hostName(row.host_name, row.host_phone),
      state: stateOf(row),
      taken_down_reason: row.taken_down_reason,
      order_count: row.order_count,
      score: row.review_count > 0 ? Math.round((row.score_sum / row.review_count) * 10) / 10 : null,
      created_at: row.created_at.toISOString(),
    })),
  }
}

/**
 * Takes a home off the market; its host reads the reason and cannot put it back. Orders that stand are not touched.
 * Says no with `step_refused` when it is not on the market by the platform's leave already, or unknown.
 */
export async function takeHouseDown(
  { transact, clock, events }: Pick<Deps, 'transact' | 'clock' | 'events'>,
  { houseId, operatorId, reason }: DeskWish & { readonly houseId: number },
): Promise<void> {
  const why = reasonOf(reason)
  const at = clock.now()
  await transact(async (tx) => {
    if (!(await takeDown(tx, houseId, why, at))) throw new Refusal('step_refused')
    await recordAction(tx, { operatorId, at, kind: 'house_taken_down', subject: `house:${houseId}`, reason: why })
  })
  events.publish({ kind: 'house_changed', houseId })
}

/** Gives the decision back to the host. Says no with `step_refused`. */
export async function putHouseBack(
  { transact, clock, events }: Pick<Deps, 'transact' | 'clock' | 'events'>,
  { houseId, operatorId, reason }: DeskWish & { readonly houseId: number },
): Promise<void> {
  const why = reasonOf(reason)
  const at = clock.now()
  await transact(async (tx) => {
    if (!(await putBack(tx, houseId, at))) throw new Refusal('step_refused')
    await recordAction(tx, { operatorId, at, kind: 'house_put_back', subject: `house:${houseId}`, reason: why })
  })
  events.publish({ kind: 'house_changed', houseId })
}
