import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { axeFaults, PHONE, sidewaysScroll, sidewaysScrollAtDoubleText, smallTargets, takeScreen } from './phone.ts'

const NARROW = { width: 320, height: 640 }
const WIDE = { width: 430, height: 932 }

/**
 * Whether the page as it stands is fit for everybody: the rules of WCAG, contrast in both themes, room for a thumb,
 * nothing that has to be pushed sideways at 430, 390 and 320 px and with text of twice the size. With SCREENS
 * set it leaves pictures in `.screens/<name>.png`.
 */
export async function expectFit(page: Page, name: string): Promise<void> {
  expect.soft(await axeFaults(page), `${name}: axe, light`).toEqual([])
  expect.soft(await smallTargets(page), `${name}: targets`).toEqual([])
  expect.soft(await sidewaysScroll(page), `${name}: sideways at 390 px`).toBe(0)
  expect.soft(await sidewaysScrollAtDoubleText(page), `${name}: sideways with double text`).toBe(0)
  await takeScreen(page, name)
  await page.emulateMedia({ colorScheme: 'dark' })
  expect.soft(await axeFaults(page, { contrastOnly: true }), `${name}: contrast, dark`).toEqual([])
  await takeScreen(page, `${name}-dark`)
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize(NARROW)
  expect.soft(await sidewaysScroll(page), `${name}: sideways at 320 px`).toBe(0)
  await takeScreen(page, `${name}-320`)
  await page.setViewportSize(WIDE)
  expect.soft(await sidewaysScroll(page), `${name}: sideways at 430 px`).toBe(0)
  await page.setViewportSize(PHONE.viewport)
}
