import { toFen } from '@ihome/core/money'
import { afterRefundRefusal, nextRefundTryAt, REFUND_GAP_MS } from '@ihome/core/payments/decide'
import type { Tx } from '../../platform/db.ts'
import { lockAttempt, saveAttempt } from './attempt-store.ts'
import { openCase } from './case-store.ts'
import { settleRefund } from './end-refund.ts'
import { kept } from './keep-refund-answer.ts'
import { type PaymentNeeds, providerOf } from './payment-needs.ts'
import { type Answer, NO_REFUND_RECORD, type RefundFact, type RefundWish } from './provider.ts'
import { lastRefundCallAt, listDueRefunds, lockRefund, type Refund, saveRefund } from './refund-store.ts'

const LEASE_MS = 60_000
const BATCH = 16
const DAY_MS = 24 * 3_600_000
const FUNDS_RETRY_MS = 5 * 60_000
const REFUSED = 'refused:'

/** The buyer reads it on the statement. */
const REASON_TEXT = '爱家租房退款'

/**
 * Sends what is promised back and asks about what may have happened, once through what is due; gives how many it
 * worked on. A refund keeps its number and amount through every retry, so a repeat can never move money twice.
 */
export async function sendDueRefunds(needs: PaymentNeeds, signal?: AbortSignal): Promise<number> {
  const now = needs.clock.now()
  let count = 0
  for (const due of await listDueRefunds(needs.db, now, BATCH)) {
    if (signal?.aborted) break
    try {
      if (await workOn(needs, due)) count += 1
    } catch (error) {
      needs.log.error({ refund_id: due.id, err: error }, 'refund_not_worked_on')
    }
  }
  return count
}

interface DueRefund {
  readonly id: number
  readonly attempt_id: number | null
}

async function workOn(needs: PaymentNeeds, due: DueRefund): Promise<boolean> {
  const claimed = await needs.transact((tx) => claim(needs, tx, due))
  if (!claimed) return false
  const { refund, step, receivedFen } = claimed
  const wish = wishOf(refund, receivedFen)
  const provider = providerOf(needs, refund)
  if (step === 'query') {
    const answer = await kept(needs, wish, await provider.queryRefund(wish))
    if ((await record(needs, due, 'query', answer)) === 'done') return true
  }
  await record(needs, due, 'send', await kept(needs, wish, await provider.refund(wish)))
  return true
}

const wishOf = (refund: Refund, receivedFen: number): RefundWish => ({
  outTradeNo: refund.out_trade_no,
  outRequestNo: refund.out_request_no ?? '',
  amount: toFen(refund.amount_fen),
  reason: REASON_TEXT,
  paid: toFen(receivedFen),
})

/** Takes the right to work on a refund, and writes down what is about to be done before it is done. */
async function claim(
  needs: PaymentNeeds,
  tx: Tx,
  due: DueRefund,
): Promise<{ refund: Refund; step: 'send' | 'query'; receivedFen: number } | undefined> {
  const now = needs.clock.now()
  const attempt = due.attempt_id === null ? undefined : await lockAttempt(tx, due.attempt_id)
  const refund = await lockRefund(tx, due.id)
  const free = refund?.next_try_at && refund.next_try_at <= now && (!refund.lease_until || refund.lease_until <= now)
  if (!refund || !free) return undefined
  const receivedFen = attempt?.received_fen ?? refund.amount_fen // unmatched money goes back whole
  const leased = { lease_until: new Date(now.getTime() + LEASE_MS) }
  // SENT with a lease that ended: the process died, and the call may or may not have gone out.
  if (refund.state === 'SENT' || refund.state === 'UNKNOWN') {
    await saveRefund(tx, refund.id, { ...leased, state: 'UNKNOWN', last_query_at: now })
    return { refund, step: 'query', receivedFen }
  }
  if (attempt && !attempt.refundable) {
    await handOver(tx, refund, 'ACQ.TRADE_HAS_FINISHED', now)
    return undefined
  }
  if (await waitsForGap(tx, refund, now)) return undefined
  await saveRefund(tx, refund.id, {
    ...leased,
    state: 'SENT',
    sent_at: refund.sent_at ?? now,
    tries: refund.tries + 1,
  })
  return { refund, step: 'send', receivedFen }
}

/** Puts the refund off when the gateway was told of another one of its trade too shortly before (promises E29). */
async function waitsForGap(tx: Tx, refund: Refund, now: Date): Promise<boolean> {
  const last = await lastRefundCallAt(tx, refund.out_trade_no, refund.id)
  if (!last || last.getTime() + REFUND_GAP_MS <= now.getTime()) return false
  await saveRefund(tx, refund.id, { next_try_at: new Date(now.getTime() + REFUND_GAP_MS), lease_until: null })
  return true
}

/** Writes down what the gateway said; `repeat` when it knows nothing of this refund, so the same may be sent again. */
async function record(
  needs: PaymentNeeds,
  due: DueRefund,
  step: 'send' | 'query',
  answer: Answer<RefundFact>,
): Promise<'repeat' | 'done'> {
  const now = needs.clock.now()
  return needs.transact(async (tx) => {
    if (due.attempt_id !== null) await lockAttempt(tx, due.attempt_id)
    const refund = await lockRefund(tx, due.id)
    if (!refund || isSettled(refund)) return 'done'
    if (answer.kind === 'fact') return settle(needs, tx, refund, answer.fact, now)
    if (answer.kind === 'misconfigured') await openCase(tx, { kind: 'misconfigured', subject: answer.code }, now)
    const unknown = async (error: string) => {
      await tellIfOld(tx, refund, now)
      await saveRefund(tx, refund.id, {
        state: 'UNKNOWN',
        error,
        next_try_at: nextRefundTryAt(refund.tries, now),
        lease_until: null,
      })
      return 'done' as const
    }
    if (step === 'query') {
      const noRecord = answer.kind === 'not_exist' || (answer.kind === 'unknown' && answer.reason === NO_REFUND_RECORD)
      const over = answer.kind === 'refused' && afterRefundRefusal(answer.code) === 'manual'
      if (over) return handOver(tx, refund, answer.code, now)
      if (!noRecord) return unknown(answer.kind === 'unknown' ? answer.reason : answer.kind)
      if (refund.error?.startsWith(REFUSED)) return handOver(tx, refund, refund.error.slice(REFUSED.length), now)
      if (answer.kind === 'not_exist') return handOver(tx, refund, 'TRADE_NOT_EXIST', now)
      if (await waitsForGap(tx, refund, now)) return 'done'
      await saveRefund(tx, refund.id, { state: 'SENT', sent_at: refund.sent_at ?? now, tries: refund.tries + 1 })
      return 'repeat'
    }
    if (answer.kind === 'refused') return afterRefusal(needs, tx, refund, answer.code, now)
    return unknown(answer.kind === 'unknown' ? answer.reason : `${REFUSED}${answer.kind}`)
  })
}

const isSettled = ({ state }: Refund): boolean => state === 'SUCCEEDED' || state === 'VOID' || state === 'EXTERNAL'

async function settle(needs: PaymentNeeds, tx: Tx, refund: Refund, fact: RefundFact, now: Date): Promise<'done'> {
  if (fact.amountFen !== refund.amount_fen) {
    return handOver(tx, refund, `went back as ${fact.amountFen}`, now)
  }
  await settleRefund(tx, refund, 'trade', now)
  needs.log.info({ refund_id: refund.id, reason: refund.reason }, 'refund_succeeded')
  return 'done'
}

async function afterRefusal(needs: PaymentNeeds, tx: Tx, refund: Refund, code: string, now: Date): Promise<'done'> {
  needs.log.error({ refund_id: refund.id, code }, 'refund_refused')
  const next = afterRefundRefusal(code)
  if (next === 'manual') {
    if (code === 'ACQ.TRADE_HAS_FINISHED' && refund.attempt_id !== null) {
      await saveAttempt(tx, refund.attempt_id, { refundable: false })
    }
    return handOver(tx, refund, code, now)
  }
  const waits = next === 'wait_for_funds'
  if (waits && now.getTime() - refund.created_at.getTime() >= DAY_MS) return handOver(tx, refund, code, now)
  await saveRefund(tx, refund.id, {
    state: waits ? 'WAIT_FUNDS' : 'UNKNOWN',
    error: waits ? code : `${REFUSED}${code}`,
    next_try_at: waits ? new Date(now.getTime() + FUNDS_RETRY_MS) : nextRefundTryAt(refund.tries, now),
    lease_until: null,
  })
  return 'done'
}

/** A person takes over; what is owed stays owed. */
async function handOver(tx: Tx, refund: Refund, error: string, now: Date): Promise<'done'> {
  await saveRefund(tx, refund.id, {
    state: 'MANUAL',
    error,
    next_try_at: null,
    lease_until: null,
    owner: 'operator',
    due_at: new Date(now.getTime() + DAY_MS),
  })
  await tellPerson(tx, refund, error, now)
  return 'done'
}

/** No refund waits for more than a day without a person being told (promises R12). */
async function tellIfOld(tx: Tx, refund: Refund, now: Date): Promise<void> {
  if (now.getTime() - refund.created_at.getTime() >= DAY_MS) await tellPerson(tx, refund, 'unsettled for a day', now)
}

const tellPerson = (tx: Tx, refund: Refund, note: string, now: Date): Promise<void> =>
  openCase(
    tx,
    {
      kind: 'refund_manual',
      subject: refund.out_request_no ?? refund.out_trade_no,
      orderId: refund.order_id ?? undefined,
      note,
    },
    now,
  )
