import type { Deps } from '../../platform/deps.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { dropPicture, keepPicture } from '../pictures/keep-picture.ts'
import { appendPhoto, deletePhoto, listPhotos, placePhotos } from './hosting-store.ts'
import { lockHouse } from './lock-house.ts'
import { assertOwner } from './publish-house.ts'

type Needs = Pick<Deps, 'db' | 'transact' | 'clock' | 'files' | 'random' | 'log' | 'config'>
interface Wish {
  readonly hostId: number
  readonly houseId: number
}

/**
 * Adds a photo behind those that are there; the first becomes the cover. Gives its key.
 *
 * Says no with `not_verified`, `house_not_found`, `not_house_owner`, `file_invalid` (also `too_many_photos`) and
 * `storage_unavailable`.
 */
export async function addPhoto(deps: Needs, wish: Wish & { readonly bytes: Buffer }): Promise<string> {
  const most = deps.config.limits.photosPerHouse
  await assertOwner(deps.db, wish)
  // Asked before the work as well, so that nobody waits for a picture to be drawn in vain.
  const refuseMany = (count: number) => {
    if (count >= most) throw new Refusal('file_invalid', { reason: 'too_many_photos', most })
  }
  refuseMany((await listPhotos(deps.db, wish.houseId)).length)
  const key = await keepPicture(deps, wish.bytes, 'photo')
  try {
    await deps.transact(async (tx) => {
      await lockHouse(tx, wish.houseId)
      refuseMany((await listPhotos(tx, wish.houseId)).length)
      await appendPhoto(tx, wish.houseId, key, deps.clock.now())
    })
  } catch (error) {
    await dropPicture(deps, key)
    throw error
  }
  return key
}

/**
 * Puts the photos into the order of `keys`; the first is the cover. `keys` must be all photos of the house: a list that
 * was read before another photo came says no with `step_refused`.
 */
export async function orderPhotos(deps: Needs, wish: Wish & { readonly keys: readonly string[] }) {
  await assertOwner(deps.db, wish)
  return deps.transact(async (tx) => {
    await lockHouse(tx, wish.houseId)
    const known = await listPhotos(tx, wish.houseId)
    if (new Set(wish.keys).size !== wish.keys.length) throw inputInvalid({ field: 'keys', reason: 'must differ' })
    const same = known.length === wish.keys.length && known.every(({ key }) => wish.keys.includes(key))
    if (!same) throw new Refusal('step_refused', { photos: known })
    await placePhotos(tx, wish.houseId, wish.keys)
    return listPhotos(tx, wish.houseId)
  })
}

/** Takes a photo away. The last one stays, since a house is shown by at least one: `file_invalid`, `last_photo`. */
export async function removePhoto(deps: Needs, wish: Wish & { readonly key: string }) {
  await assertOwner(deps.db, wish)
  const { left, removed } = await deps.transact(async (tx) => {
    await lockHouse(tx, wish.houseId)
    const known = await listPhotos(tx, wish.houseId)
    const isThere = known.some(({ key }) => key === wish.key)
    if (isThere && known.length === 1) throw new Refusal('file_invalid', { reason: 'last_photo' })
    const removed = isThere && (await deletePhoto(tx, wish.houseId, wish.key))
    return { left: await listPhotos(tx, wish.houseId), removed }
  })
  if (removed) await dropPicture(deps, wish.key)
  return left
}
