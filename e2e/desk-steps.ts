import { Secret, TOTP } from 'otpauth'
import type { Page } from 'playwright-core'
import { DEMO_PASSWORD } from './demo.ts'
import { button } from './shop-steps.ts'
import type { World } from './world.ts'

/** The operator of the demo data. */
export const OPERATOR = '17000000003'

/** Signs an operator in for the first time, with the secret that the page shows beside the code to scan. */
export async function signInAtDesk(page: Page, world: World, login = OPERATOR): Promise<void> {
  await page.goto(`${world.origin}/operator/login`)
  await page.locator('[name=login]').fill(login)
  await page.locator('[name=password]').fill(DEMO_PASSWORD)
  await page.locator('form button[type=submit]').click()
  await page.locator('.desk-login__code').waitFor()
  const words = (await page.locator('main, body').first().textContent()) ?? ''
  const secret = Secret.fromBase32(/[A-Z2-7]{32,}/.exec(words)?.[0] ?? '')
  await page.locator('[name=code]').fill(new TOTP({ secret }).generate({ timestamp: world.now().getTime() }))
  await page.locator('form button[type=submit]').click()
  await page.waitForURL(`${world.origin}/operator/today`)
  await button(page, /退出|Log out/).waitFor()
}
