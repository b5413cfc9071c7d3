import { payoutNotBefore } from '@ihome/core/payouts/payout-plan'
import type { Deps } from '../../platform/deps.ts'
import { lockOrder } from '../orders/order-lock.ts'
import { newOutBizNo } from '../payments/out-trade-no.ts'
import { insertPayout, listUnpaidEarnings } from './payout-store.ts'

const BATCH = 50
/** Longer than the jobs ever stand still. */
const LOOK_BACK_MS = 90 * 24 * 3_600_000

/**
 * Opens a payout for everything a host has earned, by a stay or by what a guest who cancelled leaves: one per posting,
 * however many instances look at once. Nothing is promised yet. Gives how many it opened. It looks back 90 days, and with
 * `all` through the whole ledger, for what was earned before there were payouts.
 */
export async function openPayouts(
  deps: Pick<Deps, 'db' | 'transact' | 'clock' | 'random' | 'config' | 'log'>,
  { all = false }: { readonly all?: boolean } = {},
): Promise<number> {
  const { db, transact, clock, random, config, log } = deps
  const now = clock.now()
  const since = new Date(all ? 0 : now.getTime() - LOOK_BACK_MS)
  let opened = 0
  for (const earning of await listUnpaidEarnings(db, since, BATCH)) {
    try {
      const isNew = await transact(async (tx) => {
        const order = await lockOrder(tx, earning.order_id)
        if (!order) return false
        return insertPayout(tx, {
          host_id: order.host_id,
          order_id: order.id,
          earned_tx_id: earning.tx_id,
          out_biz_no: newOutBizNo(config.publicOrigin, random, now),
          earned_fen: earning.earned_fen,
          not_before: payoutNotBefore(order),
          created_at: now,
        })
      })
      if (isNew) opened += 1
    } catch (error) {
      log.error({ order_id: earning.order_id, err: error }, 'payout_not_opened')
    }
  }
  return opened
}
