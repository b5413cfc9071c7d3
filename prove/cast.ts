import { randomUUID } from 'node:crypto'
import { addDays } from '@ihome/core/calendar'
import { checkCharacterOf } from '@ihome/core/identity/id-card'
import { DEMO_PASSWORD } from '@ihome/e2e/demo'
import { addPeopleAndHouses } from '@ihome/e2e/fixture'
import { startWorld, type World, type WorldOptions } from '@ihome/e2e/world'
import { hashPassword } from '@ihome/server/features/accounts/passwords'
import { jpeg } from '@ihome/server/features/pictures/testing-odd-pictures'
import { Secret, TOTP } from 'otpauth'
import { API, type Asker, dataOf, newAsker } from './asker.ts'
import { UNLIMITED } from './crowd.ts'
import { todayOf, untilTrue } from './order-flow.ts'
import { type SmsService, startSmsService } from './sms-service.ts'

export const SECRET = 'the-session-secret-of-a-proof-that-ends-soon'
export const OPERATOR_PASSWORD = 'an operator has a longer one'
export const ROLES = ['support', 'content', 'finance', 'admin'] as const
export type Role = (typeof ROLES)[number]

/** Guest and host of each of two couples: what one couple owns is foreign to the other. */
export const COUPLES = [
  { guest: 'guestA', host: 'hostX' },
  { guest: 'guestB', host: 'hostY' },
] as const
export type Customer = (typeof COUPLES)[number]['guest' | 'host']

export interface Customers extends Record<Customer | 'disabled', Person> {}
export interface Person extends Asker {
  readonly id: number
  readonly phone: string
}

export const ID_CARDS: Readonly<Record<Customer, string>> = {
  guestA: idCard('11010519491231001'),
  guestB: idCard('31010119850615003'),
  hostX: idCard('44030119900101005'),
  hostY: idCard('51010119770707007'),
}
export const REAL_NAMES: Readonly<Record<Customer, string>> = {
  guestA: '欧阳客甲',
  guestB: '司马客乙',
  hostX: '诸葛房甲',
  hostY: '上官房乙',
}

function idCard(first17: string): string {
  return first17 + checkCharacterOf(first17)
}

const LIMITS = {
  ...UNLIMITED,
  SESSION_SECRET: SECRET,
  CAPTCHAS_PER_MINUTE: '100000',
  SMS_PER_ADDRESS_HOUR: '100000',
  UPLOADS_PER_HOUR: '100000',
}

/** A world whose text messages arrive here. */
export async function startWatchedWorld(options: WorldOptions = {}): Promise<{ world: World; sms: SmsService }> {
  const sms = await startSmsService()
  try {
    const world = await startWorld({ seed: 'none', ...options, env: { ...LIMITS, ...sms.env, ...options.env } })
    const stop = async () => {
      await world.stop()
      await sms.stop()
    }
    return { world: { ...world, stop }, sms }
  } catch (error) {
    await sms.stop()
    throw error
  }
}

/** Two guests, two hosts with a house each, all with their real names given, and somebody who will be disabled. */
export async function addCustomers(world: World): Promise<Customers & { readonly houses: readonly [number, number] }> {
  const { guests, houses } = await addPeopleAndHouses(world, { guests: 3, houses: 2 })
  const phones = {
    guestA: guests[0],
    guestB: guests[1],
    disabled: guests[2],
    hostX: houses[0]?.hostPhone,
    hostY: houses[1]?.hostPhone,
  }
  const person = async (name: Customer | 'disabled'): Promise<Person> => {
    const phone = phones[name] ?? ''
    const { rows } = await world.database.query<{ id: string }>(
      'update users set name = $2 where phone = $1 returning id',
      [phone, `Nickname of ${name}`],
    )
    const someone = { ...newAsker(() => world.origin), id: Number(rows[0]?.id), phone }
    await signIn(someone)
    if (name !== 'disabled') {
      const json = { real_name: REAL_NAMES[name], id_card: ID_CARDS[name], consent: true }
      dataOf(await someone.ask('POST', `${API}/users/auth`, { json }))
    }
    return someone
  }
  const customers = {
    guestA: await person('guestA'),
    guestB: await person('guestB'),
    hostX: await person('hostX'),
    hostY: await person('hostY'),
    disabled: await person('disabled'),
  }
  await world.database.query(`update houses set title = '河边的小屋'`)
  return { ...customers, houses: [houses[0]?.id ?? 0, houses[1]?.id ?? 0] }
}

/** Signs in by password, which ends the session before. */
export async function signIn(person: Person): Promise<void> {
  await person.ask('GET', `${API}/csrf`)
  const json = { mobile: person.phone, password: DEMO_PASSWORD }
  dataOf(await person.ask('POST', `${API}/sessions`, { json }))
}

/** Disables the account behind a session that lives. */
export async function disable({ database, now }: World, { id }: Person): Promise<void> {
  await database.query('update users set disabled_at = $2 where id = $1', [id, now()])
}

/** An operator of each role, signed in with password and authenticator. */
export async function addOperators(world: World): Promise<Record<Role, Asker>> {
  const hash = await hashPassword(OPERATOR_PASSWORD)
  const enter = async (role: Role): Promise<Asker> => {
    await world.database.query(
      'insert into operators (login, role, password_hash, created_at) values ($1, $1, $2, $3)',
      [role, hash, world.now()],
    )
    const door = newAsker(() => world.origin)
    await door.ask('GET', `${API}/csrf`)
    const json = { login: role, password: OPERATOR_PASSWORD }
    const first = await door.ask('POST', `${API}/operator/sessions`, { json })
    const { data } = JSON.parse(first.text) as { data: { otpauth_url?: string } }
    const secret = Secret.fromBase32(new URL(data.otpauth_url ?? '').searchParams.get('secret') ?? '')
    const code = new TOTP({ secret }).generate({ timestamp: world.now().getTime() })
    dataOf(await door.ask('POST', `${API}/operator/sessions`, { json: { ...json, code } }))
    const operator = newAsker(() => world.origin, 'operator_csrf')
    // Nothing of a visitor's session goes along: an operator's own cookies are all that counts.
    for (const [name, value] of door.cookies) if (name.includes('operator')) operator.cookies.set(name, value)
    return operator
  }
  return {
    support: await enter('support'),
    content: await enter('content'),
    finance: await enter('finance'),
    admin: await enter('admin'),
  }
}

/** Asks for nights from `daysAhead` days on. */
export async function placeOrder(world: World, guest: Asker, houseId: number, daysAhead: number): Promise<number> {
  const start = addDays(todayOf(world), daysAhead)
  const json = { house_id: houseId, start_date: start, end_date: addDays(start, 1) }
  const headers = { 'idempotency-key': randomUUID() }
  return dataOf<{ order_id: number }>(await guest.ask('POST', `${API}/orders`, { json, headers })).order_id
}

/** A stay of the past that waits for the guest's review. The clock moves, so everybody must sign in again. */
export async function stayOver(
  world: World,
  couples: readonly { readonly guest: Asker; readonly host: Asker; readonly houseId: number }[],
): Promise<number[]> {
  const orders: number[] = []
  for (const { guest, host, houseId } of couples) {
    const orderId = await placeOrder(world, guest, houseId, 1)
    dataOf(await host.ask('PUT', `${API}/orders/${orderId}/status`, { json: { action: 'accept' } }))
    const paying = await guest.ask('POST', `${API}/orders/${orderId}/payment`, {
      headers: { 'idempotency-key': randomUUID() },
    })
    await world.sandbox.pay({ payUrl: dataOf<{ pay_url: string }>(paying).pay_url })
    orders.push(orderId)
  }
  const all = (status: string) => async () => {
    const { rows } = await world.database.query<{ count: string }>(
      'select count(*) from audit.orders where order_id = any($1) and status = $2',
      [orders.map(String), status],
    )
    return Number(rows[0]?.count) === orders.length
  }
  await world.advance(0)
  if (!(await untilTrue(all('PAID'), 30_000))) throw new Error('the stays are not paid')
  await world.advance(3 * 86_400_000)
  if (!(await untilTrue(all('WAIT_COMMENT'), 30_000))) throw new Error('the stays do not end')
  return orders
}

/** A form with one picture and other fields before it. */
export async function pictureForm(field: string, fields: Readonly<Record<string, string>> = {}): Promise<FormData> {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  form.set(field, new Blob([new Uint8Array(await jpeg())], { type: 'image/jpeg' }), 'picture.jpg')
  return form
}
