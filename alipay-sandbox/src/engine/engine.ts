import type { KeyObject } from 'node:crypto'
import { BillLinks } from '../bills/bill-links.ts'
import type { Transfer } from '../transfers/transfer.ts'
import { settleTransfer } from '../transfers/transfers.ts'
import { type Due, DueList } from './due-list.ts'
import type { SandboxEvent } from './events.ts'
import { type Random, systemRandom } from './ids.ts'
import type { Journal } from './journal.ts'
import type { State } from './model.ts'
import { NotifyQueue, type NotifyTransport } from './notify-queue.ts'
import { Scheduler } from './scheduler.ts'
import { Store } from './store.ts'
import { closeExpiredTrade, finishTrade } from './trades.ts'
import { type Clock, VirtualClock } from './virtual-clock.ts'

export interface EngineOptions {
  readonly journal: Journal
  readonly past: Iterable<SandboxEvent>
  readonly baseClock: Clock
  /** Signs answers, returns and notifies. */
  readonly alipayPrivateKey: KeyObject
  readonly transport: NotifyTransport
  /** Of the ids; the system's by default. */
  readonly random?: Random
  /** Told when the disk refuses or a step fails that nobody waits for. */
  readonly onDefect: (error: unknown) => void
}

/** The gateway without its wires: state, time, what is due, and the notifies. */
export class Engine {
  readonly store: Store
  readonly clock: VirtualClock
  readonly scheduler: Scheduler
  readonly notifies: NotifyQueue
  readonly bills: BillLinks
  readonly random: Random
  readonly alipayPrivateKey: KeyObject
  readonly #due = new DueList()
  readonly #warnings: { at: Date; text: string }[] = []

  constructor(options: EngineOptions) {
    this.alipayPrivateKey = options.alipayPrivateKey
    this.random = options.random ?? systemRandom
    this.store = new Store(options.journal, options.past)
    const { state } = this.store
    this.clock = new VirtualClock(options.baseClock, () => state.latestAt, state.clock)
    this.notifies = new NotifyQueue(this, options.transport)
    this.bills = new BillLinks(this)
    const due = this.#due
    this.scheduler = new Scheduler(this.clock, due, {
      transition: (one) => transition(this, one),
      deliver: ({ id, at }) => this.notifies.deliverDue(id, at).catch(options.onDefect),
      anchored: () => this.store.commit({ type: 'clock_set', at: this.clock.nowMs(), anchor: this.clock.anchor }),
      durable: () => this.store.durable(),
    })
    listDue(state, due)
    this.store.onEvent((event) => {
      noteDue(event, due)
      this.scheduler.wake()
    })
  }

  get state(): State {
    return this.store.state
  }

  /** Now on the virtual clock, after everything that is due has happened. Every operation begins here. */
  settledNow(): number {
    this.scheduler.runDue()
    return this.clock.nowMs()
  }

  /** Something a merchant should hear about although nothing was refused. */
  warn(text: string): void {
    this.#warnings.push({ at: this.clock.now(), text })
    if (this.#warnings.length > 100) this.#warnings.shift()
  }

  get warnings(): readonly { readonly at: Date; readonly text: string }[] {
    return this.#warnings
  }

  /** The instant at which something will happen by itself; nothing if all is done. */
  get nextAt(): number | undefined {
    let next = this.#due.peek()
    while (next && isOvertaken(this.state, next)) {
      this.#due.take()
      next = this.#due.peek()
    }
    return next?.at
  }

  /** Becomes the sandbox that these events describe; only for one to which nothing has happened yet. */
  takeOver(events: readonly SandboxEvent[]): void {
    this.store.transact((emit) => events.forEach(emit))
    this.#due.clear()
    listDue(this.state, this.#due)
    if (this.state.clock) this.clock.resume(this.state.clock)
    this.scheduler.wake()
  }

  async stop(): Promise<void> {
    this.notifies.abort()
    await this.scheduler.stop()
    await this.store.close()
  }
}

/** Whether what was due has become needless: paid in time, refunded in full, acknowledged or put off. */
function isOvertaken(state: State, { kind, id, at }: Due): boolean {
  if (kind === 'close_trade') return state.trades.get(id)?.status !== 'WAIT_BUYER_PAY'
  if (kind === 'finish_trade') return state.trades.get(id)?.status !== 'TRADE_SUCCESS'
  if (kind !== 'deliver_notify') return false
  const notify = state.notifies.get(id)
  return notify?.state !== 'pending' || notify.nextAt !== at
}

function transition(engine: Engine, { kind, id }: Due): void {
  if (kind === 'close_trade') closeExpiredTrade(engine, id)
  else if (kind === 'settle_transfer') settleTransfer(engine, id)
  else finishTrade(engine, id)
}

/** What waits after a restart. */
function listDue(state: State, due: DueList): void {
  for (const trade of state.trades.values()) {
    if (trade.status === 'WAIT_BUYER_PAY') due.add({ at: trade.expiresAt, kind: 'close_trade', id: trade.tradeNo })
    if (trade.status === 'TRADE_SUCCESS' && trade.refundableUntil !== undefined) {
      due.add({ at: trade.refundableUntil, kind: 'finish_trade', id: trade.tradeNo })
    }
  }
  for (const transfer of state.transfers.values()) noteTransfer(transfer, due)
  for (const notify of state.notifies.values()) {
    if (notify.state === 'pending') due.add({ at: notify.nextAt, kind: 'deliver_notify', id: notify.id })
  }
}

function noteTransfer({ status, settlesAt, orderId }: Transfer, due: DueList): void {
  if (status === 'DEALING' && settlesAt !== undefined) due.add({ at: settlesAt, kind: 'settle_transfer', id: orderId })
}

/** What an event makes due. */
function noteDue(event: SandboxEvent, due: DueList): void {
  if (event.type === 'trade_created')
    due.add({ at: event.trade.expiresAt, kind: 'close_trade', id: event.trade.tradeNo })
  if (event.type === 'trade_paid') due.add({ at: event.refundableUntil, kind: 'finish_trade', id: event.tradeNo })
  if (event.type === 'notify_queued') due.add({ at: event.notify.nextAt, kind: 'deliver_notify', id: event.notify.id })
  if ((event.type === 'notify_delivered' || event.type === 'notify_delayed') && event.nextAt !== undefined) {
    due.add({ at: event.nextAt, kind: 'deliver_notify', id: event.notifyId })
  }
  if (event.type === 'transfer_made') noteTransfer(event.transfer, due)
  if (event.type === 'reset') due.clear()
}
