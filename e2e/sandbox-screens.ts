// Pictures of the sandbox's console for its READMEs, Chinese and light, English and dark: `npm run screens:sandbox`.
// They stay in the repository; the package that is published links to them and does not hold them.
import { createSign } from 'node:crypto'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { type AlipaySandbox, startAlipaySandbox } from 'alipay-sandbox'
import type { Page } from 'playwright-core'
import { openBrowser, openPhone } from './phone.ts'

const FOLDER = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../alipay-sandbox/docs')
const DESK = { viewport: { width: 1280, height: 860 }, deviceScaleFactor: 1, isMobile: false, hasTouch: false } as const
const QUALITY = 70

const shop = path.join(os.tmpdir(), 'shop')
const browser = await openBrowser()
try {
  await fs.mkdir(FOLDER, { recursive: true })
  for (const [language, locale, colorScheme] of [
    ['zh', 'zh-CN', 'light'],
    ['en', 'en-US', 'dark'],
  ] as const) {
    await fs.rm(shop, { recursive: true, force: true })
    const clock = { now: () => new Date('2026-11-24T02:00:00Z') }
    const sandbox = await startAlipaySandbox({ port: 9021, dataDir: path.join(shop, '.alipay-sandbox'), clock })
    const { page, close } = await openPhone(browser, { ...DESK, locale, colorScheme, origins: [sandbox.endpoint] })
    await walk(page, sandbox, language)
    await close()
    await sandbox.stop()
  }
} finally {
  await browser.close()
  await fs.rm(shop, { recursive: true, force: true })
}

/** Some life in the books, then the three places that say most. */
async function walk(page: Page, sandbox: AlipaySandbox, language: 'zh' | 'en'): Promise<void> {
  const go = (place: string) => page.goto(`${sandbox.endpoint}/_sandbox/${place}`)
  for (const subject of ['胡同里的一间房，两晚', '咖啡豆 500 g', '自行车修理']) {
    await go('')
    await page.locator('#subject').fill(subject)
    await page.locator('[name=answer][value=fail]').check()
    await page.locator('[name=then]').click()
    await sandbox.pay({ payUrl: await page.locator('#pay-url').inputValue() })
  }
  const [last, middle] = sandbox.control.trades()
  await sandbox.control.refundTrade(middle?.tradeNo ?? '', { amountFen: 3000 })
  await sandbox.clock.advance(25 * 3_600_000)

  await go('')
  await page.locator('#format-node').check()
  await picture(page, `console-${language}`)

  await go(`trades/${last?.tradeNo}`)
  await page.locator('[id^=resend-]').click()
  await page.evaluate(() => document.querySelector('#notifies-of')?.scrollIntoView())
  await picture(page, `deliveries-${language}`)

  await refusedRequest(sandbox)
  await go('requests')
  await page.locator('#requests summary').first().click()
  await picture(page, `signature-${language}`)
}

/** A query whose signature leaves out sign_type, as merchants do who took the rule of notifies for that of requests. */
async function refusedRequest(sandbox: AlipaySandbox): Promise<void> {
  const params: Record<string, string> = {
    app_id: sandbox.merchant.appId,
    biz_content: '{"out_trade_no":"shop_20261124_7f3a"}',
    charset: 'utf-8',
    method: 'alipay.trade.query',
    timestamp: '2026-11-25 11:00:00',
    version: '1.0',
  }
  const text = Object.entries(params).map(([name, value]) => `${name}=${value}`)
  const sign = createSign('RSA-SHA256').update(text.join('&')).sign(sandbox.merchant.appPrivateKey, 'base64')
  const body = new URLSearchParams({ ...params, sign_type: 'RSA2', sign })
  await fetch(sandbox.gatewayUrl, { method: 'POST', body })
}

async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready)
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: QUALITY })
  await fs.writeFile(path.join(FOLDER, `${name}.webp`), Buffer.from(data, 'base64'))
}
