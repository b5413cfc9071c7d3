import type { World } from '@ihome/e2e/world'
import { INVARIANTS } from '@ihome/server/audit/invariants'

/** What the invariants that SQL can see say about a database at rest, as `C1 …` lines; none when all hold. */
export async function brokenInvariants(
  world: Pick<World, 'database'>,
  { except = [] }: { readonly except?: readonly string[] } = {},
): Promise<string[]> {
  const broken: string[] = []
  for (const { id, why, sql } of INVARIANTS) {
    if (except.includes(id)) continue
    const { rows } = await world.database.query(sql)
    if (rows.length > 0) broken.push(`${id} ${why}: ${JSON.stringify(rows[0])} and ${rows.length - 1} more`)
  }
  return broken
}

/**
 * Our CLEARING account against the gateway's own book, trade by trade and in sum. What its bill has charged as fees is
 * left out on both sides.
 */
export async function compareWithGateway(
  world: World,
): Promise<{ clearingFen: number; gatewayFen: number; broken: string[] }> {
  const broken: string[] = []
  const { rows } = await world.database.query<{ out_trade_no: string; received: string; returned: string }>(
    `select a.out_trade_no, a.received_fen as received,
            coalesce((select sum(r.done_fen) from audit.refunds r where r.out_trade_no = a.out_trade_no), 0) as returned
     from audit.attempts a where a.received_fen > 0`,
  )
  const ours = new Map(rows.map((row) => [row.out_trade_no, Number(row.received) - Number(row.returned)]))
  let gatewayFen = 0
  for (const trade of world.sandbox.control.trades({ limit: 1_000_000 })) {
    const paid = trade.paidAt ? trade.amountFen - trade.refundedFen : 0
    gatewayFen += paid
    if ((ours.get(trade.outTradeNo) ?? 0) !== paid) {
      broken.push(`L8 ${trade.outTradeNo}: the gateway holds ${paid}, our book ${ours.get(trade.outTradeNo) ?? 0}`)
    }
    ours.delete(trade.outTradeNo)
  }
  for (const [number, fen] of ours)
    if (fen !== 0) broken.push(`L8 ${number}: our book holds ${fen}, the gateway knows nothing`)
  const { rows: clearing } = await world.database.query<{ fen: string }>(
    `select coalesce(sum(amount_fen), 0) as fen from audit.ledger_entry join audit.ledger_tx using (tx_id)
     where account = 'CLEARING' and event <> 'gateway_fee'`,
  )
  const clearingFen = Number(clearing[0]?.fen ?? 0)
  if (clearingFen !== gatewayFen)
    broken.push(`L8 CLEARING is ${clearingFen}, the gateway's balance of our account ${gatewayFen}`)
  return { clearingFen, gatewayFen, broken }
}
