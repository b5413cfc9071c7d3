import type { HouseInfoBody } from '@ihome/contract/schemas/hosting'
import type { CancelPolicy } from '@ihome/core/orders/cancel-rule'
import { writtenText } from '@ihome/core/text'
import { inputInvalid } from '../../platform/refusal.ts'

/** What a host says about a house, read and in range. Money is fen. */
export interface HouseInfo {
  readonly title: string
  readonly price_fen: number
  readonly area_id: number
  readonly address: string
  readonly room_count: number
  readonly acreage: number
  readonly unit: string
  readonly capacity: number
  readonly beds: string
  readonly deposit_fen: number
  readonly min_days: number
  readonly max_days: number
  readonly instant: boolean
  readonly cancel_policy: CancelPolicy
  readonly facilities: readonly number[]
}

type NumberField = 'price' | 'room_count' | 'acreage' | 'capacity' | 'deposit' | 'min_days' | 'max_days'
type TextField = 'title' | 'address' | 'unit' | 'beds'

const RANGES: Readonly<Record<NumberField, readonly [least: number, most: number]>> = {
  price: [1, 9_999_999],
  room_count: [1, 100],
  acreage: [1, 100_000],
  capacity: [1, 100],
  deposit: [0, 9_999_999],
  min_days: [1, 365],
  max_days: [0, 365],
}
const LENGTHS: Readonly<Record<TextField, number>> = { title: 64, address: 512, unit: 32, beds: 64 }

/** Reads what a host sent. Says no with `input_invalid` that names every field that is out of its range. */
export function readHouseInfo(body: HouseInfoBody): HouseInfo {
  const faults: { field: string; reason: string }[] = []
  const number = (field: NumberField): number => {
    const value = Number(body[field])
    const [least, most] = RANGES[field]
    if (value < least || value > most) faults.push({ field, reason: `must be ${least} to ${most}` })
    return value
  }
  const text = (field: TextField): string => {
    const written = writtenText(body[field], LENGTHS[field])
    if (written === undefined) faults.push({ field, reason: `must be 1 to ${LENGTHS[field]} characters` })
    return written ?? ''
  }
  const info = {
    title: text('title'),
    price_fen: number('price'),
    area_id: Number(body.area_id),
    address: text('address'),
    room_count: number('room_count'),
    acreage: number('acreage'),
    unit: text('unit'),
    capacity: number('capacity'),
    beds: text('beds'),
    deposit_fen: number('deposit'),
    min_days: number('min_days'),
    max_days: number('max_days'),
    instant: body.instant ?? false,
    cancel_policy: body.cancel_policy ?? 'standard',
    facilities: [...new Set(body.facility.map(Number))],
  }
  if (info.max_days !== 0 && info.max_days < info.min_days) {
    faults.push({ field: 'max_days', reason: 'must be 0 or at least min_days' })
  }
  if (faults.length > 0) throw inputInvalid(...faults)
  return info
}
