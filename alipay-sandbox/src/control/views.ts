import { checkoutState, payableUntil, tradeOf } from '../engine/checkouts.ts'
import type { Engine } from '../engine/engine.ts'
import type {
  Account,
  AccountRole,
  App,
  Checkout,
  Delivery,
  Notify,
  NotifyKind,
  Product,
  Refund,
  Trade,
  TradeStatus,
} from '../engine/model.ts'
import { requestBody } from '../engine/sent-request.ts'
import type { ReceiveRule } from '../transfers/transfer.ts'
import type { SeenRequest } from '../wire/request-log.ts'

/** What the control API shows. Amounts are integer fen, instants are on the virtual clock unless they say otherwise. */
export interface TradeView {
  readonly tradeNo: string
  readonly outTradeNo: string
  readonly appId: string
  readonly sellerId: string
  readonly product: Product
  readonly status: TradeStatus
  readonly subject: string
  readonly body?: string
  readonly amountFen: number
  readonly feeFen: number
  readonly feeBackFen: number
  readonly refundedFen: number
  readonly buyerId?: string
  readonly notifyUrl?: string
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly paidAt?: Date
  readonly closedAt?: Date
  readonly closedBy?: 'expiry' | 'merchant' | 'console' | 'refund'
  readonly refunds: readonly RefundView[]
}

export interface RefundView {
  readonly outRequestNo: string
  readonly amountFen: number
  readonly feeBackFen: number
  readonly at: Date
  readonly reason?: string
  /** Absent for a refund through the API. */
  readonly by?: 'console'
}

export interface AccountView {
  readonly id: string
  readonly role: AccountRole
  readonly logonId: string
  readonly displayName: string
  readonly balanceFen: number
  readonly lockedUntil?: Date
  /** What becomes of transfers to it; absent, they arrive at once. */
  readonly receives?: ReceiveRule
}

export interface AppView {
  readonly id: string
  readonly sellerId: string
  readonly publicKey: string
}

export interface CheckoutSummary {
  readonly id: string
  readonly path: string
  readonly state: string
  readonly product: Product
  readonly outTradeNo: string
  readonly amountFen: number
  readonly subject: string
  readonly buyerId?: string
  readonly tradeNo?: string
  readonly openedAt: Date
  readonly expiresAt: Date
}

/** A request to `/gateway.do` and what came of it. */
export interface RequestView extends Omit<SeenRequest, 'at' | 'realAt'> {
  readonly at: Date
  /** Process clock. */
  readonly realAt: Date
}

/** One event that a merchant is told of, with every delivery of it. */
export interface NotifyView {
  readonly notifyId: string
  readonly kind: NotifyKind
  readonly tradeNo: string
  readonly outTradeNo: string
  readonly tradeStatus: TradeStatus
  readonly url: string
  readonly state: 'pending' | 'acknowledged' | 'given_up'
  readonly createdAt: Date
  /** Only while pending. */
  readonly nextAt?: Date
  readonly deliveries: readonly DeliveryView[]
}

export interface DeliveryView {
  readonly at: Date
  readonly realAt: Date
  readonly verdict: Delivery['verdict']
  readonly resend: boolean
  readonly httpStatus?: number
  readonly answer?: string
  readonly detail?: string
  /** What was posted, byte by byte. */
  readonly body?: string
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Leaves out what is undefined, so that optional means absent. */
function present<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>
}

const date = (at: number | undefined): Date | undefined => (at === undefined ? undefined : new Date(at))

export function viewTrade(trade: Trade): TradeView {
  const { order } = trade
  return present({
    tradeNo: trade.tradeNo,
    outTradeNo: order.outTradeNo,
    appId: trade.appId,
    sellerId: trade.sellerId,
    product: order.product,
    status: trade.status,
    subject: order.subject,
    body: order.body,
    amountFen: order.amountFen,
    feeFen: trade.feeFen,
    feeBackFen: trade.feeBackFen,
    refundedFen: trade.refundedFen,
    buyerId: trade.buyerId,
    notifyUrl: trade.notifyUrl,
    createdAt: new Date(trade.createdAt),
    expiresAt: new Date(trade.expiresAt),
    paidAt: date(trade.paidAt),
    closedAt: date(trade.closedAt),
    closedBy: trade.closedBy,
    refunds: trade.refunds.map(viewRefund),
  }) as TradeView
}

function viewRefund({ outRequestNo, amountFen, feeBackFen, at, reason, by }: Refund): RefundView {
  return present({ outRequestNo, amountFen, feeBackFen, at: new Date(at), reason, by }) as RefundView
}

export function viewAccount(engine: Engine, account: Account): AccountView {
  const { id, role, logonId, displayName, lockedUntil, receives } = account
  const balanceFen = engine.state.balances.get(id) ?? 0
  return present({
    id,
    role,
    logonId,
    displayName,
    balanceFen,
    lockedUntil: date(lockedUntil),
    receives,
  }) as AccountView
}

export const viewApp = ({ id, sellerId, publicKey }: App): AppView => ({ id, sellerId, publicKey })

export function viewCheckoutSummary(engine: Engine, checkout: Checkout): CheckoutSummary {
  const { id, order, buyerId, openedAt } = checkout
  return present({
    id,
    path: `/cashier/${id}`,
    state: checkoutState(engine, checkout, engine.clock.nowMs()),
    product: order.product,
    outTradeNo: order.outTradeNo,
    amountFen: order.amountFen,
    subject: order.subject,
    buyerId,
    tradeNo: tradeOf(engine, checkout)?.tradeNo,
    openedAt: new Date(openedAt),
    expiresAt: new Date(payableUntil(engine, checkout)),
  }) as CheckoutSummary
}

export const viewRequest = (request: SeenRequest): RequestView => ({
  ...request,
  at: new Date(request.at),
  realAt: new Date(request.realAt),
})

export function viewNotify(notify: Notify): NotifyView {
  return present({
    notifyId: notify.id,
    kind: notify.kind,
    tradeNo: notify.tradeNo,
    outTradeNo: notify.outTradeNo,
    tradeStatus: notify.tradeStatus,
    url: notify.url,
    state: notify.state,
    createdAt: new Date(notify.createdAt),
    nextAt: notify.state === 'pending' ? new Date(notify.nextAt) : undefined,
    deliveries: notify.deliveries.map((delivery) => viewDelivery(notify, delivery)),
  }) as NotifyView
}

export function viewDelivery(notify: Notify, delivery: Delivery): DeliveryView {
  const { sent: _, ...told } = delivery
  const body = requestBody(notify, delivery)
  return present({ ...told, at: new Date(delivery.at), realAt: new Date(delivery.realAt), body }) as DeliveryView
}
