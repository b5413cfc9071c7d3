import type { PayoutsView, PayoutView } from '@ihome/contract/schemas/payouts'
import type { Deps } from '../../platform/deps.ts'
import { readPayee } from './payee-accounts.ts'
import { listPayoutsOfHost } from './payout-list-store.ts'

/** The list stands above the orders it is about, so it begins short. */
const PAGE = 5

type Row = Awaited<ReturnType<typeof listPayoutsOfHost>>[number]

/** What a host was and will be paid, newest first, and to which account. Says no with `not_verified`. */
export async function readPayouts(
  deps: Pick<Deps, 'db' | 'clock' | 'config'>,
  hostId: number,
  cursor: string | undefined,
): Promise<PayoutsView> {
  const payee = await readPayee(deps, hostId)
  const before = cursor === undefined ? undefined : Number(cursor)
  const rows = await listPayoutsOfHost(deps.db, hostId, { before, most: PAGE })
  const shown = rows.slice(0, PAGE)
  return {
    enabled: deps.config.payouts !== undefined,
    payee,
    items: shown.map(viewOf),
    next_cursor: rows.length > PAGE ? String(shown.at(-1)?.id) : null,
  }
}

const viewOf = (row: Row): PayoutView => ({
  payout_id: row.id,
  order_id: row.order_id,
  title: row.title,
  stage: stageOf(row),
  frozen_reason: row.frozen_reason,
  amount_fen: row.amount_fen,
  netted_fen: row.netted_fen,
  not_before: row.not_before.toISOString(),
  settled_at: row.settled_at?.toISOString() ?? null,
})

function stageOf(row: Row): PayoutView['stage'] {
  switch (row.state) {
    case 'ACCRUED':
      return row.settled_at === null ? 'waiting' : 'netted'
    case 'SUCCEEDED':
      return 'sent'
    case 'RETURNED':
      return 'returned'
    case 'MANUAL':
      return row.owner === 'host' ? 'asks_host' : 'on_way'
    case 'SCHEDULED':
      return row.frozen_reason === null ? 'on_way' : 'waiting'
    case 'SENT':
    case 'UNKNOWN':
    case 'RETRY':
      return 'on_way'
  }
}
