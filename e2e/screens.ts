// Pictures of every page, for eyes: `npm run screens` writes them to .screens/, light and dark. With --readme six of them
// are written to docs/screens/ as well, small enough to be looked at in the README.
import { randomUUID } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { addDays } from '@ihome/core/calendar'
import type { Page } from 'playwright-core'
import { drawScreen, openBrowser, openPhone } from './phone.ts'
import { button, freeFrom, GUEST_PHONE, HOST_PHONE, houseTitled, sheet, signInAt } from './shop-steps.ts'
import { startWorld } from './world.ts'

const README = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../docs/screens')
const MOST_BYTES = 60 * 1024
const QUALITIES = [85, 75, 65, 55, 45, 35]
const isForReadme = process.argv.includes('--readme')

/** The page as WebP, as good as the size allows. */
async function takeSmall(page: Page, name: string): Promise<void> {
  const session = await page.context().newCDPSession(page)
  for (const quality of QUALITIES) {
    const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality })
    const bytes = Buffer.from(data, 'base64')
    if (bytes.length > MOST_BYTES) continue
    await fs.mkdir(README, { recursive: true })
    await fs.writeFile(path.join(README, `${name}.webp`), bytes)
    return
  }
  throw new Error(`${name} does not fit into ${MOST_BYTES} bytes`)
}

/** Every picture of the page, in the first one that the reader would see: nothing half loaded. */
async function untilDrawn(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle')
  await page.evaluate(() => document.fonts.ready)
}

async function take(page: Page, name: string): Promise<void> {
  await untilDrawn(page)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await drawScreen(page, `${name}-${colorScheme}`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
  if (isForReadme && ['home', 'search', 'detail', 'calendar', 'order', 'cashier'].includes(name)) {
    await takeSmall(page, name)
  }
}

const [world, browser] = await Promise.all([startWorld(), openBrowser()])
try {
  const origins = [world.origin, world.sandbox.endpoint]
  const { page } = await openPhone(browser, { origins })
  const go = (address: string) => page.goto(world.origin + address)
  const house = await houseTitled(world, '国贸CBD夜景高层，落地窗')
  const start = freeFrom(world, house.taken, 2)
  const stay = `sd=${start}&ed=${addDays(start, 2)}`

  await go(`/?${stay}`)
  await button(page, /2晚$/).waitFor()
  await take(page, 'home')
  await go(`/search?aid=3&aname=朝阳区&${stay}`)
  await page.getByRole('link', { name: '最新上线' }).waitFor()
  await take(page, 'search')
  await go(`/detail/${house.id}?${stay}`)
  await page.getByText('评价信息').waitFor()
  await take(page, 'detail')
  await page.locator('.house__dates').click()
  await sheet(page, '选择日期').locator('.is-taken').first().waitFor()
  await take(page, 'calendar')
  await go('/nowhere')
  await take(page, 'not-found')
  await go('/pay-complete')
  await take(page, 'pay-complete')
  await go('/login')
  await take(page, 'login')

  await signInAt(page, world.origin, '/my', GUEST_PHONE)
  await page.getByText(/手机号/).waitFor()
  await take(page, 'my')
  await go(`/booking/${house.id}?${stay}`)
  await page.locator('.booking__total', { hasText: '2晚' }).waitFor()
  await take(page, 'booking')
  await go('/orders')
  await page.locator('.order-card').first().waitFor()
  await take(page, 'orders')

  const guest = await world.signedIn(GUEST_PHONE)
  const { orders } = await guest.orders.list({ role: 'custom' })
  const waiting = orders.find(({ status }) => status === 'WAIT_PAYMENT')
  const paid = orders.find(({ status }) => status === 'PAID')
  if (!waiting || !paid) throw new Error('the demo data has an order to pay and a paid one')
  await go(`/orders/${paid.order_id}`)
  await page.getByRole('heading', { name: '订单进展' }).waitFor()
  await take(page, 'order')
  const { pay_url: payUrl } = await guest.payments.open(waiting.order_id, randomUUID())
  await page.goto(payUrl ?? '')
  await button(page, '用 沙箱买家 登录').click()
  await button(page, '确认付款').waitFor()
  await take(page, 'cashier')

  const host = await openPhone(browser, { origins })
  await signInAt(host.page, world.origin, '/host-orders', HOST_PHONE)
  await host.page.locator('.order-card').first().waitFor()
  await take(host.page, 'host-orders')
} finally {
  await browser.close()
  await world.stop()
}
