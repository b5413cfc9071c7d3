import { Secret, TOTP } from 'otpauth'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DEMO_PASSWORD } from './demo.ts'
import { axeFaults, drawScreen, openBrowser, openPhone, type Phone, sidewaysScroll, takeScreen } from './phone.ts'
import { button, eventually, HOST_PHONE, sheet } from './shop-steps.ts'
import { startWorld, type World } from './world.ts'

const OPERATOR = '17000000003'

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
  })
})

afterAll(async () => {
  await browser?.close()
  await world?.stop()
})

/** Signs the operator in with what the page shows to scan. */
async function signIn(page: Page): Promise<void> {
  await page.getByLabel('账号').fill(OPERATOR)
  await page.getByLabel('密码').fill(DEMO_PASSWORD)
  await button(page, '下一步').click()
  const words = (await page.getByText(/^不能扫码时/).textContent()) ?? ''
  const secret = Secret.fromBase32(/[A-Z2-7]{16,}/.exec(words)?.[0] ?? '')
  await page.getByLabel('验证码').fill('000000')
  await takeScreen(page, 'desk/login')
  expect(await axeFaults(page)).toEqual([])
  await button(page, '登录').click()
  await page.getByText('这 6 位数字不对').waitFor()
  await page.getByLabel('验证码').fill(new TOTP({ secret }).generate({ timestamp: world.now().getTime() }))
  await button(page, '登录').click()
}

it('an operator comes in by two factors, finds an order, takes a home off the market, and all of it is written down', async ({
  onTestFailed,
}) => {
  const { page, faults } = seat
  onTestFailed(() => drawScreen(page, 'desk/failed'))
  await page.goto(`${world.origin}/operator/houses`)
  await page.waitForURL(/\/operator\/login\?next=/)
  await signIn(page)
  await page.waitForURL(`${world.origin}/operator/houses`)

  // Every page: no rule broken, nothing cut off at three widths.
  for (const name of [
    'today',
    'cases',
    'orders',
    'payments',
    'ledger',
    'houses',
    'reviews',
    'users',
    'content',
    'actions',
  ]) {
    await page.goto(`${world.origin}/operator/${name}`)
    await page
      .getByRole('table')
      .or(page.getByLabel('新城区的名字'))
      .or(page.getByText('没有符合条件的记录'))
      .first()
      .waitFor()
    await takeScreen(page, `desk/${name}`)
    for (const width of [1280, 768, 390]) {
      await page.setViewportSize({ width, height: 800 })
      expect(await sidewaysScroll(page), `${name} at ${width}`).toBe(0)
    }
    expect(await axeFaults(page), name).toEqual([])
    await page.setViewportSize({ width: 1280, height: 800 })
  }

  // The keyboard: / to the search, j and Enter to the order, back to the same list.
  await page.goto(`${world.origin}/operator/orders?status=PAID`)
  await page.getByRole('table').waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type(HOST_PHONE.slice(-6))
  await page.keyboard.press('Enter')
  await page.waitForURL(/q=000002/)
  await page.getByRole('table').waitFor()
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/operator\/orders\/\d+$/)
  await page.getByText('房客预付').first().waitFor()
  await takeScreen(page, 'desk/order')
  expect(await axeFaults(page)).toEqual([])
  await page.goBack()
  await page.waitForURL(/q=000002/)

  // A person's number is hidden until somebody says why it is needed.
  await page.goto(`${world.origin}/operator/users?q=000002`)
  await page.getByRole('link', { name: /^\d+$/ }).first().click()
  await page.getByText('170****0002').waitFor()
  await button(page, /^查看\s*手机号/).click()
  await button(sheet(page, '查看完整的手机号'), '查看').click()
  await page.getByText('请写明原因').waitFor()
  await page.getByLabel('原因').fill('房客联系不上房东')
  await button(sheet(page, '查看完整的手机号'), '查看').click()
  await page.getByText(HOST_PHONE).waitFor()

  // A home is taken off the market and its page no longer takes bookings.
  await page.goto(`${world.origin}/operator/houses?state=listed`)
  const first = page.locator('tbody tr').first()
  const id = (await first.locator('td').first().textContent())?.trim()
  await button(first, /^下架/).click()
  const asked = sheet(page, `下架房源 ${id}`)
  await page.getByLabel('原因').fill('照片与房屋不符')
  await takeScreen(page, 'desk/take-down')
  expect(await axeFaults(page)).toEqual([])
  await button(asked, '下架').click()
  await asked.waitFor({ state: 'hidden' })
  await eventually(async () => (await fetch(`${world.origin}/api/v1.0/order/house/${id}`)).status).toBe(404)

  await page.goto(`${world.origin}/operator/actions`)
  await page.getByText('照片与房屋不符').waitFor()
  await page.getByText('房客联系不上房东').waitFor()
  await button(page, '退出').click()
  await page.waitForURL(`${world.origin}/operator/login`)
  await page.goto(`${world.origin}/operator/orders`)
  await page.waitForURL(/\/operator\/login\?next=/)
  expect(faults).toEqual([])
})
