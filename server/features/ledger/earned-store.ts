import { toFen } from '@ihome/core/money'
import type { HostShare } from '@ihome/core/orders/cancel-rule'
import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import { accountSum } from './post.ts'

/** What host, platform and gateway's fee were credited for an order, less what was taken back of it. */
export async function earnedOf(tx: Tx, orderId: number): Promise<HostShare> {
  const { rows } = await sql<{ net: number; platform_fee: number; gateway_fee: number }>`
    select coalesce(-sum(e.amount_fen) filter (where e.account in ('HOST_PAYABLE', 'HOST_RECEIVABLE')), 0)::bigint as net,
           coalesce(-sum(e.amount_fen) filter (where e.account = 'PLATFORM_FEE'), 0)::bigint as platform_fee,
           coalesce(-sum(e.amount_fen) filter (where e.account = 'GATEWAY_FEE'), 0)::bigint as gateway_fee
      from ledger_transactions t join ledger_entries e on e.tx_id = t.id
     where t.order_id = ${orderId} and t.event in ('accrue', 'cancel', 'clawback', 'external_refund')`.execute(tx)
  const { net = 0, platform_fee = 0, gateway_fee = 0 } = rows[0] ?? {}
  return {
    gross: toFen(net + platform_fee + gateway_fee),
    platformFee: toFen(platform_fee),
    gatewayFee: toFen(gateway_fee),
    net: toFen(net),
  }
}

/**
 * Makes whoever would take money out of what a host has coming wait for this transaction, and gives how much that is
 * now; nothing where the host owes. The host's orders are locked one by one, so their locks do not do it.
 */
export async function lockHostPayable(tx: Tx, hostId: number): Promise<number> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`host_payable:${hostId}`}, 0))`.execute(tx)
  return Math.max(0, 0 - (await accountSum(tx, 'HOST_PAYABLE', String(hostId))))
}
