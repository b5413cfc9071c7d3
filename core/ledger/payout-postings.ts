import type { Fen } from '../money.ts'
import type { Entry } from './postings.ts'

/** What we owed a host has left us. */
export const payoutSucceeded = (hostId: string, amount: Fen): Entry[] => [
  { account: 'HOST_PAYABLE', amountFen: amount, ownerId: hostId },
  { account: 'CLEARING', amountFen: -amount },
]

/** It came back, and is owed again. */
export const payoutReturned = (hostId: string, amount: Fen): Entry[] => [
  { account: 'CLEARING', amountFen: amount },
  { account: 'HOST_PAYABLE', amountFen: -amount, ownerId: hostId },
]

/** An old debt of the host is kept from what we owe (promises T5). */
export const netDebt = (hostId: string, amount: Fen): Entry[] => [
  { account: 'HOST_PAYABLE', amountFen: amount, ownerId: hostId },
  { account: 'HOST_RECEIVABLE', amountFen: -amount, ownerId: hostId },
]
