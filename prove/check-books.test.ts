import { brokenBooks } from '@ihome/e2e/check-books'
import { paymentBed } from '@ihome/server/features/payments/testing-payments'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** What is done to right books, and how it is taken back. `$paid` and `$refunded` stand for the numbers of two orders. */
interface Damage {
  readonly what: string
  readonly ids: readonly string[]
  readonly harm: string
  readonly mend: string
}

const clearingOf = (order: string, event: string): string =>
  `account = 'CLEARING' and tx_id = (select id from ledger_transactions where order_id = ${order} and event = '${event}')`

const DAMAGES: readonly Damage[] = [
  {
    what: 'an entry of the ledger that is a fen off',
    ids: ['L1', 'V1'],
    harm: `update ledger_entries set amount_fen = amount_fen + 1 where ${clearingOf('$paid', 'pay_applied')}`,
    mend: `update ledger_entries set amount_fen = amount_fen - 1 where ${clearingOf('$paid', 'pay_applied')}`,
  },
  {
    what: 'a payment whose posting is not there under its key',
    ids: ['V1'],
    harm: `update ledger_transactions set business_key = 'lost:' || business_key
           where order_id = $paid and event = 'pay_applied'`,
    mend: `update ledger_transactions set business_key = substr(business_key, 6)
           where order_id = $paid and event = 'pay_applied'`,
  },
  {
    what: 'a trade that the gateway does not know',
    ids: ['L8'],
    harm: `update payment_attempts set out_trade_no = out_trade_no || 'x' where order_id = $paid`,
    mend: `update payment_attempts set out_trade_no = rtrim(out_trade_no, 'x') where order_id = $paid`,
  },
  {
    what: 'money that the gateway took as another sum',
    ids: ['L8', 'V1'],
    harm: `update payment_attempts set received_fen = received_fen - 1, amount_fen = amount_fen - 1 where order_id = $paid`,
    mend: `update payment_attempts set received_fen = received_fen + 1, amount_fen = amount_fen + 1 where order_id = $paid`,
  },
  {
    what: 'a refund that the gateway gave back as less',
    ids: ['L8'],
    harm: `update payment_attempts set received_fen = received_fen + 1, amount_fen = amount_fen + 1 where order_id = $refunded;
           update refunds set done_fen = done_fen + 1, amount_fen = amount_fen + 1 where order_id = $refunded`,
    mend: `update refunds set done_fen = done_fen - 1, amount_fen = amount_fen - 1 where order_id = $refunded;
           update payment_attempts set received_fen = received_fen - 1, amount_fen = amount_fen - 1 where order_id = $refunded`,
  },
  {
    what: 'a refund that is said to have gone and was never posted',
    ids: ['V2a'],
    harm: `update ledger_transactions set event = 'writeoff' where order_id = $refunded and event = 'refund'`,
    mend: `update ledger_transactions set event = 'refund' where order_id = $refunded and event = 'writeoff'`,
  },
  {
    what: 'a paid order whose nights are free again',
    ids: ['V4a'],
    harm: `update stays set state = 'released', released_at = created_at where order_id = $paid`,
    mend: `update stays set state = 'confirmed', released_at = null where order_id = $paid`,
  },
  {
    what: 'a payment that the guest was never told of',
    ids: ['V4a'],
    harm: `update outbox set dedupe_key = 'lost' where dedupe_key = 'paid:' || $paid || ':guest'`,
    mend: `update outbox set dedupe_key = 'paid:' || $paid || ':guest' where dedupe_key = 'lost'`,
  },
]

describe('the check at the end of every suite', async () => {
  const bed = await paymentBed()
  const { sandbox, deps } = bed
  const database = new pg.Pool({ connectionString: deps.database.ownerUrl, max: 1 })
  afterAll(() => database.end())
  const since = deps.clock.now()
  const orders: { paid: number; refunded: number } = { paid: 0, refunded: 0 }
  const broken = (from = since) => brokenBooks({ database, sandbox, since: from, except: [] })
  /** As somebody whom no trigger stops. */
  const unguarded = async (text: string) => {
    const sql = text.replaceAll('$paid', String(orders.paid)).replaceAll('$refunded', String(orders.refunded))
    await database.query(`begin; set local session_replication_role = replica; ${sql}; commit`)
  }

  beforeAll(async () => {
    for (const name of ['paid', 'refunded'] as const) {
      const order = await bed.givenOrder()
      await sandbox.pay({ payUrl: await bed.payUrl(order) })
      await bed.settle()
      orders[name] = order.id
      if (name === 'refunded') await bed.cancel(order, 'host')
    }
    await bed.pass(60_000)
  })

  test('finds nothing in right books', async () => {
    expect(await broken()).toEqual([])
  })

  test.each(DAMAGES.map((damage) => [damage.what, damage] as const))('finds %s', async (_what, { ids, harm, mend }) => {
    await unguarded(harm)
    const found = await broken().finally(() => unguarded(mend))
    for (const id of ids)
      expect(
        found.some((line) => line.startsWith(`${id} `)),
        found.join('\n'),
      ).toBe(true)
    expect(await broken()).toEqual([])
  })

  test('leaves out what was there before the world began, which this gateway never saw', async () => {
    const { harm, mend } = DAMAGES.find(({ ids }) => ids.join() === 'L8') ?? { harm: '', mend: '' }
    await unguarded(harm)
    const found = await broken(new Date(deps.clock.now().getTime() + 1)).finally(() => unguarded(mend))
    expect(found).toEqual([])
  })
})
