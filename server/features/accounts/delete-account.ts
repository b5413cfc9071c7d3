import type { Account } from '../../platform/access.ts'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { dropHearts } from '../favourites/drop-hearts.ts'
import { leaveMarket } from '../houses/leave-market.ts'
import { hasOpenBalance } from '../ledger/owner-balance.ts'
import { hasLiveOrders } from '../orders/live-orders.ts'
import { lockGuest } from '../orders/lock-guest.ts'
import { hasOpenRefunds } from '../payments/open-refunds.ts'
import { forgetPayees } from '../payouts/forget-payees.ts'
import { dropPicture } from '../pictures/keep-picture.ts'
import type { Entrance } from './open-session.ts'
import { assertSteppedUp } from './step-up.ts'
import { endSessionsOf, forgetPerson } from './store.ts'

/**
 * Ends an account for ever: whatever names a person goes, what orders and ledger name stays. The phone may be
 * registered anew. Says no with `step_up_needed`, and with `account_in_use` (naming `orders`, `refunds`, `earnings`)
 * while something is unfinished.
 */
export async function deleteAccount(
  deps: Deps,
  { account, entrance }: { readonly account: Account; readonly entrance: Entrance },
): Promise<void> {
  await assertSteppedUp(deps, entrance)
  const now = deps.clock.now()
  const { avatar, homes } = await deps.transact(async (tx) => {
    // First both sides of every booking under way, then the look: what is placed afterwards finds nobody.
    await lockGuest(tx, account.id)
    const left = await leaveMarket(tx, account.id, now)
    const reasons = [
      ...((await hasLiveOrders(tx, account.id)) ? ['orders'] : []),
      ...((await hasOpenRefunds(tx, account.id)) ? ['refunds'] : []),
      ...((await hasOpenBalance(tx, account.id)) ? ['earnings'] : []),
    ]
    if (reasons.length > 0) throw new Refusal('account_in_use', { reasons })
    await dropHearts(tx, account.id)
    await endSessionsOf(tx, account.id, { reason: 'disabled', now })
    await forgetPayees(tx, account.id)
    return { avatar: await forgetPerson(tx, account.id, now), homes: left }
  })
  deps.events.publish({ kind: 'user_changed', userId: account.id })
  for (const houseId of homes) deps.events.publish({ kind: 'house_changed', houseId })
  if (avatar !== null) await dropPicture(deps, avatar)
}
