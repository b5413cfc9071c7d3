import { randomUUID } from 'node:crypto'
import { addPeopleAndHouses } from '@ihome/e2e/fixture'
import { startWorld, type World } from '@ihome/e2e/world'
import pg from 'pg'
import { brokenInvariants, compareWithGateway } from '../books.ts'
import { inParallel, signInAll, UNLIMITED } from '../crowd.ts'
import type { Goal } from '../goal.ts'
import { advanceUntil, freshStays, orderToPay, todayOf } from '../order-flow.ts'

const SIZES = { small: 24, full: 400 }
const INSUFFICIENT_PRIVILEGE = '42501'
const DAY_MS = 86_400_000

/** G07: every transaction sums to zero, nobody can rewrite one, any past moment adds up, and the gateway agrees. */
export const g07: Goal = {
  id: 'G07',
  title: 'Books',
  release: 1,
  needsShop: true,
  async prove(trial) {
    const world = await startWorld({ seed: 'none', env: UNLIMITED })
    try {
      const fixture = await addPeopleAndHouses(world, { guests: 8, houses: 8 })
      const guests = await signInAll(world, fixture.guests)
      const hosts = await signInAll(
        world,
        fixture.houses.map(({ hostPhone }) => hostPhone),
      )
      const stays = freshStays(fixture, todayOf(world))
      const wishes = Array.from({ length: SIZES[trial.size] }, () => stays.next().value)
      const orders = await inParallel(wishes, 4, async (wish) => {
        const host = hosts[wish?.index ?? 0]
        if (!wish || !host) throw new RangeError('a stay without its house')
        const order = await orderToPay(trial.random.pick(guests), host, wish)
        // Some are cancelled while the money is on its way, so that surplus and refunds are in the books too.
        const cancels = trial.random.next() < 0.3
        if (cancels) await order.guest.orders.cancel(order.orderId, {}, randomUUID())
        await world.sandbox.pay({ payUrl: order.payUrl })
        return { ...order, cancels }
      })
      const settled = async () => {
        const { rows } = await world.database.query<{ open: string }>(
          `select (select count(*) from audit.orders where status in ('WAIT_PAYMENT', 'CLOSING'))
                + (select count(*) from audit.refunds where settled_at is null) as open`,
        )
        return rows[0]?.open === '0'
      }
      await advanceUntil(world, settled, 30_000, 3_600_000)
      const then = world.now()
      const balancesThen = await balancesAt(world, then)
      // The books of a stay close 24 h after check-in; go there, day by day.
      const accrued = async () => {
        const { rows } = await world.database.query<{ open: string }>(
          `select count(*) as open from audit.orders o where paid_at is not null and status <> 'CANCELED'
             and not exists (select 1 from audit.ledger_tx t where t.order_id = o.order_id and t.event = 'accrue')`,
        )
        return rows[0]?.open === '0'
      }
      const waited = await advanceUntil(world, accrued, DAY_MS, 120 * DAY_MS)
      const broken = [
        ...(await brokenInvariants(world)),
        ...(await rewritesAllowed(world)),
        ...(await pastBalances(world)),
      ]
      if ((await balancesAt(world, then)) !== balancesThen) {
        broken.push(`L2 the trial balance of ${then.toISOString()} is another one now than it was then`)
      }
      if (!(await settled())) broken.push('L7 money still waits after an hour')
      if (!Number.isFinite(waited)) broken.push('L5 paid stays were not accrued')
      const book = await compareWithGateway(world)
      broken.push(...book.broken)
      return {
        counts: {
          payments: orders.length,
          cancelled: orders.filter(({ cancels }) => cancels).length,
          clearing_fen: book.clearingFen,
          gateway_fen: book.gatewayFen,
          violations: broken.length,
        },
        broken,
      }
    } finally {
      await world.stop()
    }
  },
}

/** Tries to change the books as the role that serves requests, and as the owner. Every try must be refused. */
async function rewritesAllowed({ database }: World): Promise<string[]> {
  const allowed: string[] = []
  const attempts = ['ledger_transactions', 'ledger_entries'].flatMap((table) => [
    `update ${table} set ${table === 'ledger_entries' ? 'amount_fen = amount_fen + 1' : "business_key = 'x'"}`,
    `delete from ${table}`,
    `truncate ${table} cascade`,
  ])
  const connection = await database.connect()
  try {
    for (const role of ['ihome_app', 'none']) {
      for (const statement of attempts) {
        await connection.query('begin')
        await connection.query(`set local role ${role}`)
        const refused = await connection.query(statement).then(
          () => false,
          (error: unknown) => error instanceof pg.DatabaseError && error.code === INSUFFICIENT_PRIVILEGE,
        )
        await connection.query('rollback')
        if (!refused) allowed.push(`L2 ${role === 'none' ? 'the owner' : role} could: ${statement}`)
      }
    }
  } finally {
    connection.release()
  }
  return allowed
}

/** Every account as it stood at `at`, as text. */
async function balancesAt({ database }: World, at: Date): Promise<string> {
  const { rows } = await database.query(
    `select account, owner_id, sum(amount_fen) as fen from audit.ledger_tx join audit.ledger_entry using (tx_id)
     where posted_at <= $1 group by account, owner_id order by account, owner_id`,
    [at],
  )
  return JSON.stringify(rows)
}

/** Every moment at which something was posted, with all accounts together: each must be 0 (L9). */
async function pastBalances({ database }: World): Promise<string[]> {
  const { rows } = await database.query<{ posted_at: Date; total: string }>(
    `select posted_at, total from (
       select t.posted_at, sum(sum(e.amount_fen)) over (order by t.posted_at) as total
       from audit.ledger_tx t join audit.ledger_entry e using (tx_id) group by t.posted_at) as moments
     where total <> 0`,
  )
  return rows.map(({ posted_at, total }) => `L9 at ${posted_at.toISOString()} all accounts sum to ${total}`)
}
