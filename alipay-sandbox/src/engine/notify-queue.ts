import { parseDuration } from '../settings.ts'
import { formatBeijing } from './beijing.ts'
import type { Engine } from './engine.ts'
import type { FaultKind } from './fault-kinds.ts'
import { takeFault } from './faults.ts'
import type { Delivery, Fault, Instant, Notify } from './model.ts'
import { composeNotify, FALSE_STATUS, HOLDING, type Posted } from './notify-faults.ts'
import { falseStatus } from './notify-message.ts'
import { packRequest } from './sent-request.ts'
import { Slots } from './slots.ts'

/** What one POST came to. */
export type SendResult = Pick<Delivery, 'verdict' | 'httpStatus' | 'answer' | 'detail'>

/** Posts a body to the merchant. Never rejects, except when `signal` is aborted. */
export type NotifyTransport = (url: string, body: string, signal: AbortSignal, charset?: string) => Promise<SendResult>

/** For how long a held message waits at the longest, unless the fault says otherwise. */
const HELD_MS: Readonly<Partial<Record<FaultKind, number>>> = {
  notify_delayed: 60_000,
  notify_reordered: 3_600_000,
  // The page of success sends the browser back after three seconds.
  notify_after_return: 10_000,
}
/**
 * After a jump of the clock, or a night asleep, thousands are due at one instant. Sent all together, most of them would
 * spend their ten seconds in line and be recorded as if the merchant had been silent.
 */
const MOST_AT_ONCE = 64
/** A browser that waits for a message which never leaves is sent on all the same. */
const LONGEST_WAIT_MS = 10_000

/**
 * Tells merchants what happened, over and over until they acknowledge.
 *
 * Messages about one trade leave one at a time; a message that is never acknowledged does not hold up the next event.
 */
export class NotifyQueue {
  readonly #engine: Engine
  readonly #transport: NotifyTransport
  readonly #perTrade = new Map<string, Promise<void>>()
  readonly #slots = new Slots(MOST_AT_ONCE)
  readonly #stopped = new AbortController()
  /** By trade, the messages that a fault has held back. */
  readonly #held = new Map<string, readonly string[]>()
  readonly #watchers = new Set<(notify: Notify, delivery: Delivery) => void>()

  constructor(engine: Engine, transport: NotifyTransport) {
    this.#engine = engine
    this.#transport = transport
    for (const notify of engine.state.notifies.values()) if (notify.heldBy !== undefined) this.#noteHeld(notify)
  }

  /** Deliveries under way are given up unrecorded, and made again after a restart. */
  abort(): void {
    this.#stopped.abort()
  }

  /** Aborted when the sandbox stops. */
  get stopped(): AbortSignal {
    return this.#stopped.signal
  }

  /** Calls back after every delivery that is recorded; returns the way to stop that. */
  watch(watcher: (notify: Notify, delivery: Delivery) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** One scheduled delivery. `at` is the instant it was due; an entry that was overtaken by events does nothing. */
  deliverDue(id: string, at: Instant): Promise<void> {
    const notify = this.#engine.state.notifies.get(id)
    if (!notify) return Promise.resolve()
    return this.#inTurn(notify, () =>
      this.#slots.use(async () => {
        if (notify.state !== 'pending' || notify.nextAt !== at || this.stopped.aborted) return
        await this.#deliver(notify)
      }),
    )
  }

  /** Ends the retries of a notify; false for an unknown id. What is on its way still arrives. */
  cancel(id: string): boolean {
    const notify = this.#engine.state.notifies.get(id)
    if (!notify) return false
    if (notify.state !== 'pending') return true
    this.#engine.store.commit({ type: 'notify_canceled', at: this.#engine.settledNow(), notifyId: id })
    return true
  }

  /** One more delivery by hand; the schedule stays as it is. Nothing for an unknown id. */
  async resend(id: string): Promise<Delivery | undefined> {
    const notify = this.#engine.state.notifies.get(id)
    if (!notify) return undefined
    await this.#inTurn(notify, async () => {
      const at = this.#engine.clock.nowMs()
      const posted = await this.#compose(notify, at)
      const result = await this.#send(notify, posted)
      if (result) this.#record(notify, at, result, posted.body, { resend: true })
    })
    return notify.deliveries.at(-1)
  }

  async #deliver(notify: Notify): Promise<void> {
    // The merchant must never hear of something that a crash could take back.
    await this.#engine.store.durable()
    const at = this.#engine.clock.nowMs()
    const occasion = { where: 'notify', event: notify.kind, outTradeNo: notify.outTradeNo } as const
    const fault = takeFault(this.#engine, occasion, (kind) => strikesDelivery(kind, notify))
    if (fault && HOLDING.includes(fault.kind)) return this.#hold(notify, fault, at)
    const status = fault && FALSE_STATUS[fault.kind]
    if (status) await this.#deliverFalseStatus(notify, status, at)
    const posted = await this.#compose(notify, at, fault)
    if (fault?.kind === 'notify_lost') {
      this.#record(notify, at, { verdict: 'lost', detail: 'fault notify_lost' }, posted.body, { resend: false })
      return
    }
    if (fault?.kind === 'notify_duplicated') await this.#send(notify, posted)
    const result = await this.#send(notify, posted)
    if (result) this.#record(notify, at, result, posted.body, { resend: false })
  }

  #hold(notify: Notify, fault: Fault, at: Instant): void {
    const nextAt = at + (fault.delayMs ?? HELD_MS[fault.kind] ?? 0)
    this.#noteHeld(notify)
    this.#engine.store.commit({ type: 'notify_delayed', at, notifyId: notify.id, nextAt, by: fault.kind })
  }

  /** A message of its own, with its own retries, about a state that the trade is not in. */
  async #deliverFalseStatus(notify: Notify, status: Notify['tradeStatus'], at: Instant): Promise<void> {
    const untrue = falseStatus(this.#engine, notify, status, at)
    this.#engine.store.commit({ type: 'notify_queued', at, notify: untrue })
    const queued = this.#engine.state.notifies.get(untrue.id)
    if (!queued) return
    const posted = await this.#compose(queued, at)
    const result = await this.#send(queued, posted)
    if (result) this.#record(queued, at, result, posted.body, { resend: false })
  }

  /** The browser of this trade's buyer is back at the merchant: what a fault kept for then may leave. */
  returned(tradeNo: string): void {
    this.#release(tradeNo, 'notify_after_return')
  }

  /**
   * Waits until the payment was told to the merchant, if a fault wants the message to be there before the browser.
   * Real time: whoever waits is a browser.
   */
  async toldBeforeReturn(tradeNo: string): Promise<void> {
    const { faults, notifies } = this.#engine.state
    if (![...faults.values()].some(({ kind }) => kind === 'notify_before_return')) return
    const paid = [...notifies.values()].find((notify) => notify.tradeNo === tradeNo && notify.kind === 'paid')
    if (!paid) return
    const occasion = { where: 'notify', event: 'paid', outTradeNo: paid.outTradeNo } as const
    const fault = takeFault(this.#engine, occasion, (kind) => kind === 'notify_before_return')
    if (!fault || paid.deliveries.length > 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => done(), LONGEST_WAIT_MS)
      const done = () => {
        clearTimeout(timer)
        unwatch()
        this.stopped.removeEventListener('abort', done)
        resolve()
      }
      const unwatch = this.watch((notify) => {
        if (notify.id === paid.id) done()
      })
      this.stopped.addEventListener('abort', done, { once: true })
      this.#engine.scheduler.runDue()
    })
  }

  #noteHeld({ tradeNo, id }: Notify): void {
    this.#held.set(tradeNo, [...(this.#held.get(tradeNo) ?? []), id])
  }

  #release(tradeNo: string, by: FaultKind): void {
    const at = this.#engine.clock.nowMs()
    for (const id of this.#held.get(tradeNo) ?? []) {
      const notify = this.#engine.state.notifies.get(id)
      if (notify?.state !== 'pending' || notify.heldBy !== by || notify.nextAt <= at || notify.attempts > 0) continue
      this.#engine.store.commit({ type: 'notify_delayed', at, notifyId: id, nextAt: at, by })
    }
  }

  /** Nothing if the sandbox is stopping. */
  async #send(notify: Notify, posted: Posted): Promise<SendResult | undefined> {
    try {
      const result = await this.#transport(notify.url, posted.body, this.#stopped.signal, posted.charset)
      return this.#judged(result)
    } catch (error) {
      if (this.#stopped.signal.aborted) return undefined
      throw error
    }
  }

  /** The transport says what came back; whether that is an acknowledgement is a rule of the gateway. */
  #judged(result: SendResult): SendResult {
    if (result.httpStatus !== 200 || result.verdict !== 'refused') return result
    const word = (result.answer ?? '').trim()
    if (word === 'success') return { ...result, verdict: 'acknowledged' }
    if (word.toLowerCase() !== 'success' || this.#engine.state.settings.ack_case_sensitive) return result
    this.#engine.warn(`a merchant acknowledged with ${word}; write it in lower case`)
    return { ...result, verdict: 'acknowledged', detail: 'not in lower case' }
  }

  #compose(notify: Notify, at: Instant, fault?: Fault): Promise<Posted> {
    const { settings } = this.#engine.state
    const timeAt = settings.notify_time_mode === 'constant' ? notify.createdAt : at
    const fields = { ...notify.fields, notify_time: formatBeijing(new Date(timeAt)) }
    return composeNotify(fields, this.#engine.alipayPrivateKey, fault)
  }

  #record(notify: Notify, at: Instant, result: SendResult, body: string, how: { resend: boolean }): void {
    // A reset may have forgotten it while it was on its way.
    if (!this.#engine.state.notifies.has(notify.id)) return
    const wait = parseDuration(this.#engine.state.settings.notify_schedule[notify.attempts] ?? '')
    const sent = packRequest(notify, body)
    const delivery: Delivery = { at, realAt: this.#engine.clock.realNowMs(), resend: how.resend, sent, ...result }
    const again = !how.resend && result.verdict !== 'acknowledged' && wait !== undefined
    this.#engine.store.commit({
      type: 'notify_delivered',
      at,
      notifyId: notify.id,
      delivery,
      ...(again && { nextAt: at + wait }),
    })
    for (const watcher of this.#watchers) watcher(notify, delivery)
    this.#release(notify.tradeNo, 'notify_reordered')
  }

  #inTurn(notify: Notify, work: () => Promise<void>): Promise<void> {
    const before = this.#perTrade.get(notify.tradeNo) ?? Promise.resolve()
    const mine = before.then(work).finally(() => {
      if (this.#perTrade.get(notify.tradeNo) === mine) this.#perTrade.delete(notify.tradeNo)
    })
    this.#perTrade.set(notify.tradeNo, mine)
    return mine
  }
}

/** A message that was held back once is not held again, and one kind is for the browser's way back alone. */
const strikesDelivery = (kind: FaultKind, notify: Notify) =>
  kind !== 'notify_before_return' && !(notify.heldBy !== undefined && HOLDING.includes(kind))
