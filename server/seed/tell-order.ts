import { createHash } from 'node:crypto'
import { countNights, dayInShanghai } from '@ihome/core/calendar'
import { accrue, cancelPaid, type Entry, payApplied, paySurplus, refundSucceeded } from '@ihome/core/ledger/postings'
import { type Fen, lessFen, shareOf, timesFen, toFen, yuanText } from '@ihome/core/money'
import { hostShare, refundForGuest, ruleOf } from '@ihome/core/orders/cancel-rule'
import { acceptBy, payBy } from '@ihome/core/orders/deadlines'
import { type Actor, type CloseReason, type OrderStatus, STAY_OF_STATUS } from '@ihome/core/orders/lifecycle'
import { checkInAt, checkOutAt, type OrderInTime } from '@ihome/core/orders/steps'
import { paySubject } from '../features/payments/pay-subject.ts'
import type { OrderPlan } from './order-plan.ts'
import type { RowWriter } from './row-writer.ts'
import { tellReview, tellTalk } from './tell-talk.ts'

/** What the demo's money is accounted with; the same as the server's defaults. */
const RATES = { gateway: 6_000, platform: 0 } as const
const WINDOWS = { acceptHours: 24, payMinutes: 120 } as const
const MINUTE_MS = 60_000
const GRACE_MS = 2 * MINUTE_MS

export interface Telling {
  readonly rows: RowWriter
  /** Nothing is written that happens after this instant. */
  readonly until: Date
  readonly merchant: { readonly appId: string; readonly sellerId: string }
  /** False leaves out notices, stars and talk that no promise asks for; large sizes are made faster so. */
  readonly allMessages: boolean
}

interface Step {
  readonly to: OrderStatus
  readonly at: Date
  readonly actor: Actor
  readonly reason?: string
}

/** An order that is being told: what its rows have in common. */
interface Story {
  readonly telling: Telling
  readonly plan: OrderPlan
  readonly orderId: number
  readonly amount: Fen
  readonly payBy: Date
  readonly inTime: OrderInTime
}

const plusMinutes = (at: Date, minutes: number): Date => new Date(at.getTime() + minutes * MINUTE_MS)

/** Writes an order with everything that hangs on it, as if the product had lived through its story. */
export function tellOrder(telling: Telling, plan: OrderPlan): void {
  const { rows } = telling
  const { house, start, end, outcome } = plan
  const nights = countNights({ start_date: start, end_date: end })
  const amount = timesFen(toFen(house.priceFen), nights)
  const pay = payBy(plan.answeredAt, start, WINDOWS)
  const steps = stepsOf(plan, pay)
  const last = steps.at(-1)
  if (!last) throw new RangeError('an order begins with being placed')
  const status = last.to
  const closed = closingOf(plan)
  const wasPaid = steps.some(({ to }) => to === 'PAID')
  const orderId = rows.add('orders', {
    guest_id: plan.guestId,
    host_id: house.hostId,
    house_id: house.id,
    start_date: start,
    end_date: end,
    days: nights,
    guest_count: plan.guestCount,
    house_price_fen: house.priceFen,
    amount_fen: amount,
    status,
    close_reason: closed?.reason ?? null,
    cancel_note: closed?.note ?? null,
    reject_reason: outcome.kind === 'rejected' ? outcome.reason : null,
    comment: outcome.kind === 'complete' ? (outcome.comment ?? null) : null,
    trade_no: wasPaid ? tradeNo(plan, plan.paidAt) : null,
    cancel_rule: JSON.parse(JSON.stringify(ruleOf(house.policy))),
    accept_by: acceptBy(plan.createdAt, start, WINDOWS),
    pay_by: steps.some(({ to }) => to === 'WAIT_PAYMENT') ? pay : null,
    paid_at: wasPaid ? plan.paidAt : null,
    checked_out_at: steps.find(({ to }) => to === 'WAIT_COMMENT')?.at ?? null,
    completed_at: status === 'COMPLETE' ? last.at : null,
    counted_at: status === 'COMPLETE' ? last.at : null,
    status_at: last.at,
    version: steps.length,
    created_at: plan.createdAt,
    updated_at: last.at,
  })
  const story: Story = {
    telling,
    plan,
    orderId,
    amount,
    payBy: pay,
    inTime: { status, start_date: start, end_date: end },
  }
  tellHistory(story, steps)
  tellStay(story, last)
  tellPayment(story)
  tellPeople(story, steps)
  if (!telling.allMessages) return
  tellReview(rows, plan, orderId, last.at, telling.until)
  tellTalk(rows, plan, orderId)
}

/** Why the demo's guest cancels while the cashier is still open. */
const CHANGED_PLANS = '行程变了'

function stepsOf(plan: OrderPlan, pay: Date): Step[] {
  const { outcome } = plan
  const placed: Step = { to: 'WAIT_ACCEPT', at: plan.createdAt, actor: 'guest' }
  const accepted: Step = { to: 'WAIT_PAYMENT', at: plan.answeredAt, actor: 'host' }
  const paid: Step = { to: 'PAID', at: plan.paidAt, actor: 'gateway' }
  const left: Step = {
    to: 'WAIT_COMMENT',
    at: checkOutAt({ status: 'PAID', start_date: plan.start, end_date: plan.end }),
    actor: 'system',
  }
  switch (outcome.kind) {
    case 'waits_for_host':
      return [placed]
    case 'waits_for_payment':
      return [placed, accepted]
    case 'closing':
      return [placed, accepted, { to: 'CLOSING', at: plan.paidAt, actor: 'guest', reason: CHANGED_PLANS }]
    case 'paid':
      return [placed, accepted, paid]
    case 'waits_for_comment':
      return [placed, accepted, paid, left]
    case 'complete':
      return [
        placed,
        accepted,
        paid,
        left,
        { to: 'COMPLETE', at: plan.completedAt, actor: outcome.comment ? 'guest' : 'system' },
      ]
    case 'rejected':
      return [placed, { to: 'REJECTED', at: plan.answeredAt, actor: 'host', reason: outcome.reason }]
    case 'unanswered': {
      const at = acceptBy(plan.createdAt, plan.start, WINDOWS)
      return [placed, { to: 'CANCELED', at, actor: 'system', reason: 'expired' }]
    }
    case 'withdrawn':
      return [placed, { to: 'CANCELED', at: plan.answeredAt, actor: 'guest', reason: outcome.note }]
    case 'unpaid':
      return outcome.cashierOpened
        ? [
            placed,
            accepted,
            { to: 'CLOSING', at: pay, actor: 'system', reason: 'expired' },
            { to: 'CANCELED', at: plusMinutes(pay, 4), actor: 'gateway', reason: 'expired' },
          ]
        : [placed, accepted, { to: 'CANCELED', at: pay, actor: 'system', reason: 'expired' }]
    case 'called_off_by_host':
      return [placed, accepted, { to: 'CANCELED', at: plan.paidAt, actor: 'host', reason: outcome.note }]
    case 'refunded':
      return [placed, accepted, paid, { to: 'CANCELED', at: plan.completedAt, actor: 'guest', reason: outcome.note }]
    case 'paid_too_late':
      return [
        placed,
        accepted,
        { to: 'CLOSING', at: pay, actor: 'system', reason: 'expired' },
        { to: 'CANCELED', at: plusMinutes(pay, 4), actor: 'gateway', reason: 'expired' },
      ]
  }
}

function closingOf({ outcome }: OrderPlan): { reason: CloseReason; note?: string } | undefined {
  switch (outcome.kind) {
    case 'closing':
      return { reason: 'guest', note: CHANGED_PLANS }
    case 'unanswered':
    case 'unpaid':
    case 'paid_too_late':
      return { reason: 'expired' }
    case 'withdrawn':
    case 'refunded':
      return { reason: 'guest', note: outcome.note }
    case 'called_off_by_host':
      return { reason: 'host', note: outcome.note }
    default:
      return undefined
  }
}

function tellHistory({ telling, plan, orderId }: Story, steps: readonly Step[]): void {
  const people: Partial<Record<Actor, number>> = { guest: plan.guestId, host: plan.house.hostId }
  steps.forEach((step, index) => {
    telling.rows.add('order_history', {
      order_id: orderId,
      from_status: steps[index - 1]?.to ?? null,
      to_status: step.to,
      actor: step.actor,
      actor_id: people[step.actor] ?? null,
      reason: step.reason ?? null,
      at: step.at,
    })
  })
}

function tellStay({ telling, plan, orderId, payBy: pay }: Story, last: Step): void {
  const state = STAY_OF_STATUS[last.to]
  const holdUntil =
    last.to === 'WAIT_ACCEPT' ? acceptBy(plan.createdAt, plan.start, WINDOWS) : new Date(pay.getTime() + GRACE_MS)
  telling.rows.add('stays', {
    house_id: plan.house.id,
    order_id: orderId,
    kind: 'booking',
    start_date: plan.start,
    end_date: plan.end,
    state,
    hold_until: state === 'held' ? holdUntil : null,
    created_at: plan.createdAt,
    released_at: state === 'released' ? last.at : null,
  })
}

function tellPayment(story: Story): void {
  const { outcome, paidAt } = story.plan
  switch (outcome.kind) {
    case 'paid':
    case 'waits_for_comment':
    case 'complete':
      tellMoney(story, paidAt, 'APPLIED')
      tellEarning(story)
      break
    case 'refunded':
      tellRefundByRule(story, tellMoney(story, paidAt, 'APPLIED'))
      break
    case 'paid_too_late': {
      const at = plusMinutes(story.payBy, 30)
      tellRefund(story, tellMoney(story, at, 'SURPLUS'), {
        amount: story.amount,
        reason: 'surplus',
        at: plusMinutes(at, 1),
      })
      break
    }
    case 'unpaid':
      if (outcome.cashierOpened) tellUnpaidAttempt(story)
      break
    case 'closing':
      addAttempt(story, plusMinutes(paidAt, -5), {
        state: 'OPEN',
        queries: 3,
        last_query_at: paidAt,
        next_query_at: plusMinutes(story.payBy, 1),
      })
      break
  }
}

interface PaidAttempt {
  readonly id: number
  readonly outTradeNo: string
  readonly tradeNo: string
}

/** Money of the whole amount arrives, is known by the gateway's notification, and is posted. */
function tellMoney(story: Story, at: Date, disposition: 'APPLIED' | 'SURPLUS'): PaidAttempt {
  const { telling, plan, orderId, amount } = story
  const trade = tradeNo(plan, at)
  const { id, outTradeNo } = addAttempt(story, at, {
    state: 'SUCCEEDED',
    disposition,
    trade_no: trade,
    received_fen: amount,
    expected_fee_fen: shareOf(amount, RATES.gateway),
    succeeded_at: at,
  })
  const applied = disposition === 'APPLIED'
  addFact(story, {
    kind: 'paid',
    attemptId: id,
    outTradeNo,
    tradeNo: trade,
    status: 'TRADE_SUCCESS',
    effect: applied ? 'applied' : 'surplus',
    at,
  })
  addPosting(telling, {
    key: `pay:${id}`,
    event: applied ? 'pay_applied' : 'pay_surplus',
    causes: { order_id: orderId, attempt_id: id },
    entries: applied ? payApplied(String(orderId), amount) : paySurplus(String(orderId), amount),
    at,
  })
  return { id, outTradeNo, tradeNo: trade }
}

/** A day after check-in the money is the host's, less the gateway's fee. */
function tellEarning({ telling, plan, orderId, amount, inTime }: Story): void {
  const at = plusMinutes(checkInAt(inTime), 24 * 60)
  if (at > telling.until) return
  addPosting(telling, {
    key: `accrue:${orderId}`,
    event: 'accrue',
    causes: { order_id: orderId },
    entries: accrue(String(orderId), String(plan.house.hostId), hostShare(amount, RATES)),
    at,
  })
}

function tellRefundByRule(story: Story, attempt: PaidAttempt): void {
  const { telling, plan, orderId, amount, inTime } = story
  const refund = refundForGuest(ruleOf(plan.house.policy), amount, inTime, plan.completedAt)
  addPosting(telling, {
    key: `cancel:${orderId}`,
    event: 'cancel',
    causes: { order_id: orderId },
    entries: cancelPaid(String(orderId), String(plan.house.hostId), refund, hostShare(lessFen(amount, refund), RATES)),
    at: plan.completedAt,
  })
  if (refund > 0) {
    tellRefund(story, attempt, { amount: refund, reason: 'guest_cancel', at: plusMinutes(plan.completedAt, 1) })
  }
}

function tellRefund(
  story: Story,
  attempt: PaidAttempt,
  { amount, reason, at }: { amount: Fen; reason: 'guest_cancel' | 'surplus'; at: Date },
): void {
  const { telling, orderId } = story
  const outRequestNo = `${attempt.outTradeNo}_r`
  const settled = plusMinutes(at, 1)
  const id = telling.rows.add('refunds', {
    attempt_id: attempt.id,
    order_id: orderId,
    out_trade_no: attempt.outTradeNo,
    out_request_no: outRequestNo,
    amount_fen: amount,
    reason,
    state: 'SUCCEEDED',
    done_fen: amount,
    tries: 1,
    created_at: at,
    sent_at: at,
    settled_at: settled,
  })
  addFact(story, {
    kind: 'refund',
    attemptId: attempt.id,
    outTradeNo: attempt.outTradeNo,
    tradeNo: attempt.tradeNo,
    status: amount === story.amount ? 'TRADE_CLOSED' : 'TRADE_SUCCESS',
    effect: 'refund',
    refund: { amount, outRequestNo },
    at: settled,
  })
  addPosting(telling, {
    key: `refund:${id}`,
    event: 'refund',
    causes: { order_id: orderId, attempt_id: attempt.id, refund_id: id },
    entries: refundSucceeded(String(orderId), amount),
    at: settled,
  })
}

/** The cashier was opened, nobody paid, and the gateway said so twice after the end. */
function tellUnpaidAttempt(story: Story): void {
  const { payBy: pay } = story
  const closedAt = plusMinutes(pay, 4)
  const { id, outTradeNo } = addAttempt(story, pay, {
    state: 'CLOSED',
    queries: 8,
    not_exist_seen: 2,
    not_exist_at: plusMinutes(pay, 2),
    last_query_at: closedAt,
    closed_at: closedAt,
  })
  for (const [effect, at] of [['none', plusMinutes(pay, 2)] as const, ['closed', closedAt] as const]) {
    addFact(story, { kind: 'not_exist', entrance: 'poll', attemptId: id, outTradeNo, effect, at })
  }
}

interface AttemptFacts {
  readonly state: string
  readonly disposition?: string
  readonly trade_no?: string
  readonly received_fen?: number
  readonly expected_fee_fen?: number
  readonly queries?: number
  readonly not_exist_seen?: number
  readonly not_exist_at?: Date
  readonly last_query_at?: Date
  readonly next_query_at?: Date
  readonly closed_at?: Date
  readonly succeeded_at?: Date
}

function addAttempt(story: Story, near: Date, facts: AttemptFacts): { id: number; outTradeNo: string } {
  const { telling, plan, orderId, amount, payBy: pay } = story
  const opened = plusMinutes(near < pay ? near : pay, -2)
  const outTradeNo = `demo_${dayInShanghai(opened).replaceAll('-', '')}_${digest(`attempt:${orderId}`).slice(0, 16)}`
  const id = telling.rows.add('payment_attempts', {
    order_id: orderId,
    out_trade_no: outTradeNo,
    amount_fen: amount,
    app_id: telling.merchant.appId,
    seller_id: telling.merchant.sellerId,
    subject: paySubject(plan.house.title),
    time_expire: pay,
    state: facts.state,
    disposition: facts.disposition ?? null,
    trade_no: facts.trade_no ?? null,
    received_fen: facts.received_fen ?? 0,
    refundable: true,
    expected_fee_fen: facts.expected_fee_fen ?? null,
    queries: facts.queries ?? 0,
    not_exist_seen: facts.not_exist_seen ?? 0,
    not_exist_at: facts.not_exist_at ?? null,
    last_query_at: facts.last_query_at ?? null,
    next_query_at: facts.next_query_at ?? null,
    created_at: opened,
    opened_at: opened,
    closed_at: facts.closed_at ?? null,
    succeeded_at: facts.succeeded_at ?? null,
  })
  return { id, outTradeNo }
}

interface SeedFact {
  readonly kind: 'paid' | 'refund' | 'not_exist'
  readonly entrance?: 'notify' | 'poll'
  readonly attemptId: number
  readonly outTradeNo: string
  readonly tradeNo?: string
  readonly status?: string
  readonly effect: string
  readonly refund?: { readonly amount: Fen; readonly outRequestNo: string }
  readonly at: Date
}

function addFact({ telling, amount }: Story, fact: SeedFact): void {
  const { appId, sellerId } = telling.merchant
  const told = {
    out_trade_no: fact.outTradeNo,
    ...(fact.tradeNo
      ? { trade_no: fact.tradeNo, trade_status: fact.status ?? '', total_amount: yuanText(amount) }
      : {}),
    ...(fact.refund ? { refund_fee: yuanText(fact.refund.amount), out_biz_no: fact.refund.outRequestNo } : {}),
    app_id: appId,
    seller_id: sellerId,
    gmt: fact.at.toISOString(),
  }
  const raw = new URLSearchParams(told).toString()
  const entrance = fact.entrance ?? 'notify'
  telling.rows.add('gateway_facts', {
    entrance,
    notice_id: digest(`${entrance}:${raw}`),
    kind: fact.kind,
    out_trade_no: fact.outTradeNo,
    attempt_id: fact.attemptId,
    trade_no: fact.tradeNo ?? null,
    trade_status: fact.status ?? null,
    app_id: appId,
    seller_id: sellerId,
    amount_fen: fact.tradeNo ? amount : null,
    refund_fee_fen: fact.refund?.amount ?? null,
    out_request_no: fact.refund?.outRequestNo ?? null,
    verified: true,
    effect: fact.effect,
    reject_reason: null,
    raw,
    raw_sha256: digest(raw),
    received_at: fact.at,
    done_at: fact.at,
  })
}

interface SeedPosting {
  readonly key: string
  readonly event: string
  readonly causes: { readonly order_id: number; readonly attempt_id?: number; readonly refund_id?: number }
  readonly entries: readonly Entry[]
  readonly at: Date
}

function addPosting({ rows }: Telling, { key, event, causes, entries, at }: SeedPosting): void {
  const txId = rows.add('ledger_transactions', {
    business_key: key,
    event,
    order_id: causes.order_id,
    attempt_id: causes.attempt_id ?? null,
    refund_id: causes.refund_id ?? null,
    posted_at: at,
  })
  entries.forEach(({ account, ownerId, amountFen }, index) => {
    rows.add('ledger_entries', {
      tx_id: txId,
      seq: index + 1,
      account,
      owner_id: ownerId ?? null,
      currency: 'CNY',
      amount_fen: amountFen,
    })
  })
}

/** Whom each status is told to, and under which name, as orders tell it. */
const NEWS: Readonly<
  Partial<Record<OrderStatus, { readonly name: string; readonly to: readonly ('guest' | 'host')[] }>>
> = {
  WAIT_ACCEPT: { name: 'placed', to: ['host'] },
  WAIT_PAYMENT: { name: 'accepted', to: ['guest'] },
  REJECTED: { name: 'rejected', to: ['guest'] },
  PAID: { name: 'paid', to: ['guest', 'host'] },
  WAIT_COMMENT: { name: 'checked_out', to: ['guest'] },
  COMPLETE: { name: 'completed', to: ['host'] },
  CANCELED: { name: 'canceled', to: ['guest', 'host'] },
}

function tellPeople({ telling, plan, orderId }: Story, steps: readonly Step[]): void {
  for (const { to, at } of steps) {
    const news = NEWS[to]
    if (!news || !(telling.allMessages || to === 'PAID')) continue
    for (const person of news.to) {
      telling.rows.add('outbox', {
        topic: 'notice',
        dedupe_key: `${news.name}:${orderId}:${person}`,
        order_id: orderId,
        payload: {
          news: news.name,
          order_id: orderId,
          house_id: plan.house.id,
          user_id: person === 'guest' ? plan.guestId : plan.house.hostId,
        },
        created_at: at,
        due_at: at,
        tries: 1,
        sent_at: at,
      })
    }
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** As Alipay's look: the day, then digits. */
const tradeNo = ({ house, start }: OrderPlan, at: Date): string => {
  const digits = BigInt(`0x${digest(`trade:${house.id}:${start}:${at.toISOString()}`).slice(0, 16)}`).toString()
  return `${dayInShanghai(at).replaceAll('-', '')}${digits.padStart(20, '0').slice(-20)}`
}
