import type { HouseBookingView } from '@ihome/contract/schemas/houses'
import type { StayRules } from '@ihome/core/calendar'
import { computed, type Ref } from 'vue'
import { usePageState } from '../../platform/page-state.ts'
import { useServerClock } from '../../platform/server-clock.ts'
import { type Resource, useResource } from '../../platform/use-resource.ts'

/** The platform's own bounds, until a house's rules have come (product.md 2.6). */
const HORIZON_DAYS = 365
const LONGEST_NIGHTS = 365

/** The rules where no house is known: from today on, nothing taken. */
export function useOpenRules(): StayRules {
  return {
    today: usePageState().today,
    booked: [],
    minNights: 1,
    maxNights: 0,
    horizonDays: HORIZON_DAYS,
    longestNights: LONGEST_NIGHTS,
  }
}

/** The rules and booked nights of a house, read when `houseId` gives one. Until then the open rules stand in. */
export function useStayRules(
  houseId: () => number | undefined,
): Resource<HouseBookingView> & { readonly rules: Readonly<Ref<StayRules>> } {
  const open = useOpenRules()
  const clock = useServerClock()
  const booking = useResource(
    () => (houseId() === undefined ? undefined : `booking:${houseId()}`),
    async (api) => {
      const view = await api.houses.booking(houseId() ?? 0)
      clock.hear(view.now)
      return view
    },
  )
  const rules = computed<StayRules>(() => {
    const view = booking.data.value
    if (!view) return open
    return {
      today: view.today,
      booked: view.house.booked,
      minNights: view.house.min_days,
      maxNights: view.house.max_days,
      horizonDays: view.horizon_days,
      longestNights: view.longest_nights,
    }
  })
  return { ...booking, rules }
}
