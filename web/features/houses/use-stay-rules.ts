import type { HouseBookingView } from '@ihome/contract/schemas/houses'
import type { CivilDate, StayRules } from '@ihome/core/calendar'
import { type Fen, toFen } from '@ihome/core/money'
import type { HousePrices } from '@ihome/core/pricing/price-stay'
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
export function useStayRules(houseId: () => number | undefined): Resource<HouseBookingView> & {
  readonly rules: Readonly<Ref<StayRules>>
  /** What the nights cost; undefined until that has been read. */
  readonly prices: Readonly<Ref<HousePrices | undefined>>
} {
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
      minNightsFrom: new Map(
        view.house.nights.flatMap(({ night, min_days }): [CivilDate, number][] =>
          min_days === null ? [] : [[night, min_days]],
        ),
      ),
      maxNights: view.house.max_days,
      horizonDays: view.horizon_days,
      longestNights: view.longest_nights,
    }
  })
  const prices = computed<HousePrices | undefined>(() => {
    const house = booking.data.value?.house
    return (
      house && {
        nightFen: toFen(house.price),
        weekendFen: house.weekend_price === null ? undefined : toFen(house.weekend_price),
        byNight: new Map(
          house.nights.flatMap(({ night, price }): [CivilDate, Fen][] =>
            price === null ? [] : [[night, toFen(price)]],
          ),
        ),
      }
    )
  })
  return { ...booking, rules, prices }
}
