import { expect, test } from 'vitest'
import { toFen } from '../money.ts'
import { netDebt, payoutReturned, payoutSucceeded } from './payout-postings.ts'

test.each([
  ['payout', payoutSucceeded, ['HOST_PAYABLE', 'CLEARING']],
  ['payout_returned', payoutReturned, ['CLEARING', 'HOST_PAYABLE']],
  ['netting', netDebt, ['HOST_PAYABLE', 'HOST_RECEIVABLE']],
] as const)(
  'L1 %s debits and credits as promises.md 7 has it, and sums to zero',
  (_event, posting, [debit, credit]) => {
    const entries = posting('7', toFen(1_234))
    expect(entries.map(({ account, amountFen }) => [account, amountFen])).toEqual([
      [debit, 1_234],
      [credit, -1_234],
    ])
    for (const { account, ownerId } of entries) expect(ownerId).toBe(account === 'CLEARING' ? undefined : '7')
  },
)
