import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { watchInvariants } from './audit/watch-invariants.ts'
import { givenOrder } from './features/orders/testing-orders.ts'
import { openCase } from './features/payments/case-store.ts'
import { addMetrics } from './gauges.ts'
import { openDatabase } from './platform/db.ts'
import { createMetrics } from './platform/metrics.ts'
import { putMessage } from './platform/outbox.ts'
import { testDeps } from './platform/testing.ts'

const docs = path.join(import.meta.dirname, '../docs')
const read = (name: string): string => fs.readFileSync(path.join(docs, name), 'utf8')

/** Names that promises 11 gives to metrics; what else is watched has names of our own. */
const PROMISED = [
  'attempts_unknown',
  'attempts_overdue',
  'refunds_unknown',
  'suspense_fen',
  'refund_payable_age',
  'outbox_lag',
  'bill_unmatched',
  'invariant_violations',
  'holds_live',
  'sms_sent',
  'notify_rejected',
  'event_loop_lag',
  'pool_waiting',
]

/** Words of a rule's expression that are no metric. */
const LANGUAGE = new Set(['max', 'sum', 'by', 'rate', 'absent', 'id', 'reason'])
const rules = [...read('alerts.yml').matchAll(/^ {6}- alert: (\w+)\n {8}expr: (.+)$/gm)].map(([, name, expr]) => ({
  name: name ?? '',
  metrics: [...(expr ?? '').replace(/\{[^}]*\}|\[[^\]]*\]/g, '').matchAll(/[a-z_]+/g)]
    .map(([word]) => word)
    .filter((word) => !LANGUAGE.has(word)),
}))

describe('what is watched', async () => {
  const deps = await testDeps()
  const metrics = createMetrics()
  const standing = await metrics.registry.getMetricsAsArray()
  const counters = addMetrics(metrics, deps, { eventLoopLagMs: 3, poolWaiting: 0 })
  const own = (await metrics.registry.getMetricsAsArray())
    .map(({ name }) => name)
    .filter((name) => !standing.some((one) => one.name === name))
  const scrape = () => metrics.registry.metrics()
  const value = async (series: string): Promise<string | undefined> =>
    (await scrape())
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1)

  it('ALI-30 every rule of docs/alerts.yml names one metric, and it exists', () => {
    expect(rules.length).toBe([...read('alerts.yml').matchAll(/- alert:/g)].length)
    for (const { name, metrics: named } of rules) {
      expect(named, name).toHaveLength(1)
      expect(own, name).toContain(named[0])
    }
    expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length)
  })

  it('every metric of ours, the promised ones among them, has a rule and stands in the runbook', () => {
    expect(own).toEqual(expect.arrayContaining(PROMISED))
    const ruled = new Set(rules.flatMap(({ metrics: named }) => named))
    const runbook = read('runbook.md')
    expect(own.filter((name) => !ruled.has(name))).toEqual([])
    expect(own.filter((name) => !new RegExp(`\`${name}[\`{]`).test(runbook))).toEqual([])
  })

  it('each is shown by a scrape, also with nothing in the books', async () => {
    for (const name of own.filter((one) => !['notify_rejected', 'cases_open', 'invariant_violations'].includes(one))) {
      expect(await value(name), name).toMatch(/^\d/)
    }
  })

  it('counts what is refused and what is sent', async () => {
    counters.onNoticeRefused('sign_wrong')
    counters.onMessageSent()
    expect(await value('notify_rejected{reason="sign_wrong"}')).toBe('1')
    expect(await value('sms_sent')).toBe('1')
  })

  it('ALI-30 counts open cases by kind, and those past their due date', async () => {
    await openCase(deps.db, { kind: 'mismatch', subject: 'ONE' }, deps.clock.now())
    await openCase(
      deps.db,
      { kind: 'unmatched', subject: 'TWO' },
      new Date(deps.clock.now().getTime() - 48 * 3_600_000),
    )
    expect(await value('cases_open{kind="mismatch"}')).toBe('1')
    expect(await value('cases_open{kind="unmatched"}')).toBe('1')
    expect(await value('cases_overdue')).toBe('1')
  })

  it('ALI-30 counts differences of bills until somebody has ended them', async () => {
    const bills = deps.database.owner
    const found = { day: '2026-11-22', kind: 'payment_missing', found_at: deps.clock.now() }
    await bills
      .insertInto('bill_differences')
      .values([
        { ...found, subject: 'ONE' },
        { ...found, subject: 'TWO' },
      ])
      .execute()
    expect(await value('bill_unmatched')).toBe('2')
    await bills
      .updateTable('bill_differences')
      .set({ state: 'fixed', settled_at: deps.clock.now() })
      .where('subject', '=', 'ONE')
      .execute()
    expect(await value('bill_unmatched')).toBe('1')
  })

  it('ALI-30 tells how late a notice is, and of one that never comes', async () => {
    const order = await givenOrder(deps.db, { status: 'PAID' })
    const minutesAgo = (minutes: number) => new Date(deps.clock.now().getTime() - minutes * 60_000)
    await deps.database.owner
      .insertInto('payment_attempts')
      .values({
        order_id: order.id,
        out_trade_no: 'late_20261123_0123456789abcdef',
        amount_fen: order.amountFen,
        app_id: 'app',
        seller_id: 'seller',
        subject: 'a stay',
        time_expire: minutesAgo(-60),
        state: 'SUCCEEDED',
        disposition: 'APPLIED',
        trade_no: '2026112300',
        received_fen: order.amountFen,
        created_at: minutesAgo(15),
        opened_at: minutesAgo(15),
        succeeded_at: minutesAgo(12),
      })
      .execute()
    expect(await value('notify_delay')).toBe('720')
  })

  it('counts a message that was given up, and a stay that is held', async () => {
    const before = Number(await value('holds_live'))
    await givenOrder(deps.db, { startDate: '2027-01-10' })
    expect(await value('holds_live')).toBe(String(before + 1))
    await deps.transact((tx) =>
      putMessage(tx, {
        topic: 'notice',
        dedupeKey: 'dead:1',
        payload: {},
        createdAt: deps.clock.now(),
        dueAt: deps.clock.now(),
      }),
    )
    await deps.database.owner
      .updateTable('outbox')
      .set({ dead_at: deps.clock.now() })
      .where('dedupe_key', '=', 'dead:1')
      .execute()
    expect(await value('outbox_dead')).toBe('1')
  })

  it('X5 shows how many rows break each invariant, and nothing while they cannot be asked', async () => {
    const watch = watchInvariants(deps)
    expect([...(await watch.gauge.readAll())]).toEqual([])
    await watch.look()
    const seen = await watch.gauge.readAll()
    expect(seen.get('C1')).toBe(0)
    // The stay of a paid order without its postings, as the tests above have made it up.
    expect([...seen.values()].some((count) => count > 0)).toBe(true)
    const { db: nobody } = openDatabase({ url: 'postgres://nobody@127.0.0.1:9/nothing' })
    const blind = watchInvariants({ ...deps, db: nobody })
    await blind.look()
    expect((await blind.gauge.readAll()).size).toBe(0)
    await nobody.destroy()
  })
})
