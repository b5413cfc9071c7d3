import type { DeskEvent } from '@ihome/contract/schemas/operator-desk'
import { type PayoutState, transferRefusal } from '@ihome/core/payouts/payout-plan'
import type { Deps } from '../../platform/deps.ts'
import { listAnswersForLog, listPayoutsForLog } from './payout-log-store.ts'

type Payout = Awaited<ReturnType<typeof listPayoutsForLog>>[number]
type AnswerRow = Awaited<ReturnType<typeof listAnswersForLog>>[number]
/** `netted`: a debt of the host took all of it. */
type Title = PayoutState | 'netted'

const words = (...parts: (string | null)[]): string => parts.filter(Boolean).join(' · ')

const event = (at: Date, title: Title, detail: string, amount: number | null): DeskEvent => ({
  at: at.toISOString(),
  kind: 'payout',
  title,
  detail,
  amount,
})

/**
 * What happened to an order's payouts: earned, sent, what was answered, arrived, came back, each with its instant. Money
 * that leaves is negative. An answer that only repeats the one before it is left out.
 */
export async function payoutEventsOf({ db }: Pick<Deps, 'db'>, orderId: number): Promise<DeskEvent[]> {
  const [payouts, answers] = await Promise.all([listPayoutsForLog(db, orderId), listAnswersForLog(db, orderId)])
  return payouts.flatMap((payout) =>
    eventsOf(
      payout,
      answers.filter(({ payout_id }) => payout_id === payout.id),
    ),
  )
}

function eventsOf(payout: Payout, answers: readonly AnswerRow[]): DeskEvent[] {
  const { out_biz_no: number, amount_fen, netted_fen, sent_at, settled_at } = payout
  const events = [event(payout.created_at, 'ACCRUED', words(number, payout.frozen_reason), -payout.earned_fen)]
  if (sent_at !== null) events.push(event(sent_at, 'SENT', number, -amount_fen))
  let before: string | undefined
  for (const answer of answers) {
    const title = titleOf(answer)
    const detail = words(answer.out_biz_no, title === 'SUCCEEDED' ? null : answer.word)
    const said = `${title} ${detail}`
    if (said !== before) events.push(event(answer.at, title, detail, title === 'SUCCEEDED' ? -amount_fen : null))
    // After success it is only asked whether the money came back; of that the payout itself tells.
    if (title === 'SUCCEEDED') break
    before = said
  }
  if (payout.state === 'RETURNED' && settled_at !== null) events.push(event(settled_at, 'RETURNED', number, amount_fen))
  if (payout.state === 'ACCRUED' && settled_at !== null) events.push(event(settled_at, 'netted', number, -netted_fen))
  return events
}

/** The state that an answer brought; the rule is that of the worker who took it. */
function titleOf({ call, kind, word }: AnswerRow): Title {
  if (kind === 'fact' && (word === 'succeeded' || word === 'returned')) return 'SUCCEEDED'
  const isNo = (kind === 'refused' && call === 'send') || (kind === 'fact' && word === 'failed')
  if (!isNo) return 'UNKNOWN'
  const refusal = transferRefusal(word ?? '')
  return refusal === 'funds' || refusal === 'limit' ? 'RETRY' : 'MANUAL'
}
