import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { axeFaults, openBrowser, openPhone, type Phone, takeScreen } from './phone.ts'
import { button, GUEST_PHONE, signInAt } from './shop-steps.ts'
import { startWorld, type World } from './world.ts'

let world: World
let browser: Browser
let phone: Phone

beforeAll(async () => {
  ;[world, browser] = await Promise.all([startWorld(), openBrowser()])
  phone = await openPhone(browser, { origins: [world.origin], serviceWorkers: 'allow' })
})

afterAll(async () => {
  await browser?.close()
  await world?.stop()
})

const KEPT = /^没有网络，显示的是 \d\d:\d\d 读到的内容$/

/** Waits until the service worker has the page, so that it sees what the page asks for. */
async function reloadUnderWorker(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
  await page.reload()
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null)
}

it('shows the orders that were read last while there is no network, and nothing of them after a logout', async () => {
  const { page } = phone
  // The browser's own switch for offline is lost when it starts a worker anew; a shop that is gone stays gone.
  const goOffline = () => world.servers[0]?.kill()
  const goOnline = () => world.crash()
  await signInAt(page, world.origin, '/orders', GUEST_PHONE)
  await reloadUnderWorker(page)
  const title = (await page.locator('.order-card__title').first().textContent()) ?? ''
  expect(title).not.toBe('')
  await page.locator('.order-card__house').first().click()
  await page.waitForURL(/\/orders\/\d+$/)
  await page.getByText(title).first().waitFor()

  await goOffline()
  await page.reload()
  await page.getByText(title).first().waitFor()
  await page.getByText(KEPT).waitFor()
  await takeScreen(page, 'offline/voucher')
  await page.goto(`${world.origin}/orders`)
  await page.getByText(title).first().waitFor()

  // A page that needs the network says so, keeps its address for the next try, and breaks no rule.
  await page.goto(`${world.origin}/search?aid=3`)
  await page.getByRole('heading', { name: '没有网络' }).waitFor()
  await takeScreen(page, 'offline/page')
  expect(await axeFaults(page)).toEqual([])
  await goOnline()
  await button(page, '重试').click()
  await page.waitForURL(`${world.origin}/search?aid=3`)
  await page.getByRole('heading', { level: 1 }).waitFor()

  await page.goto(`${world.origin}/my`)
  await button(page, '退出').click()
  await page.waitForURL(`${world.origin}/`)
  await goOffline()
  await page.goto(`${world.origin}/orders`)
  await page.getByRole('heading', { name: /没有网络|登录/ }).waitFor()
  expect(await page.content()).not.toContain(title)
})

it('speaks English without a network to whoever reads it so', async () => {
  await world.crash()
  const { page } = phone
  await page.goto(`${world.origin}/language?to=en&next=/search`)
  // Once under the worker, so that it has seen the words go by.
  await reloadUnderWorker(page)
  await page.getByRole('link', { name: 'Newest' }).waitFor()
  await world.servers[0]?.kill()
  await page.goto(`${world.origin}/offline`)
  await page.getByRole('heading', { name: 'No connection' }).waitFor()
  expect(await page.evaluate(() => document.documentElement.lang)).toBe('en')
})
