import { sql } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '../platform/testing.ts'
import { seedDatabase } from '../seed/seed.ts'
import { INVARIANTS } from './invariants.ts'

const ID = 'text'
const AT = 'timestamp with time zone'
const FEN = 'bigint'

/** Columns of promises.md 13 in their order. They are a contract: new ones only at the end, none renamed or removed. */
const VIEWS: Readonly<Record<string, readonly (readonly [column: string, type: string])[]>> = {
  stays: [
    ['stay_id', ID],
    ['house_id', ID],
    ['kind', 'text'],
    ['order_id', ID],
    ['state', 'text'],
    ['check_in', 'date'],
    ['check_out', 'date'],
    ['hold_until', AT],
    ['created_at', AT],
    ['released_at', AT],
  ],
  orders: [
    ['order_id', ID],
    ['house_id', ID],
    ['guest_id', ID],
    ['host_id', ID],
    ['status', 'text'],
    ['close_reason', 'text'],
    ['version', 'integer'],
    ['check_in', 'date'],
    ['check_out', 'date'],
    ['nights', 'integer'],
    ['nights_fen', FEN],
    ['fees_fen', FEN],
    ['total_fen', FEN],
    ['platform_fee_fen', FEN],
    ['currency', 'text'],
    ['policy', 'text'],
    ['applied_fen', FEN],
    ['refunded_fen', FEN],
    ['accept_by', AT],
    ['pay_by', AT],
    ['created_at', AT],
    ['status_at', AT],
    ['paid_at', AT],
    ['counted_at', AT],
  ],
  attempts: [
    ['attempt_id', ID],
    ['order_id', ID],
    ['out_trade_no', 'text'],
    ['trade_no', 'text'],
    ['app_id', 'text'],
    ['seller_id', 'text'],
    ['amount_fen', FEN],
    ['received_fen', FEN],
    ['state', 'text'],
    ['disposition', 'text'],
    ['refundable', 'boolean'],
    ['time_expire', AT],
    ['created_at', AT],
    ['opened_at', AT],
    ['closed_at', AT],
    ['succeeded_at', AT],
    ['last_query_at', AT],
    ['next_query_at', AT],
    ['not_exist_seen', 'integer'],
  ],
  facts: [
    ['fact_id', ID],
    ['entrance', 'text'],
    ['kind', 'text'],
    ['out_trade_no', 'text'],
    ['attempt_id', ID],
    ['trade_no', 'text'],
    ['trade_status', 'text'],
    ['amount_fen', FEN],
    ['refund_fee_fen', FEN],
    ['out_request_no', 'text'],
    ['verified', 'boolean'],
    ['effect', 'text'],
    ['reject_reason', 'text'],
    ['raw_sha256', 'text'],
    ['received_at', AT],
    ['done_at', AT],
  ],
  refunds: [
    ['refund_id', ID],
    ['attempt_id', ID],
    ['order_id', ID],
    ['out_trade_no', 'text'],
    ['out_request_no', 'text'],
    ['reason', 'text'],
    ['state', 'text'],
    ['via', 'text'],
    ['amount_fen', FEN],
    ['done_fen', FEN],
    ['created_at', AT],
    ['sent_at', AT],
    ['last_query_at', AT],
    ['settled_at', AT],
    ['owner', 'text'],
    ['due_at', AT],
  ],
  payouts: [
    ['payout_id', ID],
    ['host_id', ID],
    ['order_id', ID],
    ['out_biz_no', 'text'],
    ['state', 'text'],
    ['amount_fen', FEN],
    ['netted_fen', FEN],
    ['payee_hash', 'text'],
    ['not_before', AT],
    ['frozen_reason', 'text'],
    ['created_at', AT],
    ['sent_at', AT],
    ['last_query_at', AT],
    ['settled_at', AT],
  ],
  ledger_tx: [
    ['tx_id', ID],
    ['business_key', 'text'],
    ['event', 'text'],
    ['order_id', ID],
    ['attempt_id', ID],
    ['refund_id', ID],
    ['payout_id', ID],
    ['fact_id', ID],
    ['reverses_tx_id', ID],
    ['posted_at', AT],
  ],
  ledger_entry: [
    ['tx_id', ID],
    ['seq', 'integer'],
    ['account', 'text'],
    ['owner_id', ID],
    ['currency', 'text'],
    ['amount_fen', FEN],
  ],
  outbox: [
    ['message_id', ID],
    ['topic', 'text'],
    ['dedupe_key', 'text'],
    ['order_id', ID],
    ['created_at', AT],
    ['due_at', AT],
    ['lease_until', AT],
    ['tries', 'integer'],
    ['sent_at', AT],
    ['dead_at', AT],
    ['error', 'text'],
  ],
  sessions: [
    ['session_hash', 'text'],
    ['user_id', ID],
    ['created_at', AT],
    ['seen_at', AT],
    ['idle_until', AT],
    ['absolute_until', AT],
    ['step_up_at', AT],
    ['ended_at', AT],
    ['end_reason', 'text'],
  ],
  sms_codes: [
    ['sms_id', ID],
    ['phone_hash', 'text'],
    ['phone_mask', 'text'],
    ['purpose', 'text'],
    ['request_id', 'text'],
    ['created_at', AT],
    ['sent_at', AT],
    ['expires_at', AT],
    ['tries', 'integer'],
    ['used_at', AT],
    ['voided_at', AT],
  ],
  reviews: [
    ['order_id', ID],
    ['house_id', ID],
    ['overall', 'integer'],
    ['hidden_at', AT],
    ['created_at', AT],
  ],
  house_scores: [
    ['house_id', ID],
    ['review_count', 'integer'],
    ['score_sum', 'integer'],
  ],
}

/** People make these, and the seed makes no visits. */
const EMPTY_AT_FIRST = ['sessions', 'sms_codes', 'payouts']

describe('the audit views', async () => {
  const { ownerUrl, owner: db } = await testDatabase()
  const violations = async (text: string) => (await sql.raw<object>(text).execute(db)).rows

  beforeAll(async () => {
    await seedDatabase({ url: ownerUrl, size: 'demo', seed: 7, now: new Date('2026-11-23T04:40:00Z') })
  })

  test.each(Object.entries(VIEWS))('audit.%s has exactly the promised columns, in order', async (view, columns) => {
    const { rows } = await sql<{ column_name: string; data_type: string }>`
      select column_name, data_type from information_schema.columns
      where table_schema = 'audit' and table_name = ${view} order by ordinal_position`.execute(db)
    expect(rows.map((row) => [row.column_name, row.data_type])).toEqual(columns)
  })

  test('there are no others', async () => {
    const { rows } = await sql<{ table_name: string }>`
      select table_name from information_schema.views where table_schema = 'audit'`.execute(db)
    expect(rows.map((row) => row.table_name).sort()).toEqual(Object.keys(VIEWS).sort())
  })

  test('they show rows, or the invariants below would hold of nothing', async () => {
    for (const view of Object.keys(VIEWS).filter((name) => !EMPTY_AT_FIRST.includes(name))) {
      const { rows } = await sql<{ count: number }>`select count(*) from audit.${sql.ref(view)}`.execute(db)
      expect(rows[0]?.count, view).toBeGreaterThan(0)
    }
  })

  test.each(INVARIANTS.map((invariant) => [invariant.id, invariant.why, invariant.sql] as const))(
    '%s holds on seeded data: %s',
    async (_id, _why, text) => {
      expect(await violations(text)).toEqual([])
    },
  )

  test('invariants name themselves once, and the role that may read nothing but the views can run them', async () => {
    expect(new Set(INVARIANTS.map(({ id }) => id)).size).toBe(INVARIANTS.length)
    await db.transaction().execute(async (tx) => {
      await sql`set local role ihome_audit`.execute(tx)
      for (const { id, sql: text } of INVARIANTS) expect((await sql.raw(text).execute(tx)).rows, id).toEqual([])
    })
  })
})

describe('the invariants bite', async () => {
  const { ownerUrl, owner: db } = await testDatabase()
  const violated = async () => {
    const ids: string[] = []
    for (const { id, sql: text } of INVARIANTS) {
      const { rows } = await sql.raw(text).execute(db)
      if (rows.length > 0) ids.push(id)
    }
    return ids
  }
  /** The database guards these itself; a damage needs its guards out of the way. */
  const damaged = async (...statements: string[]) => {
    let ids: string[] = []
    await expect(
      db.transaction().execute(async (tx) => {
        await sql.raw("set local session_replication_role = 'replica'").execute(tx)
        for (const statement of statements) await sql.raw(statement).execute(tx)
        for (const { id, sql: text } of INVARIANTS) {
          const { rows } = await sql.raw(text).execute(tx)
          if (rows.length > 0) ids = [...ids, id]
        }
        throw new Error('undo')
      }),
    ).rejects.toThrow('undo')
    return ids
  }

  beforeAll(async () => {
    await seedDatabase({ url: ownerUrl, size: 'demo', seed: 3, now: new Date('2026-11-23T04:40:00Z') })
  })

  test('none is violated before', async () => {
    expect(await violated()).toEqual([])
  })

  const paid = `(select id from orders where status = 'COMPLETE' order by id limit 1)`
  const attempt = `(select id from payment_attempts where order_id = ${paid})`
  test.each([
    ['V4a', `delete from outbox where dedupe_key = 'paid:' || ${paid} || ':host'`],
    ['V4c', `update payment_attempts set disposition = 'SURPLUS' where id = ${attempt}`],
    ['V1', `delete from ledger_transactions where business_key = 'pay:' || ${attempt}`],
    ['O4', `update ledger_entries set amount_fen = amount_fen + 1 where account = 'GUEST_ESCROW'`],
    ['L1', `update ledger_entries set amount_fen = amount_fen + 1 where account = 'CLEARING' and tx_id = 1`],
    ['L9', `update ledger_entries set amount_fen = amount_fen + 1 where account = 'CLEARING' and tx_id = 1`],
    ['V2a', `update refunds set state = 'SENT', done_fen = 0, settled_at = null where id = 1`],
    ['V2b', `delete from refunds where reason = 'surplus'`],
    ['C7b', `delete from orders where id = ${paid}`],
    [
      'C8',
      `update stays set state = 'confirmed', released_at = null where state = 'released' and order_id =
            (select id from orders where status = 'REJECTED' order by id limit 1)`,
    ],
    [
      'P14',
      `alter table payment_attempts drop constraint payment_attempts_own_trade;
             update payment_attempts set trade_no = 'same' where state = 'SUCCEEDED'`,
    ],
    ['O6', `update orders set guest_id = 20 where status in ('WAIT_ACCEPT', 'WAIT_PAYMENT', 'CLOSING')`],
    ['C7c', `update stays set end_date = end_date + 1 where order_id = ${paid}`],
    [
      'V5',
      `update payment_attempts set received_fen = received_fen + 1, amount_fen = amount_fen + 1 where id = ${attempt}`,
    ],
    ['H1', 'update houses set score_sum = score_sum - 1 where score_sum > review_count'],
    ['H2', 'update reviews set house_id = house_id % 40 + 1 where order_id = (select min(order_id) from reviews)'],
    ['O11', `alter table orders drop constraint orders_counted_when_complete; update orders set counted_at = null`],
  ])('%s is found by a damage made for it', async (id, statement) => {
    expect(await damaged(statement)).toContain(id)
  })
})
