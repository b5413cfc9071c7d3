import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { expectFit } from './fit.ts'
import { addPeopleAndHouses } from './fixture.ts'
import { openBrowser, openPhone, type Phone } from './phone.ts'
import {
  button,
  cardLink,
  cardOf,
  eventually,
  GUEST_PHONE,
  HOST_PHONE,
  houseTitled,
  orderInEachStatus,
  sheet,
  signInAt,
} from './shop-steps.ts'
import { startWorld, type World } from './world.ts'

const TITLE = '国贸CBD夜景高层，落地窗'
const API = '**/api/v1.0'
/** Console errors that a state makes on purpose: it has cut the network. */
const CUT = /net::ERR_FAILED/

let world: World
let browser: Browser
let guest: Phone
let host: Phone
/** Somebody who has neither booked nor let anything. */
let nobody: Phone

beforeAll(async () => {
  ;[world, browser] = await Promise.all([startWorld(), openBrowser()])
  const open = () => openPhone(browser, { origins: [world.origin] })
  ;[guest, host, nobody] = await Promise.all([open(), open(), open()])
  await signInAt(guest.page, world.origin, '/my', GUEST_PHONE)
  await signInAt(host.page, world.origin, '/host-orders', HOST_PHONE)
  const { guests } = await addPeopleAndHouses(world, { guests: 1, houses: 0 })
  await signInAt(nobody.page, world.origin, '/orders', guests[0] ?? '')
})

afterEach(async () => {
  for (const { page, faults } of [guest, host, nobody]) {
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
/** The page whose data do not come. */
async function expectOutageFit(page: Page, { path, api, name }: { path: string; api: string; name: string }) {
  await page.route(API + api, cut)
  await go(page, path)
  await button(page, '重试').first().waitFor()
  await expectFit(page, `pages/${name}`)
  await page.unrouteAll()
}

it('pages of a host: orders to answer, and the sheets to accept, reject and cancel', async () => {
  const { page } = host
  await go(page, '/host-orders')
  const [asking] = (await orderInEachStatus(world, 'host_id', HOST_PHONE)).filter(
    ({ status }) => status === 'WAIT_ACCEPT',
  )
  const card = cardOf(page, asking?.id ?? 0)
  await card.waitFor()
  await expectFit(page, 'pages/host-orders')
  await button(card, '接单').click()
  await sheet(page, '接下这个订单').waitFor()
  await expectFit(page, 'pages/host-accept')
  await page.goBack()
  await button(card, '拒单').click()
  await button(sheet(page, '拒绝这个订单'), '确认拒单').click()
  await seen(page, '请写一个原因，房客会看到')
  await expectFit(page, 'pages/host-reject')
  await page.goBack()
  await go(page, `/orders/${asking?.id}`)
  await page.getByRole('heading', { name: '订单进展' }).waitFor()
  await expectFit(page, 'pages/host-order')
  await page.route(`${API}/user/orders?*`, cut)
  await go(page, '/host-orders')
  await seen(page, '网络不稳，没有收到结果')
  await expectFit(page, 'pages/host-orders-outage')
})

describe('pages of the own account', () => {
  it('profile, its sheets and what could not be read', async () => {
    const { page } = guest
    await go(page, '/profile')
    await seen(page, '当前设备')
    await expectFit(page, 'pages/profile')
    for (const [words, name] of [
      ['修改密码', 'profile-password'],
      ['更换手机号', 'profile-phone'],
      ['注销账号', 'profile-delete'],
    ] as const) {
      await button(page, words).click()
      await sheet(page, words).waitFor()
      await expectFit(page, `pages/${name}`)
      await page.keyboard.press('Escape')
      await sheet(page, words).waitFor({ state: 'hidden' })
    }
    await page.route(`${API}/users/sessions`, cut)
    await page.route(`${API}/users/profile`, cut)
    await page.reload()
    await seen(page, '个人信息没有读出来')
    await expectFit(page, 'pages/profile-failed')
  })

  it('real name: empty, wrong, given and unreadable', async () => {
    const { page } = guest
    await go(page, '/auth')
    await button(page, '提交认证').click()
    await seen(page, '请输入身份证号')
    await expectFit(page, 'pages/auth')
    await go(host.page, '/auth')
    await seen(host.page, '你已完成实名认证，信息不能修改')
    await expectFit(host.page, 'pages/auth-given')
    await page.route(`${API}/users/auth`, cut)
    await page.reload()
    await seen(page, '认证状态没有读出来')
    await expectFit(page, 'pages/auth-failed')
  })
})

describe('pages of talk, of hearts and of reviews', () => {
  it('messages: the list, one thread, none, none of one’s own, and out of reach', async () => {
    const { page } = guest
    await go(page, '/messages')
    await page.locator('.threads .thread').first().waitFor()
    await expectFit(page, 'pages/messages')
    await page.locator('.threads .thread').first().click()
    await page.getByLabel('写一条消息').waitFor()
    await expectFit(page, 'pages/thread')
    const gap = await page.evaluate(() => {
      const foot = document.querySelector('.talk__foot')
      return window.innerHeight - (foot?.getBoundingClientRect().bottom ?? 0)
    })
    expect(gap, 'the field stands at the foot of the screen').toBe(0)
    const path = new URL(page.url()).pathname
    await expectOutageFit(page, { path, api: '/messages/*', name: 'thread-outage' })
    await expectOutageFit(page, { path: '/messages', api: '/messages', name: 'messages-outage' })
    await go(nobody.page, path)
    await seen(nobody.page, '订单数据有误')
    await expectFit(nobody.page, 'pages/thread-gone')
    await go(nobody.page, '/messages')
    await seen(nobody.page, '暂无消息')
    await expectFit(nobody.page, 'pages/messages-empty')
  })

  it('收藏: some, none, and out of reach', async () => {
    const { page } = nobody
    await go(page, '/favourites')
    await seen(page, '点一下爱心，喜欢的房子会在这里')
    await expectFit(page, 'pages/favourites-empty')
    await go(page, `/detail/${(await houseTitled(world, TITLE)).id}`)
    await button(page, `收藏 ${TITLE}`).click()
    await page.locator('.heart[aria-pressed="true"]').waitFor()
    await eventually(async () => {
      const { rows } = await world.database.query('select 1 from favourites f join houses h on h.id = f.house_id')
      return rows.length
    }).toBeGreaterThan(0)
    await go(page, '/favourites')
    await cardLink(page, TITLE).waitFor()
    await expectFit(page, 'pages/favourites')
    await expectOutageFit(page, { path: '/favourites', api: '/favourites', name: 'favourites-outage' })
  })

  it('all reviews of a home, and of one that nobody has reviewed', async () => {
    const { page } = guest
    const { id } = await houseTitled(world, TITLE)
    await go(page, `/detail/${id}/reviews`)
    await page.locator('.comments > li').first().waitFor()
    await expectFit(page, 'pages/reviews')
    const { houses } = await addPeopleAndHouses(world, { guests: 0, houses: 1 })
    await go(page, `/detail/${houses[0]?.id}/reviews`)
    await seen(page, '暂无评价')
    await expectFit(page, 'pages/reviews-none')
  })
})

describe('pages of hosting that hosting.test.ts does not come by', () => {
  it('asks for the real name first, and says that nothing is published or earned', async () => {
    const { page } = nobody
    await go(page, '/my-houses')
    await page.getByRole('link', { name: '去实名认证' }).waitFor()
    await expectFit(page, 'pages/my-houses-unverified')
    await go(page, '/earnings')
    await page.locator('.page').getByRole('link').or(page.getByText('暂无收入')).first().waitFor()
    await expectFit(page, 'pages/earnings-none')
  })

  it('out of reach: own houses, earnings, one house and its calendar', async () => {
    const { page } = host
    const { rows } = await world.database.query<{ id: string }>(
      'select h.id from houses h join users u on u.id = h.user_id where u.phone = $1 limit 1',
      [HOST_PHONE],
    )
    const id = rows[0]?.id
    for (const [path, api, name] of [
      ['/my-houses', '/users/houses', 'my-houses-outage'],
      ['/earnings', '/user/earnings', 'earnings-outage'],
      [`/my-houses/${id}`, '/users/houses/*', 'edit-house-outage'],
      [`/my-houses/${id}/calendar`, '/users/houses/*/calendar*', 'calendar-outage'],
    ] as const)
      await expectOutageFit(page, { path, api, name })
  })
})
