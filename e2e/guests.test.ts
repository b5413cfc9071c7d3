import { addDays } from '@ihome/core/calendar'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFaults, openBrowser, openPhone, type Phone, sidewaysScroll, takeScreen } from './phone.ts'
import {
  button,
  cardLink,
  cardOf,
  dayOf,
  eventually,
  fillLogin,
  freeFrom,
  GUEST_PHONE,
  HOST_PHONE,
  houseTitled,
  newestOrderOf,
  orderStatus,
  payAtCashier,
  sheet,
  signInAt,
} from './shop-steps.ts'
import { startWorld, type World } from './world.ts'

/** A home of the demo that is booked at once. */
const FAST = '后海银锭桥旁的茶室小院'
/** One whose host answers each request. */
const ASKED = '国贸CBD夜景高层，落地窗'

let world: World
let browser: Browser
const phones: Phone[] = []
const newPhone = async (instance = 0) => {
  const origin = world.servers[instance]?.origin ?? world.origin
  const phone = await openPhone(browser, { origins: [world.origin, origin, world.sandbox.endpoint] })
  phones.push(phone)
  return phone
}

beforeAll(async () => {
  ;[world, browser] = await Promise.all([startWorld(), openBrowser()])
})
afterAll(async () => {
  await browser?.close()
  await world?.stop()
})

/** Counts the taps of this tab on the pages of the shop from now on; asked on one of them. */
async function countTaps(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const count = ({ isTrusted }: Event) => {
      if (isTrusted) sessionStorage.setItem('taps', String(Number(sessionStorage.getItem('taps')) + 1))
    }
    addEventListener('click', count, { capture: true })
  })
  return () => page.evaluate(() => Number(sessionStorage.getItem('taps')))
}

it('UX12 a returning guest is at the cashier of a home with instant booking after three taps, and 确认 is the fourth', async () => {
  const { page, faults } = await newPhone()
  await signInAt(page, world.origin, '/my', GUEST_PHONE)
  const taps = await countTaps(page)
  const house = await houseTitled(world, FAST)
  const start = freeFrom(world, house.taken, 2)
  await page.goto(`${world.origin}/search?fast=1&sd=${start}&ed=${addDays(start, 2)}&aid=2`)
  await cardLink(page, FAST).click()
  await page.getByRole('link', { name: '即刻预定' }).click()
  await button(page, /^提交并支付/).click()
  await page.getByText('离线沙箱，非支付宝官方页面').waitFor()
  const order = await newestOrderOf(world, house.id)
  expect(order.status).toBe('WAIT_PAYMENT')
  await page.goBack()
  await page.waitForURL(`${world.origin}/orders/${order.id}`)
  await page.getByText('速订，不用等房东接单').waitFor()
  expect(await taps()).toBe(3)
  await takeScreen(page, 'guests/order')
  expect(await axeFaults(page)).toEqual([])
  // Alipay knows its buyer; the sandbox asks for one, and for a password at the end.
  await button(page, /^去支付/).click()
  await payAtCashier(page)
  await eventually(() => orderStatus(world, order.id)).toBe('PAID')
  expect(faults).toEqual([])
})

it('UX13 UX14 three taps ask a host, four more with other dates, and after the answer two pay', async () => {
  const { page, faults } = await newPhone()
  await signInAt(page, world.origin, '/my', GUEST_PHONE)
  const taps = await countTaps(page)
  const house = await houseTitled(world, ASKED)
  const start = freeFrom(world, house.taken, 3)
  await page.goto(`${world.origin}/search?sd=${start}&ed=${addDays(start, 2)}&aid=3`)
  await cardLink(page, ASKED).click()
  await page.locator('.house__dates').click()
  await dayOf(page, addDays(start, 1)).click()
  await dayOf(page, addDays(start, 3)).click()
  await button(sheet(page, '选择日期'), '确定').click()
  await page.waitForURL(new RegExp(`sd=${addDays(start, 1)}`))
  expect(await taps(), 'the home, and other dates').toBe(1 + 4)
  await page.getByRole('link', { name: '即刻预定' }).click()
  await button(page, '提交订单').click()
  await page.waitForURL(`${world.origin}/orders`)
  expect(await taps()).toBe(3 + 4)
  const order = await newestOrderOf(world, house.id)
  const host = await world.signedIn(HOST_PHONE)
  await host.orders.answer(order.id, { action: 'accept' })
  await page.goto(`${world.origin}/orders`)
  await button(cardOf(page, order.id), /^去支付/).click()
  await page.getByText('离线沙箱，非支付宝官方页面').waitFor()
  await payAtCashier(page)
  await eventually(() => orderStatus(world, order.id)).toBe('PAID')
  await page.goto(`${world.origin}/orders`)
  expect(await taps(), 'one on our side; the other is 确认 at Alipay').toBe(3 + 4 + 1)
  expect(faults).toEqual([])
})

it('UX18 a search is narrowed in a sheet that counts, and without scripts by a form', async () => {
  const { page, faults } = await newPhone()
  await page.goto(`${world.origin}/search`)
  await button(page, /^收藏/).first().waitFor()
  await page.getByRole('link', { name: '筛选' }).click()
  await button(sheet(page, '筛选'), /^查看 \d+ 套$/).waitFor()
  await button(sheet(page, '筛选'), '允许做饭').click()
  await button(sheet(page, '筛选'), '8 人').click()
  await button(sheet(page, '筛选'), '没有符合条件的房源').waitFor()
  await takeScreen(page, 'guests/filter')
  expect(await axeFaults(page)).toEqual([])
  await button(sheet(page, '筛选'), '没有符合条件的房源').click()
  await page.waitForURL(/g=8&f=16|f=16&g=8/)
  await page.getByRole('link', { name: /^去掉『8 人』还有 \d+ 套$/ }).click()
  await page.waitForURL((url) => url.search === '?f=16')
  await page.locator('.result').first().waitFor()
  expect(await sidewaysScroll(page)).toBe(0)

  const bare = await openPhone(browser, { origins: [world.origin], javaScriptEnabled: false })
  await bare.page.goto(`${world.origin}/search?sheet=filter`)
  await bare.page.getByLabel('速订，不用等房东接单').check()
  await button(bare.page, '查看房源').click()
  await bare.page.waitForURL(/fast=1/)
  expect(await bare.page.locator('.result').count()).toBeGreaterThan(0)
  await bare.close()
  expect(faults).toEqual([])
})

it('a visitor taps a heart, signs in, and finds the home among the favourites', async () => {
  const { page, faults } = await newPhone()
  const house = await houseTitled(world, FAST)
  await page.goto(`${world.origin}/detail/${house.id}`)
  await button(page, `收藏 ${FAST}`).click()
  await page.waitForURL(/\/login\?next=/)
  await fillLogin(page, HOST_PHONE)
  await page.waitForURL(`${world.origin}/detail/${house.id}`)
  await page.locator('.heart[aria-pressed="true"]').waitFor()
  await page.goto(`${world.origin}/favourites`)
  await cardLink(page, FAST).waitFor()
  await takeScreen(page, 'guests/favourites')
  expect(await axeFaults(page)).toEqual([])
  await button(page, `收藏 ${FAST}`).click()
  await page.locator('.heart[aria-pressed="false"]').waitFor()
  expect(faults).toEqual([])
})

it('guest and host write to each other, the line arrives by itself, and the tab says what is unread', async () => {
  const { rows } = await world.database.query<{ id: string; host: string }>(
    `select o.id, h.phone as host from orders o join users g on g.id = o.guest_id join users h on h.id = o.host_id
     where g.phone = $1 and o.status = 'WAIT_ACCEPT' order by o.id desc limit 1`,
    [GUEST_PHONE],
  )
  const [order] = rows
  if (!order) throw new Error('the demo guest waits for a host')
  const [guest, host] = [await newPhone(), await newPhone()]
  await signInAt(guest.page, world.origin, `/messages/${order.id}`, GUEST_PHONE)
  await signInAt(host.page, world.origin, `/messages/${order.id}`, order.host)
  await host.page.getByLabel('写一条消息').waitFor()
  await guest.page.getByLabel('写一条消息').fill('我的电话 138 1234 5678，下午到')
  await button(guest.page, '发送').click()
  await host.page.getByText('我的电话 ***，下午到').waitFor()
  await host.page.getByText(/号码在支付后显示/).waitFor()
  await takeScreen(host.page, 'guests/thread')
  expect(await axeFaults(host.page)).toEqual([])
  expect(await sidewaysScroll(host.page)).toBe(0)

  await guest.page.goto(`${world.origin}/messages`)
  await button(host.page, '路上注意安全。').click()
  await guest.page.getByText('路上注意安全。').waitFor()
  await takeScreen(guest.page, 'guests/messages')
  expect(await axeFaults(guest.page)).toEqual([])
  await guest.page.goto(world.origin)
  await eventually(() => guest.page.locator('.tabs__dot').count()).toBe(1)
  for (const { faults } of [guest, host]) expect(faults).toEqual([])
})
