import { addDays, instantInShanghai } from '@ihome/core/calendar'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openBrowser, openPhone, type Phone, takeScreen } from './phone.ts'
import {
  button,
  cardLink,
  cardOf,
  chooseDays,
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
  statusOf,
} from './shop-steps.ts'
import { startWorld, type World } from './world.ts'

const TITLE = '国贸CBD夜景高层，落地窗'
const COMMENT = '窗外的夜景和照片上一样，床很舒服，下次还住这里。'

let world: World
let browser: Browser
let guest: Phone
let host: Phone

beforeAll(async () => {
  ;[world, browser] = await Promise.all([startWorld(), openBrowser()])
  const origins = [world.origin, world.sandbox.endpoint]
  guest = await openPhone(browser, { origins })
  host = await openPhone(browser, { origins })
})

afterAll(async () => {
  await browser?.close()
  await world?.stop()
})

const yuan = (fen: number) => `￥${new Intl.NumberFormat('en').format(fen / 100)}`
async function logInAgain(page: Page): Promise<void> {
  await page.waitForURL(/\/login\?next=/)
  await fillLogin(page, GUEST_PHONE)
  await page.waitForURL(`${world.origin}/orders`)
}

const picture = (page: Page, name: string) => takeScreen(page, `guest-journey/${name}`)

it('F12 a guest searches, books, pays, stays and comments, with reloads and steps back on the way', async ({
  onTestFailed,
}) => {
  onTestFailed(() => picture(guest.page, 'failed'))
  const { page } = guest
  const house = await houseTitled(world, TITLE)
  const start = freeFrom(world, house.taken, 3)
  const end = addDays(start, 2)
  const taken = house.taken[0] ?? ''

  // From the home page to the list of 朝阳区; back closes the calendar first.
  await page.goto(world.origin)
  await page.getByLabel('城区').selectOption({ label: '朝阳区' })
  await button(page, /^入住日期/).click()
  await sheet(page, '选择日期').waitFor()
  await page.goBack()
  await sheet(page, '选择日期').waitFor({ state: 'hidden' })
  expect(new URL(page.url()).pathname).toBe('/')
  await button(page, /^入住日期/).click()
  await chooseDays(page, start, end)
  await page.reload()
  await button(page, /2晚$/).waitFor()
  await picture(page, '01-home')
  await button(page, '搜索').click()
  await page.waitForURL(/\/search\?/)
  const asked = new URL(page.url()).searchParams
  expect(Object.fromEntries(asked)).toEqual({ aid: '3', aname: '朝阳区', sd: start, ed: end })
  const found = cardLink(page, TITLE)
  await found.waitFor()
  await picture(page, '02-search')

  // The home: prices and taken days in its calendar, other dates.
  await found.click()
  await page.getByRole('heading', { level: 1, name: TITLE }).waitFor()
  await page.locator('.house__dates').click()
  const calendar = sheet(page, '选择日期')
  await calendar.waitFor()
  await dayOf(page, taken).and(page.locator('.is-taken')).waitFor()
  expect(await dayOf(page, start).locator('b').textContent()).toBe(String(Number(start.slice(8))))
  expect(await dayOf(page, addDays(start, 1)).getAttribute('aria-label')).toContain(yuan(house.priceFen))
  await button(calendar, '清除').click()
  await dayOf(page, taken).click({ force: true })
  await calendar.getByText(/已被预订|只能离开/).waitFor()
  await picture(page, '03-calendar')
  await chooseDays(page, addDays(start, 1), addDays(start, 3))
  await page.waitForURL(`**/detail/${house.id}?sd=${addDays(start, 1)}&ed=${addDays(start, 3)}`)
  await picture(page, '04-detail')

  // Booking asks a visitor to log in and brings back to the same dates.
  await page.getByRole('link', { name: '即刻预定' }).click()
  await page.waitForURL(/\/login\?next=/)
  await fillLogin(page, GUEST_PHONE)
  await page.waitForURL(`**/booking/${house.id}?sd=${addDays(start, 1)}&ed=${addDays(start, 3)}`)
  await page.getByText(`最多住 3 人`).waitFor()
  await button(page, '增加一人').click()
  await page.waitForURL(/g=2/)
  await page.reload()
  await page.locator('output', { hasText: '2 人' }).waitFor()
  await page.goBack()
  await page.getByRole('link', { name: '即刻预定' }).waitFor()
  await page.goForward()
  await page.locator('output', { hasText: '2 人' }).waitFor()
  await page
    .getByText(yuan(2 * house.priceFen), { exact: true })
    .first()
    .waitFor()
  await picture(page, '05-booking')
  await button(page, '提交订单').click()
  await page.waitForURL(`${world.origin}/orders`)
  const order = await newestOrderOf(world, house.id)
  const card = cardOf(page, order.id)
  await statusOf(card, '待接单')
  expect(await button(card, '去支付').count()).toBe(0)
  await picture(page, '06-orders')

  // The host accepts in another browser.
  await signInAt(host.page, world.origin, '/host-orders', HOST_PHONE)
  const asking = cardOf(host.page, order.id)
  await button(asking, '接单').click()
  await button(sheet(host.page, '接下这个订单'), '确认接单').click()
  await statusOf(asking, '待支付')
  await picture(host.page, '07-host-accepted')

  // Off to the cashier, back by the back button without paying, and off again with the same attempt.
  await page.reload()
  await statusOf(card, '待支付')
  await button(card, '去支付').click()
  await page.getByText('离线沙箱，非支付宝官方页面').waitFor()
  await page.goBack()
  await statusOf(card, '待支付')
  await button(card, '去支付').click()
  await page.getByText('离线沙箱，非支付宝官方页面').waitFor()
  const { rows: attempts } = await world.database.query('select 1 from audit.attempts where order_id = $1', [
    String(order.id),
  ])
  expect(attempts).toHaveLength(1)

  // Paid, but no notification comes and the gateway does not answer questions: nobody here says more than it knows.
  await world.sandbox.faults.add({ kind: 'notify_lost', times: null })
  const silence = await world.sandbox.faults.add({ kind: 'http_500', method: 'alipay.trade.query', times: null })
  await payAtCashier(page)
  await picture(page, '08-cashier-paid')
  await page.waitForURL(/\/pay-complete/)
  await page.getByRole('heading', { name: '支付结果确认中' }).waitFor()
  await picture(page, '09-pay-pending')
  expect(await orderStatus(world, order.id)).toBe('WAIT_PAYMENT')
  await page.reload()
  await page.getByRole('heading', { name: '支付结果确认中' }).waitFor()
  await world.sandbox.faults.remove(silence.id)
  await page.getByRole('heading', { name: '支付已完成' }).waitFor({ timeout: 60_000 })
  expect(await orderStatus(world, order.id)).toBe('PAID')
  await picture(page, '10-pay-complete')
  await page.reload()
  await page.getByRole('heading', { name: '支付已完成' }).waitFor()
  await page.getByRole('link', { name: '返回我的订单' }).click()
  await statusOf(card, '已支付')

  // The stay passes, and the last day ends it.
  const { orderCount } = await houseTitled(world, TITLE)
  await world.advance(instantInShanghai(addDays(start, 1), 15).getTime() - world.now().getTime())
  await page.reload()
  await logInAgain(page) // A day without a visit ends the session.
  await statusOf(card, '入住中')
  expect(await button(card, '发表评价').count()).toBe(0)
  await world.advance(instantInShanghai(addDays(start, 3), 9).getTime() - world.now().getTime())
  await page.reload()
  await logInAgain(page)
  await button(card, '退房').click()
  await button(sheet(page, '退房'), '确认退房').click()
  await statusOf(card, '待评价')
  await button(card, '发表评价').click()
  await page.getByLabel('这次住得怎么样').fill(COMMENT)
  await page.goBack()
  await sheet(page, '发表评价').waitFor({ state: 'hidden' })
  await button(card, '发表评价').click()
  expect(await page.getByLabel('这次住得怎么样').inputValue()).toBe(COMMENT)
  await picture(page, '11-comment')
  await button(sheet(page, '发表评价'), '确定').click()
  await statusOf(card, '已完成')
  await card.getByText(`我的评价：${COMMENT}`).waitFor()
  await picture(page, '12-complete')

  await card.getByRole('link', { name: new RegExp(TITLE) }).click()
  await page.getByRole('heading', { name: '订单进展' }).waitFor()
  await picture(page, '13-order')
  await page.goto(`${world.origin}/detail/${house.id}`)
  await page.getByText(COMMENT).waitFor()
  await page.getByText(`住过 ${orderCount + 1} 次`).waitFor()
  await eventually(async () => (await houseTitled(world, TITLE)).orderCount).toBe(orderCount + 1)

  expect(guest.faults).toEqual([])
  expect(host.faults).toEqual([])
})
