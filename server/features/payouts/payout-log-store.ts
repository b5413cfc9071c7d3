import type { PayoutState } from '@ihome/core/payouts/payout-plan'
import type { Db } from '../../platform/db.ts'

/** Payouts of an order, the first one first. */
export const listPayoutsForLog = (db: Db, orderId: number) =>
  db
    .selectFrom('payouts')
    .select([
      'id',
      'out_biz_no',
      'state',
      'earned_fen',
      'amount_fen',
      'netted_fen',
      'frozen_reason',
      'replaces_id',
      'created_at',
      'sent_at',
      'settled_at',
    ])
    .$narrowType<{ state: PayoutState }>()
    .where('order_id', '=', orderId)
    .orderBy('id')
    .execute()

/** What the provider answered about them, in the order in which it came. */
export const listAnswersForLog = (db: Db, orderId: number) =>
  db
    .selectFrom('payout_answers as a')
    .innerJoin('payouts as p', 'p.id', 'a.payout_id')
    .select(['a.payout_id', 'a.out_biz_no', 'a.call', 'a.kind', 'a.word', 'a.at'])
    .where('p.order_id', '=', orderId)
    .orderBy('a.id')
    .limit(500)
    .execute()
