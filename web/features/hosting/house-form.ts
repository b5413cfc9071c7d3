import type { DraftContent, HouseInfoBody, OwnHouseView } from '@ihome/contract/schemas/hosting'
import { fenFromTypedYuan, toFen, yuanText } from '@ihome/core/money'
import type { CancelPolicy } from '@ihome/core/orders/cancel-rule'
import { writtenText } from '@ihome/core/text'
import type { HostingSay } from '../../text/hosting-say.ts'

/** What a host has typed about a house, as typed. */
export interface HouseForm {
  area_id: string
  address: string
  room_count: string
  unit: string
  acreage: string
  capacity: string
  beds: string
  facility: number[]
  title: string
  price: string
  deposit: string
  min_days: string
  max_days: string
  instant: boolean
  cancel_policy: CancelPolicy
}
export type HouseField = keyof HouseForm

export const emptyForm = (): HouseForm => ({
  area_id: '',
  address: '',
  room_count: '',
  unit: '',
  acreage: '',
  capacity: '',
  beds: '',
  facility: [],
  title: '',
  price: '',
  deposit: '0',
  min_days: '1',
  max_days: '0',
  instant: false,
  cancel_policy: 'standard',
})

/** The seven steps before the photos, each with its fields. */
export const STEP_FIELDS: readonly (readonly HouseField[])[] = [
  ['area_id', 'address'],
  ['room_count', 'unit', 'acreage'],
  ['capacity', 'beds'],
  ['facility'],
  ['title'],
  ['price', 'deposit'],
  ['min_days', 'max_days', 'instant', 'cancel_policy'],
]
export const PHOTO_STEP = 8

export const stepName = (say: HostingSay, step: number): string => say(`publish.step_${step}` as 'publish.step_1')

/** What the server keeps of it. */
export const contentOf = (form: HouseForm): HouseForm => ({
  area_id: form.area_id,
  address: form.address,
  room_count: form.room_count,
  unit: form.unit,
  acreage: form.acreage,
  capacity: form.capacity,
  beds: form.beds,
  facility: [...form.facility],
  title: form.title,
  price: form.price,
  deposit: form.deposit,
  min_days: form.min_days,
  max_days: form.max_days,
  instant: form.instant,
  cancel_policy: form.cancel_policy,
})

export const formOfDraft = (content: DraftContent): HouseForm => {
  const form = emptyForm()
  return Object.assign(form, Object.fromEntries(Object.entries(content).filter(([, value]) => value !== undefined)))
}

const yuanTyped = (fen: number): string => yuanText(toFen(fen)).replace(/\.00$/, '')

export const formOfHouse = (house: OwnHouseView): HouseForm => ({
  area_id: String(house.area_id),
  address: house.address,
  room_count: String(house.room_count),
  unit: house.unit,
  acreage: String(house.acreage),
  capacity: String(house.capacity),
  beds: house.beds,
  facility: [...house.facility],
  title: house.title,
  price: yuanTyped(house.price),
  deposit: yuanTyped(house.deposit),
  min_days: String(house.min_days),
  max_days: String(house.max_days),
  instant: house.instant,
  cancel_policy: house.cancel_policy,
})

/** What goes to the server; only of a form without faults. */
export const bodyOf = (form: HouseForm): HouseInfoBody => ({
  area_id: form.area_id,
  address: form.address.trim(),
  room_count: form.room_count.trim(),
  unit: form.unit.trim(),
  acreage: form.acreage.trim(),
  capacity: form.capacity.trim(),
  beds: form.beds.trim(),
  facility: [...form.facility],
  title: form.title.trim(),
  price: fenFromTypedYuan(form.price) ?? 0,
  deposit: fenFromTypedYuan(form.deposit) ?? 0,
  min_days: form.min_days.trim(),
  max_days: form.max_days.trim(),
  instant: form.instant,
  cancel_policy: form.cancel_policy,
})

const LENGTHS = { address: 512, unit: 32, beds: 64, title: 64 } as const
const WORDS = {
  address: 'publish.address',
  unit: 'publish.unit',
  beds: 'publish.beds',
  title: 'publish.house_title',
} as const
const RANGES = {
  room_count: [1, 100],
  acreage: [1, 100_000],
  capacity: [1, 100],
  min_days: [1, 365],
  max_days: [0, 365],
} as const
const MONEY = { price: [1, 9_999_999], deposit: [0, 9_999_999] } as const

/** The same rules as the server's (product.md 2.6), said at the field before anything is sent. */
export function faultsOf(say: HostingSay, form: HouseForm): Partial<Record<HouseField, string>> {
  const faults: Partial<Record<HouseField, string>> = {}
  if (form.area_id === '') faults.area_id = say('fault.area')
  for (const field of Object.keys(LENGTHS) as (keyof typeof LENGTHS)[]) {
    const most = LENGTHS[field]
    const count = [...form[field].trim()].length
    if (count === 0) faults[field] = say('fault.missing', { what: say(WORDS[field]) })
    else if (writtenText(form[field], most) === undefined)
      faults[field] = say('fault.too_long', { most, over: Math.max(1, count - most) })
  }
  for (const field of Object.keys(RANGES) as (keyof typeof RANGES)[]) {
    const [least, most] = RANGES[field]
    const text = form[field].trim()
    if (!/^\d{1,6}$/.test(text) || Number(text) < least || Number(text) > most)
      faults[field] = say('fault.whole', { least, most })
  }
  for (const field of Object.keys(MONEY) as (keyof typeof MONEY)[]) {
    const [least, most] = MONEY[field]
    const fen = fenFromTypedYuan(form[field])
    if (fen === undefined) faults[field] = say('fault.money')
    else if (fen < least || fen > most)
      faults[field] = say('fault.money_range', { least: yuanTyped(least), most: yuanTyped(most) })
  }
  const longest = Number(form.max_days)
  if (!faults.min_days && !faults.max_days && longest !== 0 && longest < Number(form.min_days))
    faults.max_days = say('fault.max_below_min')
  return faults
}

/** The first step that has a fault, or undefined. */
export function faultyStep(faults: Partial<Record<HouseField, string>>): number | undefined {
  const index = STEP_FIELDS.findIndex((fields) => fields.some((field) => faults[field]))
  return index < 0 ? undefined : index + 1
}
