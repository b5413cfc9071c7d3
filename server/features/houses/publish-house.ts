import type { HouseInfoBody } from '@ihome/contract/schemas/hosting'
import type { Clock } from '../../platform/clock.ts'
import type { Tx } from '../../platform/db.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { assertVerified } from '../accounts/verified.ts'
import {
  countFacilities,
  deleteDraft,
  findHouseOwner,
  hasArea,
  insertHouse,
  setListed,
  updateHouse,
} from './hosting-store.ts'
import { type HouseInfo, readHouseInfo } from './house-info.ts'
import { lockHouse } from './lock-house.ts'

interface Needs {
  readonly clock: Clock
}

/**
 * Makes a house of what the host says; it is listed from now on, with a placeholder until its first photo. The draft
 * it was typed in, if any, is gone with the same commit. Gives the id of the house.
 *
 * Says no with `not_verified`, `input_invalid` and `area_not_found`.
 */
export async function publishHouse(
  tx: Tx,
  { clock }: Needs,
  wish: { readonly hostId: number; readonly body: HouseInfoBody; readonly draftId?: number | undefined },
): Promise<number> {
  await assertVerified(tx, wish.hostId)
  const info = await readKnown(tx, wish.body)
  const houseId = await insertHouse(tx, wish.hostId, info, clock.now())
  if (wish.draftId !== undefined) await deleteDraft(tx, wish.hostId, wish.draftId)
  return houseId
}

/**
 * Replaces what the host says about an own house. Orders that exist keep what was agreed.
 *
 * Says no with `not_verified`, `house_not_found`, `not_house_owner`, `input_invalid` and `area_not_found`.
 */
export async function editHouse(
  tx: Tx,
  { clock }: Needs,
  wish: { readonly hostId: number; readonly houseId: number; readonly body: HouseInfoBody },
): Promise<void> {
  await assertOwner(tx, wish)
  const info = await readKnown(tx, wish.body)
  // The lock that bookings queue at: none of them sees half of the change.
  await lockHouse(tx, wish.houseId)
  await updateHouse(tx, wish.houseId, info, clock.now())
}

/**
 * Takes an own house off the market or puts it back. Off the market it is in no list and cannot be booked; orders that
 * exist stand, and the answer says how many.
 *
 * Says no with `not_verified`, `house_not_found`, `not_house_owner`, and `step_refused` when the platform took it down.
 */
export async function listHouse(
  tx: Tx,
  { clock }: Needs,
  wish: { readonly hostId: number; readonly houseId: number; readonly listed: boolean },
): Promise<{ open_orders: number }> {
  await assertOwner(tx, wish)
  await lockHouse(tx, wish.houseId)
  const openOrders = await setListed(tx, wish.houseId, wish.listed, clock.now())
  if (openOrders === undefined) throw new Refusal('step_refused', { reason: 'taken_down' })
  return { open_orders: openOrders }
}

/** For everything that only the host of a house may do; says no with `not_verified`, `house_not_found`, `not_house_owner`. */
export async function assertOwner(
  tx: Parameters<typeof assertVerified>[0],
  wish: { readonly hostId: number; readonly houseId: number },
): Promise<void> {
  await assertVerified(tx, wish.hostId)
  const house = await findHouseOwner(tx, wish.houseId)
  if (!house) throw new Refusal('house_not_found')
  if (house.user_id !== wish.hostId) throw new Refusal('not_house_owner')
}

async function readKnown(tx: Tx, body: HouseInfoBody): Promise<HouseInfo> {
  const info = readHouseInfo(body)
  if (!(await hasArea(tx, info.area_id))) throw new Refusal('area_not_found')
  if ((await countFacilities(tx, info.facilities)) < info.facilities.length) {
    throw inputInvalid({ field: 'facility', reason: 'must name known facilities' })
  }
  return info
}
