import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { signInAtDesk } from './desk-steps.ts'
import { axeFaults, drawScreen, openBrowser, openPhone, type Phone, sidewaysScroll, takeScreen } from './phone.ts'
import { button, sheet } from './shop-steps.ts'
import { startWorld, type World } from './world.ts'

let world: World
let browser: Browser
let seat: Phone

beforeAll(async () => {
  ;[world, browser] = await Promise.all([startWorld(), openBrowser()])
  seat = await openPhone(browser, {
    origins: [world.origin],
    viewport: { width: 1280, height: 800 },
    deviceScaleFactor: 1,
    isMobile: false,
    hasTouch: false,
    locale: 'en-GB',
  })
  await seat.page.goto(`${world.origin}/language?to=en`)
  await signInAtDesk(seat.page, world)
})

afterAll(async () => {
  await browser?.close()
  await world?.stop()
})

it('every page of the desk reads well in English, at a desk and on a small screen', async ({ onTestFailed }) => {
  const { page, faults } = seat
  onTestFailed(() => drawScreen(page, 'desk-en/failed'))
  const { rows } = await world.database.query<{ id: string }>(
    `select id from orders where status = 'COMPLETE' order by id limit 1`,
  )
  const names = ['today', 'cases', 'orders', `orders/${rows[0]?.id}`, 'payments', 'ledger', 'ledger/entries']
  for (const name of [...names, 'houses', 'reviews', 'users', 'users/2', 'content', 'outbox', 'actions']) {
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.goto(`${world.origin}/operator/${name}`)
    await page.getByText('loading').waitFor({ state: 'detached' })
    await page.locator('table, .empty, dl, form').first().waitFor()
    await takeScreen(page, `desk-en/${name.replaceAll('/', '-')}`)
    for (const width of [1280, 768, 390]) {
      await page.setViewportSize({ width, height: 800 })
      expect(await sidewaysScroll(page), `${name} at ${width}`).toBe(0)
      if (width !== 768) continue
      await takeScreen(page, `desk-en/${name.replaceAll('/', '-')}-768`)
      expect(await axeFaults(page), `${name} at ${width}`).toEqual([])
    }
    await page.setViewportSize({ width: 1280, height: 800 })
    expect(await axeFaults(page), name).toEqual([])
    const menu = (await page.getByRole('navigation', { name: 'Operations menu' }).textContent()) ?? ''
    expect(menu).not.toMatch(/\p{Script=Han}/u)
  }
  expect(faults).toEqual([])
})

it('lists are ordered by their columns and saved as they are filtered', async ({ onTestFailed }) => {
  const { page } = seat
  onTestFailed(() => drawScreen(page, 'desk-en/failed'))
  await page.goto(`${world.origin}/operator/orders`)
  await button(page, 'Amount').click()
  await page.waitForURL(/sort=-amount/)
  const head = page.getByRole('columnheader', { name: 'Amount' })
  await page.locator('th[aria-sort=descending]').waitFor()
  expect(await head.getAttribute('aria-sort')).toBe('descending')
  const figures = async () =>
    (await page.locator('tbody td.desk__figure').allTextContents()).map((text) => Number(text.replace(/[^\d.]/g, '')))
  const falling = await figures()
  expect(falling).toEqual([...falling].sort((one, other) => other - one))

  await page.goto(`${world.origin}/operator/orders?status=COMPLETE&sort=amount`)
  await page.getByRole('table').waitFor()
  const total = Number(/\d+/.exec((await page.getByText(/in all$/).textContent()) ?? '')?.[0])
  const [download] = await Promise.all([page.waitForEvent('download'), button(page, 'Export CSV').click()])
  const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\r\n')
  expect(download.suggestedFilename()).toBe('Bookings.csv')
  expect(lines).toHaveLength(total + 1)
  expect(lines[0]).toBe('\uFEFFNumber,Status,Home,Guest,Host,Check-in – check-out,Amount,Time')
})

it('a case is taken and ended with a note, and leaves the board of the day', async ({ onTestFailed }) => {
  const { page } = seat
  onTestFailed(() => drawScreen(page, 'desk-en/failed'))
  await world.database.query(
    `insert into cases (kind, subject, opened_at, due_at) values ('contradiction', 'E2E0000000000001', $1, $1)`,
    [world.now()],
  )
  await page.goto(`${world.origin}/operator/today`)
  await page.getByRole('link', { name: /Open cases/ }).click()
  const row = page.getByRole('row', { name: /E2E0000000000001/ })
  await row.getByText('Contradicting messages').waitFor()
  await button(row, /^Take it/).click()
  await page.getByLabel('Reason').fill('I look into it')
  await takeScreen(page, 'desk-en/take-case')
  expect(await axeFaults(page)).toEqual([])
  await button(sheet(page, 'Take it'), 'Take it').click()
  await row.getByText('17000000003').waitFor()
  await button(row, /^Resolve/).click()
  await page.getByLabel('Reason').fill('The gateway has said so itself')
  await button(sheet(page, 'Resolve'), 'Resolve').click()
  await row.waitFor({ state: 'detached' })
  await page.goto(`${world.origin}/operator/cases?state=closed`)
  await row.getByText('The gateway has said so itself').waitFor()
})

it('the books can be looked at as they stood at a second, and sum to nothing', async ({ onTestFailed }) => {
  const { page } = seat
  onTestFailed(() => drawScreen(page, 'desk-en/failed'))
  await page.goto(`${world.origin}/operator/ledger`)
  await page.getByText('All sum to ￥0: balanced').waitFor()
  await page.getByLabel(/^Balances at a second/).fill('2020-01-01T00:00:00')
  await button(page, 'Look').click()
  await page.getByText('Nothing was booked by then').waitFor()
  await button(page, 'Back to now').click()
  await page.getByRole('link', { name: 'Held for guests' }).click()
  await page.waitForURL(/account=GUEST_ESCROW/)
  await page.getByRole('table').waitFor()
})
