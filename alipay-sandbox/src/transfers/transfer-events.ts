import { move } from '../engine/ledger.ts'
import { type Instant, type State, TRANSIT_ACCOUNT } from '../engine/model.ts'
import { type PayeeRefusal, type ReceiveRule, type Transfer, transferKey } from './transfer.ts'

export type TransferEvent =
  | { readonly type: 'transfer_made'; readonly at: Instant; readonly transfer: Transfer }
  | {
      readonly type: 'transfer_settled'
      readonly at: Instant
      readonly orderId: string
      readonly status: 'SUCCESS' | 'FAIL'
      readonly failCode?: PayeeRefusal
    }
  | {
      readonly type: 'receive_rule_set'
      readonly at: Instant
      readonly accountId: string
      /** Absent: money is received at once again. */
      readonly rule?: ReceiveRule
    }

/** Called by the reducer only. Money on its way belongs to an account of its own, so the balances always add up. */
export function applyTransferEvent(state: State, event: TransferEvent): void {
  if (event.type === 'receive_rule_set') {
    const account = state.accounts.get(event.accountId)
    if (!account) throw new Error(`a rule for an account that does not exist: ${event.accountId}`)
    if (event.rule) account.receives = event.rule
    else delete account.receives
    return
  }
  if (event.type === 'transfer_made') make(state, { ...event.transfer }, event.at)
  else settle(state, event)
}

function make(state: State, transfer: Transfer, at: Instant): void {
  const { orderId, sellerId, payeeId, order, status } = transfer
  const key = transferKey(sellerId, order.outBizNo)
  if (state.transferNumbers.has(key)) throw new Error(`a second transfer for ${key}`)
  state.serial += 1
  state.transfers.set(orderId, transfer)
  state.transferNumbers.set(key, orderId)
  const to = status === 'SUCCESS' ? payeeId : TRANSIT_ACCOUNT
  const about = { about: orderId, requestNo: order.outBizNo }
  move(state, { at, kind: 'transfer', from: sellerId, to, amountFen: order.amountFen, ...about })
}

function settle(state: State, event: Extract<TransferEvent, { type: 'transfer_settled' }>): void {
  const { at, orderId, status, failCode } = event
  const transfer = state.transfers.get(orderId)
  if (transfer?.status !== 'DEALING') throw new Error(`not a transfer on its way: ${orderId}`)
  transfer.status = status
  transfer.settledAt = at
  if (failCode !== undefined) transfer.failCode = failCode
  const { payeeId, sellerId, order } = transfer
  const about = { about: orderId, requestNo: order.outBizNo }
  const [kind, to] =
    status === 'SUCCESS' ? (['transfer', payeeId] as const) : (['transfer_returned', sellerId] as const)
  move(state, { at, kind, from: TRANSIT_ACCOUNT, to, amountFen: order.amountFen, ...about })
}
