import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_GUEST, DEMO_HOST, DEMO_PASSWORD } from './demo.ts'
import { axeFaults, openBrowser, openPhone, type Phone, sidewaysScroll, takeScreen } from './phone.ts'
import { button, eventually } from './shop-steps.ts'
import { startWorld, type World } from './world.ts'

let world: World
let browser: Browser
let guest: Phone
let host: Phone
let visitor: Phone
/** Everything that people wrote and places are called, which stays as it is in every language. */
let written: string
/** An order of the guest and the house it is for. */
let orderId: number
let houseId: number

const open = (options: { readonly javaScriptEnabled?: boolean } = {}) =>
  openPhone(browser, { origins: [world.origin], locale: 'en-GB', ...options })

beforeAll(async () => {
  ;[world, browser] = await Promise.all([startWorld({ seed: 'demo' }), openBrowser()])
  written = await readWritten()
  const { rows } = await world.database.query<{ id: string; house_id: string }>(
    `select o.id, o.house_id from orders o join users u on u.id = o.guest_id where u.phone = $1 order by o.id desc limit 1`,
    [DEMO_GUEST],
  )
  orderId = Number(rows[0]?.id)
  houseId = Number(rows[0]?.house_id)
  visitor = await open()
  await visitor.page.goto(`${world.origin}/language?to=en`)
  guest = await signedIn(DEMO_GUEST)
  host = await signedIn(DEMO_HOST)
})

afterEach(() => {
  for (const { faults } of [visitor, guest, host]) expect(faults.splice(0)).toEqual([])
})

afterAll(async () => {
  await browser?.close()
  await world?.stop()
})

async function signedIn(phone: string): Promise<Phone> {
  const person = await open()
  await person.page.goto(`${world.origin}/language?to=en&next=/login`)
  await person.page.getByLabel('Phone number').fill(phone)
  await person.page.getByLabel('Password', { exact: true }).fill(DEMO_PASSWORD)
  await button(person.page, 'Log in').click()
  await person.page.waitForURL(`${world.origin}/`)
  return person
}

async function readWritten(): Promise<string> {
  const texts: string[] = ['中文']
  for (const table of ['users', 'areas', 'houses', 'house_photos', 'orders', 'reviews', 'messages']) {
    const { rows } = await world.database.query<{ text: string }>(`select t::text as text from ${table} t`)
    texts.push(...rows.map(({ text }) => text))
  }
  return texts.join('\n')
}

/** Chinese on the page that nobody has written: words of the frame that were not translated. */
async function chineseOf(page: Page): Promise<string[]> {
  const said = await page.evaluate(() => {
    const texts: string[] = [document.title]
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const { parentElement, textContent } = walker.currentNode
      if (!parentElement?.closest('script, style, noscript')) texts.push(textContent ?? '')
    }
    for (const element of document.querySelectorAll('*'))
      for (const name of ['aria-label', 'alt', 'placeholder', 'title']) texts.push(element.getAttribute(name) ?? '')
    return texts
  })
  const runs = said.flatMap((text) => text.match(/[\p{Script=Han}\u3001-\u303f\uff00-\uffe4]+/gu) ?? [])
  return [...new Set(runs)].filter((run) => !written.includes(run))
}

/** Opens a page and looks at it as a reader of English does. */
async function look({ page }: Phone, path: string, name: string, words: string | RegExp): Promise<void> {
  await page.goto(world.origin + path)
  await page.getByText(words).locator('visible=true').first().waitFor()
  await eventually(() => page.locator('[class*=skeleton]').count()).toBe(0)
  expect(await page.getAttribute('html', 'lang')).toBe('en')
  await takeScreen(page, `english-${name}`)
  expect(await chineseOf(page)).toEqual([])
  expect(await axeFaults(page)).toEqual([])
  await page.setViewportSize({ width: 320, height: 700 })
  expect(await sidewaysScroll(page)).toBe(0)
  await page.setViewportSize({ width: 390, height: 844 })
}

describe('every page speaks English', () => {
  it.each([
    ['/', 'home', 'Homes people come back to'],
    ['/search', 'search', 'Newest'],
    ['/detail/:house', 'detail', 'What it costs'],
    ['/detail/:house?sd=2027-02-26&ed=2027-02-28', 'detail-dates', 'What it costs'],
    ['/detail/:house/reviews', 'reviews', 'Reviews'],
    ['/login', 'login', 'Forgot password'],
    ['/register', 'register', 'Send code'],
    ['/forgot', 'forgot', 'Set a new password'],
    ['/help', 'help', 'What happens after I send a request?'],
    ['/nothing', 'gone', 'Page not found'],
  ])('to a visitor: %s', (path, name, words) => look(visitor, path.replace(':house', String(houseId)), name, words))

  it.each([
    ['/orders', 'orders', 'My bookings'],
    ['/orders/:order', 'order', /^Booking \d+$/],
    ['/booking/:house', 'booking', 'What happens next'],
    ['/my', 'my', 'My bookings'],
    ['/profile', 'profile', 'Logged-in devices'],
    ['/auth', 'auth', 'Identity'],
    ['/favourites', 'favourites', 'Saved homes'],
    ['/messages', 'messages', 'Messages'],
  ])('to a guest: %s', (path, name, words) =>
    look(guest, path.replace(':house', String(houseId)).replace(':order', String(orderId)), name, words),
  )

  it.each([
    ['/my-houses', 'my-houses', 'Online'],
    ['/new-house', 'new-house', 'District'],
    ['/host-orders', 'host-orders', 'Guest bookings'],
    ['/earnings', 'earnings', 'Ready for payout'],
    ['/messages', 'host-messages', 'Messages'],
  ])('to a host: %s', (path, name, words) => look(host, path, name, words))
})

it('shows the calendar and the filter in English', async () => {
  const { page } = visitor
  await page.goto(`${world.origin}/search`)
  await page.getByRole('link', { name: 'Filters' }).click()
  await page.getByRole('dialog', { name: 'Filters' }).waitFor()
  await page.getByText('Wi-Fi').waitFor()
  await takeScreen(page, 'english-filter')
  expect(await chineseOf(page)).toEqual([])
  await page.goto(`${world.origin}/detail/${houseId}`)
  await button(page, /Choose dates/)
    .first()
    .click()
  const calendar = page.getByRole('dialog', { name: 'Choose dates' })
  await calendar.waitFor()
  await calendar.getByText('Mon', { exact: true }).waitFor()
  await takeScreen(page, 'english-calendar')
  expect(await chineseOf(page)).toEqual([])
  expect(await axeFaults(page)).toEqual([])
})

describe('the switch', () => {
  it('works without scripts, and the choice survives a reload', async () => {
    const plain = await open({ javaScriptEnabled: false })
    await plain.page.goto(`${world.origin}/`)
    expect(await plain.page.getAttribute('html', 'lang')).toBe('zh-CN')
    await plain.page.getByRole('link', { name: 'English' }).click()
    await plain.page.getByRole('heading', { name: 'Homes people come back to' }).waitFor()
    await plain.page.reload()
    expect(await plain.page.getAttribute('html', 'lang')).toBe('en')
    await plain.page.getByRole('link', { name: '中文' }).click()
    await plain.page.getByRole('heading', { name: '大家常住的房子' }).waitFor()
    await plain.close()
  })

  it('stands on the page of one’s own account', async () => {
    const { page } = guest
    await page.goto(`${world.origin}/my`)
    await page.getByRole('link', { name: 'Language 中文' }).click()
    await page.getByText('语言 / Language').waitFor()
    expect(await page.getAttribute('html', 'lang')).toBe('zh-CN')
    await page.getByRole('link', { name: '语言 / Language' }).click()
    await eventually(() => page.getAttribute('html', 'lang')).toBe('en')
  })

  it('brings Chinese readers no English file', async () => {
    const chinese = await openPhone(browser, { origins: [world.origin] })
    const files: string[] = []
    chinese.page.on('request', (request) => files.push(request.url()))
    for (const path of ['/', `/detail/${houseId}`, `/detail/${houseId}/reviews`])
      await chinese.page.goto(world.origin + path, { waitUntil: 'networkidle' })
    expect(files.filter((file) => file.includes('.js')).length).toBeGreaterThan(1)
    expect(files.filter((file) => file.includes('english'))).toEqual([])
    expect(chinese.faults).toEqual([])
    await chinese.close()
  })
})
