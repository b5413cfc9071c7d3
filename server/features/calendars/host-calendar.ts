import type { ClashesView, HouseCalendarView } from '@ihome/contract/schemas/calendars'
import { dayInShanghai } from '@ihome/core/calendar'
import { writtenText } from '@ihome/core/text'
import type { Deps } from '../../platform/deps.ts'
import { countUse } from '../../platform/rate-limits.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { lockHouse } from '../houses/lock-house.ts'
import { assertOwner } from '../houses/publish-house.ts'
import { hostName } from '../houses/views.ts'
import type { Language } from '../pages/built-web.ts'
import {
  deleteImport,
  findCalendarHouse,
  findExportedHouse,
  findExportToken,
  findHostStay,
  findImport,
  type ImportFault,
  type ImportRow,
  insertImport,
  listImported,
  listImports,
  listOwnTaken,
  listStandingOrders,
  setExportToken,
} from './calendar-store.ts'
import { isAskable } from './fetch-calendar.ts'
import { listNightRules, settleBlocks } from './night-store.ts'
import { lastDay } from './set-nights.ts'
import { syncImport } from './sync-imports.ts'
import { icalOf } from './write-ical.ts'

interface Wish {
  readonly hostId: number
  readonly houseId: number
}

const IMPORTS_MOST = 5
const SYNCS_PER_HOUR = 20
const HOUR_S = 3_600
const NAME_LENGTH = 30

/** The address says the language, as the site that reads it has none: that of the host who copied it. */
const exportUrl = (deps: Pick<Deps, 'config'>, token: string, lang: Language): string =>
  `${deps.config.publicOrigin}/calendars/${token}.ics${lang === 'en' ? '?lang=en' : ''}`

const SUMMARIES: Readonly<Record<Language, Readonly<Record<'booking' | 'block', string>>>> = {
  zh: { booking: '已预订', block: '不开放' },
  en: { booking: 'Booked', block: 'Not available' },
}

/** The calendar of an own house from today on. Says no with `not_verified`, `house_not_found`, `not_house_owner`. */
export async function readCalendar(
  deps: Pick<Deps, 'db' | 'clock' | 'config'>,
  wish: Wish,
  lang: Language,
): Promise<HouseCalendarView> {
  const { db, clock, config } = deps
  await assertOwner(db, wish)
  const today = dayInShanghai(clock.now())
  const last = lastDay(today, config)
  const stretch = { start_date: today, end_date: last }
  const [house, nights, orders, imported, token, imports] = await Promise.all([
    findCalendarHouse(db, wish.houseId),
    listNightRules(db, wish.houseId, stretch),
    listStandingOrders(db, wish.houseId, today),
    listImported(db, wish.houseId, stretch),
    findExportToken(db, wish.houseId),
    listImports(db, wish.houseId),
  ])
  if (!house) throw new Refusal('house_not_found')
  return {
    house_id: house.id,
    title: house.title,
    price: house.price_fen,
    weekend_price: house.weekend_price_fen,
    min_days: house.min_days,
    today,
    last_day: last,
    nights: nights.map(({ night, price_fen, min_days, closed }) => ({ night, price: price_fen, min_days, closed })),
    orders: orders.map(({ order_id, start_date, end_date, name, phone, status }) => ({
      order_id,
      start_date,
      end_date,
      guest_name: hostName(name, phone),
      status,
    })),
    imported,
    export_url: token === undefined ? null : exportUrl(deps, token, lang),
    imports: imports.map(viewOfImport),
  }
}

const viewOfImport = (row: ImportRow) => ({
  import_id: row.id,
  name: row.name,
  url: row.url,
  last_tried_at: row.last_tried_at?.toISOString() ?? null,
  last_success_at: row.last_success_at?.toISOString() ?? null,
  fault: row.fault as ImportFault | null,
})

/** Gives the house a new secret address for other sites; an older one stops working with the same commit. */
export async function renewExport(deps: Pick<Deps, 'db' | 'clock' | 'random'>, wish: Wish): Promise<void> {
  await assertOwner(deps.db, wish)
  await setExportToken(deps.db, wish.houseId, deps.random.bytes(24).toString('base64url'), deps.clock.now())
}

/** The file that other sites read: orders and nights closed by hand, without a word about who stays. */
export async function exportCalendar(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  token: string,
  lang: Language,
): Promise<string> {
  const house = await findExportedHouse(db, token)
  if (!house) throw new Refusal('not_found')
  const now = clock.now()
  const taken = await listOwnTaken(db, house.house_id, dayInShanghai(now))
  const events = taken.map(({ kind, start_date, end_date }) => ({
    uid: `${kind}-${house.house_id}-${start_date}-${end_date}@ihome`,
    summary: SUMMARIES[lang][kind],
    start_date,
    end_date,
  }))
  return icalOf(house.title, events, now)
}

type ImportNeeds = Pick<Deps, 'db' | 'transact' | 'clock' | 'config' | 'events' | 'log'>

/**
 * Takes the address of another site's calendar and reads it at once; whether that went well stands in the calendar.
 * Says no with `input_invalid` for an address that is not asked, is there already, or is one too many.
 */
export async function addImport(
  deps: ImportNeeds,
  wish: Wish & { readonly name: string; readonly url: string },
): Promise<void> {
  await assertOwner(deps.db, wish)
  const name = writtenText(wish.name, NAME_LENGTH)
  if (name === undefined) throw inputInvalid({ field: 'name', reason: `must be 1 to ${NAME_LENGTH} characters` })
  const url = wish.url.trim().replace(/^webcal:/i, 'https:')
  if (!isAskable(url, { allowPrivate: !deps.config.production })) {
    throw inputInvalid({ field: 'url', reason: 'must be a public https address' })
  }
  await spendSync(deps, wish.houseId)
  const now = deps.clock.now()
  const importId = await insertImport(deps.db, { houseId: wish.houseId, name, url, most: IMPORTS_MOST, now })
  if (importId === undefined) throw inputInvalid({ field: 'url', reason: `must be new, and at most ${IMPORTS_MOST}` })
  await syncOne(deps, { ...wish, importId })
}

/** Reads one calendar now. Says no with `not_found` and `rate_limited`; a failed reading is no refusal. */
export async function syncNow(deps: ImportNeeds, wish: Wish & { readonly importId: number }): Promise<void> {
  await assertOwner(deps.db, wish)
  await spendSync(deps, wish.houseId)
  await syncOne(deps, wish)
}

async function syncOne(
  deps: ImportNeeds,
  wish: { readonly houseId: number; readonly importId: number },
): Promise<void> {
  const source = await findImport(deps.db, wish.houseId, wish.importId)
  if (!source) throw new Refusal('not_found')
  await syncImport(deps, source)
}

async function spendSync({ db, clock }: ImportNeeds, houseId: number): Promise<void> {
  const allowance = { key: `calendar:${houseId}`, limit: SYNCS_PER_HOUR, windowS: HOUR_S }
  const { open, retryAfterS } = await countUse(db, allowance, clock.now())
  if (!open) throw new Refusal('rate_limited', {}, { retryAfterS })
}

/** Forgets another site's calendar; the nights that it alone had taken are free again. */
export async function removeImport(deps: ImportNeeds, wish: Wish & { readonly importId: number }): Promise<void> {
  const now = deps.clock.now()
  await deps.transact(async (tx) => {
    await assertOwner(tx, wish)
    await lockHouse(tx, wish.houseId)
    await deleteImport(tx, wish.houseId, wish.importId)
    await settleBlocks(tx, wish.houseId, dayInShanghai(now), now)
  })
  deps.events.publish({ kind: 'calendar_changed', houseId: wish.houseId })
}

/** What other calendars say of the nights of an order, for its host before accepting. Says no with `order_not_found`. */
export async function readClashes(
  { db }: Pick<Deps, 'db'>,
  wish: { readonly hostId: number; readonly orderId: number },
): Promise<ClashesView> {
  const stay = await findHostStay(db, wish.orderId, wish.hostId)
  if (!stay) throw new Refusal('order_not_found')
  return { clashes: await listImported(db, stay.house_id, stay) }
}
