import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { DEMO_PASSWORD } from './demo.ts'
import { signInAtDesk } from './desk-steps.ts'
import { expectFit } from './fit.ts'
import { axeFaults, drawScreen, openBrowser, openPhone, type Phone, sidewaysScroll, takeScreen } from './phone.ts'
import { button, eventually, sheet, signInAt } from './shop-steps.ts'
import { startWorld, type World } from './world.ts'

const MINUTE = 60_000
const ACCOUNT = 'host@example.com'

let world: World
let browser: Browser
let host: Phone
let seat: Phone

beforeAll(async () => {
  ;[world, browser] = await Promise.all([startWorld({ payouts: true }), openBrowser()])
  const origins = [world.origin]
  host = await openPhone(browser, { origins })
  const viewport = { width: 1280, height: 800 }
  seat = await openPhone(browser, { origins, viewport, deviceScaleFactor: 1, isMobile: false, hasTouch: false })
})

afterAll(async () => {
  await browser?.close()
  await world?.stop()
})

it('T3 T4 a host names an account, is paid what was earned, and the desk keeps another payout back', async ({
  onTestFailed,
}) => {
  onTestFailed(async () => {
    await drawScreen(host.page, 'payouts/failed-host')
    await drawScreen(seat.page, 'payouts/failed-desk')
  })
  // Of the demo's hosts one with few stays: each is a transfer.
  const { rows } = await world.database.query<{ id: string; phone: string }>(
    `select u.id, u.phone from users u join orders o on o.host_id = u.id
      join ledger_transactions t on t.order_id = o.id and t.event = 'accrue'
     where u.verified_at is not null group by u.id order by count(*), u.id limit 1`,
  )
  const hostId = Number(rows[0]?.id)
  const hostPhone = rows[0]?.phone ?? ''

  // The desk knows under which name the account must be.
  await signInAtDesk(seat.page, world)
  await seat.page.goto(`${world.origin}/operator/users/${hostId}`)
  await button(seat.page, /^查看\s*真实姓名/).click()
  await seat.page.getByLabel('原因').fill('核对收款账户')
  const revealed = seat.page.waitForResponse((response) => response.url().endsWith('/reveal'))
  await button(sheet(seat.page, '查看完整的真实姓名'), '查看').click()
  const { data } = (await (await revealed).json()) as { data: { value: string } }
  const payee = await world.sandbox.control.createAccount({
    role: 'payee',
    logonId: ACCOUNT,
    displayName: data.value,
    balanceFen: 0,
  })

  // The demo's stays were never paid for at this gateway.
  await world.sandbox.control.topUp(world.sandbox.merchant.sellerId, 100_000_000)

  const { page } = host
  await signInAt(page, world.origin, '/earnings', hostPhone)
  await page.getByText('还没有收款账户').waitFor()
  await button(page, '添加').click()
  const asked = sheet(page, '收款账户')
  await button(asked, '保存').click()
  await asked.getByText('请输入支付宝的手机号').waitFor()
  await asked.getByLabel('支付宝账号').fill(ACCOUNT)
  await asked.getByLabel('当前登录密码').fill('not my password')
  await button(asked, '保存').click()
  await asked.getByText('当前密码不对').waitFor()
  await expectFit(page, 'payouts/account-sheet')
  await asked.getByLabel('当前登录密码').fill(DEMO_PASSWORD)
  await button(asked, '保存').click()
  await asked.waitFor({ state: 'hidden' })
  await page.getByText('支付宝 ho***@example.com').waitFor()

  // What waited for an account goes out.
  await world.advance(MINUTE)
  const paidOut = async () => {
    const { rows: sums } = await world.database.query<{ sent: number; open: number }>(
      `select coalesce(sum(amount_fen) filter (where state = 'SUCCEEDED'), 0)::float as sent,
              (count(*) filter (where state <> 'SUCCEEDED'))::integer as open
         from payouts where host_id = $1 and not_before < $2`,
      [hostId, world.now()],
    )
    return sums[0]
  }
  await eventually(async () => (await paidOut())?.open, 90_000).toBe(0)
  const there = world.sandbox.control.accounts().find(({ id }) => id === payee.id)
  expect(there?.balanceFen).toBeGreaterThan(0)
  expect(there?.balanceFen).toBe((await paidOut())?.sent)
  await page.reload()
  await page
    .getByText(/已到账|处理中/)
    .first()
    .waitFor()
  await button(page, '更早的打款').click()
  await page.getByText('已到账').first().waitFor()
  await expectFit(page, 'payouts/earnings')

  // The desk: every payout, and one that is kept back.
  await signInAgain()
  await seat.page.goto(`${world.origin}/operator/payouts`)
  await seat.page.getByRole('table').waitFor()
  await seat.page.getByText('二清').first().waitFor()
  await takeScreen(seat.page, 'desk/payouts')
  for (const width of [1280, 768, 390]) {
    await seat.page.setViewportSize({ width, height: 800 })
    expect(await sidewaysScroll(seat.page), `payouts at ${width}`).toBe(0)
  }
  expect(await axeFaults(seat.page)).toEqual([])
  await seat.page.setViewportSize({ width: 1280, height: 800 })
  await seat.page.goto(`${world.origin}/operator/payouts?state=ACCRUED`)
  const first = seat.page.locator('tbody tr').first()
  const number = (await first.locator('td').first().textContent())?.trim()
  await button(first, /^冻结/).click()
  await seat.page.getByLabel('原因').fill('房客投诉')
  await takeScreen(seat.page, 'desk/payout-freeze')
  await button(sheet(seat.page, `冻结：打款 ${number}`), '冻结').click()
  await seat.page.locator('tbody').getByText('争议，由运营冻结').waitFor()
  expect([...host.faults, ...seat.faults].filter((fault) => !/40[13]/.test(fault))).toEqual([])
})

/** The session of the desk may have ended while the clock moved. */
async function signInAgain(): Promise<void> {
  await seat.page.goto(`${world.origin}/operator/orders`)
  await seat.page.getByRole('table').or(seat.page.locator('[name=login]')).first().waitFor()
}
