import type { DeskCase, DeskCaseQuery, DeskCases, MatchedView } from '@ihome/contract/schemas/operator-desk-money'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { deskList, deskSpan } from '../../platform/desk-page.ts'
import { Refusal } from '../../platform/refusal.ts'
import { accountSum } from '../ledger/post.ts'
import { type DeskWish, reasonOf } from '../operators/reason.ts'
import { recordAction } from '../operators/record-action.ts'
import {
  CASE_KEYS,
  countDeskCases,
  endCase,
  isRefundOpen,
  listDeskCases,
  lockCase,
  type OpenCase,
  saveOwner,
} from './desk-case-store.ts'
import { matchUnmatched } from './match-unmatched.ts'
import type { PaymentNeeds } from './payment-needs.ts'
import { promiseBack } from './refund-unmatched.ts'

type Needs = Pick<Deps, 'transact' | 'clock'>
type CaseWish = DeskWish & { readonly caseId: number }
type Row = Awaited<ReturnType<typeof listDeskCases>>[number]

const viewOf = ({ id, state, opened_at, due_at, closed_at, ...row }: Row, now: Date): DeskCase => ({
  ...row,
  case_id: id,
  state: state === 'open' ? 'open' : 'closed',
  opened_at: opened_at.toISOString(),
  due_at: due_at.toISOString(),
  closed_at: closed_at?.toISOString() ?? null,
  overdue: state === 'open' && due_at < now,
})

/** What waits for a person, open ones first. */
export async function listCasesForDesk(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  filter: DeskCaseQuery,
): Promise<DeskCases> {
  const now = clock.now()
  const span = deskSpan(filter, CASE_KEYS)
  const [total, rows] = await Promise.all([countDeskCases(db, filter, now), listDeskCases(db, filter, now, span)])
  return deskList(
    rows.map((row) => viewOf(row, now)),
    total,
    span.page,
    span.take,
  )
}

async function lockOpen(tx: Tx, caseId: number): Promise<OpenCase> {
  const found = await lockCase(tx, caseId)
  if (!found) throw new Refusal('step_refused')
  return found
}

const write = (tx: Tx, { caseId, operatorId }: CaseWish, kind: string, reason: string, at: Date) =>
  recordAction(tx, { operatorId, at, kind, subject: `case:${caseId}`, reason })

/** Makes the operator its owner. Says no with `step_refused` when it is closed or unknown. */
export function takeCase({ transact, clock }: Needs, wish: CaseWish): Promise<void> {
  const reason = reasonOf(wish.reason)
  const now = clock.now()
  return transact(async (tx) => {
    const { id } = await lockOpen(tx, wish.caseId)
    await saveOwner(tx, id, wish.operatorId)
    await write(tx, wish, 'case_taken', reason, now)
  })
}

/**
 * Ends a case with what was found out. Says no with `step_refused` when it is closed or unknown, and while what it is
 * about still waits: money without an owner is matched or sent back, a refund is retried, before its case ends.
 */
export function resolveCase({ transact, clock }: Needs, wish: CaseWish): Promise<void> {
  const reason = reasonOf(wish.reason)
  const now = clock.now()
  return transact(async (tx) => {
    const { id, kind, subject } = await lockOpen(tx, wish.caseId)
    const waits =
      (kind === 'unmatched' && (await accountSum(tx, 'SUSPENSE', subject)) !== 0) ||
      (kind === 'refund_manual' && (await isRefundOpen(tx, subject)))
    if (waits) throw new Refusal('step_refused')
    await endCase(tx, id, reason, now)
    await write(tx, wish, 'case_resolved', reason, now)
  })
}

/** Sends unmatched money back now, without waiting a day for its owner. Says no with `step_refused`. */
export function refundCase(needs: PaymentNeeds, wish: CaseWish): Promise<void> {
  const reason = reasonOf(wish.reason)
  const now = needs.clock.now()
  return needs.transact(async (tx) => {
    const { id, kind, subject } = await lockOpen(tx, wish.caseId)
    if (kind !== 'unmatched') throw new Refusal('step_refused')
    await promiseBack(needs, tx, { caseId: id, outTradeNo: subject }, now)
    await write(tx, wish, 'unmatched_refunded', reason, now)
  })
}

/**
 * Gives unmatched money to an order; see `matchUnmatched` for what it refuses. The case ends with it: a matched one
 * does not stay open.
 */
export async function matchCase(
  needs: PaymentNeeds,
  wish: CaseWish & { readonly orderId: number },
): Promise<MatchedView> {
  const reason = reasonOf(wish.reason)
  const outTradeNo = await needs.transact(async (tx) => {
    const { kind, subject } = await lockOpen(tx, wish.caseId)
    if (kind !== 'unmatched') throw new Refusal('step_refused')
    return subject
  })
  const effect = await matchUnmatched(needs, { outTradeNo, orderId: wish.orderId }, async (tx) => {
    const { id } = await lockOpen(tx, wish.caseId)
    const now = needs.clock.now()
    await endCase(tx, id, reason, now)
    await recordAction(tx, {
      operatorId: wish.operatorId,
      at: now,
      kind: 'unmatched_matched',
      subject: `case:${id}`,
      reason,
      detail: { order_id: wish.orderId, out_trade_no: outTradeNo },
    })
  })
  return { out_trade_no: outTradeNo, effect }
}
