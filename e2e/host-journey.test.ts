import { randomUUID } from 'node:crypto'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { openBrowser, openPhone, type Phone, takeScreen } from './phone.ts'
import {
  button,
  cardOf,
  eventually,
  fillLogin,
  GUEST_PHONE,
  HOST_PHONE,
  orderStatus,
  sheet,
  signInAt,
  statusOf,
} from './shop-steps.ts'
import { startWorld, type World } from './world.ts'

const REASON = '那几天要修屋顶，实在抱歉'
const COMMENT = '院子里的槐树很好看，房东很热情。'

interface HostOrder {
  readonly id: number
  readonly status: string
  readonly guestPhone: string
  readonly guestName: string
  readonly title: string
}

let world: World
let browser: Browser
let host: Phone
let guest: Phone

beforeAll(async () => {
  ;[world, browser] = await Promise.all([startWorld(), openBrowser()])
  host = await openPhone(browser, { origins: [world.origin] })
  guest = await openPhone(browser, { origins: [world.origin] })
  await signInAt(host.page, world.origin, '/host-orders', HOST_PHONE)
  await signInAt(guest.page, world.origin, '/orders', GUEST_PHONE)
})

afterEach(() => {
  expect(host.faults.splice(0)).toEqual([])
  expect(guest.faults.splice(0)).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  await world?.stop()
})

/** The host's orders as the page should list them: what waits for an answer first, the newest first in both parts. */
async function hostOrders(): Promise<HostOrder[]> {
  const { rows } = await world.database.query<
    { id: string } & Omit<HostOrder, 'id' | 'guestPhone' | 'guestName'> & Record<'phone' | 'name', string>
  >(
    `select o.id, o.status, g.phone, g.name, k.title from orders o join houses k on k.id = o.house_id
     join users g on g.id = o.guest_id join users h on h.id = o.host_id
     where h.phone = $1 order by o.status = 'WAIT_ACCEPT' desc, o.created_at desc, o.id desc`,
    [HOST_PHONE],
  )
  return rows.map(({ id, status, phone, name, title }) => ({
    id: Number(id),
    status,
    guestPhone: phone,
    guestName: name,
    title,
  }))
}

async function orderOf(status: string, guestPhone?: string): Promise<HostOrder> {
  const found = (await hostOrders()).find(
    (order) => order.status === status && (guestPhone === undefined || order.guestPhone === guestPhone),
  )
  if (!found) throw new Error(`the host has no order in ${status}`)
  return found
}

it('R13.1 lists own orders, newest first behind those that wait, with guest, dates, amount and title', async () => {
  const { page } = host
  const expected = await hostOrders()
  const first = cardOf(page, expected[0]?.id ?? 0)
  await first.waitFor()
  const ids = await page.locator('.order-card').evaluateAll((cards) => cards.map(({ id }) => Number(id.slice(6))))
  expect(ids).toEqual(expected.slice(0, ids.length).map(({ id }) => id))
  expect(ids.length).toBeGreaterThan(3)
  const text = await first.textContent()
  for (const word of [expected[0]?.title, `房客 ${expected[0]?.guestName}`, /\d+月\d+日 至 \d+月\d+日/, /￥[\d,]+/]) {
    expect(text).toMatch(word instanceof RegExp ? word : new RegExp(word ?? 'nothing'))
  }
})

it('R13.2 offers 接单 and 拒单 on waiting orders and nowhere else', async () => {
  for (const { id, status } of (await hostOrders()).slice(0, 12)) {
    const card = cardOf(host.page, id)
    await card.waitFor()
    const both = (await button(card, '接单').count()) + (await button(card, '拒单').count())
    expect(both, `order ${id} in ${status}`).toBe(status === 'WAIT_ACCEPT' ? 2 : 0)
  }
})

it('R13.3 R9.4 rejects only with a reason, which the guest then reads', async () => {
  const { page } = host
  const order = await orderOf('WAIT_ACCEPT', GUEST_PHONE)
  const card = cardOf(page, order.id)
  await button(card, '拒单').click()
  const form = sheet(page, '拒绝这个订单')
  await page.getByLabel('拒单原因', { exact: true }).fill('   ')
  await button(form, '确认拒单').click()
  await form.getByText('请写一个原因，房客会看到').waitFor()
  expect((await orderOf('WAIT_ACCEPT', GUEST_PHONE)).id).toBe(order.id)
  await page.getByLabel('拒单原因', { exact: true }).fill(REASON)
  await page.reload()
  expect(await page.getByLabel('拒单原因', { exact: true }).inputValue()).toBe(REASON)
  await button(sheet(page, '拒绝这个订单'), '确认拒单').click()
  await statusOf(card, '已拒单')
  await card.getByText(`你的拒单原因：${REASON}`).waitFor()
  await takeScreen(page, 'host-journey/1-rejected')

  const mine = cardOf(guest.page, order.id)
  await guest.page.reload()
  await statusOf(mine, '已拒单')
  await mine.getByText(`拒单原因：${REASON}`).waitFor()
  await button(mine, '取消订单').waitFor({ state: 'detached' })
  await takeScreen(guest.page, 'host-journey/2-guest-reads')
  await mine.getByRole('link', { name: '看看其他房源' }).click()
  await guest.page.waitForURL(/\/search/)
  await guest.page.goto(`${world.origin}/orders`)
})

it('cancels before payment with a reason, which the guest reads; nobody presses twice', async () => {
  const { page } = host
  const order = await orderOf('WAIT_ACCEPT')
  const card = cardOf(page, order.id)
  await button(card, '接单').click()
  await button(sheet(page, '接下这个订单'), '确认接单').dblclick()
  await statusOf(card, '待支付')
  await button(card, '取消订单').click()
  const form = sheet(page, '取消订单')
  await button(form, '确认取消').click()
  await form.getByText('请写一个原因，房客会看到').waitFor()
  await page.getByLabel('取消原因').fill(REASON)
  await button(form, '确认取消').click()
  await statusOf(card, '已取消')
  await card.getByText(`你已取消：${REASON}`).waitFor()

  const theirs = await openPhone(browser, { origins: [world.origin] })
  await theirs.page.goto(`${world.origin}/orders/${order.id}`)
  await fillLogin(theirs.page, order.guestPhone)
  await theirs.page.getByText(`房东取消：${REASON}`).first().waitFor()
  await takeScreen(theirs.page, 'host-journey/3-guest-reads-cancel')
  expect(theirs.faults).toEqual([])
  await theirs.close()
})

it('cancels while the guest is at the cashier: the order closes and keeps its nights until that is certain', async () => {
  const { page } = host
  const order = await orderOf('WAIT_ACCEPT')
  const buyer = await world.signedIn(order.guestPhone)
  const card = cardOf(page, order.id)
  await button(card, '接单').click()
  await button(sheet(page, '接下这个订单'), '确认接单').click()
  await statusOf(card, '待支付')
  const { pay_url: payUrl } = await buyer.payments.open(order.id, randomUUID())
  await button(card, '取消订单').click()
  await page.getByLabel('取消原因').fill(REASON)
  await button(sheet(page, '取消订单'), '确认取消').click()
  await statusOf(card, '关闭中')
  await card.getByText('正在关闭，日期暂时保留').waitFor()

  // The guest pays all the same: the host's word stands, and the money goes back whole.
  await world.sandbox.pay({ payUrl: payUrl ?? '' })
  await eventually(() => orderStatus(world, order.id), 60_000).toBe('CANCELED')
  await page.reload()
  await statusOf(card, '已取消')
  const theirs = await openPhone(browser, { origins: [world.origin] })
  await theirs.page.goto(`${world.origin}/orders/${order.id}`)
  await fillLogin(theirs.page, order.guestPhone)
  await theirs.page
    .getByText(/已退款 ￥[\d,]+，原路退回支付宝|退款处理中/)
    .first()
    .waitFor()
  await takeScreen(theirs.page, 'host-journey/4-money-back')
  await theirs.close()
})

/** Goes down the list, whose older pages come as one gets there, until this card stands on it. */
async function scrollTo(card: Locator): Promise<void> {
  await eventually(async () => {
    await host.page.mouse.wheel(0, 3_000)
    return card.count()
  }, 30_000).toBe(1)
}

it('R13.4 shows the guest’s comment on the card of the finished order', async () => {
  const order = await orderOf('WAIT_COMMENT', GUEST_PHONE)
  const card = cardOf(host.page, order.id)
  await scrollTo(card)
  await statusOf(card, '待评价')
  await (await world.signedIn(GUEST_PHONE)).orders.comment(order.id, COMMENT)
  await host.page.reload()
  await scrollTo(card)
  await statusOf(card, '已完成')
  await card.getByText(`房客评价：${COMMENT}`).waitFor()
  await takeScreen(host.page, 'host-journey/5-comment')
})

it('R5.3 the owner finds no way to book the own home', async () => {
  const { rows } = await world.database.query<{ id: string }>(
    'select h.id from houses h join users u on u.id = h.user_id where u.phone = $1 limit 1',
    [HOST_PHONE],
  )
  const path = `/detail/${rows[0]?.id}`
  await host.page.goto(world.origin + path)
  await host.page.getByText('这是你自己的房源').waitFor()
  expect(await host.page.getByText('即刻预定').count()).toBe(0)
  await takeScreen(host.page, 'host-journey/6-own-home')
  await guest.page.goto(world.origin + path)
  await guest.page.getByRole('link', { name: '即刻预定' }).waitFor()
})
