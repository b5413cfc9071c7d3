import type { StarsBody } from '@ihome/contract/schemas/reviews'
import { mayStep } from '@ihome/core/orders/steps'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { type MovedOrder, moveOrder } from '../orders/move-order.ts'
import { lockOrder } from '../orders/order-lock.ts'
import { dropPicture } from '../pictures/keep-picture.ts'
import { insertReview, keepPhotos } from './review-store.ts'

export interface CommentWish {
  readonly orderId: number
  readonly guestId: number
  readonly comment: string
  readonly stars?: StarsBody | undefined
  /** Keys of photos sent before for this order, in the order in which they are shown. */
  readonly photos?: readonly string[] | undefined
}

/**
 * The guest writes about the stay, once, with stars and photos; the order is complete and counts for the house. Photos
 * that are not named are dropped. Says no with `step_refused`.
 */
export async function commentOrder(
  needs: Pick<Deps, 'transact' | 'clock' | 'files' | 'log'>,
  wish: CommentWish,
): Promise<MovedOrder> {
  const { moved, dropped } = await needs.transact(async (tx) => {
    const now = needs.clock.now()
    const order = await lockOrder(tx, wish.orderId)
    if (!order || order.guest_id !== wish.guestId || !mayStep(order, 'comment', 'guest', now)) {
      throw new Refusal('step_refused')
    }
    const by = { actor: 'guest', id: wish.guestId } as const
    const moved = await moveOrder(tx, order, { step: 'comment', comment: wish.comment }, by, now)
    await insertReview(tx, { orderId: order.id, houseId: order.house_id, stars: wish.stars, at: now })
    return { moved, dropped: await keepPhotos(tx, order.id, wish.photos ?? []) }
  })
  for (const key of dropped) await dropPicture(needs, key)
  return moved
}
