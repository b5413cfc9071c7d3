import { addDays, type CivilDate, dayInShanghai } from '@ihome/core/calendar'
import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { DEMO_PASSWORD } from './demo.ts'
import type { World } from './world.ts'

/** The people of the demo data whom everybody meets. */
export const GUEST_PHONE = '17000000001'
export const HOST_PHONE = '17000000002'

const PAY_PASSWORD = '111111'

export const todayIn = (world: Pick<World, 'now'>): CivilDate => dayInShanghai(world.now())

export const button = (page: Page | Locator, name: string | RegExp): Locator =>
  page.getByRole('button', { name, exact: typeof name === 'string' })

/** Fills the login form as it stands and sends it. Where it leads is for the caller to see. */
export async function fillLogin(page: Page, phone: string, password = DEMO_PASSWORD): Promise<void> {
  await page.getByLabel('手机号').fill(phone)
  await page.getByLabel('密码', { exact: true }).fill(password)
  await button(page, '登录').click()
}

/** Opens a private page as a visitor, signs in there and is brought to it. */
export async function signInAt(page: Page, origin: string, path: string, phone: string): Promise<void> {
  await page.goto(origin + path)
  await page.waitForURL(/\/login\?next=/)
  await fillLogin(page, phone)
  await page.waitForURL(origin + path)
}

export const sheet = (page: Page, title: string): Locator => page.getByRole('dialog', { name: title })

/** A day of the open calendar. */
export const dayOf = (page: Page, date: CivilDate): Locator => page.locator(`[data-day="${date}"]`)

/** Chooses two days in the calendar that stands open, and confirms. */
export async function chooseDays(page: Page, start: CivilDate, end: CivilDate): Promise<void> {
  const calendar = sheet(page, '选择日期')
  await calendar.waitFor()
  await dayOf(page, start).click()
  await dayOf(page, end).click()
  await button(calendar, '确定').click()
  await calendar.waitFor({ state: 'hidden' })
}

/** The link of a house's card; its photos lead there too, under names of their own. */
export const cardLink = (page: Page, title: string): Locator => page.locator('a.result').filter({ hasText: title })

export const cardOf = (page: Page, orderId: number): Locator => page.locator(`#order-${orderId}`)

/** Waits until the word of the card's status is this one. */
export const statusOf = (card: Locator, word: string): Promise<void> => card.getByText(word, { exact: true }).waitFor()

/** Pays at the sandbox's cashier as its rich buyer, from the login to the word that it is paid. */
export async function payAtCashier(page: Page): Promise<void> {
  await button(page, '用 沙箱买家 登录').click()
  await button(page, '确认付款').click()
  await page.getByLabel('六位支付密码').fill(PAY_PASSWORD)
  await button(page, /^付款 ￥/).click()
  await page.getByRole('heading', { name: '付款成功' }).waitFor()
}

/** Lets the page's own condition become true, read again and again. */
export const eventually = (read: () => unknown, timeout = 15_000) => expect.poll(read, { timeout, interval: 100 })

/** The most recent order of this house. */
export async function newestOrderOf(world: World, houseId: number): Promise<{ id: number; status: string }> {
  const { rows } = await world.database.query<{ order_id: string; status: string }>(
    'select order_id, status from audit.orders where house_id = $1 order by order_id::bigint desc limit 1',
    [String(houseId)],
  )
  const [row] = rows
  if (!row) throw new Error(`house ${houseId} has no order`)
  return { id: Number(row.order_id), status: row.status }
}

export async function orderStatus(world: World, orderId: number): Promise<string | undefined> {
  const { rows } = await world.database.query<{ status: string }>(
    'select status from audit.orders where order_id = $1',
    [String(orderId)],
  )
  return rows[0]?.status
}

/** One order of the person in each status. */
export async function orderInEachStatus(
  world: World,
  role: 'guest_id' | 'host_id',
  phone: string,
): Promise<{ id: number; status: string }[]> {
  const { rows } = await world.database.query<{ id: string; status: string }>(
    `select distinct on (o.status) o.id, o.status from orders o join users u on u.id = o.${role}
     where u.phone = $1 order by o.status, o.id desc`,
    [phone],
  )
  return rows.map(({ id, status }) => ({ id: Number(id), status }))
}

/** A house of the demo data by its title, with what its calendar says from today on. */
export async function houseTitled(world: World, title: string) {
  const today = todayIn(world)
  const { rows } = await world.database.query<{ id: string; order_count: number; price_fen: number; taken: string[] }>(
    `select h.id, h.order_count, h.price_fen::int,
            coalesce((select array_agg(d::date::text order by d) from generate_series($2::date, $2::date + 60, '1 day') d
                      where h.busy @> d::date), '{}') as taken
     from houses h where h.title = $1`,
    [title, today],
  )
  const [row] = rows
  if (!row) throw new Error(`no house is called ${title}`)
  return { id: Number(row.id), title, orderCount: row.order_count, priceFen: row.price_fen, taken: row.taken }
}

/** The first day from tomorrow on with so many free nights in a row. */
export function freeFrom(world: World, taken: readonly string[], nights: number): CivilDate {
  for (let start = addDays(todayIn(world), 1); ; start = addDays(start, 1)) {
    const wanted = Array.from({ length: nights }, (_, night) => addDays(start, night))
    if (!wanted.some((night) => taken.includes(night))) return start
  }
}
