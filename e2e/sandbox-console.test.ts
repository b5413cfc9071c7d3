import { type AlipaySandbox, generateKeys, type SandboxKeys, startAlipaySandbox } from 'alipay-sandbox'
import jsQR from 'jsqr'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { axeFaults, openBrowser, openPhone, type Phone, sidewaysScroll, smallTargets, takeScreen } from './phone.ts'

const DESK = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1, isMobile: false, hasTouch: false }
const PHONE = { viewport: { width: 390, height: 844 } }
const NARROW = { viewport: { width: 320, height: 640 }, deviceScaleFactor: 1 }

let browser: Browser
let keys: SandboxKeys
let sandbox: AlipaySandbox

beforeAll(async () => {
  browser = await openBrowser()
  keys = await generateKeys()
})
afterAll(() => browser?.close())
beforeEach(async () => {
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys })
})
afterEach(() => sandbox.stop())

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true }).click()

/** From the first screen of the console to its page about the trade, as a person does it who has read nothing. */
async function payTestOrder(page: Page, { answer, product = 'wap' }: { answer: 'success' | 'fail'; product?: string }) {
  await page.goto(`${sandbox.endpoint}/_sandbox/`)
  if (product === 'page') await page.getByLabel('电脑网站 page.pay').check()
  if (answer === 'fail') await page.getByLabel('fail（看重试）').check()
  await press(page, '下单并去付款')
  await press(page, '用 沙箱买家 登录')
  await press(page, '确认付款')
  await page.getByLabel('六位支付密码').fill('111111')
  await press(page, '付款 ￥88.80')
  await page.getByRole('link', { name: '返回商户' }).click()
  await page.getByRole('link', { name: '看这笔交易和它的通知' }).click()
  await page.getByText('第 1 次').waitFor()
}

/** Every page of the console, with something on each. */
async function places(page: Page): Promise<string[]> {
  const hrefs = await page
    .getByRole('navigation')
    .getByRole('link')
    .evaluateAll((links) => links.map((link) => link.getAttribute('href') ?? ''))
  const [trade] = sandbox.control.trades({ limit: 1 })
  return [...hrefs, `/_sandbox/trades/${trade?.tradeNo}`]
}

describe('the console', () => {
  let desk: Phone
  beforeEach(async () => {
    desk = await openPhone(browser, { ...DESK, origins: [sandbox.endpoint] })
  })
  afterEach(async () => {
    expect(desk.faults).toEqual([])
    await desk.close()
  })

  it('SBX-63 pay, see the trade, send again, advance 25 h, see 8 scheduled deliveries and the one sent by hand', async () => {
    const { page } = desk
    await payTestOrder(page, { answer: 'fail' })
    expect(await page.locator('#trade').textContent()).toContain('TRADE_SUCCESS')
    await press(page, '再发一次')
    await page.getByText('重试计划没有变').waitFor()
    await page.getByText('手动重发').waitFor()
    await press(page, '+25 时')
    await page.getByText('第 8 次').waitFor()
    expect(await page.getByText(/^第 \d 次$/).allTextContents()).toHaveLength(8)
    expect(await page.getByText('手动重发').count()).toBe(1)
    expect(await page.getByText('计划内 8 次，手动 1 次').count()).toBe(1)
    const gaps = await page.locator('.delivery summary').allTextContents()
    for (const gap of ['+4 分', '+10 分', '+1 小时', '+2 小时', '+6 小时', '+15 小时'])
      expect(
        gaps.some((text) => text.includes(gap)),
        gap,
      ).toBe(true)
    await takeScreen(page, 'sandbox-console-deliveries')
  })

  it('SBX-63 an open page follows what happens elsewhere, and a text is copied with one press', async () => {
    const { page, context } = desk
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto(`${sandbox.endpoint}/_sandbox/`)
    await press(page, '复制网关地址')
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(sandbox.gatewayUrl)
    await page.getByText('还没有交易').waitFor()
    const other = await context.newPage()
    await payTestOrder(other, { answer: 'success', product: 'page' })
    await page.getByRole('link', { name: /^test_/ }).waitFor()
  })

  it('SBX-63 a notify that was sent again from the list stands open afterwards', async () => {
    const { page } = desk
    await payTestOrder(page, { answer: 'success' })
    await page.getByRole('navigation').getByRole('link', { name: '通知' }).click()
    await page.locator('main details summary').first().click()
    await press(page, '再发一次')
    await page.getByText('手动重发').waitFor()
  })

  it('SBX-63 everything but copying and following works without a script', async () => {
    const plain = await openPhone(browser, { ...PHONE, javaScriptEnabled: false, origins: [sandbox.endpoint] })
    await payTestOrder(plain.page, { answer: 'success' })
    await press(plain.page, '再发一次')
    await plain.page.getByText('商户应答 success').waitFor()
    await plain.page.getByRole('link', { name: 'English' }).click()
    await plain.page.getByRole('link', { name: 'Faults' }).click()
    await press(plain.page, 'Add')
    await plain.page.getByText('0 / 1').waitFor()
    expect(plain.faults).toEqual([])
    await plain.close()
  })

  // Every rule at the first, and at the second those that another theme can break.
  it.each([
    ['desk, light, and phone, dark: Chinese', { locale: 'zh-CN', first: [DESK, 'light'], second: [PHONE, 'dark'] }],
    ['phone, dark, and desk, light: English', { locale: 'en-US', first: [PHONE, 'dark'], second: [DESK, 'light'] }],
  ] as const)('SBX-63 no accessibility fault, nothing to push sideways: %s', async (_, { locale, first, second }) => {
    await payTestOrder(desk.page, { answer: 'fail' })
    await sandbox.faults.add({ kind: 'http_500', times: 2 })
    await fetch(
      `${sandbox.gatewayUrl}?app_id=${sandbox.merchant.appId}&method=alipay.trade.query&charset=utf-8&sign_type=RSA2&sign=AAAA`,
    )
    const looked = await openPhone(browser, { ...DESK, locale, origins: [sandbox.endpoint] })
    const { page } = looked
    for (const place of await places(desk.page)) {
      await page.goto(`${sandbox.endpoint}${place}`)
      await page.locator('main details').evaluateAll((all) => {
        for (const details of all) details.setAttribute('open', '')
      })
      const name =
        place
          .replace(/^\/_sandbox\/?/, '')
          .replace(/\d{28}/, 'one')
          .replace('/', '-') || 'start'
      for (const [{ viewport }, colorScheme] of [first, second]) {
        await page.setViewportSize(viewport)
        await page.emulateMedia({ colorScheme })
        expect(await sidewaysScroll(page), place).toBe(0)
        expect(await axeFaults(page, { contrastOnly: colorScheme === second[1] }), place).toEqual([])
        await takeScreen(page, `sandbox-console-${name}-${viewport.width}-${colorScheme}`)
      }
    }
    expect(looked.faults).toEqual([])
    await looked.close()
  })
})

describe('the desktop cashier', () => {
  const order = async (biz: Readonly<Record<string, string>>) => {
    const { AlipaySdk } = await import('alipay-sdk')
    return new AlipaySdk(sandbox.sdkConfig).pageExecute('alipay.trade.page.pay', 'GET', {
      returnUrl: `${sandbox.endpoint}/_sandbox/shop/return`,
      bizContent: {
        out_trade_no: `desk${Object.values(biz).join('')}`,
        total_amount: '88.80',
        subject: '胡同里的一间房，两晚',
        product_code: 'FAST_INSTANT_TRADE_PAY',
        ...biz,
      },
    })
  }

  it('SBX-16 qr_pay_mode 0: the code decodes to the phone cashier, and paying there brings the desk back', async () => {
    const desk = await openPhone(browser, { ...DESK, origins: [sandbox.endpoint] })
    await desk.page.goto(await order({ qr_pay_mode: '0' }))
    expect(await axeFaults(desk.page)).toEqual([])
    await takeScreen(desk.page, 'sandbox-cashier-scan')
    const address = await scan(desk.page)
    expect(address).toMatch(new RegExp(`^${sandbox.endpoint}/cashier/[^/]+/phone$`))

    const phone = await openPhone(browser, { ...PHONE, origins: [sandbox.endpoint] })
    await phone.page.goto(address ?? '')
    await press(phone.page, '用 沙箱买家 登录')
    await desk.page.getByText('已扫码').waitFor()
    await press(phone.page, '确认付款')
    await phone.page.getByLabel('六位支付密码').fill('111111')
    await press(phone.page, '付款 ￥88.80')
    await desk.page.getByText('签名正确').waitFor()
    expect([...desk.faults, ...phone.faults]).toEqual([])
    await phone.close()
    await desk.close()
  })

  it('SBX-16 every step has the room of a desk, no accessibility fault, and 44 px to press', async () => {
    const desk = await openPhone(browser, { ...DESK, origins: [sandbox.endpoint] })
    await desk.page.goto(await order({}))
    const look = async (name: string) => {
      expect(await axeFaults(desk.page), name).toEqual([])
      expect(await smallTargets(desk.page), name).toEqual([])
      expect(await sidewaysScroll(desk.page), name).toBe(0)
      await takeScreen(desk.page, `sandbox-cashier-desk-${name}`)
    }
    await look('login')
    const slip = await desk.page.getByRole('region', { name: '付款信息' }).boundingBox()
    const form = await desk.page.getByLabel('账号').boundingBox()
    expect(form?.x).toBeGreaterThan((slip?.x ?? 0) + (slip?.width ?? 0))
    await press(desk.page, '用 沙箱买家 登录')
    await look('confirm')
    await press(desk.page, '确认付款')
    await look('password')
    await desk.page.getByLabel('六位支付密码').fill('111111')
    await press(desk.page, '付款 ￥88.80')
    await look('result')
    await desk.close()
  })

  it('SBX-25 the pages fit 320 px, with 44 px to press, and break no accessibility rule', async () => {
    const narrow = await openPhone(browser, { ...NARROW, origins: [sandbox.endpoint] })
    const look = async (name: string) => {
      expect(await axeFaults(narrow.page), name).toEqual([])
      expect(await smallTargets(narrow.page), name).toEqual([])
      expect(await sidewaysScroll(narrow.page), name).toBe(0)
    }
    await narrow.page.goto(await order({ qr_pay_mode: '1' }))
    await look('scan')
    await narrow.page.getByRole('link', { name: '在电脑上登录付款' }).click()
    await look('login')
    await press(narrow.page, '用 余额不足的买家 登录')
    await look('confirm')
    await narrow.page.getByRole('link', { name: '充值' }).click()
    await look('top-up')
    await press(narrow.page, '充值')
    await press(narrow.page, '确认付款')
    await look('password')
    await narrow.close()
  })
})

/** What a phone's camera reads from the page: the picture of the code, decoded by a scanner that knows nothing of us. */
async function scan(page: Page): Promise<string | undefined> {
  const code = page.getByRole('img', { name: /二维码/ })
  // The page asks by itself whether somebody has scanned, and a picture of what is just being replaced fails.
  let picture = ''
  await expect
    .poll(
      async () => {
        picture = (await code.screenshot({ timeout: 5_000 }).catch(() => Buffer.alloc(0))).toString('base64')
        return picture
      },
      { timeout: 30_000 },
    )
    .not.toBe('')
  const blank = await page.context().newPage()
  const { data, width, height } = await blank.evaluate(async (base64) => {
    const image = new Image()
    image.src = `data:image/png;base64,${base64}`
    await image.decode()
    const { width, height } = image
    const context = new OffscreenCanvas(width, height).getContext('2d')
    context?.drawImage(image, 0, 0)
    return { data: [...(context?.getImageData(0, 0, width, height).data ?? [])], width, height }
  }, picture)
  await blank.close()
  return jsQR(Uint8ClampedArray.from(data), width, height)?.data
}
