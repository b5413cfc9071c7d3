import { gzipSync } from 'node:zlib'
import { addDays } from '@ihome/core/calendar'
import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { expectFit } from './fit.ts'
import { addPeopleAndHouses } from './fixture.ts'
import { openBrowser, openPhone, type Phone } from './phone.ts'
import {
  button,
  cardOf,
  chooseDays,
  eventually,
  fillLogin,
  freeFrom,
  GUEST_PHONE,
  houseTitled,
  orderInEachStatus,
  sheet,
  signInAt,
} from './shop-steps.ts'
import { startWorld, type World } from './world.ts'

/** 门头沟区, whose homes are taken off the market here. */
const EMPTY_AREA = 16
const TITLE = '国贸CBD夜景高层，落地窗'
const API = '**/api/v1.0'

let world: World
let browser: Browser
let visitor: Phone
let guest: Phone
let nobody: Phone
let house: Awaited<ReturnType<typeof houseTitled>>
/** Console errors that a state makes on purpose: it has cut the network. */
const CUT = /net::ERR_(FAILED|INTERNET_DISCONNECTED)/

beforeAll(async () => {
  ;[world, browser] = await Promise.all([startWorld(), openBrowser()])
  await world.database.query('update houses set listed = false where area_id = $1', [EMPTY_AREA])
  house = await houseTitled(world, TITLE)
  const open = () => openPhone(browser, { origins: [world.origin] })
  ;[visitor, guest, nobody] = await Promise.all([open(), open(), open()])
  await signInAt(guest.page, world.origin, '/my', GUEST_PHONE)
  const { guests } = await addPeopleAndHouses(world, { guests: 1, houses: 0 })
  await signInAt(nobody.page, world.origin, '/orders', guests[0] ?? '')
})

afterEach(async () => {
  for (const { page, context, faults } of [visitor, guest, nobody]) {
    await context.setOffline(false)
    await page.unrouteAll()
    expect(faults.splice(0).filter((fault) => !CUT.test(fault))).toEqual([])
  }
})

afterAll(async () => {
  await browser?.close()
  await world?.stop()
})

const go = (page: Page, path: string) => page.goto(world.origin + path)
const seen = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
const cut = (route: Route) => route.abort()
/** An answer of the API as the server would give it. */
const answers = (data: unknown) => (route: Route) =>
  route.fulfill({ json: { errno: '0', errmsg: 'ok', data, problem: null, request_id: 'e2e' } })
const refuses = (status: number, problem: string, data?: unknown) => (route: Route) =>
  route.fulfill({ status, json: { errno: '4004', errmsg: problem, data, problem, request_id: 'e2e' } })

describe('pages of a visitor', () => {
  it('register, its question, its errors and its captcha that does not come; login by code; a forgotten password', async () => {
    const { page } = visitor
    await go(page, '/register')
    await page.locator('.captcha__picture img').waitFor()
    await expectFit(page, 'pages/register')
    await button(page, '改用文字题').click()
    await seen(page, /等于几？请填数字/)
    await button(page, '立即注册').click()
    await seen(page, '密码至少 8 个字符')
    await expectFit(page, 'pages/register-errors')
    await page.route(/\/image_codes/, cut)
    await button(page, '改用图片').click()
    await seen(page, '验证码没有加载出来')
    await expectFit(page, 'pages/register-no-captcha')
    await page.unrouteAll()
    await go(page, '/login?by=code')
    await page.locator('.captcha__picture img').waitFor()
    await expectFit(page, 'pages/login-code')
    await go(page, '/forgot')
    await page.locator('.captcha__picture img').waitFor()
    await expectFit(page, 'pages/forgot')
  })

  it('home, with its calendar, without homes and without districts', async () => {
    const { page } = visitor
    await go(page, '/')
    await button(page, /^入住日期/).waitFor()
    await expectFit(page, 'pages/home')
    await button(page, /^入住日期/).click()
    await sheet(page, '选择日期').waitFor()
    await expectFit(page, 'pages/home-calendar')
    await page.keyboard.press('Escape')

    await go(page, '/login')
    await page.route(`${API}/house/index`, answers({ hlist: [] }))
    await page.route(`${API}/house/areas`, cut)
    await page.getByRole('link', { name: '返回' }).click()
    await seen(page, '还没有房源')
    await seen(page, '城区没有加载出来，可以先搜索全部城区')
    await expectFit(page, 'pages/home-empty')
    await page.unrouteAll()
    await button(page, '重试').click()
    await page.getByText('城区没有加载出来').waitFor({ state: 'hidden' })
  })

  it('search, its sheets, its empty and broken states', async () => {
    const { page } = visitor
    await go(page, '/search?aid=3&aname=朝阳区')
    await page.getByRole('link', { name: '最新上线' }).waitFor()
    await expectFit(page, 'pages/search')
    await page.getByRole('link', { name: '朝阳区', exact: true }).first().click()
    await sheet(page, '选择城区').waitFor()
    await expectFit(page, 'pages/search-areas')
    await page.goBack()

    await go(page, `/search?aid=${EMPTY_AREA}`)
    await seen(page, '没有符合条件的房源')
    await expectFit(page, 'pages/search-empty')
    await go(page, '/search?aid=999&sd=2020-01-01&ed=2020-01-03')
    await seen(page, '没有这个城区，已显示全部')
    await seen(page, '原来的日期已经过去，请重新选择')
    await expectFit(page, 'pages/search-notes')

    await page.route(`${API}/houses?*`, cut)
    await page.locator('.results__end').scrollIntoViewIfNeeded()
    await seen(page, '后面的房源没有加载出来')
    await expectFit(page, 'pages/search-more-failed')
    await page.unrouteAll()
    await button(page, '重试').click()
    await page.getByText('后面的房源没有加载出来').waitFor({ state: 'hidden' })

    await go(page, '/')
    await page.route(`${API}/houses?*`, cut)
    await button(page, '搜索').click()
    await seen(page, '网络不稳，没有收到结果')
    await expectFit(page, 'pages/search-outage')
    await page.unrouteAll()
    await button(page, '重试').click()
    await page.locator('.result').first().waitFor()
  })

  it('a home, its calendar, without pictures, gone, and out of reach', async () => {
    const { page } = visitor
    const start = freeFrom(world, house.taken, 2)
    await go(page, `/detail/${house.id}?sd=${start}&ed=${addDays(start, 2)}`)
    await seen(page, '评价信息')
    // Written out for every stay, however near its first night is.
    await page.getByText('不退款', { exact: true }).waitFor()
    await expectFit(page, 'pages/detail')
    await page.locator('.house__dates').click()
    await sheet(page, '选择日期').locator('.is-taken').first().waitFor()
    await expectFit(page, 'pages/detail-calendar')
    await page.goBack()
    await page.route(`${API}/order/house/*`, cut)
    await go(page, `/detail/${house.id}`)
    await page.locator('.house__dates').click()
    await seen(page, '未能读取已订日期')
    await expectFit(page, 'pages/detail-calendar-failed')
    await page.unrouteAll()
    await button(page, '重试').click()
    await sheet(page, '选择日期').locator('.is-taken').first().waitFor()

    const bare = await addBareHouse()
    await go(page, `/detail/${bare}`)
    await seen(page, '暂无评价')
    await expectFit(page, 'pages/detail-bare')
    expect((await go(page, '/detail/999999'))?.status()).toBe(404)
    await seen(page, '没有找到这个房源')
    await expectFit(page, 'pages/detail-gone')

    await go(page, '/search')
    await page.route(`${API}/house/*`, cut)
    await page.locator('.result').first().click()
    await seen(page, '网络不稳，没有收到结果')
    await expectFit(page, 'pages/detail-outage')
  })

  it('photos are enlarged by a tap or a key, numbered in the address, and closed by back and Esc', async () => {
    const { page } = visitor
    const zoom = page.getByRole('dialog', { name: '房间照片，放大看' })
    const photo = () => new URL(page.url()).searchParams.get('photo')
    await go(page, `/detail/${house.id}`)
    await button(page, '分享').waitFor()
    const links = page.locator('.photos__rail a')
    const total = await links.count()
    expect(total).toBeGreaterThan(2)
    // One tab stop for all of them, which arrows move.
    expect(await links.evaluateAll((all) => all.map((link) => (link as HTMLElement).tabIndex))).toEqual(
      Array.from({ length: total }, (_, index) => (index === 0 ? 0 : -1)),
    )
    await links.first().focus()
    await page.keyboard.press('ArrowRight')
    await page.locator('.photos > .photos__count', { hasText: `2/${total}` }).waitFor()
    await page.keyboard.press('Enter')
    await zoom.waitFor()
    await zoom.getByText(`2/${total}`, { exact: true }).waitFor()
    expect(photo()).toBe('2')
    await expectFit(page, 'pages/detail-zoom')
    await page.keyboard.press('ArrowRight')
    await zoom.getByText(`3/${total}`, { exact: true }).waitFor()
    await eventually(photo).toBe('3')
    await page.keyboard.press('Escape')
    await zoom.waitFor({ state: 'detached' })
    await eventually(photo).toBeNull()
    expect(await links.nth(1).evaluate((link) => link === document.activeElement)).toBe(true)

    await links.nth(1).click()
    await zoom.waitFor()
    await page.goBack()
    await zoom.waitFor({ state: 'detached' })
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe(`/detail/${house.id}`)

    // A link to one photo opens it; closing it leaves the page of the home.
    await go(page, `/detail/${house.id}?photo=3`)
    await zoom.getByText(`3/${total}`, { exact: true }).waitFor()
    await button(zoom, '关闭').click()
    await zoom.waitFor({ state: 'detached' })
    await eventually(() => page.url()).toBe(`${world.origin}/detail/${house.id}`)
    await go(page, `/detail/${house.id}?photo=99`)
    await button(page, '分享').waitFor()
    expect(await zoom.count()).toBe(0)
  })

  it('a home is shared by the phone’s own sheet, else by ours with its link and code', async () => {
    const { page } = visitor
    const start = freeFrom(world, house.taken, 2)
    const link = `${world.origin}/detail/${house.id}?sd=${start}&ed=${addDays(start, 2)}`
    await go(page, `/detail/${house.id}?photo=99&sd=${start}&ed=${addDays(start, 2)}`)
    await button(page, '分享').click()
    const ours = sheet(page, '分享房源')
    await ours.getByText(link, { exact: true }).waitFor()
    await expectFit(page, 'pages/detail-share')
    await page.goBack()
    await ours.waitFor({ state: 'hidden' })
    await page.evaluate(() => {
      Object.assign(navigator, { share: async (what: object) => Object.assign(window, { shared: what }) })
    })
    await button(page, '分享').click()
    await eventually(() => page.evaluate(() => (window as { shared?: object }).shared)).toEqual({
      title: TITLE,
      url: link,
    })
    expect(await ours.isVisible()).toBe(false)
  })

  it('cards are swiped through five photos, which are asked for at the first touch', async () => {
    const { page } = visitor
    const asked: string[] = []
    page.on('request', (request) => /\/house\/\d+$/.test(request.url()) && asked.push(request.url()))
    await go(page, '/search?aid=3&aname=朝阳区')
    const card = page.locator('.result-box').filter({ hasText: TITLE })
    const rail = card.getByRole('group', { name: `${TITLE}的照片` })
    const { rows } = await world.database.query('select 1 from house_photos where house_id = $1', [house.id])
    const shown = Math.min(rows.length, 5)
    await rail.getByText(`${shown}/${shown}`, { exact: true }).waitFor({ state: 'attached' })
    expect(shown).toBeGreaterThan(1)
    expect(await rail.locator('a').count()).toBe(shown)
    expect(asked).toEqual([])
    await rail.focus()
    await page.keyboard.press('ArrowRight')
    await rail.locator('a').nth(1).locator('img').waitFor()
    expect(asked).toHaveLength(1)
    await rail.locator('a').nth(1).click()
    await page.waitForURL(new RegExp(`/detail/${house.id}`))
  })

  it('what does not exist, login, and the result of a payment in each state', async () => {
    const { page } = visitor
    expect((await go(page, '/nowhere'))?.status()).toBe(404)
    await seen(page, '没有找到这个页面')
    await expectFit(page, 'pages/not-found')

    await go(page, '/login?next=%2Forders')
    await button(page, '登录').click()
    await seen(page, '请输入手机号')
    await expectFit(page, 'pages/login-missing')
    await fillLogin(page, GUEST_PHONE, 'not the password')
    await seen(page, '手机号或密码不对')
    await expectFit(page, 'pages/login-failed')

    await go(page, '/pay-complete')
    await page.getByRole('heading', { name: '支付结果以订单为准' }).waitFor()
    await expectFit(page, 'pages/pay-complete-neutral')
    for (const [state, words] of [
      ['pending', '支付结果确认中'],
      ['paid', '支付已完成'],
      ['failed', '支付未完成'],
      ['refunding', '款项退回中'],
    ] as const) {
      await page.unrouteAll()
      await page.route(`${API}/order/payment`, answers({ order_id: 1, status: 'PAID', payment_state: state }))
      await go(page, `/pay-complete?out_trade_no=${state}`)
      await page.getByRole('heading', { name: words }).waitFor()
      await page.getByRole('link', { name: '查看订单' }).waitFor()
      await expectFit(page, `pages/pay-complete-${state}`)
    }
  })

  it('a network that is gone is said on top, and what stands there stays', async () => {
    const { page, context } = visitor
    await go(page, '/search')
    await page.getByRole('link', { name: '最新上线' }).waitFor()
    await context.setOffline(true)
    await seen(page, '当前没有网络')
    await page.locator('.result').first().waitFor()
    await expectFit(page, 'pages/offline')
  })
})

describe('what holds for the public pages', () => {
  const publicPages = () => {
    const start = freeFrom(world, house.taken, 2)
    return ['/', '/search', `/detail/${house.id}?sd=${start}&ed=${addDays(start, 2)}`]
  }

  it('UX1 the first HTML with its data is at most 14 KB packed', async () => {
    for (const path of publicPages()) {
      const html = await (await fetch(world.origin + path)).text()
      expect(gzipSync(html, { level: 9 }).length / 1_024, path).toBeLessThanOrEqual(14)
    }
  })

  it('UX6 nothing moves while scripts, data and pictures come late', async () => {
    const late = await openPhone(browser, { origins: [world.origin] })
    const { page, context } = late
    await page.addInitScript(() => {
      Object.assign(window, { moved: 0 })
      new PerformanceObserver((list) => {
        for (const shift of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
          const seen = window as unknown as { moved: number }
          if (!shift.hadRecentInput) seen.moved += shift.value
        }
      }).observe({ type: 'layout-shift', buffered: true })
    })
    const session = await context.newCDPSession(page)
    await session.send('Network.enable')
    const slow = { offline: false, latency: 300, downloadThroughput: 184_000, uploadThroughput: 84_000 }
    await session.send('Network.emulateNetworkConditions', slow)
    for (const path of publicPages()) {
      await page.goto(world.origin + path, { waitUntil: 'networkidle' })
      expect(await page.evaluate(() => (window as unknown as { moved: number }).moved), path).toBeLessThanOrEqual(0.02)
    }
    expect(late.faults).toEqual([])
    await late.close()
  })

  it('a sheet takes the focus and gives it back, and a list is walked link by link', async () => {
    const { page } = visitor
    await go(page, '/search?sk=booking')
    await page.locator('.result-box:first-child [role="group"]').waitFor()
    const filter = page.getByRole('link', { name: '筛选' })
    const isFocused = (selector: string) =>
      page.evaluate((inside) => document.activeElement?.closest(inside) !== null, selector)
    await filter.focus()
    await page.keyboard.press('Enter')
    await sheet(page, '筛选').waitFor()
    await eventually(() => isFocused('dialog')).toBe(true)
    for (let step = 0; step < 12; step += 1) await page.keyboard.press('Shift+Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('.results') ?? null)).toBeNull()
    await page.keyboard.press('Escape')
    await sheet(page, '筛选').waitFor({ state: 'hidden' })
    await eventually(() => filter.evaluate((link) => link === document.activeElement)).toBe(true)
    // Photos, home and heart of one card, then those of the next.
    const stops: string[] = []
    for (let step = 0; step < 6; step += 1) {
      await page.keyboard.press('Tab')
      stops.push(await page.evaluate(() => document.activeElement?.className.split(' ').at(-1) ?? ''))
    }
    expect(stops).toEqual(['result__photos', 'result', 'heart', 'result__photos', 'result', 'heart'])
  })

  it('dates and times are those of Shanghai, wherever the phone is', async () => {
    const away = await openPhone(browser, {
      origins: [world.origin],
      timezoneId: 'America/New_York',
      storageState: await guest.context.storageState(),
    })
    const { orders } = await (await world.signedIn(GUEST_PHONE)).orders.list({ role: 'custom' })
    const start = freeFrom(world, house.taken, 2)
    const stay = `sd=${start}&ed=${addDays(start, 2)}`
    const paths = [
      `/?${stay}`,
      `/search?${stay}`,
      `/detail/${house.id}?${stay}`,
      `/booking/${house.id}?${stay}`,
      '/orders',
      `/orders/${orders[0]?.order_id}`,
      `/detail/${house.id}/reviews`,
    ]
    const readAt = async (page: Page, path: string) => {
      await page.goto(world.origin + path, { waitUntil: 'networkidle' })
      // What is left of a deadline goes on while one looks.
      return ((await page.locator('main').textContent()) ?? '').replace(/还剩[ \d天小时分]*/g, '')
    }
    for (const path of paths) {
      const [here, there] = await Promise.all([readAt(guest.page, path), readAt(away.page, path)])
      expect(here).toMatch(/\d/)
      expect(there, path).toBe(here)
    }
    expect(away.faults).toEqual([])
    await away.close()
  })
})

describe('pages of a guest', () => {
  it('我的, and when the name cannot be read', async () => {
    const { page } = guest
    await go(page, '/my')
    await seen(page, /手机号/)
    await expectFit(page, 'pages/my')
    await page.route(`${API}/users/profile`, cut)
    await page.reload()
    await seen(page, '名字和手机号没有读出来')
    await expectFit(page, 'pages/my-failed')
  })

  it('booking: full, without dates, and every refusal at its place', async () => {
    const { page } = guest
    const start = freeFrom(world, house.taken, 2)
    const address = `/booking/${house.id}?sd=${start}&ed=${addDays(start, 2)}`
    const submit = () => button(page, '提交订单').click()
    /** From another page, or the sheet that a refusal has opened would be restored as by a reload. */
    const goAnew = async () => {
      await go(page, '/my')
      await go(page, address)
    }
    // What this guest chose here before would be there again, and the calendar closed.
    await page.evaluate(() => sessionStorage.clear())
    await go(page, `/booking/${house.id}`)
    await sheet(page, '选择日期').locator('.is-taken').first().waitFor()
    await expectFit(page, 'pages/booking-calendar')
    await chooseDays(page, start, addDays(start, 2))
    await seen(page, '接下来')
    await expectFit(page, 'pages/booking')

    for (const [name, status, problem, data, words] of [
      ['taken', 409, 'dates_taken', undefined, '这些日期刚被别人订走了，请重新选择'],
      ['too-short', 400, 'stay_too_short', { min_days: 3 }, '至少住 3 晚'],
      ['too-many-guests', 400, 'too_many_guests', { capacity: 1 }, '最多住 1 人'],
      ['too-many-orders', 409, 'too_many_open_orders', undefined, '你有几个订单还没支付，先处理它们'],
      ['unlisted', 404, 'house_not_found', undefined, '这个房源暂时不接受预订'],
      ['busy', 503, 'overloaded', undefined, '现在人有点多，请稍后再试'],
    ] as const) {
      await page.route(`${API}/orders`, refuses(status, problem, data))
      await goAnew()
      await submit()
      await seen(page, words)
      await expectFit(page, `pages/booking-${name}`)
      await page.unrouteAll()
    }

    await page.route(`${API}/orders`, refuses(409, 'price_changed', { amount: 2 * house.priceFen + 8000 }))
    await goAnew()
    await submit()
    await sheet(page, '价格变了').waitFor()
    await expectFit(page, 'pages/booking-price-changed')
    await page.unrouteAll()
    await page.route(`${API}/orders`, cut)
    await goAnew()
    await submit()
    await seen(page, '网络不稳，没有收到结果')
    await expectFit(page, 'pages/booking-outage')
    await page.unrouteAll()
    await page.route(`${API}/order/house/*`, cut)
    await goAnew()
    await button(page, '重试').first().waitFor()
    await expectFit(page, 'pages/booking-not-read')
  })

  it('orders in every status, each order whole, and the sheets of their steps', async () => {
    const { page } = guest
    await go(page, '/orders')
    await page.locator('.order-card').first().waitFor()
    await expectFit(page, 'pages/orders')
    const orders = await orderInEachStatus(world, 'guest_id', GUEST_PHONE)
    expect(orders.map(({ status }) => status)).toEqual(
      expect.arrayContaining([
        'WAIT_ACCEPT',
        'WAIT_PAYMENT',
        'PAID',
        'WAIT_COMMENT',
        'COMPLETE',
        'CANCELED',
        'REJECTED',
      ]),
    )
    for (const { id, status } of orders) {
      await go(page, `/orders/${id}`)
      await page.getByRole('heading', { name: '订单进展' }).waitFor()
      await expectFit(page, `pages/order-${status}`)
    }
    const cancelable = orders.find(({ status }) => status === 'WAIT_PAYMENT')?.id ?? 0
    const commentable = orders.find(({ status }) => status === 'WAIT_COMMENT')?.id ?? 0
    await go(page, '/orders')
    await button(cardOf(page, cancelable), '取消订单').click()
    await sheet(page, '取消订单').waitFor()
    await expectFit(page, 'pages/orders-cancel')
    await page.goBack()
    await button(cardOf(page, commentable), '发表评价').click()
    await button(sheet(page, '发表评价'), '确定').click()
    await seen(page, '请先写几句')
    await expectFit(page, 'pages/orders-comment')
    await page.goBack()
    await page.route(`${API}/orders/*/payment`, refuses(503, 'gateway_unavailable'))
    await button(cardOf(page, cancelable), '去支付').click()
    await seen(page, /支付宝暂时连不上，订单为你保留到/)
    await expectFit(page, 'pages/orders-gateway-unavailable')

    await page.route(`${API}/user/orders?*`, cut)
    await page.reload()
    await seen(page, '网络不稳，没有收到结果')
    await expectFit(page, 'pages/orders-outage')
    await go(page, '/orders/999999')
    await seen(page, '没有这个订单，或者它不是你的。')
    await expectFit(page, 'pages/order-gone')
    await go(nobody.page, '/orders')
    await seen(nobody.page, '暂无订单')
    await expectFit(nobody.page, 'pages/orders-empty')
    await go(nobody.page, '/host-orders')
    await seen(nobody.page, '暂无订单')
    await expectFit(nobody.page, 'pages/host-orders-empty')
  })

  it('WeChat’s browser is told where payment goes on', async () => {
    const wechat = await openPhone(browser, {
      origins: [world.origin],
      userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.50',
    })
    await signInAt(wechat.page, world.origin, '/orders', GUEST_PHONE)
    await seen(wechat.page, '微信里打不开支付宝，支付要换到浏览器进行')
    await button(wechat.page, '去支付').first().click()
    await sheet(wechat.page, '换到浏览器支付').waitFor()
    await expectFit(wechat.page, 'pages/orders-wechat')
    expect(wechat.faults).toEqual([])
    await wechat.close()
  })
})

/** A home with nothing that one may leave out. */
async function addBareHouse(): Promise<number> {
  const { rows } = await world.database.query<{ id: string }>(
    `insert into houses (user_id, area_id, title, price_fen, address, room_count, acreage, unit, capacity, beds,
                         deposit_fen, min_days, max_days, created_at, updated_at)
     select user_id, 1, '还没有照片的小屋', 12345, '东城区试验胡同1号', 1, 20, '开间', 1, '单人床1张', 0, 2, 5, $1, $1
     from houses limit 1 returning id`,
    [world.now()],
  )
  return Number(rows[0]?.id)
}
