import { type BilledFee, type Difference, type DifferenceKind, ENDS_BY } from '@ihome/core/bills/bill'
import { type CivilDate, instantInShanghai } from '@ihome/core/calendar'
import { askForDay, endCaseOfDay } from '../payments/bill-cases.ts'
import { readBilledBooks } from '../payments/billed-books.ts'
import { bookFee } from '../payments/book-fee.ts'
import { type Confirmation, confirmByBill } from '../payments/confirm-by-bill.ts'
import { askAboutPayout } from '../payouts/billed-payouts.ts'
import { balanceOf, keepDay } from './balance-day.ts'
import type { BillNeeds } from './bill-needs.ts'
import { findClosingBefore, listBillsOf, markCompared, saveJudged } from './bill-store.ts'
import {
  countWaiting,
  insertDifferences,
  type KeptDifference,
  listDifferences,
  saveDifference,
} from './difference-store.ts'
import { type DayFiles, type DayJudgement, judgeDay, readAccountLines, readTradeLines } from './judge-day.ts'

/** What was asked and is on its way into the books is looked at again after this. */
const LOOK_AGAIN_MS = 10 * 60_000
/** A difference that should have gone by itself and has not in this time waits for a person. */
const GIVE_UP_MS = 24 * 3_600_000
const FEES_AT_ONCE = 200
const ASKED_AT_ONCE = 4

/**
 * Compares a day's files with our books: names what differs, asks the gateway about each, lets its answers into the
 * books, posts the fees, and looks once more. Doing it again changes nothing that has not changed since. Gives false
 * while the file of trades is not here.
 */
export async function compareDay(needs: BillNeeds, day: CivilDate): Promise<boolean> {
  const files = await filesOf(needs, day)
  if (!files) return false
  const first = await judgeDay(needs, files)
  await keep(needs, files, first)
  const asked = await askAboutAll(needs, files, await listDifferences(needs.db, day))
  await bookFees(needs, first.fees)
  const second = await judgeDay(needs, files)
  await bookFees(needs, second.fees) // of what the answers have brought into the books
  await keep(needs, files, second)
  const balance = await balanceOf(needs, files, second) // by the lines as they are kept
  const judgement = { ...second, differences: [...second.differences, ...balance.differences] }
  await settle(needs, day, judgement.differences, asked)
  // While something is on its way into the books, their sum is not to be wondered at.
  if (balance.differences.length > 0 && (await countWaiting(needs.db, day)).unasked === 0) {
    await keep(needs, files, judgement)
    await settle(needs, day, judgement.differences, new Map())
  }
  await keepDay(needs, files, judgement, balance)
  await tellPeople(needs, day)
  return true
}

async function filesOf(needs: BillNeeds, day: CivilDate): Promise<DayFiles | undefined> {
  const bills = await listBillsOf(needs.db, day)
  const here = bills.filter(({ state }) => state === 'fetched' || state === 'compared')
  const trade = here.find(({ kind }) => kind === 'trade')
  if (!trade) return undefined
  const account = here.find(({ kind }) => kind === 'account')
  return {
    day,
    trade,
    trades: await readTradeLines(needs, trade),
    account: account && (await readAccountLines(needs, account)),
    openingFen: await findClosingBefore(needs.db, day),
  }
}

const keep = (needs: BillNeeds, { day, trade }: DayFiles, { lines, differences }: DayJudgement): Promise<void> =>
  needs.transact(async (tx) => {
    await saveJudged(tx, trade.id, lines)
    await insertDifferences(tx, day, differences, needs.clock.now())
  })

async function bookFees(needs: BillNeeds, fees: readonly BilledFee[]): Promise<void> {
  const now = needs.clock.now()
  for (let at = 0; at < fees.length; at += FEES_AT_ONCE) {
    await needs.transact(async (tx) => {
      for (const fee of fees.slice(at, at + FEES_AT_ONCE)) if (fee.feeFen > 0) await bookFee(tx, fee, now)
    })
  }
}

const WITHOUT_QUESTION: ReadonlySet<DifferenceKind> = new Set(['fee_differs', 'fee_returned', 'line_unknown'])
const OF_PAYOUTS: ReadonlySet<DifferenceKind> = new Set(['payout_not_booked', 'payout_returned', 'payout_missing'])

/** What the gateway said about each difference that is not settled; those that are of no number are not asked about. */
async function askAboutAll(
  needs: BillNeeds,
  { day, trade }: DayFiles,
  kept: readonly KeptDifference[],
): Promise<ReadonlyMap<number, Confirmation>> {
  const said = new Map<number, Confirmation>()
  const waiting = kept.filter(({ state }) => state === 'found' || state === 'asked')
  await eachOf(waiting, async (difference) => {
    const answer = await askAbout(needs, difference)
    if (answer) said.set(difference.id, answer)
  })
  if (trade.state !== 'compared') await askAboutOutstanding(needs, day)
  return said
}

async function askAbout(needs: BillNeeds, difference: KeptDifference): Promise<Confirmation | undefined> {
  const { kind, out_trade_no, request_no } = difference
  if (out_trade_no === null || WITHOUT_QUESTION.has(kind)) return undefined
  try {
    if (OF_PAYOUTS.has(kind)) {
      await askAboutPayout(needs.db, out_trade_no, needs.clock.now())
      return { clear: true, said: 'asked', effect: undefined }
    }
    const amountFen = difference.theirs_fen ?? difference.ours_fen ?? 0
    return await confirmByBill(needs, {
      outTradeNo: out_trade_no,
      requestNo: request_no,
      amountFen: Math.abs(amountFen),
    })
  } catch (error) {
    needs.log.error({ difference_id: difference.id, err: error }, 'difference_not_asked')
    return { clear: false, said: 'failed', effect: undefined }
  }
}

/** A trade that the gateway has finished takes no refund any more; only its answer tells that (E24). */
async function askAboutOutstanding(needs: BillNeeds, day: CivilDate): Promise<void> {
  const end = instantInShanghai(day, 24)
  const { outstanding } = await readBilledBooks(needs.db, {
    provider: needs.provider.name,
    numbers: [],
    from: end,
    to: end,
  })
  await eachOf(outstanding, async ({ outTradeNo }) => {
    await confirmByBill(needs, { outTradeNo, requestNo: null, amountFen: 0 })
  })
}

async function eachOf<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items]
  const hand = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item)
  }
  await Promise.all(Array.from({ length: ASKED_AT_ONCE }, hand))
}

/** Ends what is gone, hands on what only a person can end, and leaves the rest for the next look. */
async function settle(
  needs: BillNeeds,
  day: CivilDate,
  differences: readonly Difference[],
  asked: ReadonlyMap<number, Confirmation>,
): Promise<void> {
  const now = needs.clock.now()
  const there = new Set(differences.map(({ kind, subject }) => `${kind} ${subject}`))
  for (const kept of await listDifferences(needs.db, day)) {
    if (kept.state === 'fixed' || kept.state === 'resolved') continue
    const answer = asked.get(kept.id)
    const askedAt = answer ? { asked_at: now } : {}
    const note = answer ? answer.said : kept.note
    if (!there.has(`${kept.kind} ${kept.subject}`)) {
      await saveDifference(needs.db, kept.id, { ...askedAt, state: 'fixed', note, settled_at: now })
    } else if (kept.state !== 'open') {
      const state = stateAfter(kept, answer, now)
      const settled = state === 'fixed' ? { settled_at: now } : {}
      if (state !== kept.state || note !== kept.note) {
        await saveDifference(needs.db, kept.id, { ...askedAt, ...settled, state, note })
      }
    }
  }
}

function stateAfter(kept: KeptDifference, answer: Confirmation | undefined, now: Date): KeptDifference['state'] {
  const { kind } = kept
  if (kind === 'fee_differs' || kind === 'fee_returned') return 'fixed' // The bill's figure is posted: it is the truth.
  if (kind === 'payment_foreign' && answer?.clear) return answer.said === 'not_exist' ? 'open' : 'fixed'
  if (answer && !answer.clear) return now.getTime() - kept.found_at.getTime() > GIVE_UP_MS ? 'open' : 'found'
  const isUnderWay = ENDS_BY[kind] === 'itself' || answer?.effect === 'mismatch'
  if (!isUnderWay || answer?.said === 'not_exist') return 'open'
  return now.getTime() - kept.found_at.getTime() > GIVE_UP_MS ? 'open' : 'asked'
}

async function tellPeople(needs: BillNeeds, day: CivilDate): Promise<void> {
  const now = needs.clock.now()
  await needs.transact(async (tx) => {
    const { open, unasked } = await countWaiting(tx, day)
    if (open > 0) await askForDay(tx, 'bill_difference', day, `${open}`, now)
    else await endCaseOfDay(tx, 'bill_difference', day, now)
    await markCompared(tx, day, now, unasked > 0 ? new Date(now.getTime() + LOOK_AGAIN_MS) : null)
  })
}
