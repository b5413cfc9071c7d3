import type { BillName } from '../bills/bill.ts'
import { type BillView, type BillWish, billFile, viewBill } from '../bills/bill-view.ts'
import { parsePeriod } from '../bills/period.ts'
import type { AppCertificates } from '../certificates/merchant-certificates.ts'
import { createAccount, createApp, type NewAccount, type NewApp } from '../engine/accounts.ts'
import type { Engine } from '../engine/engine.ts'
import { addFault, removeFault } from '../engine/faults.ts'
import { type ConsoleRefund, closeByConsole, finishByConsole, refundByConsole } from '../engine/forced-acts.ts'
import type { App, Fault, FaultSpec, Notify, Trade, TradeStatus } from '../engine/model.ts'
import { findByOutTradeNo } from '../engine/trades.ts'
import { writeExport } from '../keeping/export-file.ts'
import { ImportRefused } from '../keeping/import-refused.ts'
import { publicPem, readPublicKey } from '../keys.ts'
import { type Payment, type PaymentWish, playBuyer } from '../payments.ts'
import { checkSettings, type Settings } from '../settings.ts'
import type { ReceiveRule, TransferStatus } from '../transfers/transfer.ts'
import { type ReceiveRuleView, type TransferView, viewTransfer } from '../transfers/transfer-view.ts'
import type { Gateway } from '../wire/gateway.ts'
import { EventFeed, type ToldEvent } from './event-feed.ts'
import { BadInput } from './input.ts'
import { type PageWish, pageOf } from './page-of.ts'
import {
  type AccountView,
  type AppView,
  type CheckoutSummary,
  type DeliveryView,
  type NotifyView,
  type RequestView,
  type TradeView,
  viewAccount,
  viewApp,
  viewCheckoutSummary,
  viewDelivery,
  viewNotify,
  viewRequest,
  viewTrade,
} from './views.ts'

/** A thing that the caller named does not exist. */
export class NotFound extends Error {
  override readonly name = 'NotFound'
}

/** Something that only a sandbox started for it allows. */
export class NotAllowed extends Error {
  override readonly name = 'NotAllowed'
}

export interface StateView {
  readonly now: Date
  readonly clockRate: number
  readonly counts: Readonly<
    Record<'apps' | 'accounts' | 'checkouts' | 'trades' | 'notifies' | 'pendingNotifies', number>
  >
  readonly feeFen: number
  readonly outsideFen: number
  /** All balances together; anything but 0 is a defect of the sandbox. */
  readonly sumFen: number
  readonly warnings: readonly { readonly at: Date; readonly text: string }[]
}

export interface ClockView {
  readonly now: Date
  readonly rate: number
  /** When something will next happen by itself; absent when nothing waits. */
  readonly nextAt?: Date
}

export interface PaymentView {
  readonly checkoutId: string
  readonly trade?: TradeView
  readonly returnUrl?: string
}

export interface TradeFilter extends PageWish {
  readonly outTradeNo?: string
  readonly status?: TradeStatus
  readonly appId?: string
  readonly sellerId?: string
  readonly buyerId?: string
  /** Part of a number or of the subject. */
  readonly text?: string
  /** Created at or after, and before. */
  readonly from?: Date
  readonly to?: Date
}

export interface TransferFilter extends PageWish {
  readonly outBizNo?: string
  readonly status?: TransferStatus
}

export interface RequestFilter {
  readonly outTradeNo?: string
  readonly method?: string
  /** `code` or `sub_code` of the answer. */
  readonly code?: string
  readonly limit?: number
  /** Only those with a smaller number. */
  readonly before?: number
}

export interface DeliveryFilter extends PageWish {
  readonly outTradeNo?: string
  readonly state?: NotifyState
}

type NotifyState = Notify['state']

/** Everything a person or a test can do to a running sandbox. All of it is on disk when a promise resolves. */
export interface Control {
  state(): StateView
  apps(): readonly AppView[]
  createApp(wish: NewApp): Promise<AppView>
  /** What the merchant of an app configures for certificate mode. */
  certificates(appId: string): Promise<AppCertificates>
  accounts(): readonly AccountView[]
  createAccount(wish: NewAccount): Promise<AccountView>
  topUp(accountId: string, amountFen: number): Promise<AccountView>
  trades(filter?: TradeFilter): readonly TradeView[]
  /** By `trade_no` or `out_trade_no`; throws {@link NotFound}. */
  trade(number: string): TradeView
  /** As the seller does it in Alipay's console: the merchant's program hears of it by notify only. Throw {@link ActRefused}. */
  refundTrade(number: string, wish?: ConsoleRefund): Promise<TradeView>
  closeTrade(number: string): Promise<TradeView>
  finishTrade(number: string): Promise<TradeView>
  transfers(filter?: TransferFilter): readonly TransferView[]
  /** By `order_id` or `out_biz_no`; throws {@link NotFound}. */
  transfer(number: string): TransferView
  /** Decides what becomes of transfers to an account. */
  setReceiveRule(accountId: string, rule: ReceiveRule): Promise<ReceiveRuleView>
  /** A bill as it stands, also of today, and without any fault. Throws {@link BadInput} and {@link NotFound}. */
  bill(wish: BillWish): BillView
  billFile(wish: BillWish): Promise<{ readonly name: string; readonly bytes: Buffer }>
  checkouts(filter?: PageWish & { readonly outTradeNo?: string }): readonly CheckoutSummary[]
  pay(wish: PaymentWish): Promise<PaymentView>
  deliveries(filter?: DeliveryFilter): readonly NotifyView[]
  /** Throws {@link NotFound}. */
  delivery(notifyId: string): NotifyView
  resend(notifyId: string): Promise<DeliveryView>
  /** Ends the retries. */
  cancelDelivery(notifyId: string): Promise<NotifyView>
  clock(): ClockView
  advance(ms: number): Promise<ClockView>
  setClock(to: Date): Promise<ClockView>
  setClockRate(rate: number): Promise<ClockView>
  faults(): readonly Fault[]
  addFault(spec: FaultSpec): Promise<Fault>
  removeFault(id: string): Promise<void>
  settings(): Settings
  changeSettings(patch: Partial<Settings>): Promise<Settings>
  reset(): Promise<StateView>
  /** The latest requests to the gateway, latest first. */
  requests(filter?: RequestFilter): readonly RequestView[]
  /** Everything behind the event `after`, if it is still known, and whatever happens from now on. */
  watch(
    after: string | undefined,
    watcher: (event: ToldEvent) => void,
  ): { readonly missed: boolean; readonly stop: () => void }
  /** The whole state as one file, without private keys. */
  exportState(): Buffer
  /** Becomes the sandbox that was exported; only where nothing has happened yet. The keys stay this one's. */
  importState(file: Buffer): Promise<StateView>
}

export interface ControlOptions {
  readonly allowReset: boolean
  /** Ids of the apps whose private key is this sandbox's own. */
  readonly ownApps: () => readonly string[]
  readonly certificates: (app: App) => Promise<AppCertificates>
  /** Called with an export that was found whole, for a sandbox to which nothing has happened. */
  readonly takeOver: (file: Buffer) => Promise<void>
}

export function createControl(engine: Engine, gateway: Gateway, options: ControlOptions): Control {
  const { state, store, scheduler, clock } = engine
  const feed = new EventFeed(engine, gateway.requests)

  function clockView(): ClockView {
    const { nextAt } = engine
    return { now: clock.now(), rate: clock.rate, ...(nextAt !== undefined && { nextAt: new Date(nextAt) }) }
  }

  function account(id: string) {
    const found = state.accounts.get(id)
    if (!found) throw new NotFound(`no account ${id}`)
    return found
  }

  function notify(id: string) {
    const found = state.notifies.get(id)
    if (!found) throw new NotFound(`no notify ${id}`)
    return found
  }

  /** All trades under a merchant's number. It belongs to a seller, and there are few of those and many trades. */
  function tradesOf(outTradeNo: string): Trade[] {
    return [...state.accounts.keys()].flatMap((sellerId) => findByOutTradeNo(engine, sellerId, outTradeNo) ?? [])
  }

  function namedTrade(number: string): Trade {
    engine.settledNow()
    const found = state.trades.get(number) ?? tradesOf(number)[0]
    if (!found) throw new NotFound(`no trade ${number}`)
    return found
  }

  function namedBill({ date, type = 'trade', sellerId }: BillWish): BillName {
    const period = parsePeriod(date)
    if (!period) throw new BadInput(`${date} is neither a day yyyy-MM-dd nor a month yyyy-MM`)
    const [app] = state.apps.values()
    return { period, type, sellerId: account(sellerId ?? app?.sellerId ?? '').id }
  }

  async function forced(number: string, act: (trade: Trade) => void): Promise<TradeView> {
    const trade = namedTrade(number)
    act(trade)
    await store.durable()
    return viewTrade(trade)
  }

  function stateView(): StateView {
    const now = new Date(engine.settledNow())
    const balances = [...state.balances]
    const pending = [...state.notifies.values()].filter((notify) => notify.state === 'pending')
    return {
      now,
      clockRate: clock.rate,
      counts: {
        apps: state.apps.size,
        accounts: state.accounts.size,
        checkouts: state.checkouts.size,
        trades: state.trades.size,
        notifies: state.notifies.size,
        pendingNotifies: pending.length,
      },
      feeFen: state.balances.get('fee') ?? 0,
      outsideFen: state.balances.get('outside') ?? 0,
      sumFen: balances.reduce((sum, [, fen]) => sum + fen, 0),
      warnings: engine.warnings,
    }
  }

  return {
    state: stateView,

    apps: () => [...state.apps.values()].map(viewApp),
    async createApp(wish) {
      account(wish.sellerId)
      const app = createApp(engine, { ...wish, publicKey: normalKey(wish.publicKey) })
      await store.durable()
      return viewApp(app)
    },

    certificates(appId) {
      const app = state.apps.get(appId)
      if (!app) return Promise.reject(new NotFound(`no app ${appId}`))
      return options.certificates(app)
    },

    accounts: () => [...state.accounts.values()].map((one) => viewAccount(engine, one)),
    async createAccount(wish) {
      const created = createAccount(engine, wish)
      await store.durable()
      return viewAccount(engine, created)
    },
    async topUp(accountId, amountFen) {
      const to = account(accountId)
      store.commit({ type: 'account_topped_up', at: engine.settledNow(), accountId: to.id, amountFen })
      await store.durable()
      return viewAccount(engine, to)
    },

    trades(filter = {}) {
      engine.settledNow()
      const { outTradeNo } = filter
      const among =
        outTradeNo === undefined
          ? state.trades
          : new Map(tradesOf(outTradeNo).map((trade): [string, Trade] => [trade.tradeNo, trade]))
      return pageOf(among, filter, (trade) => fitsTrade(trade, filter)).map(viewTrade)
    },
    trade: (number) => viewTrade(namedTrade(number)),
    bill: (wish) => viewBill(engine, namedBill(wish), wish.limit ?? 100),
    billFile: (wish) => billFile(engine, namedBill(wish)),
    refundTrade: (number, wish = {}) => forced(number, (trade) => refundByConsole(engine, trade, wish)),
    closeTrade: (number) => forced(number, (trade) => closeByConsole(engine, trade)),
    finishTrade: (number) => forced(number, (trade) => finishByConsole(engine, trade)),

    transfers(filter = {}) {
      engine.settledNow()
      const { outBizNo, status } = filter
      return pageOf(state.transfers, filter, (transfer) => {
        if (outBizNo !== undefined && transfer.order.outBizNo !== outBizNo) return false
        return status === undefined || transfer.status === status
      }).map((transfer) => viewTransfer(engine, transfer))
    },
    transfer(number) {
      engine.settledNow()
      const byOut = () => [...state.transfers.values()].find(({ order }) => order.outBizNo === number)
      const found = state.transfers.get(number) ?? byOut()
      if (!found) throw new NotFound(`no transfer ${number}`)
      return viewTransfer(engine, found)
    },
    async setReceiveRule(accountId, rule) {
      const { id } = account(accountId)
      const at = engine.settledNow()
      store.commit({ type: 'receive_rule_set', at, accountId: id, ...(rule.outcome !== 'success' && { rule }) })
      await store.durable()
      return { accountId: id, ...rule }
    },

    checkouts(filter = {}) {
      engine.settledNow()
      const { outTradeNo } = filter
      return pageOf(
        state.checkouts,
        filter,
        (one) => outTradeNo === undefined || one.order.outTradeNo === outTradeNo,
      ).map((one) => viewCheckoutSummary(engine, one))
    },
    async pay(wish) {
      return viewPayment(await playBuyer(engine, gateway, wish))
    },

    deliveries(filter = {}) {
      engine.settledNow()
      const { outTradeNo, state: wanted } = filter
      return pageOf(
        state.notifies,
        filter,
        (notify) =>
          (outTradeNo === undefined || notify.outTradeNo === outTradeNo) &&
          (wanted === undefined || notify.state === wanted),
      ).map(viewNotify)
    },
    delivery: (notifyId) => viewNotify(notify(notifyId)),
    async resend(notifyId) {
      const found = notify(notifyId)
      const delivery = await engine.notifies.resend(notifyId)
      if (!delivery) throw new NotFound(`no notify ${notifyId}`)
      await store.durable()
      return viewDelivery(found, delivery)
    },
    async cancelDelivery(notifyId) {
      const found = notify(notifyId)
      engine.notifies.cancel(notifyId)
      await store.durable()
      return viewNotify(found)
    },

    clock: clockView,
    async advance(ms) {
      await scheduler.advanceTo((now) => now + ms)
      return clockView()
    },
    async setClock(to) {
      await scheduler.advanceTo(to.getTime())
      return clockView()
    },
    async setClockRate(rate) {
      await scheduler.setRate(rate)
      return clockView()
    },

    faults: () => [...state.faults.values()],
    async addFault(spec) {
      const fault = addFault(engine, spec)
      await store.durable()
      return fault
    },
    async removeFault(id) {
      if (!removeFault(engine, id)) throw new NotFound(`no fault ${id}`)
      await store.durable()
    },

    settings: () => state.settings,
    async changeSettings(patch) {
      const checked = checkSettings({ ...patch })
      store.commit({ type: 'settings_changed', at: engine.settledNow(), patch: checked })
      await store.durable()
      return state.settings
    },

    async reset() {
      if (!options.allowReset) throw new NotAllowed('reset needs a sandbox started with --allow-reset or --memory')
      store.commit({ type: 'reset', at: engine.settledNow() })
      gateway.requests.clear()
      await store.durable()
      return stateView()
    },

    requests(filter = {}) {
      const { outTradeNo, method, code, before, limit = 100 } = filter
      return gateway.requests.seen
        .filter(
          (request) =>
            (outTradeNo === undefined || request.outTradeNo === outTradeNo) &&
            (method === undefined || request.params.method === method) &&
            (code === undefined || request.code === code || request.subCode === code) &&
            (before === undefined || request.id < before),
        )
        .slice(-limit)
        .reverse()
        .map(viewRequest)
    },
    watch: (after, watcher) => feed.watch(after, watcher),

    exportState() {
      engine.settledNow()
      return writeExport(state, { at: new Date(clock.realNowMs()), ownApps: options.ownApps() })
    },
    async importState(file) {
      if (state.trades.size + state.checkouts.size > 0) {
        throw new ImportRefused('this sandbox has trades or open pages; an import never replaces anything')
      }
      await options.takeOver(file)
      await store.durable()
      return stateView()
    },
  }
}

function normalKey(text: string): string {
  try {
    return publicPem(readPublicKey(text))
  } catch (cause) {
    throw new BadInput('body.public_key is neither SPKI PEM nor its base64', { cause })
  }
}

function viewPayment({ checkoutId, trade, returnUrl }: Payment): PaymentView {
  return { checkoutId, ...(trade && { trade: viewTrade(trade) }), ...(returnUrl !== undefined && { returnUrl }) }
}

function fitsTrade(trade: Trade, filter: TradeFilter): boolean {
  const { status, appId, sellerId, buyerId, text, from, to } = filter
  if (status !== undefined && trade.status !== status) return false
  if (appId !== undefined && trade.appId !== appId) return false
  if (sellerId !== undefined && trade.sellerId !== sellerId) return false
  if (buyerId !== undefined && trade.buyerId !== buyerId) return false
  if (from && trade.createdAt < from.getTime()) return false
  if (to && trade.createdAt >= to.getTime()) return false
  if (text === undefined) return true
  const { outTradeNo, subject } = trade.order
  return outTradeNo.includes(text) || subject.includes(text) || trade.tradeNo.includes(text)
}
