import type { AreaView, FacilityView, HomeView, HouseBookingView, HouseFull } from '@ihome/contract/schemas/houses'
import { dayInShanghai, type Stay } from '@ihome/core/calendar'
import type { Deps } from '../../platform/deps.ts'
import type { ReadCache } from '../../platform/read-cache.ts'
import { Refusal } from '../../platform/refusal.ts'
import { ownNights } from '../calendars/price-nights.ts'
import { lastDay } from '../calendars/set-nights.ts'
import { bookedNights } from './booked-nights.ts'
import {
  cardsByIds,
  findHouseDetail,
  findListedHouse,
  listAreas,
  listFacilities,
  listHeroHouses,
  listHomeHouses,
} from './store.ts'
import { viewOfCard, viewOfDetail } from './views.ts'

type Needs = Pick<Deps, 'db' | 'config'> & { readonly cache: ReadCache }

export const readAreas = ({ db, config, cache }: Needs): Promise<AreaView[]> =>
  cache.read({ topic: 'areas', key: 'areas', ttlS: config.limits.cacheS, load: () => listAreas(db) })

export const readFacilities = ({ db, config, cache }: Needs): Promise<FacilityView[]> =>
  cache.read({ topic: 'facilities', key: 'facilities', ttlS: config.limits.cacheS, load: () => listFacilities(db) })

/** The few houses that the home page shows. */
export const readHome = ({ db, config, cache }: Needs): Promise<HomeView> =>
  cache.read({
    topic: 'houses',
    key: 'home',
    ttlS: config.limits.cacheS,
    load: async () => {
      const room = config.limits.homeHouses
      const heroes = (await listHeroHouses(db)).slice(0, room)
      const others = await listHomeHouses(
        db,
        room - heroes.length,
        heroes.map(({ id }) => id),
      )
      return { hlist: [...heroes, ...others].map(viewOfCard) }
    },
  })

/** A house with everything its page shows, also when it is no longer offered. Says no with `house_not_found`. */
export const readHouse = ({ db, config, cache }: Needs, houseId: number): Promise<HouseFull> =>
  cache.read({
    topic: { houseId },
    key: `detail:${houseId}`,
    ttlS: config.limits.cacheS,
    load: async () => {
      const row = await findHouseDetail(db, houseId, config.limits.commentsInDetail)
      if (!row) throw new Refusal('house_not_found')
      return viewOfDetail(row)
    },
  })

/** A house as the booking page needs it, with the nights that are taken. Never from memory: nights change hands. */
export async function readHouseForBooking(
  { db, config, clock }: Pick<Deps, 'db' | 'config' | 'clock'>,
  houseId: number,
): Promise<HouseBookingView> {
  const now = clock.now()
  const today = dayInShanghai(now)
  const row = await findListedHouse(db, houseId)
  if (!row) throw new Refusal('house_not_found')
  const { limits } = config
  return {
    house: {
      ...viewOfCard(row),
      user_id: row.user_id,
      min_days: row.min_days,
      max_days: row.max_days,
      capacity: row.capacity,
      deposit: row.deposit_fen,
      cancel_policy: row.cancel_policy,
      booked: await bookedNights(db, houseId, today),
      weekend_price: row.weekend_price_fen,
      nights: row.nights_set
        ? await ownNights(db, houseId, { start_date: today, end_date: lastDay(today, config) })
        : [],
    },
    today,
    now: now.toISOString(),
    horizon_days: limits.horizonDays,
    longest_nights: limits.nightsMax,
    accept_hours: limits.acceptWindowMinutes / 60,
    pay_minutes: limits.paymentWindowMinutes,
  }
}

/** Cards of these houses, also of those that are no longer offered, and whether a stay is free in each. */
export const readCards = ({ db }: Pick<Deps, 'db'>, ids: readonly number[], stay?: Stay) => cardsByIds(db, ids, stay)
