import { REVIEW_PHOTOS_MAX } from '@ihome/contract/schemas/reviews'
import { mayStep } from '@ihome/core/orders/steps'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { lockOrder } from '../orders/order-lock.ts'
import { dropPicture, keepPicture } from '../pictures/keep-picture.ts'
import { countPhotos, deletePhoto, insertPhoto } from './review-store.ts'

type Needs = Pick<Deps, 'db' | 'transact' | 'clock' | 'files' | 'random' | 'log'>
interface Wish {
  readonly orderId: number
  readonly guestId: number
}

/** Locks the order for its guest, who has still to write about it. */
async function lockUncommented(tx: Tx, { orderId, guestId }: Wish, now: Date): Promise<void> {
  const order = await lockOrder(tx, orderId)
  if (order && order.guest_id === guestId && mayStep(order, 'comment', 'guest', now)) return
  throw new Refusal('step_refused')
}

async function refuseMany(tx: Tx, orderId: number): Promise<void> {
  if ((await countPhotos(tx, orderId)) < REVIEW_PHOTOS_MAX) return
  throw new Refusal('file_invalid', { reason: 'too_many_photos', most: REVIEW_PHOTOS_MAX })
}

/**
 * Takes a photo for the review that the guest is about to write, and gives its key. Says no with `step_refused`,
 * `file_invalid` (also `too_many_photos`) and `storage_unavailable`.
 */
export async function addReviewPhoto(deps: Needs, wish: Wish & { readonly bytes: Buffer }): Promise<string> {
  const now = deps.clock.now()
  // Asked before the work as well, so that nobody waits for a picture to be drawn in vain.
  await deps.transact(async (tx) => {
    await lockUncommented(tx, wish, now)
    await refuseMany(tx, wish.orderId)
  })
  const key = await keepPicture(deps, wish.bytes, 'photo')
  try {
    await deps.transact(async (tx) => {
      await lockUncommented(tx, wish, now)
      await refuseMany(tx, wish.orderId)
      await insertPhoto(tx, wish.orderId, key, now)
    })
  } catch (error) {
    await dropPicture(deps, key)
    throw error
  }
  return key
}

/** Takes a photo back before the review is written; one that is gone already is fine. Says no with `step_refused`. */
export async function removeReviewPhoto(deps: Needs, wish: Wish & { readonly key: string }): Promise<void> {
  const removed = await deps.transact(async (tx) => {
    await lockUncommented(tx, wish, deps.clock.now())
    return deletePhoto(tx, wish.orderId, wish.key)
  })
  if (removed) await dropPicture(deps, wish.key)
}
