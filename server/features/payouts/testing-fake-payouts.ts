import type { Clock } from '../../platform/clock.ts'
import type { Answer } from '../payments/provider.ts'
import { NO_TRANSFER_RECORD, type PayoutProvider, type TransferFact, type TransferWish } from './provider.ts'

/** How an account takes what is sent to it: at once, after a while, or not in the end. */
export type Taking = 'at_once' | 'later' | 'later_not'

export interface FakePayouts extends PayoutProvider {
  /** What has arrived at this account, in fen. */
  arrivedAt(identity: string): number
  take(identity: string, how: Taking): void
  /** The next transfer is made and its answer lost. */
  loseNextAnswer(): void
}

export interface FakePayoutOptions {
  readonly clock: Clock
  /** The accounts that exist, with the name of whom each belongs to. */
  readonly accounts: Readonly<Record<string, string>>
  readonly balanceFen: number
  /** How long a transfer is under way where an account does not take it at once. */
  readonly underWayMs: number
}

interface Made {
  readonly wish: TransferWish
  readonly gatewayNo: string
  readonly how: Taking
  readonly endsAt: number
}

/**
 * A payout provider in memory that keeps the port's promises and nothing else, so that a test of the port shows what is
 * promised and not what Alipay happens to do.
 */
export function createFakePayouts({ clock, accounts, balanceFen, underWayMs }: FakePayoutOptions): FakePayouts {
  const made = new Map<string, Made>()
  const takings = new Map<string, Taking>()
  let loses = false

  const answered = (fact: TransferFact): Answer<TransferFact> => ({ kind: 'fact', fact, raw: JSON.stringify(fact) })
  const refused = (code: string): Answer<TransferFact> => ({ kind: 'refused', code, raw: JSON.stringify({ code }) })
  const stateOf = ({ how, endsAt }: Made): TransferFact['state'] => {
    if (how === 'at_once') return 'succeeded'
    if (clock.now().getTime() < endsAt) return 'dealing'
    return how === 'later' ? 'succeeded' : 'failed'
  }
  const factOf = (transfer: Made): TransferFact => {
    const state = stateOf(transfer)
    const { wish, gatewayNo } = transfer
    const code = state === 'failed' ? 'PAYEE_ACCOUNT_STATUS_ERROR' : undefined
    return { outBizNo: wish.outBizNo, amountFen: wish.amount, gatewayNo, state, code }
  }
  const sum = (counts: (transfer: Made) => boolean): number =>
    [...made.values()].filter(counts).reduce((fen, { wish }) => fen + wish.amount, 0)

  return {
    name: 'fake',
    async transfer(wish) {
      const { outBizNo, payee, amount } = wish
      const earlier = made.get(outBizNo)
      if (earlier) {
        const isSame = JSON.stringify(earlier.wish) === JSON.stringify(wish)
        return isSame ? answered(factOf(earlier)) : refused('REP_INCONSISTENT')
      }
      const owner = accounts[payee.identity]
      if (owner === undefined) return refused('PAYEE_NOT_EXIST')
      if (owner !== payee.name) return refused('PAYEE_USERINFO_ERROR')
      if (sum((transfer) => stateOf(transfer) !== 'failed') + amount > balanceFen)
        return refused('BALANCE_IS_NOT_ENOUGH')
      const transfer = {
        wish,
        gatewayNo: `fake${outBizNo}`,
        how: takings.get(payee.identity) ?? 'at_once',
        endsAt: clock.now().getTime() + underWayMs,
      }
      made.set(outBizNo, transfer)
      if (!loses) return answered(factOf(transfer))
      loses = false
      return { kind: 'unknown', reason: 'lost', raw: '' }
    },
    async queryTransfer(outBizNo) {
      const transfer = made.get(outBizNo)
      return transfer ? answered(factOf(transfer)) : { kind: 'unknown', reason: NO_TRANSFER_RECORD, raw: '{}' }
    },
    arrivedAt: (identity) =>
      sum((transfer) => transfer.wish.payee.identity === identity && stateOf(transfer) === 'succeeded'),
    take: (identity, how) => void takings.set(identity, how),
    loseNextAnswer() {
      loses = true
    },
  }
}
