import { describe, expect, test } from 'vitest'
import type { AccountLine, BookedAttempt, BookedRefund, Books, TradeLine } from './bill.ts'
import { DIFFERENCE_KINDS, ENDS_BY } from './bill.ts'
import { compareAccount } from './compare-account.ts'
import { compareTrades } from './compare-trades.ts'

const at = new Date('2026-11-23T04:00:00Z')
const PREFIX = 'ihAAAA_'

const payment = (change: Partial<TradeLine> = {}): TradeLine => ({
  no: 1,
  type: 'payment',
  tradeNo: 'T1',
  outTradeNo: `${PREFIX}1`,
  requestNo: null,
  amountFen: 411_200,
  feeFen: 2_467,
  at,
  ...change,
})
const back = (change: Partial<TradeLine> = {}): TradeLine =>
  payment({ no: 2, type: 'refund', requestNo: 'R1', amountFen: 1_000, feeFen: 0, ...change })
const attempt = (change: Partial<BookedAttempt> = {}): BookedAttempt => ({
  attemptId: 1,
  orderId: 7,
  outTradeNo: `${PREFIX}1`,
  tradeNo: 'T1',
  amountFen: 411_200,
  receivedFen: 411_200,
  expectedFeeFen: 2_467,
  refundable: true,
  hostCredited: false,
  ...change,
})
const refund = (change: Partial<BookedRefund> = {}): BookedRefund => ({
  refundId: 3,
  attemptId: 1,
  orderId: 7,
  outTradeNo: `${PREFIX}1`,
  requestNo: 'R1',
  amountFen: 1_000,
  doneFen: 1_000,
  external: false,
  ...change,
})
const books = (change: Partial<Books> = {}): Books => ({
  attempts: [attempt()],
  expectedAttempts: new Set([1]),
  refunds: [],
  expectedRefunds: new Set(),
  unmatched: new Map(),
  payouts: [],
  expectedPayouts: new Set(),
  ownPrefix: PREFIX,
  ...change,
})
const kinds = (lines: readonly TradeLine[], ours: Books) =>
  compareTrades(lines, ours).differences.map(({ kind, oursFen, theirsFen }) => [kind, oursFen, theirsFen])

test('what both sides say alike is no difference, and its fee is told once', () => {
  const { lines, differences, fees } = compareTrades([payment(), back()], books({ refunds: [refund()] }))
  expect(differences).toEqual([])
  expect([...lines.values()].map(({ result }) => result)).toEqual(['matched', 'matched'])
  expect(lines.get(2)).toMatchObject({ attemptId: 1, refundId: 3, orderId: 7 })
  expect(fees).toMatchObject([{ kind: 'fee', feeFen: 2_467, attemptId: 1 }])
})

describe('a payment', () => {
  const nobody = { attempts: [], expectedAttempts: new Set<number>() }
  const unpaid = attempt({ receivedFen: 0, tradeNo: null, expectedFeeFen: null })
  test.each<[string, TradeLine[], Books, unknown[]]>([
    ['E02 of which no message came', [payment()], books({ attempts: [unpaid] }), ['payment_not_booked', 0, 411_200]],
    [
      'E17 of another amount than was asked',
      [payment({ amountFen: 411_201 })],
      books({ attempts: [unpaid] }),
      ['payment_amount_differs', 0, 411_201],
    ],
    [
      'E17 of another amount than we booked',
      [payment({ amountFen: 411_199 })],
      books(),
      ['payment_amount_differs', 411_200, 411_199],
    ],
    ['E18 E44 with a number of ours that we lack', [payment()], books(nobody), ['payment_unmatched', null, 411_200]],
    [
      'E18 of another site on the same account',
      [payment({ outTradeNo: 'ihBBBB_1' })],
      books(nobody),
      ['payment_foreign', null, 411_200],
    ],
    ['that only we have', [], books(), ['payment_missing', 411_200, null]],
    ['under another trade', [payment({ tradeNo: 'T2' })], books(), ['trade_no_differs', 411_200, 411_200]],
    ['F13 with another fee', [payment({ feeFen: 2_466 })], books(), ['fee_differs', 2_467, 2_466]],
    ['of an unknown kind', [payment({ type: 'other', no: 5 })], books(nobody), ['line_unknown', null, 411_200]],
  ])('%s is named', (_what, lines, ours, expected) => {
    expect(kinds(lines, ours)).toEqual([expected])
  })

  test('that stands there twice is named once and its fee told once', () => {
    const told = compareTrades([payment(), payment({ no: 2 })], books())
    expect(told.differences.map(({ kind, lineNo }) => [kind, lineNo])).toEqual([['line_twice', 2]])
    expect(told.fees).toHaveLength(1)
  })

  test('E18 that is booked already although nobody matched it is no difference any more', () => {
    const unmatched = new Map([[`${PREFIX}1`, 411_200]])
    expect(kinds([payment()], books({ ...nobody, unmatched }))).toEqual([])
    expect(kinds([payment({ amountFen: 1 })], books({ ...nobody, unmatched }))).toEqual([
      ['payment_amount_differs', 411_200, 1],
    ])
  })

  test('of an earlier day is not missed', () => {
    expect(kinds([], books({ expectedAttempts: new Set() }))).toEqual([])
  })
})

describe('a refund', () => {
  const quiet = books({ expectedAttempts: new Set() })
  test.each<[string, TradeLine[], Partial<Books>, unknown[]]>([
    ['E30 that others made', [back()], {}, ['refund_external', 0, 1_000]],
    [
      'E32 that was forced after the host was credited',
      [back()],
      { attempts: [attempt({ hostCredited: true })] },
      ['refund_forced', 0, 1_000],
    ],
    ['that went through unheard', [back()], { refunds: [refund({ doneFen: 0 })] }, ['refund_not_booked', 0, 1_000]],
    ['of another amount', [back({ amountFen: 999 })], { refunds: [refund()] }, ['refund_amount_differs', 1_000, 999]],
    ['that only we have', [], { refunds: [refund()], expectedRefunds: new Set([3]) }, ['refund_missing', 1_000, null]],
    [
      'E24 that can never go, the trade being finished',
      [],
      { refunds: [refund({ doneFen: 0 })], attempts: [attempt({ refundable: false })] },
      ['refund_blocked', 1_000, null],
    ],
    ['E44 of a payment that we lack', [back()], { attempts: [] }, ['refund_unmatched', null, 1_000]],
    ['with a fee that came back', [back({ feeFen: 6 })], { refunds: [refund()] }, ['fee_returned', 0, 6]],
  ])('%s is named', (_what, lines, change, expected) => {
    expect(kinds(lines, { ...quiet, ...change })).toEqual([expected])
  })

  test('E30 by others that was told without a number is matched by its amount, each once', () => {
    const external = refund({ requestNo: null, external: true })
    const lines = [back({ requestNo: 'x' }), back({ no: 3, requestNo: 'y' })]
    expect(kinds(lines, { ...quiet, refunds: [external] })).toEqual([['refund_external', 0, 1_000]])
  })

  test('of another site on the same account is none of ours', () => {
    expect(kinds([back({ outTradeNo: 'ihBBBB_1' })], { ...quiet, attempts: [] })).toEqual([
      ['payment_foreign', null, -1_000],
    ])
  })
})

describe('the account', () => {
  let balance = 0
  const moved = (no: number, type: AccountLine['type'], amountFen: number, change: Partial<AccountLine> = {}) => {
    balance += amountFen
    const line = { no, serial: `S${no}`, type, about: 'T1', outTradeNo: `${PREFIX}1`, amountFen, at, words: '' }
    return { ...line, balanceFen: balance, ...change }
  }
  const day = () => {
    balance = 200_914_481
    return [moved(1, 'payment', 411_200), moved(2, 'fee', -2_467)]
  }
  const trades = [payment()]
  const { fees } = compareTrades(trades, books())
  const compare = (lines: AccountLine[], change: Partial<Books> = {}, openingFen: number | undefined = 200_914_481) =>
    compareAccount(lines, { trades, fees, books: books(change), openingFen })
  const named = (lines: AccountLine[], change: Partial<Books> = {}) =>
    compare(lines, change).differences.map(({ kind, oursFen, theirsFen }) => [kind, oursFen, theirsFen])

  test('F13 L8 of 2,009,144.81 with an order of 4,112.00 and its fee ends at 2,013,232.14', () => {
    const lines = day()
    expect(lines.at(-1)?.balanceFen).toBe(201_323_214)
    expect(compare(lines).differences).toEqual([])
    expect(compare(lines).fees).toEqual(fees)
  })

  test('L8 with a line left out, or beginning elsewhere than the day before ended, has a gap', () => {
    const [first, second] = day()
    if (!first || !second) throw new Error('two lines')
    expect(named([second])).toContainEqual(['balance_gap', 200_912_014, 201_323_214])
    expect(compare([first, second], {}, 1).differences.map(({ kind }) => kind)).toEqual(['balance_gap'])
    expect(compare([first, second], {}, undefined).differences).toEqual([])
  })

  test('charges another fee than the other file says: the money that moved is posted', () => {
    balance = 200_914_481
    const lines = [moved(1, 'payment', 411_200), moved(2, 'fee', -2_400)]
    const found = compare(lines)
    expect(found.differences).toMatchObject([{ kind: 'fee_contradicted', oursFen: 2_467, theirsFen: 2_400 }])
    expect(found.fees).toMatchObject([{ feeFen: 2_400 }])
  })

  test('shows another amount of one trade than the other file', () => {
    balance = 200_914_481
    expect(named([moved(1, 'payment', 411_201), moved(2, 'fee', -2_467)])).toEqual([
      ['files_disagree', 411_200, 411_201],
    ])
  })

  test('moves for reasons that are not the shop’s', () => {
    const lines = [...day(), moved(3, 'other', -50_000, { about: '', outTradeNo: '' })]
    expect(named(lines)).toEqual([['account_movement', null, -50_000]])
  })

  test('E33 shows payouts that we have not booked, that came back, and not those that we only believe in', () => {
    const payout = { payoutId: 9, outBizNo: 'po_1', amountFen: 5_000, state: 'sent' } as const
    const sent = () => [...day(), moved(3, 'transfer', -5_000, { outTradeNo: 'po_1' })]
    expect(named(sent(), { payouts: [payout] })).toEqual([['payout_not_booked', 5_000, -5_000]])
    const done = { ...payout, state: 'succeeded' } as const
    expect(named(sent(), { payouts: [done], expectedPayouts: new Set([9]) })).toEqual([])
    const returned = [...sent(), moved(4, 'transfer', 5_000, { outTradeNo: 'po_1' })]
    expect(named(returned, { payouts: [done] })).toEqual([['payout_returned', 5_000, 5_000]])
    expect(named(day(), { payouts: [done], expectedPayouts: new Set([9]) })).toEqual([['payout_missing', 5_000, null]])
    expect(named(sent())).toEqual([['account_movement', null, -5_000]])
  })
})

test('G16 at least twelve kinds are named, and each says who ends it', () => {
  expect(DIFFERENCE_KINDS.length).toBeGreaterThanOrEqual(12)
  expect(Object.keys(ENDS_BY).sort()).toEqual([...DIFFERENCE_KINDS].sort())
})
