import { randomUUID } from 'node:crypto'
import { addDays } from '@ihome/core/calendar'
import type { Page } from 'playwright-core'
import type { Album } from './album.ts'
import { button, freeFrom, GUEST_PHONE, houseTitled, orderInEachStatus, sheet, signInAt } from './shop-steps.ts'
import type { World } from './world.ts'

export interface Stage {
  readonly world: World
  readonly album: Album
  open(options?: object): Promise<Page>
}

/** Finding, booking, paying, staying: the pages of guests in the order in which they meet them. */
export async function drawGuest({ world, album, open }: Stage): Promise<void> {
  const page = await open()
  const go = (path: string) => page.goto(world.origin + path)
  const house = await houseTitled(world, '国贸CBD夜景高层，落地窗')
  const start = freeFrom(world, house.taken, 2)
  const stay = `sd=${start}&ed=${addDays(start, 2)}`

  album.chapter(['找一个家', 'Finding a home'])
  await go(`/?${stay}`)
  await button(page, /2晚$/).waitFor()
  await album.take(page, 'home', ['首页：城区、日期、人数，一步到搜索', 'Home: district, dates, people'], {
    both: true,
  })
  await go(`/search?aid=3&aname=朝阳区&${stay}`)
  await page.locator('.result').first().waitFor()
  await album.take(page, 'search', ['搜索：选了日期就看到总价', 'Search: totals as soon as dates are chosen'])
  await go('/search?sheet=filter')
  await button(sheet(page, '筛选'), /^查看 \d+ 套$/).waitFor()
  await album.take(page, 'filter', ['筛选：随时知道还剩几套', 'Filters that say how many homes are left'])
  await go(`/detail/${house.id}?${stay}`)
  await page.getByText('评价信息').waitFor()
  await album.take(
    page,
    'detail',
    ['房源：照片、价格、退订规则都在前面', 'A home: photos, price, what cancelling costs'],
    {
      both: true,
    },
  )
  await page.locator('.house__dates').click()
  await sheet(page, '选择日期').locator('.is-taken').first().waitFor()
  await album.take(page, 'calendar', ['选日期：已订的日子和每晚价格', 'Dates: taken days and prices per night'])
  await go(`/detail/${house.id}/reviews`)
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await album.take(page, 'reviews', ['全部评价：分项评分和房东回复', 'Reviews with their parts and the host’s answers'])
  await go('/help')
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await album.take(page, 'help', ['常见问题', 'Common questions'])

  album.chapter(['账号', 'The account'])
  await go('/login')
  await page.getByLabel('密码', { exact: true }).waitFor()
  await album.take(page, 'login', ['登录：密码或验证码', 'Sign in by password or code'])
  await go('/register')
  await page.getByLabel('手机号').waitFor()
  await album.take(page, 'register', ['注册', 'Register'])
  await go('/forgot')
  await page.getByLabel('手机号').waitFor()
  await album.take(page, 'forgot', ['用短信找回密码', 'A new password by text message'])
  await signInAt(page, world.origin, '/my', GUEST_PHONE)
  await page.getByText(/手机号/).waitFor()
  await album.take(page, 'my', ['我的', 'One’s own page'])
  await go('/profile')
  await page.getByRole('heading', { name: '登录的设备' }).or(page.getByText('头像').first()).first().waitFor()
  await album.take(page, 'profile', ['个人资料：头像、名字、登录的设备', 'Profile: picture, name, devices'])
  await go('/auth')
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await album.take(page, 'auth', ['实名认证：加密保存，只填一次', 'Real name: sealed, written once'])
  await go('/favourites')
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await album.take(page, 'favourites', ['收藏', 'Favourites'])

  album.chapter(['预订、支付、入住', 'Booking, paying, staying'])
  await go(`/booking/${house.id}?${stay}`)
  await page.locator('.booking__total', { hasText: '2晚' }).waitFor()
  await album.take(page, 'booking', ['确认预订：每一分钱都先说清', 'Booking: every fen said beforehand'])
  const orders = await orderInEachStatus(world, 'guest_id', GUEST_PHONE)
  const idOf = (status: string) => orders.find((order) => order.status === status)?.id ?? 0
  const guest = await world.signedIn(GUEST_PHONE)
  const { pay_url: payUrl } = await guest.payments.open(idOf('WAIT_PAYMENT'), randomUUID())
  await page.goto(payUrl ?? '')
  await button(page, '用 沙箱买家 登录').click()
  await button(page, '确认付款').waitFor()
  await album.take(page, 'cashier', [
    '离线收银台：不连外网也能走完支付',
    'The offline cashier: paying without the internet',
  ])
  await go('/pay-complete')
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await album.take(page, 'pay-complete', ['支付结果', 'The result of paying'])
  await go('/orders')
  await page.locator('.order-card').first().waitFor()
  await album.take(page, 'orders', ['我的订单：下一步和期限写在卡片上', 'Orders: the next step and its deadline'])
  await go(`/orders/${idOf('PAID')}`)
  await page.getByRole('heading', { name: '订单进展' }).waitFor()
  await album.take(page, 'order', ['订单详情：进展、金额、退订', 'An order: progress, amounts, cancelling'], {
    both: true,
  })
  await button(page, '取消订单').first().click()
  await page.getByRole('dialog').waitFor()
  await album.take(page, 'cancel', ['取消前先看到退多少、什么时候退', 'What comes back, seen before cancelling'])
  await go(`/orders/${idOf('WAIT_COMMENT')}`)
  await button(page, /评价/).first().click()
  await page.getByRole('dialog').waitFor()
  await album.take(page, 'comment', ['写评价：星级、分项、照片', 'A review: stars, parts, photos'])
  await go('/messages')
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await album.take(page, 'messages', ['消息', 'Messages'])
  const { rows } = await world.database.query<{ id: string }>(
    `select m.order_id as id from messages m join orders o on o.id = m.order_id join users u on u.id = o.guest_id
     where u.phone = $1 group by m.order_id order by count(*) desc limit 1`,
    [GUEST_PHONE],
  )
  await go(`/messages/${rows[0]?.id}`)
  await page.getByRole('textbox').first().waitFor()
  await album.take(page, 'thread', [
    '和房东说话：付款前号码会遮住',
    'Talking to the host: numbers stay hidden until paid',
  ])

  album.chapter(['找不到和没有网络', 'Lost and offline'])
  await go('/nowhere')
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await album.take(page, 'gone', ['没有这一页，但可以接着找', 'No such page, and how to go on'])
  await go('/offline')
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await album.take(page, 'offline', ['没有网络', 'No network'])
}
