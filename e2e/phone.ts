import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { launchBrowser } from './browser.mjs'

declare global {
  interface Window {
    readonly axe: typeof axe
  }
}

/** Put into a page once: that costs as much as a check. `; 0` keeps the library from being sent back as the result. */
const AXE = `${axe.source}; 0`

const SCREENS = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../.screens')

/** The phone of our readers: 390×844 at 2×, touch, Chinese, in Shanghai. */
export const PHONE = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
  locale: 'zh-CN',
  timezoneId: 'Asia/Shanghai',
} as const satisfies BrowserContextOptions

/** `port` is a door for other tools into the same browser. */
export const openBrowser = (port?: number): Promise<Browser> =>
  launchBrowser(chromium, port === undefined ? {} : { args: [`--remote-debugging-port=${port}`] })

export interface Phone {
  readonly context: BrowserContext
  readonly page: Page
  /** What went wrong in the page: errors, CSP reports, requests to anywhere but the origins that were named. */
  readonly faults: string[]
  close(): Promise<void>
}

/** A phone of one person. Everything unplanned that its pages do is collected in `faults`; a test expects none. */
export async function openPhone(
  browser: Browser,
  { origins, ...options }: BrowserContextOptions & { readonly origins: readonly string[] },
): Promise<Phone> {
  // A service worker fetches past the places where tests watch and hold back requests; its own test lets it in.
  const context = await browser.newContext({ ...PHONE, serviceWorkers: 'block', ...options })
  const faults: string[] = []
  context.on('weberror', (event) => faults.push(`page error: ${event.error().message}`))
  context.on('console', (message) => {
    // A refusal is an answer, not a fault; the browser writes every 4xx to its console all the same.
    if (message.type() === 'error' && !/status of (4\d\d|503)/.test(message.text()))
      faults.push(`console: ${message.text()}`)
  })
  context.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol.startsWith('http') && !origins.includes(origin)) faults.push(`request to ${origin}`)
  })
  context.setDefaultTimeout(15_000)
  const page = await context.newPage()
  return { context, page, faults, close: () => context.close() }
}

/** A picture of the page as it stands, for eyes: `.screens/<name>.png`, ignored by git. */
export async function drawScreen(page: Page, name: string): Promise<void> {
  await fs.mkdir(path.dirname(path.join(SCREENS, name)), { recursive: true })
  await page.screenshot({ path: path.join(SCREENS, `${name}.png`), animations: 'disabled' })
}

/** The picture of a state that a test has reached, where somebody wants to look: `SCREENS=1 npm test`. */
export async function takeScreen(page: Page, name: string): Promise<void> {
  if (process.env.SCREENS) await drawScreen(page, name)
}

/**
 * The accessibility rules that the page breaks as it stands: WCAG 2.0 to 2.2, A and AA, or only those of contrast, for
 * the second of two themes that differ in nothing else.
 */
export async function axeFaults(page: Page, { contrastOnly = false } = {}): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(AXE)
  return page.evaluate(
    async (runOnly) => {
      const { violations } = await window.axe.run(document, { runOnly, resultTypes: ['violations'] })
      return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
    },
    contrastOnly
      ? { type: 'rule' as const, values: ['color-contrast'] }
      : { type: 'tag' as const, values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] },
  )
}

/** How many pixels the page can be pushed sideways; 0 on a page that fits. */
export const sidewaysScroll = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

/** Controls with less room than a thumb needs, as words. Links in the middle of a sentence are text. */
export const smallTargets = (page: Page, least = 44): Promise<string[]> =>
  page.evaluate(
    (side) =>
      [...document.querySelectorAll<HTMLElement>('a[href], button, input:not([type=hidden]), select, textarea')]
        .filter((target) => !target.closest('[inert], p a, .unseen') && !target.matches('.skip, .unseen'))
        .filter((target) => target.checkVisibility({ checkVisibilityCSS: true }))
        .filter((target) => document.querySelector('dialog:modal')?.contains(target) ?? true)
        .map((target) => ({ target, box: target.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 0 && (Math.round(box.height) < side || Math.round(box.width) < side))
        .map(({ target, box }) => {
          const words = target.getAttribute('aria-label') ?? target.textContent?.trim() ?? target.tagName
          return `${target.tagName.toLowerCase()}.${target.className} ${words}: ${Math.round(box.width)}×${Math.round(box.height)}`
        }),
    least,
  )

/** Doubles the size of every text, as a person with weak eyes does, and gives how far the page can be pushed sideways. */
export const sidewaysScrollAtDoubleText = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const texts = [...document.body.querySelectorAll<HTMLElement>('*')].map(
      (element) => [element, Number.parseFloat(getComputedStyle(element).fontSize)] as const,
    )
    for (const [element, size] of texts) element.style.fontSize = `${size * 2}px`
    const scroll = document.documentElement.scrollWidth - document.documentElement.clientWidth
    for (const [element] of texts) element.style.removeProperty('font-size')
    return scroll
  })
