import { INVARIANTS } from '@ihome/server/audit/invariants'
import type { AlipaySandbox } from 'alipay-sandbox'
import type pg from 'pg'

interface Books {
  readonly database: pg.Pool
  readonly sandbox: AlipaySandbox
  /** What the seed made up before has no trades at this gateway. */
  readonly since: Date
  /** Invariants that do not hold here, such as a limit that this shop does not have. */
  readonly except: readonly string[]
}

/**
 * What is wrong with the books of a shop at whatever moment a suite leaves it: the invariants that hold also while
 * something is under way, seen at one moment, and every fen that the shop says it got or gave back through the gateway
 * against the gateway's own book, trade by trade. None when all is right.
 */
export async function brokenBooks(books: Books): Promise<string[]> {
  const connection = await books.database.connect()
  try {
    await connection.query('begin isolation level repeatable read read only')
    const broken = [...(await brokenInvariants(connection, books)), ...(await unknownMoney(connection, books))]
    await connection.query('rollback')
    return broken
  } finally {
    connection.release()
  }
}

async function brokenInvariants(connection: pg.PoolClient, { except }: Books): Promise<string[]> {
  const broken: string[] = []
  for (const { id, why, sql, atRest } of INVARIANTS) {
    if (atRest || except.includes(id)) continue
    const { rows } = await connection.query(sql)
    if (rows.length > 0) broken.push(`${id} ${why}: ${JSON.stringify(rows[0])} and ${rows.length - 1} more`)
  }
  return broken
}

async function unknownMoney(connection: pg.PoolClient, { sandbox, since }: Books): Promise<string[]> {
  const { rows } = await connection.query<{
    out_trade_no: string
    received: string
    returned: string
    under_way: boolean
  }>(
    `select a.out_trade_no, a.received_fen as received,
            exists (select from audit.refunds r where r.attempt_id = a.attempt_id
                    and r.state not in ('SUCCEEDED', 'VOID', 'EXTERNAL')) as under_way,
            coalesce((select sum(r.done_fen) from audit.refunds r
                      where r.attempt_id = a.attempt_id and r.via = 'trade'), 0) as returned
     from audit.attempts a where a.received_fen > 0 and a.created_at >= $1`,
    [since],
  )
  const trades = new Map(sandbox.control.trades({ limit: 1_000_000 }).map((trade) => [trade.outTradeNo, trade]))
  return rows.flatMap(({ out_trade_no, received, returned, under_way }) => {
    const trade = trades.get(out_trade_no)
    const taken = trade?.paidAt ? trade.amountFen : 0
    const back = trade?.refundedFen ?? 0
    // What is under way may have moved at the gateway before we heard of it; what others gave back we were told of.
    const isTold = under_way ? Number(returned) <= back : Number(returned) === back
    if (Number(received) === taken && isTold) return []
    return [`L8 ${out_trade_no}: our book ${received} in, ${returned} back; the gateway's ${taken} in, ${back} back`]
  })
}
