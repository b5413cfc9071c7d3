import { toFen } from '@ihome/core/money'
import type { HostShare } from '@ihome/core/orders/cancel-rule'
import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'

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
