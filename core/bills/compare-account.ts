import type { AccountLine, BilledFee, BookedPayout, Books, Difference, TradeLine } from './bill.ts'

export interface AccountComparison {
  readonly differences: readonly Difference[]
  /** The same fees as the bill of trades names, each with the figure that really moved. */
  readonly fees: readonly BilledFee[]
}

interface Sides {
  readonly trades: readonly TradeLine[]
  readonly fees: readonly BilledFee[]
  readonly books: Pick<Books, 'attempts' | 'payouts' | 'expectedPayouts'>
  /** The balance after the last line of the bill before this one, when there is one. */
  readonly openingFen: number | undefined
}

/**
 * Compares the bill of the account with the bill of trades and with our payouts. Of two figures for one fee the
 * account's is taken, since only that one changes the balance.
 */
export function compareAccount(lines: readonly AccountLine[], sides: Sides): AccountComparison {
  const sums = { payment: sumBy(lines, 'payment'), refund: sumBy(lines, 'refund') }
  const charged = { fee: sumBy(lines, 'fee'), fee_back: sumBy(lines, 'fee_back') }
  const differences = [
    ...gaps(lines, sides.openingFen),
    ...filesDisagree(sides.trades, sums),
    ...movements(lines),
    ...payoutsOf(lines, sides.books),
  ]
  const told = new Map<string, number>()
  for (const { kind, tradeNo } of sides.fees) told.set(`${kind}:${tradeNo}`, (told.get(`${kind}:${tradeNo}`) ?? 0) + 1)
  const fees = sides.fees.map((fee): BilledFee => {
    const moved = Math.abs(charged[fee.kind].get(fee.tradeNo) ?? 0)
    // Several refunds of one trade share one sum; what cannot be told apart is not contradicted.
    const shared = (told.get(`${fee.kind}:${fee.tradeNo}`) ?? 0) > 1
    if (shared || moved === fee.feeFen) return fee
    differences.push({
      ...aboutLine(null, fee.outTradeNo),
      kind: 'fee_contradicted',
      subject: `${fee.kind}:${fee.tradeNo}:${fee.requestNo ?? ''}`,
      requestNo: fee.requestNo,
      oursFen: fee.feeFen,
      theirsFen: moved,
    })
    return { ...fee, feeFen: moved }
  })
  return { differences, fees: [...fees, ...onlyHere(lines, charged.fee, sides)] }
}

/** Fees of payments of ours that the bill of trades leaves out: they have changed the balance all the same. */
function onlyHere(
  lines: readonly AccountLine[],
  charged: ReadonlyMap<string, number>,
  { fees, books }: Sides,
): BilledFee[] {
  const told = new Set(fees.filter(({ kind }) => kind === 'fee').map(({ tradeNo }) => tradeNo))
  const attempts = new Map(books.attempts.map((attempt) => [attempt.outTradeNo, attempt]))
  return lines.flatMap((line): BilledFee[] => {
    const attempt = attempts.get(line.outTradeNo)
    if (line.type !== 'fee' || !attempt || told.has(line.about)) return []
    told.add(line.about)
    return [
      {
        lineNo: 0,
        kind: 'fee',
        feeFen: Math.abs(charged.get(line.about) ?? 0),
        tradeNo: line.about,
        outTradeNo: line.outTradeNo,
        requestNo: null,
        attemptId: attempt.attemptId,
      },
    ]
  })
}

const aboutLine = (lineNo: number | null, outTradeNo: string | null) => ({
  lineNo,
  outTradeNo: outTradeNo === '' ? null : outTradeNo,
  requestNo: null,
  orderId: null,
})

function sumBy(lines: readonly AccountLine[], type: AccountLine['type']): Map<string, number> {
  const sums = new Map<string, number>()
  for (const line of lines) {
    if (line.type === type) sums.set(line.about, (sums.get(line.about) ?? 0) + line.amountFen)
  }
  return sums
}

/** Each balance follows from the one before it; where one does not, a line is missing, doubled or changed. */
function gaps(lines: readonly AccountLine[], openingFen: number | undefined): Difference[] {
  let before = openingFen
  return lines.flatMap((line): Difference[] => {
    const expected = before === undefined ? undefined : before + line.amountFen
    before = line.balanceFen
    if (expected === undefined || expected === line.balanceFen) return []
    const gap = { oursFen: expected, theirsFen: line.balanceFen }
    return [{ ...aboutLine(line.no, line.outTradeNo), kind: 'balance_gap', subject: `account:${line.serial}`, ...gap }]
  })
}

/** One trade, two files, two amounts. A trade that only one file shows is named where it is missing. */
function filesDisagree(
  trades: readonly TradeLine[],
  sums: Readonly<Record<'payment' | 'refund', ReadonlyMap<string, number>>>,
): Difference[] {
  const differences: Difference[] = []
  for (const type of ['payment', 'refund'] as const) {
    const told = new Map<string, { fen: number; line: TradeLine }>()
    for (const line of trades) {
      if (line.type !== type) continue
      const known = told.get(line.tradeNo)
      if (known && type === 'payment') continue // A doubled line is a difference of its own.
      told.set(line.tradeNo, { fen: (known?.fen ?? 0) + line.amountFen, line: known?.line ?? line })
    }
    for (const [tradeNo, { fen, line }] of told) {
      const moved = sums[type].get(tradeNo)
      if (moved === undefined || Math.abs(moved) === fen) continue
      differences.push({
        ...aboutLine(line.no, line.outTradeNo),
        kind: 'files_disagree',
        subject: `${type}:${tradeNo}`,
        oursFen: fen,
        theirsFen: Math.abs(moved),
      })
    }
  }
  return differences
}

/** Money that moved on the account for a reason the shop knows nothing of: a top-up, a withdrawal, a charge. */
const movements = (lines: readonly AccountLine[]): Difference[] =>
  lines
    .filter(({ type }) => type === 'other')
    .map((line) => ({
      ...aboutLine(line.no, line.outTradeNo),
      kind: 'account_movement',
      subject: `account:${line.serial}`,
      oursFen: null,
      theirsFen: line.amountFen,
    }))

function payoutsOf(lines: readonly AccountLine[], books: Sides['books']): Difference[] {
  const byNumber = new Map(books.payouts.map((payout) => [payout.outBizNo, payout]))
  const seen = new Set<number>()
  const differences: Difference[] = []
  for (const line of lines) {
    if (line.type !== 'transfer') continue
    const payout = byNumber.get(line.outTradeNo)
    if (payout) seen.add(payout.payoutId)
    const kind = payoutKind(line, payout)
    if (!kind) continue
    differences.push({
      ...aboutLine(line.no, line.outTradeNo),
      kind,
      subject: `account:${line.serial}`,
      oursFen: payout?.amountFen ?? null,
      theirsFen: line.amountFen,
    })
  }
  for (const payout of books.payouts) {
    if (!books.expectedPayouts.has(payout.payoutId) || seen.has(payout.payoutId)) continue
    differences.push({
      ...aboutLine(null, payout.outBizNo),
      kind: 'payout_missing',
      subject: `payout:${payout.payoutId}`,
      oursFen: payout.amountFen,
      theirsFen: null,
    })
  }
  return differences
}

/** A transfer that is none of ours is a movement like a withdrawal. */
function payoutKind(line: AccountLine, payout: BookedPayout | undefined): Difference['kind'] | undefined {
  if (!payout || Math.abs(line.amountFen) !== payout.amountFen) return 'account_movement'
  if (line.amountFen > 0) return payout.state === 'returned' ? undefined : 'payout_returned'
  return payout.state === 'succeeded' || payout.state === 'returned' ? undefined : 'payout_not_booked'
}
