import { Secret, TOTP } from 'otpauth'
import type { Words } from './album.ts'
import { DEMO_PASSWORD } from './demo.ts'
import type { Stage } from './screens-guest.ts'
import { button, todayIn } from './shop-steps.ts'

const OPERATOR = '17000000003'
const DESK = { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1, isMobile: false, hasTouch: false }

const PAGES: readonly (readonly [name: string, path: string, line: Words])[] = [
  ['desk-today', '/operator/today', ['今天要看的', 'What today needs']],
  ['desk-cases', '/operator/cases', ['待办：机器做不了决定的事', 'Cases: what no machine may decide']],
  ['desk-orders', '/operator/orders', ['订单', 'Orders']],
  [
    'desk-order',
    '/operator/orders/{order}',
    ['一个订单的全部经过，钱和状态在一条线上', 'An order’s whole story, money and status on one line'],
  ],
  ['desk-payments', '/operator/payments', ['付款', 'Payments']],
  ['desk-refunds', '/operator/refunds', ['退款', 'Refunds']],
  ['desk-payouts', '/operator/payouts', ['打款给房东', 'Payouts to hosts']],
  ['desk-bills', '/operator/bills', ['每天的对账单', 'The bills of each day, compared']],
  ['desk-bill', '/operator/bills/{day}', ['一天的对账：每一处差异都有名字', 'One day: every difference by its name']],
  ['desk-ledger', '/operator/ledger', ['总账：每天都要平', 'The ledger, balanced every day']],
  ['desk-entries', '/operator/ledger/entries', ['分录', 'Entries']],
  ['desk-houses', '/operator/houses', ['房源', 'Homes']],
  ['desk-reviews', '/operator/reviews', ['评价', 'Reviews']],
  ['desk-users', '/operator/users', ['用户：个人信息都遮住', 'People, their data masked']],
  [
    'desk-user',
    '/operator/users/{guest}',
    ['看一项要写原因，会留下记录', 'To see one field takes a reason, and is written down'],
  ],
  ['desk-content', '/operator/content', ['城区、设施、首页推荐', 'Districts, facilities, the home page']],
  ['desk-outbox', '/operator/outbox', ['发不出去的消息', 'Messages that did not go out']],
  ['desk-actions', '/operator/actions', ['操作记录', 'What operators did']],
]

/** The desk of the operators, with an authenticator of its own. */
export async function drawDesk({ world, album, open }: Stage): Promise<void> {
  const page = await open(DESK)
  album.chapter(['运营后台', 'The operators’ desk'])
  await page.goto(`${world.origin}/operator/login?next=/operator/orders`)
  await page.getByLabel('账号').fill(OPERATOR)
  await page.getByLabel('密码').fill(DEMO_PASSWORD)
  await button(page, '下一步').click()
  const words = (await page.getByText(/^不能扫码时/).textContent()) ?? ''
  await album.take(page, 'desk-login', ['登录：密码加动态验证码', 'Signing in: password and authenticator'])
  const secret = Secret.fromBase32(/[A-Z2-7]{16,}/.exec(words)?.[0] ?? '')
  await page.getByLabel('验证码').fill(new TOTP({ secret }).generate({ timestamp: world.now().getTime() }))
  await button(page, '登录').click()
  await page.waitForURL(`${world.origin}/operator/orders`)
  const { rows } = await world.database.query<{ order: string; guest: string }>(
    `select id as order, guest_id as guest from orders where status = 'COMPLETE' order by id limit 1`,
  )
  const of: Readonly<Record<string, string>> = { ...rows[0], day: todayIn(world) }
  for (const [name, path, line] of PAGES) {
    await page.goto(world.origin + path.replace(/\{(\w+)\}/, (_, what: string) => of[what] ?? ''))
    await page.getByRole('heading', { level: 1 }).first().waitFor()
    await page.getByText('正在加载').first().waitFor({ state: 'hidden' })
    await album.take(page, name, line)
  }
}
