import type { DeskReviewQuery, DeskReviews } from '@ihome/contract/schemas/operator-desk'
import type { Deps } from '../../platform/deps.ts'
import { deskSpan } from '../../platform/desk-page.ts'
import { Refusal } from '../../platform/refusal.ts'
import { hostName } from '../houses/views.ts'
import { type DeskWish, reasonOf } from '../operators/reason.ts'
import { recordAction } from '../operators/record-action.ts'
import { hideReview, listDeskReviews, REVIEW_KEYS, showReview } from './desk-review-store.ts'

type Needs = Pick<Deps, 'transact' | 'clock' | 'events'>

/** Reviews by the number of the order or words in them, newest first unless asked otherwise. */
export async function listReviewsForDesk({ db }: Pick<Deps, 'db'>, filter: DeskReviewQuery): Promise<DeskReviews> {
  const list = await listDeskReviews(db, filter, deskSpan(filter, REVIEW_KEYS))
  return {
    ...list,
    rows: list.rows.map(({ title, created_at, comment, name, phone, ...row }) => ({
      ...row,
      // Whoever has taken no name is called by the phone, which nobody sees without being written down.
      guest_name: hostName(name, phone),
      comment: comment ?? '',
      house_title: title,
      created_at: created_at.toISOString(),
    })),
  }
}

/**
 * Takes a review off the home's page and out of its score; the order stays as it is. Says no with `step_refused` when
 * it is off already, or there is none.
 */
export const takeReviewDown = (needs: Needs, wish: DeskWish & { readonly orderId: number }): Promise<void> => {
  const reason = reasonOf(wish.reason)
  return change(needs, wish, reason, 'review_taken_down', (tx, at) => hideReview(tx, wish.orderId, reason, at))
}

/** Shows it again. Says no with `step_refused`. */
export const putReviewBack = (needs: Needs, wish: DeskWish & { readonly orderId: number }): Promise<void> =>
  change(needs, wish, reasonOf(wish.reason), 'review_put_back', (tx) => showReview(tx, wish.orderId))

async function change(
  { transact, clock, events }: Needs,
  { orderId, operatorId }: { readonly orderId: number; readonly operatorId: number },
  reason: string,
  kind: string,
  write: (tx: Parameters<Parameters<Deps['transact']>[0]>[0], at: Date) => Promise<number | undefined>,
): Promise<void> {
  const at = clock.now()
  const houseId = await transact(async (tx) => {
    const changed = await write(tx, at)
    if (changed === undefined) throw new Refusal('step_refused')
    await recordAction(tx, { operatorId, at, kind, subject: `review:${orderId}`, reason })
    return changed
  })
  events.publish({ kind: 'house_changed', houseId })
}
