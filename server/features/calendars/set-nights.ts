import type { NightsChange } from '@ihome/contract/schemas/calendars'
import { addDays, countNights, dayInShanghai, isCivilDate } from '@ihome/core/calendar'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { lockHouse } from '../houses/lock-house.ts'
import { assertOwner } from '../houses/publish-house.ts'
import { changeNights, listBookedIn, settleBlocks, setWeekendPrice } from './night-store.ts'

type Needs = Pick<Deps, 'transact' | 'clock' | 'config' | 'events'>
interface Wish {
  readonly hostId: number
  readonly houseId: number
}

/** The last day that a calendar shows: where the longest stay of the latest arrival may end. */
export const lastDay = (today: string, { limits }: Deps['config']): string =>
  addDays(today, limits.horizonDays + limits.nightsMax)

/**
 * Changes the nights of an own house, one stretch after the other, all or none. Nights of orders cannot be closed.
 *
 * Says no with `not_verified`, `house_not_found`, `not_house_owner`, `dates_invalid`, and `dates_taken` with the
 * stretches of the orders that stand in the way.
 */
export async function setNights(
  deps: Needs,
  wish: Wish & { readonly changes: readonly NightsChange[] },
): Promise<void> {
  const now = deps.clock.now()
  const today = dayInShanghai(now)
  for (const change of wish.changes) refuseImpossible(change, today, lastDay(today, deps.config))
  await deps.transact(async (tx) => {
    await assertOwner(tx, wish)
    await lockHouse(tx, wish.houseId)
    for (const change of wish.changes) {
      if (change.closed) {
        const booked = await listBookedIn(tx, wish.houseId, change)
        if (booked.length > 0) throw new Refusal('dates_taken', { booked })
      }
      await changeNights(tx, wish.houseId, change, now)
    }
    await settleBlocks(tx, wish.houseId, today, now)
  })
  deps.events.publish({ kind: 'calendar_changed', houseId: wish.houseId })
}

/** The price of the nights that begin on Friday and Saturday; null takes it away. */
export async function setWeekend(deps: Needs, wish: Wish & { readonly priceFen: number | null }): Promise<void> {
  await deps.transact(async (tx) => {
    await assertOwner(tx, wish)
    await lockHouse(tx, wish.houseId)
    await setWeekendPrice(tx, wish.houseId, wish.priceFen, deps.clock.now())
  })
  deps.events.publish({ kind: 'house_changed', houseId: wish.houseId })
}

function refuseImpossible({ start_date, end_date }: NightsChange, today: string, last: string): void {
  const refuse = (reason: string) => new Refusal('dates_invalid', { reason })
  if (!isCivilDate(start_date) || !isCivilDate(end_date)) throw refuse('not_a_day')
  if (start_date < today) throw refuse('past')
  if (end_date <= start_date) throw refuse('end_not_after_start')
  if (end_date > last || countNights({ start_date, end_date }) > 800) throw refuse('beyond_horizon')
}
