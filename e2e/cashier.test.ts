import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AlipaySandbox, generateKeys, type SandboxKeys, startAlipaySandbox } from 'alipay-sandbox'
import { AlipaySdk } from 'alipay-sdk'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { axeFaults, openBrowser, openPhone, type Phone, sidewaysScroll, takeScreen } from './phone.ts'

const PASSWORD = '111111'
const CASHIER_PHONE = { width: 375, height: 812 }
const NARROW = { width: 320, height: 640 }
const DESK = { width: 1280, height: 800 }

let browser: Browser
let keys: SandboxKeys
let sandbox: AlipaySandbox
let merchant: Awaited<ReturnType<typeof startMerchant>>
let phone: Phone
let inspector: Phone
let serial = 0

beforeAll(async () => {
  browser = await openBrowser()
  keys = await generateKeys()
  merchant = await startMerchant()
})

afterAll(async () => {
  await browser?.close()
  await merchant?.stop()
})

beforeEach(async () => {
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys })
  merchant.visits.length = 0
  const origins = [sandbox.endpoint, merchant.origin]
  phone = await openPhone(browser, { origins, viewport: CASHIER_PHONE, javaScriptEnabled: false })
  inspector = await openPhone(browser, { origins, viewport: CASHIER_PHONE, deviceScaleFactor: 1 })
})

afterEach(async () => {
  await phone.close()
  await inspector.close()
  await sandbox.stop()
})

/** The shop that the buyer comes from and goes back to. */
async function startMerchant() {
  const visits: string[] = []
  const server = createServer((request, response) => {
    if (request.method === 'GET') visits.push(request.url ?? '')
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>shop</title>success')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { visits, origin, stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) }
}

function payUrl(product: 'wap' | 'page' = 'wap', biz: Readonly<Record<string, string>> = {}): string {
  serial += 1
  return new AlipaySdk(sandbox.sdkConfig).pageExecute(`alipay.trade.${product}.pay`, 'GET', {
    returnUrl: `${merchant.origin}/pay-complete`,
    bizContent: {
      out_trade_no: `ih1_e2e_${serial}`,
      total_amount: '776.00',
      subject: '<img src=x onerror=alert(1)> 胡同里的一间房，两晚',
      product_code: product === 'wap' ? 'QUICK_WAP_WAY' : 'FAST_INSTANT_TRADE_PAY',
      timeout_express: '15m',
      ...(product === 'wap' ? { quit_url: `${merchant.origin}/orders` } : {}),
      ...biz,
    },
  })
}

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name, exact: true }).click()

async function logIn(page: Page, account: string): Promise<void> {
  await page.getByLabel('账号').fill(account)
  await page.getByLabel('登录密码').fill(PASSWORD)
  await press(page, '登录')
}

async function typePayPassword(page: Page, password = PASSWORD): Promise<void> {
  await page.getByLabel('六位支付密码').fill(password)
  await press(page, /^付款 ￥/)
}

/**
 * Whether the page at which the buyer stands is fit to ship: rules of WCAG in light and dark, no push sideways, room for
 * a thumb, nothing that the policy had to stop. Accessibility checkers are scripts, so a second browser looks at the
 * same address; what it sees depends on the state of the payment alone.
 */
async function expectFit(buyer: Page, name: string): Promise<void> {
  const { page, faults } = inspector
  await page.setViewportSize(buyer.viewportSize() ?? CASHIER_PHONE)
  await page.goto(buyer.url())
  expect(await page.getByRole('heading', { level: 1 }).textContent(), name).toBe(
    await buyer.getByRole('heading', { level: 1 }).textContent(),
  )
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await axeFaults(page), `${name}, ${colorScheme}`).toEqual([])
    await takeScreen(page, `cashier/${name}-${colorScheme}`)
  }
  expect(await sidewaysScroll(page), name).toBe(0)
  expect(await smallTargets(page), name).toEqual([])
  await page.setViewportSize(NARROW)
  expect(await sidewaysScroll(page), `${name} at 320 px`).toBe(0)
  expect(faults, name).toEqual([])
}

const smallTargets = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('a, button, input:not([type=hidden])')]
      .map((target) => ({ target, box: target.getBoundingClientRect() }))
      .filter(({ box }) => box.height < 44 || box.width < 44)
      .map(({ target }) => target.outerHTML),
  )

describe('the cashier in a real browser without JavaScript', () => {
  it('SBX-15 SBX-17 SBX-25 is paid step by step on a phone and returns by itself', async () => {
    const { page } = phone
    await page.goto(payUrl())
    expect(await page.getByText('离线沙箱，非支付宝官方页面').isVisible()).toBe(true)
    expect(await page.getByText('<img src=x onerror=alert(1)> 胡同里的一间房，两晚').isVisible()).toBe(true)
    await expectFit(page, '1-login')

    await logIn(page, 'rich@example.com')
    expect(await page.getByText('￥776.00', { exact: true }).isVisible()).toBe(true)
    await expectFit(page, '2-confirm')

    await press(page, '确认付款')
    await expectFit(page, '3-password')
    await typePayPassword(page, '222222')
    expect(await page.getByRole('alert').textContent()).toContain('支付密码不对，还可以再试 4 次')
    await expectFit(page, '4-wrong-password')

    await typePayPassword(page)
    await page.getByRole('link', { name: '留在此页' }).click()
    await expectFit(page, '5-paid')
    await page.goBack()
    await page.waitForURL(`${merchant.origin}/pay-complete?**`, { timeout: 10_000 })
    expect(merchant.visits[0]).toContain('&method=alipay.trade.wap.pay.return&total_amount=776.00&sign=')
    expect(phone.faults).toEqual([])
  })

  it('SBX-15 returns at once by the button, and the back button pays nothing twice', async () => {
    const { page } = phone
    await page.goto(payUrl())
    await press(page, '用 沙箱买家 登录')
    await press(page, '确认付款')
    await typePayPassword(page)
    await page.getByRole('link', { name: '返回商户' }).click()
    await page.goBack()
    expect(await page.getByRole('heading', { name: '付款成功' }).isVisible()).toBe(true)
    await page.goBack()
    expect(await page.getByRole('heading', { name: '付款成功' }).isVisible()).toBe(true)
    expect(sandbox.control.trades()).toHaveLength(1)
    expect(phone.faults).toEqual([])
  })

  it('SBX-23 SBX-25 helps a buyer whose balance is too small, and one who is locked', async () => {
    const { page } = phone
    await page.goto(payUrl())
    await page.getByLabel('账号').fill('nobody@example.com')
    await page.getByLabel('登录密码').fill('x')
    await press(page, '登录')
    await expectFit(page, '6-wrong-login')
    await logIn(page, 'poor@example.com')
    await press(page, '确认付款')
    await typePayPassword(page)
    expect(await page.getByRole('alert').textContent()).toContain('余额不足，还差 ￥775.00')
    await expectFit(page, '7-balance-short')
    await page.getByRole('link', { name: '充值' }).click()
    await expectFit(page, '8-top-up')
    await press(page, '充值')
    await page.getByRole('link', { name: '换一个账户' }).click()
    await expectFit(page, '9-account')
    await page.getByRole('link', { name: '不换了' }).click()
    await press(page, '确认付款')
    for (let n = 0; n < 5; n += 1) await typePayPassword(page, '222222')
    expect(await page.getByRole('alert').textContent()).toContain('这个账户已锁定')
    await expectFit(page, '10-locked')
    expect(phone.faults).toEqual([])
  })

  it('SBX-24 SBX-25 pays in the app as an iPhone does, and as Android does', async () => {
    const { page } = phone
    await page.goto(payUrl())
    await press(page, '用 沙箱买家 登录')
    await page.getByRole('link', { name: '在 App 中支付（模拟）' }).click()
    await expectFit(page, '11-app')
    await page.getByLabel('六位支付密码').fill(PASSWORD)
    await press(page, '付款，像 iPhone 一样不返回')
    await expectFit(page, '12-paid-ios')
    expect(await page.getByRole('link').count()).toBe(0)

    await page.goto(payUrl())
    await press(page, '用 沙箱买家 登录')
    await page.getByRole('link', { name: '在 App 中支付（模拟）' }).click()
    await page.getByLabel('六位支付密码').fill(PASSWORD)
    await press(page, '付款，像 Android 一样开新标签页')
    await expectFit(page, '13-paid-android')
    expect(merchant.visits).toEqual([])
    const tab = phone.context.waitForEvent('page')
    await page.getByRole('link', { name: '在新标签页返回商户' }).click()
    await (await tab).waitForURL(`${merchant.origin}/pay-complete?**`)
    expect(sandbox.control.trades().map(({ status }) => status)).toEqual(['TRADE_SUCCESS', 'TRADE_SUCCESS'])
    expect(phone.faults).toEqual([])
  })

  it('SBX-15 SBX-20 SBX-22 SBX-25 ends in words when there is nothing to pay', async () => {
    const { page } = phone
    await page.goto(payUrl())
    await press(page, '放弃付款，返回商户')
    await page.waitForURL(`${merchant.origin}/orders`)

    const once = payUrl()
    await page.goto(once)
    const open = page.url()
    await sandbox.pay({ payUrl: once })
    await page.goto(open)
    await expectFit(page, '14-paid-elsewhere')
    await page.goto(once)
    expect(await page.getByText('ACQ.TRADE_HAS_SUCCESS').isVisible()).toBe(true)
    await expectFit(page, '15-refused')

    await page.goto(payUrl('wap', { time_expire: '2099-01-01 00:00:00' }))
    await sandbox.clock.set(new Date('2098-12-31T16:00:00Z'))
    await page.reload()
    await expectFit(page, '16-expired')
    await page.goto(`${sandbox.endpoint}/cashier/nothing`)
    await expectFit(page, '17-not-found')
    expect(phone.faults).toEqual([])
  })

  it('SBX-16 SBX-25 gives page.pay the width of a desk', async () => {
    const { page } = phone
    await page.setViewportSize(DESK)
    await page.goto(payUrl('page'))
    await press(page, '用 沙箱买家 登录')
    await expectFit(page, '18-desk-confirm')
    await press(page, '确认付款')
    await typePayPassword(page)
    await page.getByRole('link', { name: '留在此页' }).click()
    await expectFit(page, '19-desk-paid')
    expect(phone.faults).toEqual([])
  })
})
