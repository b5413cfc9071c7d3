import fs from 'node:fs/promises'
import { dayInShanghai, instantInShanghai } from '@ihome/core/calendar'
import type { CancelPolicy } from '@ihome/core/orders/cancel-rule'
import { hash } from '@node-rs/argon2'
import { sql } from 'kysely'
import { type Db, openDatabase, type Tx } from '../platform/db.ts'
import type { SealingKeys } from '../platform/sealing.ts'
import { demoStories, recentStories } from './demo-stories.ts'
import { createDice, type Dice } from './dice.ts'
import type { OrderPlan } from './order-plan.ts'
import { placePhoto, readDemoPictures } from './place-photos.ts'
import { type BookableHouse, planOrders } from './plan-orders.ts'
import {
  EXTENTS,
  GUEST,
  guestNumber,
  HOST,
  hostNumber,
  OPERATOR,
  type PlannedHome,
  phoneOf,
  planFacilities,
  planHomes,
  planUsers,
  type SeedSize,
  storageKey,
} from './plan-world.ts'
import { createRowWriter, type RowWriter } from './row-writer.ts'
import { tellOrder } from './tell-order.ts'
import { tellFavourites } from './tell-talk.ts'
import { verifyHosts } from './verify-hosts.ts'

/** Of every account that the seed makes. It is public, so no seeded database may face the world. */
export const SEED_PASSWORD = 'aijia-demo-2026'

export interface SeedOptions {
  /** Address of a migrated database. */
  readonly url: string
  readonly size: SeedSize
  readonly seed: number
  /** Rows follow from the day in Shanghai; those of orders that wait for somebody from the hour. */
  readonly now: Date
  /** Where pictures go; without it the rows name pictures that are not there. */
  readonly uploadDir?: string
  /** Seal the real names of the hosts. Without them nobody can open these, which only a test can bear. */
  readonly piiKeys?: SealingKeys
  /** Who the payments of the past went to. */
  readonly merchant?: { readonly appId: string; readonly sellerId: string }
}

export interface SeedReport {
  readonly size: SeedSize
  readonly seed: number
  readonly rows: Readonly<Record<string, number>>
  readonly password: string
  readonly guest: string
  readonly host: string
  readonly operator: string
}

/** The database has data already, and the seed only fills an empty one. */
export class NotEmpty extends Error {
  override readonly name = 'NotEmpty'
}

const DAY_MS = 86_400_000
const NOBODY = { appId: '2021000000000000', sellerId: '2088000000000000' }

/**
 * Fills an empty, migrated database with people, homes and the orders of a past year, in one transaction. The same
 * size and seed give the same rows on the same day. Throws {@link NotEmpty} for a database that has orders or people.
 */
export async function seedDatabase(options: SeedOptions): Promise<SeedReport> {
  const { db } = openDatabase({ url: options.url, poolSize: 2, statementTimeoutMs: 600_000 })
  try {
    await refuseUnlessEmpty(db)
    const plan = planWorld(options)
    const rows = await db.transaction().execute((tx) => fill(tx, plan, options))
    // Plans made on empty statistics scan whole tables, also for the checks of foreign keys.
    await sql`vacuum analyze`.execute(db)
    const { size, seed } = options
    return {
      size,
      seed,
      rows,
      password: SEED_PASSWORD,
      guest: phoneOf(GUEST),
      host: phoneOf(HOST),
      operator: phoneOf(OPERATOR),
    }
  } finally {
    await db.destroy()
  }
}

async function refuseUnlessEmpty(db: Db): Promise<void> {
  const { rows } = await sql<{ filled: boolean }>`
    select exists (select 1 from orders) or exists (select 1 from houses) or exists (select 1 from users) as filled`.execute(
    db,
  )
  if (rows[0]?.filled) throw new NotEmpty('The database has data already; the seed only fills an empty one.')
}

interface PlannedWorld {
  readonly homes: readonly PlannedHome[]
  readonly houses: readonly BookableHouse[]
  readonly plans: readonly OrderPlan[]
  readonly dice: Dice
}

/** Everything that chance decides, before a transaction is open: at full size this takes a while. */
function planWorld({ size, seed, now }: SeedOptions): PlannedWorld {
  const dice = createDice(seed)
  const extent = EXTENTS[size]
  const homes = planHomes(size, dayInShanghai(now), dice)
  const houses = homes.map((home, index) => bookable(home, index + 1, size))
  const guests = Array.from({ length: extent.users - extent.hosts - 1 }, (_, index) => guestNumber(index + 1, extent))
  const plans = planOrders(houses, {
    dice,
    now,
    guests,
    fixed: size === 'demo' ? demoStories(houses) : [],
    recent: size === 'demo' ? recentStories(houses) : [],
    perHouse: extent.orders === undefined ? undefined : extent.orders / extent.houses,
  })
  return { homes, houses, plans, dice }
}

async function fill(tx: Tx, world: PlannedWorld, options: SeedOptions): Promise<Readonly<Record<string, number>>> {
  const { size, now } = options
  const startOfToday = instantInShanghai(dayInShanghai(now), 0)
  const rows = createRowWriter(tx)
  await addPeople(rows, size, new Date(startOfToday.getTime() - 950 * DAY_MS))
  const pictures = await addHomes(rows, world, options)
  const merchant = options.merchant ?? NOBODY
  const telling = { rows, until: startOfToday, merchant, allMessages: size === 'demo' }
  if (size === 'demo') tellFavourites(rows, world.houses, startOfToday)
  for (const plan of world.plans) {
    tellOrder(telling, plan)
    await rows.flushWhenFull()
  }
  const counts = await rows.finish()
  await verifyHosts(tx, hostsOf(size), options.piiKeys)
  if (options.uploadDir !== undefined) {
    await fs.mkdir(options.uploadDir, { recursive: true })
    for (const { name, key } of pictures) await placePhoto(options.uploadDir, name, key)
  }
  return counts
}

async function addPeople(rows: RowWriter, size: SeedSize, at: Date): Promise<void> {
  // One hash for all: it is one password, and thousands of slow hashes would make the seed slow for nothing.
  const password = await hash(SEED_PASSWORD, {
    memoryCost: 19_456,
    timeCost: 2,
    parallelism: 1,
    salt: Buffer.from('aijia-demo-salt-'),
  })
  for (const { n, name } of planUsers(size)) {
    rows.add('users', { id: n, phone: phoneOf(n), name, password_hash: password, created_at: at, updated_at: at })
  }
  rows.add('operators', { login: phoneOf(OPERATOR), role: 'admin', password_hash: password, created_at: at })
}

const hostsOf = (size: SeedSize): number[] =>
  Array.from({ length: EXTENTS[size].hosts }, (_, index) => hostNumber(index))

/** Most homes of the demo keep the usual rule; the larger sizes serve runs that reckon with it alone. */
function policyOf(id: number, size: SeedSize): CancelPolicy {
  if (size !== 'demo') return 'standard'
  if (id % 5 === 4) return 'flexible'
  return id % 7 === 6 ? 'strict' : 'standard'
}

function bookable(home: PlannedHome, id: number, size: SeedSize): BookableHouse {
  return {
    id,
    hostId: hostNumber(home.hostIndex),
    title: home.title,
    priceFen: home.yuan * 100,
    capacity: home.capacity,
    minDays: home.minDays,
    maxDays: home.maxDays,
    policy: policyOf(id, size),
    since: home.since,
    createdAt: instantInShanghai(home.since, 10 + (id % 8)),
  }
}

/** In the larger sizes most homes go without pictures: nobody looks at them, and files would be many. */
const HOMES_WITH_PICTURES = 40

async function addHomes(
  rows: RowWriter,
  { homes, houses, plans, dice }: PlannedWorld,
  { seed, size }: SeedOptions,
): Promise<{ name: string; key: string }[]> {
  const pictures = await readDemoPictures()
  const placed: { name: string; key: string }[] = []
  const completed = new Map<number, number>()
  for (const { house, outcome } of plans) {
    if (outcome.kind === 'complete') completed.set(house.id, (completed.get(house.id) ?? 0) + 1)
  }
  homes.forEach((home, index) => {
    const house = houses[index]
    if (!house) return
    const own = index < HOMES_WITH_PICTURES ? pictures.filter((picture) => picture.home === home.pictures) : []
    const keyed = own.map(({ name, caption }) => ({ name, caption, key: storageKey(seed, house.id, name) }))
    rows.add('houses', {
      id: house.id,
      user_id: house.hostId,
      area_id: home.areaId,
      title: home.title,
      price_fen: house.priceFen,
      address: home.address,
      room_count: home.rooms,
      acreage: home.acreage,
      unit: home.unit,
      capacity: home.capacity,
      beds: home.beds,
      deposit_fen: home.depositYuan * 100,
      cancel_policy: house.policy,
      min_days: home.minDays,
      max_days: home.maxDays,
      order_count: completed.get(house.id) ?? 0,
      index_image_key: keyed[0]?.key ?? null,
      listed: true,
      // One of three homes of the demo; the larger sizes serve runs that accept for themselves.
      instant: size === 'demo' && index % 3 === 2,
      busy: '{}',
      created_at: house.createdAt,
      updated_at: house.createdAt,
    })
    for (const facility of planFacilities(dice))
      rows.add('house_facilities', { house_id: house.id, facility_id: facility })
    keyed.forEach(({ name, caption, key }, position) => {
      rows.add('house_photos', {
        house_id: house.id,
        storage_key: key,
        position,
        caption,
        created_at: house.createdAt,
      })
      placed.push({ name, key })
    })
  })
  return placed
}
