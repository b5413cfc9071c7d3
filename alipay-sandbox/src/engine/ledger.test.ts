import { expect, test } from 'vitest'
import { applyEvent, type SandboxEvent } from './events.ts'
import { emptyState, type State } from './model.ts'
import { snapshotEvents, takeSnapshot } from './snapshot.ts'

const SELLER = '2088000000000001'
const BUYER = '2088000000000002'

function account(id: string, role: 'buyer' | 'seller', openingFen: number): SandboxEvent {
  const names = { logonId: `${id}@example.com`, displayName: id, loginPassword: '1', payPassword: '1' }
  return { type: 'account_created', at: 1, account: { id, role, openingFen, demo: false, wrongTries: 0, ...names } }
}

/** A payment of 10000 fen with a fee of 60, and a refund of 3000 that gives 18 of the fee back. */
const HISTORY: readonly SandboxEvent[] = [
  account(SELLER, 'seller', 500),
  account(BUYER, 'buyer', 20_000),
  { type: 'account_topped_up', at: 2, accountId: BUYER, amountFen: 700 },
  {
    type: 'trade_created',
    at: 3,
    trade: {
      tradeNo: 't1',
      appId: 'app',
      sellerId: SELLER,
      order: { outTradeNo: 'o1', product: 'wap', amountFen: 10_000, subject: 's' },
      charset: 'utf-8',
      createdAt: 3,
      expiresAt: 100,
      status: 'WAIT_BUYER_PAY',
      feeFen: 0,
      feeBackFen: 0,
      refundedFen: 0,
      refunds: [],
    },
  },
  { type: 'trade_paid', at: 4, tradeNo: 't1', buyerId: BUYER, feeFen: 60, refundableUntil: 1000 },
  {
    type: 'trade_refunded',
    at: 5,
    tradeNo: 't1',
    refund: { outRequestNo: 'r1', amountFen: 3000, feeBackFen: 18, cumulativeFen: 3000, at: 5 },
  },
]

function stateOf(events: readonly SandboxEvent[]): State {
  const state = emptyState()
  for (const event of events) applyEvent(state, event)
  return state
}

const linesOf = (state: State) =>
  [...state.movements.values()].map(({ no, at, kind, amountFen, fromBalanceFen, toBalanceFen }) =>
    [no, at, kind, amountFen, fromBalanceFen, toBalanceFen].join(' '),
  )

test('SBX-28 every movement is a line with its moment, its kind and both balances after it', () => {
  const state = stateOf(HISTORY)
  expect(linesOf(state)).toEqual([
    '1 1 opening 500 -500 500',
    '2 1 opening 20000 -20500 20000',
    '3 2 top_up 700 -21200 20700',
    '4 4 payment 10000 10700 10500',
    '5 4 fee 60 10440 60',
    '6 5 fee_back 18 42 10458',
    '7 5 refund 3000 7458 13700',
  ])
  expect([...state.movements.values()].at(-1)).toMatchObject({ about: 't1', requestNo: 'r1', from: SELLER, to: BUYER })
})

test('SBX-28 a movement of nothing leaves no line, and a reset goes on counting', () => {
  const state = stateOf([account(SELLER, 'seller', 0), ...HISTORY.slice(1, 2), { type: 'reset', at: 9 }])
  expect(linesOf(state)).toEqual(['2 9 opening 20000 -20000 20000'])
})

test('SBX-59 data of a version without lines opens with lines that lead to the same balances', () => {
  const { movements: _, movementsEver: __, ...old } = takeSnapshot(stateOf(HISTORY))
  const opened = stateOf([{ type: 'snapshot', at: 5, state: JSON.parse(JSON.stringify(old)) }])
  expect([...opened.balances]).toEqual([...stateOf(HISTORY).balances])
  expect(linesOf(opened)).toEqual([
    '1 4 opening 500 -500 500',
    '2 4 opening 20700 -21200 20700',
    '3 4 payment 10000 10700 10500',
    '4 4 fee 60 10440 60',
    '5 5 fee_back 18 42 10458',
    '6 5 refund 3000 7458 13700',
  ])
  applyEvent(opened, { type: 'account_topped_up', at: 6, accountId: BUYER, amountFen: 1 })
  expect(linesOf(opened).at(-1)).toBe('7 6 top_up 1 -21201 13701')
})

test('SBX-59 a compacted journal keeps the lines, their order and the count', () => {
  const before = stateOf(HISTORY)
  const opened = stateOf(JSON.parse(JSON.stringify([...snapshotEvents(before)])))
  expect(linesOf(opened)).toEqual(linesOf(before))
  expect(opened.movementsEver).toBe(7)
})
