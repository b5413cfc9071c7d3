import type { Settings } from '../settings.ts'
import { applyTransferEvent, type TransferEvent } from '../transfers/transfer-events.ts'
import type { FaultKind } from './fault-kinds.ts'
import { type Movement, move } from './ledger.ts'
import {
  type Account,
  type App,
  type Checkout,
  type ClockAnchor,
  type Delivery,
  emptyState,
  type Fault,
  FEE_ACCOUNT,
  type Instant,
  type Notify,
  OUTSIDE_ACCOUNT,
  type PaidVia,
  type Refund,
  type State,
  type Trade,
  tradeKey,
} from './model.ts'
import { addSnapshotPart, restoreSnapshot, type Snapshot, type SnapshotPart } from './snapshot.ts'

/** Everything that can happen. An event carries all that was decided, so that replaying it decides nothing again. */
export type SandboxEvent =
  | { readonly type: 'snapshot'; readonly at: Instant; readonly state: Snapshot }
  | { readonly type: 'snapshot_part'; readonly at: Instant; readonly part: SnapshotPart }
  | { readonly type: 'reset'; readonly at: Instant }
  | { readonly type: 'settings_changed'; readonly at: Instant; readonly patch: Partial<Settings> }
  | { readonly type: 'clock_set'; readonly at: Instant; readonly anchor: ClockAnchor }
  | { readonly type: 'app_created'; readonly at: Instant; readonly app: App }
  | { readonly type: 'account_created'; readonly at: Instant; readonly account: Account }
  | { readonly type: 'account_topped_up'; readonly at: Instant; readonly accountId: string; readonly amountFen: number }
  | {
      readonly type: 'pay_password_failed'
      readonly at: Instant
      readonly accountId: string
      readonly lockedUntil?: Instant
    }
  | { readonly type: 'pay_password_accepted'; readonly at: Instant; readonly accountId: string }
  | { readonly type: 'checkout_opened'; readonly at: Instant; readonly checkout: Checkout }
  | { readonly type: 'checkout_logged_in'; readonly at: Instant; readonly checkoutId: string; readonly buyerId: string }
  | {
      readonly type: 'checkout_ended'
      readonly at: Instant
      readonly checkoutId: string
      readonly how: 'paid' | 'quit'
      readonly via?: PaidVia
    }
  | TransferEvent
  | { readonly type: 'trade_created'; readonly at: Instant; readonly trade: Trade }
  | { readonly type: 'trade_claimed'; readonly at: Instant; readonly tradeNo: string; readonly buyerId: string }
  | {
      readonly type: 'trade_paid'
      readonly at: Instant
      readonly tradeNo: string
      readonly buyerId: string
      readonly feeFen: number
      readonly refundableUntil: Instant
    }
  | {
      readonly type: 'trade_closed'
      readonly at: Instant
      readonly tradeNo: string
      readonly by: 'expiry' | 'merchant' | 'console'
    }
  | { readonly type: 'trade_finished'; readonly at: Instant; readonly tradeNo: string }
  | { readonly type: 'trade_refund_refused'; readonly at: Instant; readonly tradeNo: string }
  | { readonly type: 'trade_refunded'; readonly at: Instant; readonly tradeNo: string; readonly refund: Refund }
  | { readonly type: 'notify_queued'; readonly at: Instant; readonly notify: Notify }
  | {
      readonly type: 'notify_delivered'
      readonly at: Instant
      readonly notifyId: string
      readonly delivery: Delivery
      /** When to try again; absent when acknowledged, given up, or sent by hand. */
      readonly nextAt?: Instant
    }
  | { readonly type: 'notify_canceled'; readonly at: Instant; readonly notifyId: string }
  | {
      readonly type: 'notify_delayed'
      readonly at: Instant
      readonly notifyId: string
      readonly nextAt: Instant
      readonly by: FaultKind
    }
  | { readonly type: 'fault_added'; readonly at: Instant; readonly fault: Fault }
  | { readonly type: 'fault_used'; readonly at: Instant; readonly faultId: string }
  | { readonly type: 'fault_spared'; readonly at: Instant; readonly faultId: string }
  | { readonly type: 'fault_removed'; readonly at: Instant; readonly faultId: string }

/**
 * The one place where state changes, live and in replay alike. It throws on an event that does not fit the state: that
 * is a defect of the engine, never something a merchant can cause.
 */
export function applyEvent(state: State, event: SandboxEvent): void {
  state.latestAt = Math.max(state.latestAt, event.at)
  switch (event.type) {
    case 'snapshot':
      Object.assign(state, restoreSnapshot(event.state))
      return
    case 'snapshot_part':
      addSnapshotPart(state, event.part)
      return
    case 'reset':
      resetState(state, event.at)
      return
    case 'settings_changed':
      state.settings = { ...state.settings, ...event.patch }
      return
    case 'clock_set':
      state.clock = event.anchor
      return
    case 'app_created':
      state.serial += 1
      state.apps.set(event.app.id, event.app)
      return
    case 'account_created':
      state.serial += 1
      openAccount(state, event.account, event.at)
      return
    case 'account_topped_up':
      move(state, {
        at: event.at,
        kind: 'top_up',
        from: OUTSIDE_ACCOUNT,
        to: event.accountId,
        amountFen: event.amountFen,
      })
      return
    case 'pay_password_failed': {
      const account = must(state.accounts.get(event.accountId), event)
      account.wrongTries = event.lockedUntil === undefined ? account.wrongTries + 1 : 0
      if (event.lockedUntil !== undefined) account.lockedUntil = event.lockedUntil
      return
    }
    case 'pay_password_accepted': {
      const account = must(state.accounts.get(event.accountId), event)
      account.wrongTries = 0
      delete account.lockedUntil
      return
    }
    case 'checkout_opened':
      state.checkouts.set(event.checkout.id, { ...event.checkout })
      return
    case 'checkout_logged_in':
      must(state.checkouts.get(event.checkoutId), event).buyerId = event.buyerId
      return
    case 'checkout_ended': {
      const checkout = must(state.checkouts.get(event.checkoutId), event)
      checkout.ended = event.how
      if (event.via) checkout.paidVia = event.via
      return
    }
    case 'notify_queued':
      state.serial += 1
      state.notifies.set(event.notify.id, { ...event.notify, deliveries: [] })
      return
    case 'notify_delivered': {
      const notify = must(state.notifies.get(event.notifyId), event)
      notify.deliveries.push(event.delivery)
      if (event.delivery.verdict === 'acknowledged') notify.state = 'acknowledged'
      if (event.delivery.resend) return
      notify.attempts += 1
      if (event.nextAt !== undefined) notify.nextAt = event.nextAt
      else if (notify.state === 'pending') notify.state = 'given_up'
      return
    }
    case 'notify_canceled':
      must(state.notifies.get(event.notifyId), event).state = 'given_up'
      return
    case 'notify_delayed': {
      const notify = must(state.notifies.get(event.notifyId), event)
      notify.nextAt = event.nextAt
      notify.heldBy = event.by
      return
    }
    case 'fault_added':
      state.faults.set(event.fault.id, { ...event.fault })
      return
    case 'fault_used':
      must(state.faults.get(event.faultId), event).used += 1
      return
    case 'fault_spared':
      must(state.faults.get(event.faultId), event).spared += 1
      return
    case 'fault_removed':
      state.faults.delete(event.faultId)
      return
    case 'transfer_made':
    case 'transfer_settled':
    case 'receive_rule_set':
      applyTransferEvent(state, event)
      return
    default:
      applyTradeEvent(state, event)
  }
}

type TradeEvent = Extract<SandboxEvent, { type: `trade_${string}` }>

function applyTradeEvent(state: State, event: TradeEvent): void {
  if (event.type === 'trade_created') {
    const { trade } = event
    const key = tradeKey(trade.sellerId, trade.order.outTradeNo)
    if (state.tradeNumbers.has(key)) throw new Error(`a second trade for ${key}`)
    state.serial += 1
    state.trades.set(trade.tradeNo, { ...trade, refunds: [] })
    state.tradeNumbers.set(key, trade.tradeNo)
    return
  }
  const trade = must(state.trades.get(event.tradeNo), event)
  switch (event.type) {
    case 'trade_claimed':
      trade.buyerId = event.buyerId
      return
    case 'trade_paid':
      expectStatus(trade, 'WAIT_BUYER_PAY', event)
      trade.status = 'TRADE_SUCCESS'
      trade.buyerId = event.buyerId
      trade.paidAt = event.at
      trade.feeFen = event.feeFen
      trade.refundableUntil = event.refundableUntil
      moveForTrade(state, trade, event.at, [
        { kind: 'payment', from: event.buyerId, to: trade.sellerId, amountFen: trade.order.amountFen },
        { kind: 'fee', from: trade.sellerId, to: FEE_ACCOUNT, amountFen: event.feeFen },
      ])
      return
    case 'trade_closed':
      expectStatus(trade, 'WAIT_BUYER_PAY', event)
      trade.status = 'TRADE_CLOSED'
      trade.closedAt = event.at
      trade.closedBy = event.by
      return
    case 'trade_finished':
      expectStatus(trade, 'TRADE_SUCCESS', event)
      trade.status = 'TRADE_FINISHED'
      return
    case 'trade_refund_refused':
      trade.refusedRefunds = (trade.refusedRefunds ?? 0) + 1
      return
    case 'trade_refunded': {
      expectStatus(trade, 'TRADE_SUCCESS', event)
      const { refund } = event
      trade.refunds.push(refund)
      trade.refundedFen += refund.amountFen
      trade.feeBackFen += refund.feeBackFen
      const { outRequestNo: requestNo } = refund
      moveForTrade(state, trade, event.at, [
        { kind: 'fee_back', from: FEE_ACCOUNT, to: trade.sellerId, amountFen: refund.feeBackFen, requestNo },
        {
          kind: 'refund',
          from: trade.sellerId,
          to: must(trade.buyerId, event),
          amountFen: refund.amountFen,
          requestNo,
        },
      ])
      if (trade.refundedFen > trade.order.amountFen) throw new Error(`refunded more than was paid: ${trade.tradeNo}`)
      if (trade.refundedFen === trade.order.amountFen) {
        trade.status = 'TRADE_CLOSED'
        trade.closedAt = event.at
        trade.closedBy = 'refund'
      }
      return
    }
  }
}

function openAccount(state: State, account: Account, at: Instant): void {
  state.accounts.set(account.id, { registeredAt: at, ...account })
  move(state, { at, kind: 'opening', from: OUTSIDE_ACCOUNT, to: account.id, amountFen: account.openingFen })
}

/** Back to the first day for money, trades and settings; identities and the clock stay, so merchants keep working. */
function resetState(state: State, at: Instant): void {
  const { apps, accounts, clock, serial, movementsEver, latestAt } = state
  Object.assign(state, emptyState(), { apps, clock, serial, movementsEver, latestAt })
  for (const { lockedUntil: _, receives: __, ...account } of accounts.values())
    openAccount(state, { ...account, wrongTries: 0 }, at)
}

function moveForTrade(
  state: State,
  { tradeNo: about }: Trade,
  at: Instant,
  movements: readonly Pick<Movement, 'kind' | 'from' | 'to' | 'amountFen' | 'requestNo'>[],
): void {
  for (const movement of movements) move(state, { at, about, ...movement })
}

function expectStatus(trade: Trade, status: Trade['status'], event: SandboxEvent): void {
  if (trade.status !== status) throw new Error(`${event.type} on a trade in ${trade.status}: ${trade.tradeNo}`)
}

function must<T>(value: T | undefined, event: SandboxEvent): T {
  if (value === undefined) throw new Error(`${event.type} names something that does not exist`)
  return value
}
