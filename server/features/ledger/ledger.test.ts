import { payApplied, paySurplus } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { testDeps } from '../../platform/testing.ts'
import { givenOrder } from '../orders/testing-orders.ts'
import { accountSum, heldFen, post, receivedFen } from './post.ts'
import { trialBalance } from './trial-balance.ts'

const deps = await testDeps()
const { db, transact, clock } = deps
const order = await givenOrder(db, { status: 'WAIT_PAYMENT' })
let keys = 0

function posting(change: Partial<Parameters<typeof post>[1]> = {}): Parameters<typeof post>[1] {
  keys += 1
  return {
    businessKey: `pay:test-${keys}`,
    event: 'pay_applied',
    causes: { orderId: order.id },
    entries: payApplied(String(order.id), toFen(100)),
    at: clock.now(),
    ...change,
  }
}

describe('the ledger', () => {
  test('L3 posts one effect once, however many ask at once', async () => {
    const wish = posting()
    const ids = await Promise.all(Array.from({ length: 20 }, () => transact((tx) => post(tx, wish))))
    expect(ids.filter((id) => id !== undefined)).toHaveLength(1)
    expect(await heldFen(db, order.id)).toBe(100)
    expect(await receivedFen(db, order.id)).toBe(100)
  })

  test('L3 a key used twice is refused by the table itself', async () => {
    const { businessKey } = posting()
    const insert = () =>
      deps.database.owner
        .insertInto('ledger_transactions')
        .values({ business_key: businessKey, event: 'pay_applied', order_id: order.id, posted_at: clock.now() })
        .execute()
    await expect(Promise.allSettled([insert(), insert()])).resolves.toMatchObject([
      { status: 'rejected' },
      { status: 'rejected' },
    ]) // without entries neither stands; the next shows that the key alone is enough
    await transact((tx) => post(tx, posting({ businessKey })))
    await expect(insert()).rejects.toMatchObject({ constraint: 'ledger_posted_once' })
  })

  test.each([
    [
      'that do not sum to zero',
      [
        { account: 'CLEARING', amountFen: 100 },
        { account: 'LOSS', amountFen: -99 },
      ],
    ],
    ['of which there is one', [{ account: 'CLEARING', amountFen: 100 }]],
  ] as const)('L1 entries %s are refused at the commit', async (_title, entries) => {
    await expect(transact((tx) => post(tx, posting({ entries })))).rejects.toMatchObject({
      constraint: 'ledger_sums_to_zero',
    })
  })

  test.each([
    ['a posting without a cause', { causes: {} }, 'ledger_has_a_cause'],
    [
      'an entry of nothing',
      {
        entries: [
          { account: 'CLEARING', amountFen: 0 },
          { account: 'LOSS', amountFen: 0 },
        ],
      },
      'ledger_no_empty_entry',
    ],
    [
      'an account without its owner',
      {
        entries: [
          { account: 'CLEARING', amountFen: 1 },
          { account: 'SUSPENSE', amountFen: -1 },
        ],
      },
      'ledger_account_has_its_owner',
    ],
  ] as const)('L10 %s is refused', async (_title, change, constraint) => {
    await expect(transact((tx) => post(tx, posting(change)))).rejects.toMatchObject({ constraint })
  })

  test.each([
    ['update ledger_entries set amount_fen = amount_fen + 1'],
    ['delete from ledger_entries'],
    ['truncate ledger_entries'],
    ["update ledger_transactions set event = 'accrue'"],
    ['delete from ledger_transactions'],
    ['truncate ledger_transactions cascade'],
    ['update order_history set reason = null'],
    ['delete from order_history'],
  ])('L2 the role that serves requests cannot: %s', async (statement) => {
    await expect(sql.raw(statement).execute(db)).rejects.toMatchObject({ code: '42501' })
    await expect(sql.raw(statement).execute(deps.database.owner)).rejects.toMatchObject({ code: '42501' })
  })

  test('L9 the balance of any past instant can be told again', async () => {
    const before = await trialBalance(db, clock.now())
    const then = clock.now()
    clock.advance(1_000)
    await transact((tx) => post(tx, posting({ event: 'pay_surplus', entries: paySurplus(String(order.id), toFen(7)) })))
    expect(await trialBalance(db, then)).toEqual(before)
    const now = await trialBalance(db, clock.now())
    expect(now.reduce((sum, { sumFen }) => sum + sumFen, 0)).toBe(0)
    expect(now).not.toEqual(before)
    expect(await accountSum(db, 'REFUND_PAYABLE', String(order.id))).toBe(-7)
  })
})
