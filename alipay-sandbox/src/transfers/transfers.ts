import { beijingDay } from '../engine/beijing.ts'
import type { Engine } from '../engine/engine.ts'
import { orderId, payFundOrderId } from '../engine/ids.ts'
import type { Account, Instant } from '../engine/model.ts'
import { openIdOf } from '../engine/open-id.ts'
import {
  PAYEE_REFUSALS,
  type PayeeRefusal,
  type ReceiveRule,
  type Transfer,
  type TransferOrder,
  transferKey,
} from './transfer.ts'

export type TransferRefusal =
  | PayeeRefusal
  | 'PAYEE_NOT_EXIST'
  | 'PAYEE_USERINFO_ERROR'
  | 'PAYER_PAYEE_CANNOT_SAME'
  | 'EXCEED_LIMIT_SM_MIN_AMOUNT'
  | 'EXCEED_LIMIT_SM_AMOUNT'
  | 'EXCEED_LIMIT_DM_AMOUNT'
  | 'EXCEED_LIMIT_MM_AMOUNT'
  | 'BALANCE_IS_NOT_ENOUGH'
  | 'REP_INCONSISTENT'

export type TransferOutcome =
  | { readonly kind: 'done'; readonly transfer: Transfer }
  | { readonly kind: 'refused'; readonly code: TransferRefusal }

/** The documented range begins at 0.1 yuan. */
const LEAST_FEN = 10
const AT_ONCE: ReceiveRule = { outcome: 'success', afterMs: 0 }

/**
 * Sends money from a seller to an account, once per (seller, out_biz_no): the repeat with the same data moves nothing
 * and tells how the first one stands, with other data it is refused. A refused transfer leaves nothing behind, so its
 * number may be used again.
 */
export function makeTransfer(
  engine: Engine,
  payer: { readonly appId: string; readonly sellerId: string },
  order: TransferOrder,
  at: Instant,
): TransferOutcome {
  const earlier = findTransfer(engine, payer.sellerId, { outBizNo: order.outBizNo })
  if (earlier) {
    return sameOrder(earlier.order, order)
      ? { kind: 'done', transfer: earlier }
      : { kind: 'refused', code: 'REP_INCONSISTENT' }
  }
  const payee = findPayee(engine, payer.appId, order)
  const code = payeeRefusal(payee, payer.sellerId, order) ?? amountRefusal(engine, payer.sellerId, order.amountFen, at)
  if (!payee || code) return { kind: 'refused', code: code ?? 'PAYEE_NOT_EXIST' }

  const { outcome, afterMs } = payee.receives ?? AT_ONCE
  const { serial } = engine.state
  const transfer: Transfer = {
    orderId: orderId(serial, new Date(at), engine.random),
    payFundOrderId: payFundOrderId(serial, new Date(at), engine.random),
    ...payer,
    payeeId: payee.id,
    order,
    createdAt: at,
    ...(outcome === 'success'
      ? { status: 'SUCCESS', settledAt: at }
      : {
          status: 'DEALING',
          settlesAt: at + afterMs,
          settlesAs: outcome === 'dealing_then_success' ? 'SUCCESS' : 'FAIL',
        }),
  }
  engine.store.commit({ type: 'transfer_made', at, transfer })
  return { kind: 'done', transfer: engine.state.transfers.get(transfer.orderId) ?? transfer }
}

/** As both APIs look one up; another seller's transfer does not exist. */
export function findTransfer(
  engine: Engine,
  sellerId: string,
  by: { readonly outBizNo?: string; readonly orderId?: string; readonly payFundOrderId?: string },
): Transfer | undefined {
  const { transfers, transferNumbers } = engine.state
  if (by.orderId !== undefined) return ofSeller(transfers.get(by.orderId), sellerId)
  if (by.payFundOrderId !== undefined) {
    const found = [...transfers.values()].find((transfer) => transfer.payFundOrderId === by.payFundOrderId)
    return ofSeller(found, sellerId)
  }
  return transfers.get(transferNumbers.get(transferKey(sellerId, by.outBizNo ?? '')) ?? '')
}

const ofSeller = (transfer: Transfer | undefined, sellerId: string) =>
  transfer?.sellerId === sellerId ? transfer : undefined

/** When its time has come: the money arrives, or comes back. */
export function settleTransfer(engine: Engine, orderId: string): void {
  const transfer = engine.state.transfers.get(orderId)
  if (transfer?.status !== 'DEALING' || transfer.settlesAt === undefined) return
  const at = Math.min(transfer.settlesAt, engine.clock.nowMs())
  const failed = transfer.settlesAs === 'FAIL'
  engine.store.commit({
    type: 'transfer_settled',
    at,
    orderId,
    status: failed ? 'FAIL' : 'SUCCESS',
    ...(failed && { failCode: 'PAYEE_ACCOUNT_STATUS_ERROR' as const }),
  })
}

function findPayee(engine: Engine, appId: string, { identity, identityType }: TransferOrder): Account | undefined {
  const { accounts } = engine.state
  if (identityType === 'ALIPAY_USER_ID') return accounts.get(identity)
  const nameOf = (account: Account) =>
    identityType === 'ALIPAY_OPEN_ID' ? openIdOf(appId, account.id) : account.logonId
  return [...accounts.values()].find((account) => nameOf(account) === identity)
}

function payeeRefusal(
  payee: Account | undefined,
  sellerId: string,
  { payeeName }: TransferOrder,
): TransferRefusal | undefined {
  if (!payee) return 'PAYEE_NOT_EXIST'
  if (payee.id === sellerId) return 'PAYER_PAYEE_CANNOT_SAME'
  if (payeeName !== undefined && payeeName !== payee.displayName) return 'PAYEE_USERINFO_ERROR'
  const outcome = payee.receives?.outcome ?? 'success'
  return Object.hasOwn(PAYEE_REFUSALS, outcome) ? (outcome as PayeeRefusal) : undefined
}

function amountRefusal(engine: Engine, sellerId: string, amountFen: number, at: Instant): TransferRefusal | undefined {
  const { transfer_single_max_fen, transfer_day_max_fen, transfer_month_max_fen } = engine.state.settings
  if (amountFen < LEAST_FEN) return 'EXCEED_LIMIT_SM_MIN_AMOUNT'
  if (amountFen > transfer_single_max_fen) return 'EXCEED_LIMIT_SM_AMOUNT'
  const day = beijingDay(new Date(at))
  const over = (limit: number, period: string) => limit > 0 && sentWithin(engine, sellerId, period) + amountFen > limit
  if (over(transfer_day_max_fen, day)) return 'EXCEED_LIMIT_DM_AMOUNT'
  if (over(transfer_month_max_fen, day.slice(0, 6))) return 'EXCEED_LIMIT_MM_AMOUNT'
  return (engine.state.balances.get(sellerId) ?? 0) < amountFen ? 'BALANCE_IS_NOT_ENOUGH' : undefined
}

/** What a seller has sent in a Beijing day (`20261123`) or month (`202611`); what came back does not count. */
function sentWithin(engine: Engine, sellerId: string, period: string): number {
  let sum = 0
  for (const transfer of engine.state.transfers.values()) {
    if (transfer.sellerId !== sellerId || transfer.status === 'FAIL') continue
    if (beijingDay(new Date(transfer.createdAt)).startsWith(period)) sum += transfer.order.amountFen
  }
  return sum
}

function sameOrder(a: TransferOrder, b: TransferOrder): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof TransferOrder>
  return [...names].every((name) => a[name] === b[name])
}
