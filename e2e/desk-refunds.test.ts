import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { signInAtDesk } from './desk-steps.ts'
import { axeFaults, drawScreen, openBrowser, openPhone, type Phone, sidewaysScroll, takeScreen } from './phone.ts'
import { button, eventually, sheet } from './shop-steps.ts'
import { startWorld, type World } from './world.ts'

const SECOND = 'second'

let world: World
let browser: Browser
let first: Phone
let second: Phone

beforeAll(async () => {
  ;[world, browser] = await Promise.all([startWorld({ env: { REFUND_APPROVAL_FEN: '5000' } }), openBrowser()])
  await world.database.query(
    `insert into operators (login, role, password_hash, created_at)
     select '${SECOND}', 'finance', password_hash, created_at from operators limit 1`,
  )
  const seat = () =>
    openPhone(browser, {
      origins: [world.origin],
      viewport: { width: 1280, height: 800 },
      deviceScaleFactor: 1,
      isMobile: false,
      hasTouch: false,
    })
  first = await seat()
  second = await seat()
  await signInAtDesk(first.page, world)
  await signInAtDesk(second.page, world, SECOND)
})

afterAll(async () => {
  await browser?.close()
  await world?.stop()
})

/** A paid order of which nothing has gone back yet. */
async function paidOrder(): Promise<{ id: string; left: number }> {
  const { rows } = await world.database.query<{ id: string; left: string }>(
    `select o.id, a.received_fen as left from orders o join payment_attempts a on a.order_id = o.id
      where o.status = 'PAID' and a.disposition = 'APPLIED'
        and not exists (select from refunds r where r.order_id = o.id) order by o.id limit 1`,
  )
  return { id: rows[0]?.id ?? '', left: Number(rows[0]?.left) }
}

async function askPart(yuan: string, id: string): Promise<void> {
  const { page } = first
  await button(page, '退一部分').click()
  const asked = sheet(page, '给房客退一部分')
  await asked.getByLabel('订单编号').fill(id)
  await asked.getByLabel('退多少（元）').fill(yuan)
  await asked.getByLabel('退款类别').selectOption({ label: '纠纷' })
  await asked.getByText(/^还可退/).waitFor()
}

it('E28 R13 a part goes back at once, a larger one when a second operator agrees, and never more than is left', async ({
  onTestFailed,
}) => {
  const { page, faults } = first
  onTestFailed(() => drawScreen(page, 'desk/refunds-failed'))
  const order = await paidOrder()
  await page.goto(`${world.origin}/operator/refunds`)
  await page.getByRole('table').or(page.getByText('没有符合条件的记录')).first().waitFor()

  // A small one needs nobody else. What is missing is said where it is missing.
  await askPart('0', order.id)
  const asked = sheet(page, '给房客退一部分')
  await asked.getByLabel('原因', { exact: true }).fill('热水坏了一晚')
  await button(asked, '退一部分').click()
  await asked.getByText('请输入金额，最多两位小数').waitFor()
  await asked.getByLabel('退多少（元）').fill(String(order.left / 100 + 1))
  await asked.getByText(/^最多还能退/).waitFor()
  await takeScreen(page, 'desk/refund-part')
  expect(await axeFaults(page)).toEqual([])
  await asked.getByLabel('退多少（元）').fill('12.34')
  await button(asked, '退一部分').click()
  await asked.waitFor({ state: 'hidden' })
  const row = page.locator('tbody tr').filter({ hasText: '热水坏了一晚' }).first()
  await row.getByText('￥12.34').waitFor()

  // A larger one waits, and not for the one who asked.
  await askPart('50.01', order.id)
  await asked.getByLabel('原因', { exact: true }).fill('空调不能用')
  await button(asked, '退一部分').click()
  await asked.waitFor({ state: 'hidden' })
  const waiting = page.getByRole('region', { name: '等同意' })
  await waiting.getByText('空调不能用').waitFor()
  await waiting.getByText('等另一位同意').waitFor()
  expect(await button(waiting, /^同意/).count()).toBe(0)
  await takeScreen(page, 'desk/refunds')
  for (const width of [1280, 768, 390]) {
    await page.setViewportSize({ width, height: 800 })
    expect(await sidewaysScroll(page), `at ${width}`).toBe(0)
    expect(await axeFaults(page), `at ${width}`).toEqual([])
  }
  await page.setViewportSize({ width: 1280, height: 800 })

  const other = second.page
  await other.goto(`${world.origin}/operator/refunds`)
  await button(other.getByRole('region', { name: '等同意' }), /^同意/).click()
  const decision = sheet(other, '同意：纠纷')
  await decision.getByLabel('原因', { exact: true }).fill('看过照片')
  await takeScreen(other, 'desk/refund-approve')
  expect(await axeFaults(other)).toEqual([])
  await button(decision, '同意').click()
  await decision.waitFor({ state: 'hidden' })
  await other.getByRole('region', { name: '等同意' }).waitFor({ state: 'hidden' })
  await eventually(async () => {
    const { rows } = await world.database.query(
      'select amount_fen::int as amount_fen, reason from refunds where order_id = $1 order by id',
      [order.id],
    )
    expect(rows).toEqual([
      { amount_fen: 1_234, reason: 'dispute' },
      { amount_fen: 5_001, reason: 'dispute' },
    ])
  })
  expect([...faults, ...second.faults]).toEqual([])
})

it('R12 R13 a refund that is no longer owed ends when two agree', async ({ onTestFailed }) => {
  const { page, faults } = first
  onTestFailed(() => drawScreen(page, 'desk/refunds-failed'))
  await world.database.query(
    `update refunds set state = 'MANUAL', owner = 'operator', due_at = $1, error = 'ACQ.BUYER_ENABLE_STATUS_FORBID',
            next_try_at = null, lease_until = null
      where id in (select id from refunds where state not in ('SUCCEEDED', 'VOID', 'EXTERNAL') order by id limit 1)`,
    [world.now()],
  )
  await page.goto(`${world.origin}/operator/refunds?state=MANUAL`)
  const row = page.locator('tbody tr').filter({ hasText: '待人工' }).first()
  await row.getByText('ACQ.BUYER_ENABLE_STATUS_FORBID').waitFor()
  await takeScreen(page, 'desk/refunds-manual')
  const id = (await row.locator('td').first().textContent())?.trim() ?? ''
  await button(row, /^不用再退/).click()
  const ending = sheet(page, `退款 ${id}`)
  await ending.getByLabel('原因', { exact: true }).fill('房客已经另外拿到')
  await button(ending, '不用再退').click()
  await ending.waitFor({ state: 'hidden' })
  await row.getByText('等同意').waitFor()

  await second.page.goto(`${world.origin}/operator/refunds`)
  await button(second.page.getByRole('region', { name: '等同意' }), /^同意/).click()
  const decision = sheet(second.page, '同意：不用再退')
  await decision.getByLabel('原因', { exact: true }).fill('与房客确认过')
  await button(decision, '同意').click()
  await decision.waitFor({ state: 'hidden' })
  await page.goto(`${world.origin}/operator/refunds?state=VOID`)
  await page.getByRole('row').filter({ hasText: '不用再退' }).getByText(id, { exact: true }).first().waitFor()
  expect(faults).toEqual([])
})
