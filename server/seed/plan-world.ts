import { createHash } from 'node:crypto'
import { addDays, type CivilDate } from '@ihome/core/calendar'
import { DEMO_HOMES, type DemoHome } from './content/demo-homes.ts'
import { GUEST_NAMES, HOST_NAMES } from './content/demo-people.ts'
import { STREETS, TITLE_KINDS, TITLE_PLACES } from './content/words.ts'
import type { Dice } from './dice.ts'

export type SeedSize = 'demo' | 'small' | 'full'

/** User n has this phone. The third number belongs to the operator, who is no user. */
export const phoneOf = (n: number): string => `170${String(n).padStart(8, '0')}`
export const GUEST = 1
export const HOST = 2
export const OPERATOR = 3

interface Extent {
  readonly users: number
  readonly hosts: number
  readonly houses: number
  /** Orders in all, or undefined where calendars are filled by feeling. */
  readonly orders: number | undefined
}

export const EXTENTS: Readonly<Record<SeedSize, Extent>> = {
  demo: { users: 42, hosts: 12, houses: DEMO_HOMES.length, orders: undefined },
  small: { users: 2_000, hosts: 150, houses: 500, orders: 10_000 },
  full: { users: 20_000, hosts: 1_500, houses: 5_000, orders: 100_000 },
}

/** Numbers of the hosts: 2, then 4 and on. */
export const hostNumber = (index: number): number => (index === 0 ? HOST : OPERATOR + index)
/** Numbers of the guests: 1, then what follows the hosts. */
export const guestNumber = (index: number, { hosts }: Extent): number =>
  index === 0 ? GUEST : OPERATOR + hosts - 1 + index

export interface PlannedUser {
  readonly n: number
  readonly name: string
}

/** Hosts and guests in the order of their numbers. Somebody without a name is called by the phone. */
export function planUsers(size: SeedSize): PlannedUser[] {
  const extent = EXTENTS[size]
  const named = (n: number, name: string | undefined) => ({ n, name: name ?? phoneOf(n) })
  const hosts = Array.from({ length: extent.hosts }, (_, index) =>
    named(hostNumber(index), size === 'demo' || index === 0 ? HOST_NAMES[index] : numbered(HOST_NAMES, index)),
  )
  const guests = Array.from({ length: extent.users - extent.hosts }, (_, index) =>
    named(guestNumber(index, extent), size === 'demo' ? GUEST_NAMES[index] : numbered(GUEST_NAMES, index)),
  )
  return [...hosts, ...guests].sort((one, other) => one.n - other.n)
}

/** Two of three have a name of their own. */
const numbered = (names: readonly string[], index: number): string | undefined =>
  index % 3 === 2 ? undefined : `${names[index % names.length]}${index}`

export interface PlannedHome extends Omit<DemoHome, 'host'> {
  readonly hostIndex: number
  /** The day on which it was first offered. */
  readonly since: CivilDate
}

/** Homes from the oldest offer to the newest. */
export function planHomes(size: SeedSize, today: CivilDate, dice: Dice): PlannedHome[] {
  const { houses, hosts } = EXTENTS[size]
  return Array.from({ length: houses }, (_, index) => {
    const home = DEMO_HOMES[index]
    const { host, ...rest } = size === 'demo' && home ? home : inventHome(index, hosts, dice)
    const oldest = size === 'demo' ? 620 : 900
    const newest = size === 'demo' ? 6 : 480
    const age = oldest - Math.floor(((oldest - newest) * index) / Math.max(1, houses - 1))
    return { ...rest, hostIndex: host, since: addDays(today, -age) }
  })
}

const AREAS = 16

function inventHome(index: number, hosts: number, dice: Dice): DemoHome {
  const rooms = dice.int(1, 4)
  const street = dice.pick(STREETS)
  return {
    title: `${dice.pick(TITLE_PLACES)}的${dice.pick(TITLE_KINDS)}·${index + 1}号`,
    areaId: 1 + (index % AREAS),
    address: `北京市${street}${dice.int(1, 199)}号院${dice.int(1, 30)}号楼`,
    pictures: 1 + (index % 12),
    yuan: dice.int(120, 980),
    rooms,
    acreage: rooms * dice.int(22, 40),
    unit: `${['一', '两', '三', '四'][rooms - 1]}室一厅`,
    capacity: rooms * 2,
    beds: `双人床${rooms}张`,
    depositYuan: dice.int(0, 5) * 100,
    minDays: dice.chance(0.1) ? 2 : 1,
    maxDays: dice.chance(0.2) ? 30 : 0,
    host: index < 3 ? 0 : dice.int(0, hosts - 1),
  }
}

/** Facilities that nearly every home has, and those that some have. */
const USUAL = [1, 2, 3, 4, 7, 8, 9, 10, 11, 12]
const SOME = [5, 6, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23]

export const planFacilities = (dice: Dice): number[] =>
  [...USUAL.filter(() => dice.chance(0.92)), ...SOME.filter(() => dice.chance(0.45))].sort((a, b) => a - b)

/** Looks random, and is the same for the same seed, home and picture. */
export const storageKey = (seed: number, houseId: number, picture: string): string =>
  createHash('sha256').update(`${seed}:${houseId}:${picture}`).digest('hex').slice(0, 32)
