import type { Engine } from '../engine/engine.ts'
import type { PayeeRefusal, ReceiveOutcome, Transfer, TransferStatus } from './transfer.ts'

/** A transfer as the control API shows it. Amounts are integer fen, instants are on the virtual clock. */
export interface TransferView {
  readonly orderId: string
  readonly payFundOrderId: string
  readonly outBizNo: string
  readonly appId: string
  readonly sellerId: string
  readonly payeeId: string
  readonly payeeLogonId: string
  readonly amountFen: number
  readonly status: TransferStatus
  readonly title?: string
  readonly remark?: string
  readonly sceneName?: string
  readonly createdAt: Date
  /** Only while DEALING. */
  readonly settlesAt?: Date
  /** When the money arrived, or came back. */
  readonly settledAt?: Date
  readonly failCode?: PayeeRefusal
}

/** What becomes of transfers to an account. */
export interface ReceiveRuleView {
  readonly accountId: string
  readonly outcome: ReceiveOutcome
  readonly afterMs: number
}

export function viewTransfer({ state }: Engine, transfer: Transfer): TransferView {
  const { order, status, settlesAt, settledAt, failCode } = transfer
  return {
    orderId: transfer.orderId,
    payFundOrderId: transfer.payFundOrderId,
    outBizNo: order.outBizNo,
    appId: transfer.appId,
    sellerId: transfer.sellerId,
    payeeId: transfer.payeeId,
    payeeLogonId: state.accounts.get(transfer.payeeId)?.logonId ?? order.identity,
    amountFen: order.amountFen,
    status,
    ...(order.title !== undefined && { title: order.title }),
    ...(order.remark !== undefined && { remark: order.remark }),
    ...(order.sceneName !== undefined && { sceneName: order.sceneName }),
    createdAt: new Date(transfer.createdAt),
    ...(status === 'DEALING' && settlesAt !== undefined && { settlesAt: new Date(settlesAt) }),
    ...(settledAt !== undefined && { settledAt: new Date(settledAt) }),
    ...(failCode !== undefined && { failCode }),
  }
}
