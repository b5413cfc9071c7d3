import { hashPassword } from '@ihome/server/features/accounts/passwords'
import type pg from 'pg'
import { DEMO_PASSWORD } from './demo.ts'

export interface Fixture {
  /** Phones; all sign in with the demo password. */
  readonly guests: readonly string[]
  readonly houses: readonly { readonly id: number; readonly hostPhone: string; readonly priceFen: number }[]
}

const phoneOf = (index: number) => `159${String(index).padStart(8, '0')}`

/** People and houses without a past, for runs that make every order themselves. */
export async function addPeopleAndHouses(
  world: { readonly database: pg.Pool; now(): Date },
  { guests, houses, priceFen = 38_800 }: { guests: number; houses: number; priceFen?: number },
): Promise<Fixture> {
  const { database } = world
  const now = world.now()
  const hash = await hashPassword(DEMO_PASSWORD)
  const guestPhones = Array.from({ length: guests }, (_, index) => phoneOf(index + 1))
  const hostPhones = Array.from({ length: houses }, (_, index) => phoneOf(50_000_000 + index))
  await insertUsers(database, [...guestPhones, ...hostPhones], hash, now)
  const { rows } = await database.query<{ id: string; phone: string }>(
    `insert into houses (user_id, area_id, title, price_fen, address, room_count, acreage, unit, capacity, beds,
                         deposit_fen, min_days, max_days, created_at, updated_at)
     select u.id, 1 + (row_number() over (order by u.id))::int % 16, '试验房源 ' || u.phone, $2, '试验路 1 号', 1, 40,
            '一室一厅', 4, '双人床 1 张', 0, 1, 0, $3, $3
     from users u where u.phone = any($1) order by u.id
     returning id, (select phone from users where id = user_id) as phone`,
    [hostPhones, priceFen, now],
  )
  return { guests: guestPhones, houses: rows.map(({ id, phone }) => ({ id: Number(id), hostPhone: phone, priceFen })) }
}

async function insertUsers(database: pg.Pool, phones: readonly string[], hash: string, now: Date): Promise<void> {
  await database.query(
    `insert into users (phone, password_hash, name, created_at, updated_at)
     select phone, $2, phone, $3, $3 from unnest($1::text[]) as phone`,
    [phones, hash, now],
  )
}
