import { expectBills } from '@ihome/server/features/bills/bill-store'
import { fetchDay } from '@ihome/server/features/bills/fetch-day'
import { numberPrefix } from '@ihome/server/features/payments/out-trade-no'
import { runDuePayments } from '@ihome/server/features/payments/payment-jobs'
import { brokenInvariants } from '../books.ts'
import type { Goal } from '../goal.ts'
import { type Bed, openBed } from '../order-of-events/bed.ts'
import { ENDS, type PlannedTrade, planDay, type Spoilt } from '../reconciliation/plan-day.ts'
import { stageDay } from '../reconciliation/stage-day.ts'
import { writeBills } from '../reconciliation/write-bills.ts'

const SIZES = { small: { trades: 600, spoilt: 57 }, full: { trades: 46_000, spoilt: 200 } }
const DAY = '2026-11-23'
const NEXT_MORNING = new Date('2026-11-24T02:00:00Z')
const OPENING_FEN = 200_914_481
const LATER_MS = 11 * 60_000

/** G16: everything that differs is found and named, nothing else is; what may be mended is; a rerun changes nothing. */
export const g16: Goal = {
  id: 'G16',
  title: 'Reconciliation',
  release: 2,
  needsShop: false,
  async prove({ size, say }) {
    const bed = await openBed()
    try {
      bed.setClock(NEXT_MORNING)
      const { trades, spoilt } = SIZES[size]
      const plan = planDay(trades, spoilt, numberPrefix(bed.needs.config.publicOrigin))
      await stageDay(bed, plan)
      const { source, rows } = writeBills(plan, OPENING_FEN)
      say(`a bill of ${rows} rows`)
      // The books of this day are those of Alipay, whoever answers in its name.
      const provider = { ...bed.gateway.provider, name: 'alipay' as const }
      const needs = { ...bed.needs, provider, bills: source }
      await expectBills(needs.db, DAY, NEXT_MORNING, NEXT_MORNING)
      await fetchDay(needs, DAY)
      say('compared; the jobs settle what was asked about')
      await runDuePayments(needs)
      bed.setClock(new Date(NEXT_MORNING.getTime() + LATER_MS))
      await fetchDay(needs, DAY)
      const before = await everything(bed)
      await fetchDay(needs, DAY, { again: true })
      const broken = [
        ...(await judge(bed, plan)),
        ...(await balanceFaults(bed)),
        ...((await everything(bed)) === before ? [] : ['G16 a rerun changed something']),
        ...(await brokenInvariants(bed)).filter((line) => /^(L1|L3|L9|L10) /.test(line)),
      ]
      const found = await foundIn(bed)
      const falseAlarms = found.length - plan.filter(({ fate }) => fate !== 'none').length
      return {
        counts: {
          rows,
          differences: found.length,
          kinds: new Set(found.map(({ kind }) => kind)).size,
          fixed: found.filter(({ state }) => state === 'fixed').length,
          false_alarms: Math.max(0, falseAlarms),
          violations: broken.length,
        },
        broken,
      }
    } finally {
      await bed.stop()
    }
  },
}

interface Found {
  readonly kind: string
  readonly state: string
  readonly out_trade_no: string | null
}

const foundIn = async ({ database }: Bed): Promise<Found[]> =>
  (await database.query<Found>('select kind, state, out_trade_no from bill_differences order by id')).rows

/** Each spoilt trade is named by its kind and ends as it should; what is named beyond that is a false alarm. */
async function judge(bed: Bed, plan: readonly PlannedTrade[]): Promise<string[]> {
  const wanted = new Map<string, number>()
  for (const { fate } of plan) if (fate !== 'none') count(wanted, `${fate} ${ENDS[fate as Spoilt]}`, 1)
  for (const { kind, state } of await foundIn(bed)) count(wanted, `${kind} ${state}`, -1)
  return [...wanted]
    .filter(([, left]) => left !== 0)
    .map(([what, left]) => `G16 ${what}: ${Math.abs(left)} ${left > 0 ? 'not found' : 'too many'}`)
}

const count = (counts: Map<string, number>, key: string, by: number): void =>
  void counts.set(key, (counts.get(key) ?? 0) + by)

async function balanceFaults({ database }: Bed): Promise<string[]> {
  const { rows } = await database.query<{ theirs_fen: string | null; ours_fen: string | null }>(
    'select theirs_fen, ours_fen from bill_days',
  )
  return rows
    .filter(({ theirs_fen, ours_fen }) => theirs_fen === null || theirs_fen !== ours_fen)
    .map(({ theirs_fen, ours_fen }) => `L8 the gateway has ${theirs_fen}, our books ${ours_fen}`)
}

const TABLES = [
  'bills',
  'bill_lines',
  'bill_differences',
  'bill_days',
  'ledger_transactions',
  'ledger_entries',
  'payment_attempts',
  'refunds',
  'gateway_facts',
  'cases',
]

/** A digest of everything that reconciling may touch; of `bills`, all but how often it was asked for. */
async function everything({ database }: Bed): Promise<string> {
  const digests: string[] = []
  for (const table of TABLES) {
    const text = table === 'bills' ? "(to_jsonb(t) - 'tries' - 'compared_at' - 'next_try_at')::text" : 't::text'
    const { rows } = await database.query<{ digest: string }>(
      `select md5(coalesce(string_agg(${text}, ',' order by ${text}), '')) as digest from ${table} t`,
    )
    digests.push(rows[0]?.digest ?? '')
  }
  return digests.join(' ')
}
