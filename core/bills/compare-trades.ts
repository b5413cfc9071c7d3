import type {
  BilledFee,
  BookedAttempt,
  BookedRefund,
  Books,
  Comparison,
  Difference,
  JudgedLine,
  LineResult,
  TradeLine,
} from './bill.ts'

type Found = Pick<Difference, 'kind'> & Partial<Difference>

/**
 * Compares the bill of trades with our books, line by line and the other way round. Each thing that is wrong is named
 * once. Nothing is decided here: what a difference leads to depends on what the gateway says when it is asked.
 */
export function compareTrades(lines: readonly TradeLine[], books: Books): Comparison {
  const attempts = new Map(books.attempts.map((attempt) => [attempt.outTradeNo, attempt]))
  const refunds = groupBy(books.refunds, ({ outTradeNo }) => outTradeNo)
  const judged = new Map<number, JudgedLine>()
  const differences: Difference[] = []
  const fees: BilledFee[] = []
  const seen = new Set<string>()
  const seenAttempts = new Set<number>()
  const seenRefunds = new Set<number>()

  for (const line of lines) {
    const attempt = attempts.get(line.outTradeNo)
    const ofNumber = refunds.get(line.outTradeNo) ?? []
    const refund = line.type === 'refund' ? refundOf(line, ofNumber, seenRefunds) : undefined
    const subject = subjectOf(line)
    const found = seen.has(subject) ? twice(line) : judge(line, { attempt, refund, books })
    if (!seen.has(subject)) {
      if (attempt && line.type === 'payment') seenAttempts.add(attempt.attemptId)
      if (refund) seenRefunds.add(refund.refundId)
      if (line.feeFen > 0 && line.type !== 'other' && found.result !== 'foreign') fees.push(feeOf(line, attempt))
    }
    seen.add(subject)
    const orderId = attempt?.orderId ?? refund?.orderId ?? null
    judged.set(line.no, {
      result: found.result,
      attemptId: attempt?.attemptId ?? refund?.attemptId ?? null,
      refundId: refund?.refundId ?? null,
      orderId,
    })
    for (const one of found.differences) {
      differences.push({
        subject,
        lineNo: line.no,
        outTradeNo: line.outTradeNo,
        requestNo: line.requestNo,
        orderId,
        oursFen: null,
        theirsFen: line.amountFen,
        ...one,
      })
    }
  }
  return { lines: judged, differences: [...differences, ...missing(books, seenAttempts, seenRefunds)], fees }
}

const subjectOf = (line: TradeLine): string =>
  line.type === 'other' ? `line:${line.no}` : `${line.type}:${line.tradeNo}:${line.requestNo ?? ''}`

/** The refund that a line tells of: by its number, else one that others made and of which no number was told. */
const refundOf = (line: TradeLine, refunds: readonly BookedRefund[], seen: ReadonlySet<number>) =>
  refunds.find(({ requestNo }) => requestNo !== null && requestNo === line.requestNo) ??
  refunds.find(
    ({ refundId, requestNo, amountFen }) => requestNo === null && amountFen === line.amountFen && !seen.has(refundId),
  )

interface Judgement {
  readonly result: LineResult
  readonly differences: readonly Found[]
}

const matched: Judgement = { result: 'matched', differences: [] }
const differs = (...differences: Found[]): Judgement => ({ result: 'differs', differences })
const twice = (line: TradeLine): Judgement => differs({ kind: 'line_twice', subject: `line:${line.no}` })

interface OurSide {
  readonly attempt: BookedAttempt | undefined
  readonly refund: BookedRefund | undefined
  readonly books: Books
}

function judge(line: TradeLine, ours: OurSide): Judgement {
  if (line.type === 'other') return { result: 'only_theirs', differences: [{ kind: 'line_unknown' }] }
  return line.type === 'payment' ? judgePayment(line, ours) : judgeRefund(line, ours)
}

function judgePayment(line: TradeLine, { attempt, books }: OurSide): Judgement {
  if (!attempt) {
    const booked = books.unmatched.get(line.outTradeNo)
    if (booked === line.amountFen) return matched
    if (booked !== undefined) return differs({ kind: 'payment_amount_differs', oursFen: booked })
    return line.outTradeNo.startsWith(books.ownPrefix)
      ? { result: 'only_theirs', differences: [{ kind: 'payment_unmatched' }] }
      : { result: 'foreign', differences: [{ kind: 'payment_foreign' }] }
  }
  if (attempt.receivedFen === 0) {
    const kind = line.amountFen === attempt.amountFen ? 'payment_not_booked' : 'payment_amount_differs'
    return { result: 'only_theirs', differences: [{ kind, oursFen: 0 }] }
  }
  if (attempt.tradeNo !== line.tradeNo) return differs({ kind: 'trade_no_differs', oursFen: attempt.receivedFen })
  if (attempt.receivedFen !== line.amountFen) {
    return differs({ kind: 'payment_amount_differs', oursFen: attempt.receivedFen })
  }
  const expected = attempt.expectedFeeFen
  if (expected !== null && expected !== line.feeFen) {
    return differs({ kind: 'fee_differs', oursFen: expected, theirsFen: line.feeFen })
  }
  return matched
}

function judgeRefund(line: TradeLine, { attempt, refund, books }: OurSide): Judgement {
  const back: Found[] = line.feeFen > 0 ? [{ kind: 'fee_returned', oursFen: 0, theirsFen: line.feeFen }] : []
  const judged = judgeRefundAmount(line, { attempt, refund, books })
  if (judged.result === 'foreign' || back.length === 0) return judged
  return {
    result: judged.result === 'matched' ? 'differs' : judged.result,
    differences: [...judged.differences, ...back],
  }
}

function judgeRefundAmount(line: TradeLine, { attempt, refund, books }: OurSide): Judgement {
  if (refund) {
    if (refund.amountFen !== line.amountFen) {
      return differs({ kind: 'refund_amount_differs', oursFen: refund.amountFen })
    }
    return refund.doneFen > 0 ? matched : differs({ kind: 'refund_not_booked', oursFen: 0 })
  }
  if (attempt) {
    const kind = attempt.hostCredited ? 'refund_forced' : 'refund_external'
    return { result: 'only_theirs', differences: [{ kind, oursFen: 0 }] }
  }
  return books.unmatched.has(line.outTradeNo) || line.outTradeNo.startsWith(books.ownPrefix)
    ? { result: 'only_theirs', differences: [{ kind: 'refund_unmatched' }] }
    : { result: 'foreign', differences: [{ kind: 'payment_foreign', theirsFen: 0 - line.amountFen }] }
}

const feeOf = (line: TradeLine, attempt: BookedAttempt | undefined): BilledFee => ({
  lineNo: line.no,
  kind: line.type === 'refund' ? 'fee_back' : 'fee',
  feeFen: line.feeFen,
  tradeNo: line.tradeNo,
  outTradeNo: line.outTradeNo,
  requestNo: line.requestNo,
  attemptId: attempt?.attemptId ?? null,
})

/** What our books say moved on the day and no line shows; and what should move and never will. */
function missing(books: Books, attempts: ReadonlySet<number>, refunds: ReadonlySet<number>): Difference[] {
  const ofNumber = new Map(books.attempts.map((attempt) => [attempt.outTradeNo, attempt]))
  const nowhere = { lineNo: null, theirsFen: null } as const
  const paid = books.attempts
    .filter(({ attemptId }) => books.expectedAttempts.has(attemptId) && !attempts.has(attemptId))
    .map(
      (attempt): Difference => ({
        ...nowhere,
        kind: 'payment_missing',
        subject: `attempt:${attempt.attemptId}`,
        outTradeNo: attempt.outTradeNo,
        requestNo: null,
        orderId: attempt.orderId,
        oursFen: attempt.receivedFen,
      }),
    )
  const back = books.refunds.flatMap((refund): Difference[] => {
    if (refunds.has(refund.refundId)) return []
    const blocked = refund.doneFen === 0 && ofNumber.get(refund.outTradeNo)?.refundable === false
    if (!blocked && !books.expectedRefunds.has(refund.refundId)) return []
    return [
      {
        ...nowhere,
        kind: blocked ? 'refund_blocked' : 'refund_missing',
        subject: `refund:${refund.refundId}`,
        outTradeNo: refund.outTradeNo,
        requestNo: refund.requestNo,
        orderId: refund.orderId,
        oursFen: refund.amountFen,
      },
    ]
  })
  return [...paid, ...back]
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}
