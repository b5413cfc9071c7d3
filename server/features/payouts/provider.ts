import type { Fen } from '@ihome/core/money'
import type { PayeeIdentity } from '@ihome/core/payouts/payee-account'
import type { Answer } from '../payments/provider.ts'

/** One movement of money to a host. The number makes it one, however often it is sent. */
export interface TransferWish {
  readonly outBizNo: string
  readonly amount: Fen
  readonly payee: {
    readonly identity: string
    readonly kind: PayeeIdentity
    /** The host's real name; the provider refuses an account of anybody else. */
    readonly name: string
  }
  /** Both people read it on their statements. */
  readonly title: string
}

export interface TransferFact {
  readonly outBizNo: string
  /** Absent where the provider does not repeat it. */
  readonly amountFen: number | undefined
  /** The provider's own number. */
  readonly gatewayNo: string | undefined
  /** `failed`: it is back with us or never left, for good; `returned`: it had arrived and came back. */
  readonly state: 'succeeded' | 'dealing' | 'failed' | 'returned'
  /** Why it failed, in the provider's words. */
  readonly code: string | undefined
}

/** The provider answered and knows no transfer of this number. It may still be on its way (alipay.md 5). */
export const NO_TRANSFER_RECORD = 'ORDER_NOT_EXIST'

/**
 * The one seam to whatever pays hosts. Alipay's 转账 stands behind it today; a split or settle product (直付通) that
 * divides money at the gateway can stand behind it tomorrow. Adapters keep no state, touch no table and never try
 * twice; they are called with no transaction open.
 */
export interface PayoutProvider {
  readonly name: 'alipay' | 'fake'
  /** Safe to repeat with the same wish, and with no other under the same number. */
  transfer(wish: TransferWish): Promise<Answer<TransferFact>>
  /** `unknown` with {@link NO_TRANSFER_RECORD} when the provider answered but knows of no such transfer. */
  queryTransfer(outBizNo: string): Promise<Answer<TransferFact>>
}
