import { createHash } from 'node:crypto'
import type { Db } from './db.ts'

let count = 0
const next = () => {
  count += 1
  return count
}

const MADE_AT = new Date('2026-01-01T00:00:00Z')

export interface GivenUser {
  readonly id: number
  readonly phone: string
  readonly name: string
}

/**
 * A person. Phones start with 199, which the seed never uses. The password hash fits no password unless given. Somebody
 * `verified` has sealed data that nobody can open.
 */
export async function givenUser(
  db: Db,
  facts: { phone?: string; name?: string; passwordHash?: string; verified?: boolean } = {},
): Promise<GivenUser> {
  const phone = facts.phone ?? `199${String(next()).padStart(8, '0')}`
  const name = facts.name ?? phone
  const { id } = await db
    .insertInto('users')
    .values({
      phone,
      name,
      password_hash: facts.passwordHash ?? 'no password',
      created_at: MADE_AT,
      updated_at: MADE_AT,
      ...(facts.verified
        ? {
            real_name_sealed: Buffer.from('sealed'),
            id_card_sealed: Buffer.from('sealed'),
            id_card_digest: createHash('sha256').update(phone).digest(),
            verified_at: MADE_AT,
            verified_by: 'test',
          }
        : {}),
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { id, phone, name }
}

export interface GivenHouse {
  readonly id: number
  readonly hostId: number
  readonly priceFen: number
}

export interface HouseFacts {
  readonly hostId?: number
  readonly areaId?: number
  readonly title?: string
  readonly priceFen?: number
  readonly minDays?: number
  readonly maxDays?: number
  readonly capacity?: number
  readonly depositFen?: number
  readonly listed?: boolean
  readonly instant?: boolean
  readonly orderCount?: number
  readonly imageKey?: string | null
  readonly createdAt?: Date
}

/** A listed house in 朝阳区 at 100 yuan a night; its host is made too when not given. */
export async function givenHouse(db: Db, facts: HouseFacts = {}): Promise<GivenHouse> {
  const hostId = facts.hostId ?? (await givenUser(db)).id
  const priceFen = facts.priceFen ?? 10_000
  const createdAt = facts.createdAt ?? MADE_AT
  const { id } = await db
    .insertInto('houses')
    .values({
      user_id: hostId,
      area_id: facts.areaId ?? 3,
      title: facts.title ?? `朝阳公园旁的小屋 ${next()}`,
      price_fen: priceFen,
      address: '北京市朝阳区朝阳公园南路1号',
      room_count: 1,
      acreage: 40,
      unit: '一室一厅',
      capacity: facts.capacity ?? 2,
      beds: '双人床1张',
      deposit_fen: facts.depositFen ?? 0,
      min_days: facts.minDays ?? 1,
      max_days: facts.maxDays ?? 0,
      order_count: facts.orderCount ?? 0,
      index_image_key: facts.imageKey ?? null,
      listed: facts.listed ?? true,
      instant: facts.instant ?? false,
      created_at: createdAt,
      updated_at: createdAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { id, hostId, priceFen }
}
