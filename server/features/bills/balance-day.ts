import type { AccountLine, Difference } from '@ihome/core/bills/bill'
import { addDays } from '@ihome/core/calendar'
import { clearingAtEndOf } from '../ledger/clearing-sum.ts'
import type { BillNeeds } from './bill-needs.ts'
import { isUnbroken } from './bill-store.ts'
import { findBalancedBefore, hasBalancedAfter, saveDay } from './day-store.ts'
import type { DayFiles, DayJudgement } from './judge-day.ts'

/** The account at the end of a day, as the gateway says and as our books say. Undefined where no bill tells it. */
export interface DayBalance {
  readonly figures:
    | { readonly baseFen: number; readonly outsideFen: number; readonly theirsFen: number; readonly oursFen: number }
    | undefined
  readonly differences: readonly Difference[]
}

/**
 * CLEARING against the gateway's own balance (promises L8). What the account held before our first bill, and what moved
 * on it for reasons that are not the shop's, is told apart. A gap that was there the day before is not told again.
 */
export async function balanceOf(needs: BillNeeds, files: DayFiles, judgement: DayJudgement): Promise<DayBalance> {
  const { day, account } = files
  const last = await findBalancedBefore(needs.db, day)
  // What moved on days without a bill is unknown, so the reckoning begins anew after them.
  const before = last && (await isUnbroken(needs.db, last.day, day)) ? last : undefined
  const theirsFen = account?.at(-1)?.balanceFen ?? (account ? before?.theirs_fen : undefined)
  if (!account || theirsFen === undefined || theirsFen === null) return { figures: undefined, differences: [] }
  if (!before && (await hasBalancedAfter(needs.db, day))) return { figures: undefined, differences: [] }
  const first = account[0]
  const baseFen =
    before?.base_fen ??
    (first
      ? first.balanceFen - first.amountFen - (await clearingAtEndOf(needs.db, needs.provider.name, addDays(day, -1)))
      : 0)
  const outsideFen = (before?.outside_fen ?? 0) + movedOutside(account, files, judgement)
  const oursFen = baseFen + outsideFen + (await clearingAtEndOf(needs.db, needs.provider.name, day))
  const gapFen = theirsFen - oursFen
  const gapBefore = before ? (before.theirs_fen ?? 0) - (before.ours_fen ?? 0) : 0
  const differences: Difference[] =
    gapFen === gapBefore
      ? []
      : [
          {
            kind: 'balance_differs',
            subject: day,
            lineNo: null,
            outTradeNo: null,
            requestNo: null,
            orderId: null,
            oursFen,
            theirsFen,
          },
        ]
  return { figures: { baseFen, outsideFen, theirsFen, oursFen }, differences }
}

/** Lines of other sites on the same account, and movements that are nobody's trade. */
function movedOutside(account: readonly AccountLine[], { trades }: DayFiles, judgement: DayJudgement): number {
  const foreign = new Set(
    trades.filter(({ no }) => judgement.lines.get(no)?.result === 'foreign').map(({ tradeNo }) => tradeNo),
  )
  const movements = new Set(
    judgement.differences.filter(({ kind }) => kind === 'account_movement').map(({ subject }) => subject),
  )
  return account
    .filter(({ serial, about }) => movements.has(`account:${serial}`) || foreign.has(about))
    .reduce((sum, { amountFen }) => sum + amountFen, 0)
}

/** Keeps the day's figures for the desk. */
export async function keepDay(
  needs: BillNeeds,
  { day }: DayFiles,
  { lines, differences, fees }: DayJudgement,
  { figures }: DayBalance,
): Promise<void> {
  const results = [...lines.values()].map(({ result }) => result)
  const count = (wanted: string) => results.filter((result) => result === wanted).length
  const feesFen = fees.reduce((sum, { kind, feeFen }) => sum + (kind === 'fee' ? feeFen : 0 - feeFen), 0)
  const onlyOurs = differences.filter(({ kind }) => kind.endsWith('_missing') || kind === 'refund_blocked').length
  await needs.transact((tx) =>
    saveDay(tx, {
      day,
      compared_at: needs.clock.now(),
      matched: count('matched'),
      differs: count('differs'),
      only_theirs: count('only_theirs'),
      only_ours: onlyOurs,
      foreign_lines: count('foreign'),
      fees_fen: feesFen,
      base_fen: figures?.baseFen ?? null,
      theirs_fen: figures?.theirsFen ?? null,
      ours_fen: figures?.oursFen ?? null,
      outside_fen: figures?.outsideFen ?? null,
    }),
  )
}
