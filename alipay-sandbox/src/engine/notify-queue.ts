import { signText } from '../keys.ts'
import { parseDuration } from '../settings.ts'
import { v1StringToSign } from '../wire/string-to-sign.ts'
import { formatBeijing } from './beijing.ts'
import type { Engine } from './engine.ts'
import { takeFault } from './faults.ts'
import type { Delivery, Fault, Instant, Notify } from './model.ts'
import { formatYuan, parseYuan } from './money.ts'
import { NOTIFY_FIELD_ORDER } from './notify-message.ts'

/** What one POST came to. */
export type SendResult = Pick<Delivery, 'verdict' | 'httpStatus' | 'answer' | 'detail'>

/** Posts a body to the merchant. Never rejects, except when `signal` is aborted. */
export type NotifyTransport = (url: string, body: string, signal: AbortSignal) => Promise<SendResult>

const DEFAULT_DELAY_MS = 60_000
const BODIES_KEPT = 1000

/**
 * Tells merchants what happened, over and over until they acknowledge.
 *
 * Messages about one trade leave one at a time; a message that is never acknowledged does not hold up the next event.
 */
export class NotifyQueue {
  readonly #engine: Engine
  readonly #transport: NotifyTransport
  readonly #perTrade = new Map<string, Promise<void>>()
  readonly #stopped = new AbortController()
  readonly #watchers = new Set<(notify: Notify, delivery: Delivery) => void>()
  /** The latest request bodies, for people; they are not part of the state. */
  readonly #bodies = new Map<Delivery, string>()

  constructor(engine: Engine, transport: NotifyTransport) {
    this.#engine = engine
    this.#transport = transport
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

  bodyOf(delivery: Delivery): string | undefined {
    return this.#bodies.get(delivery)
  }

  /** One scheduled delivery. `at` is the instant it was due; an entry that was overtaken by events does nothing. */
  deliverDue(id: string, at: Instant): Promise<void> {
    const notify = this.#engine.state.notifies.get(id)
    if (!notify) return Promise.resolve()
    return this.#inTurn(notify, async () => {
      if (notify.state !== 'pending' || notify.nextAt !== at) return
      await this.#deliver(notify)
    })
  }

  /** One more delivery by hand; the schedule stays as it is. Nothing for an unknown id. */
  async resend(id: string): Promise<Delivery | undefined> {
    const notify = this.#engine.state.notifies.get(id)
    if (!notify) return undefined
    await this.#inTurn(notify, async () => {
      const at = this.#engine.clock.nowMs()
      const body = await this.#compose(notify, at)
      const result = await this.#send(notify, body)
      if (result) this.#record(notify, at, result, body, { resend: true })
    })
    return notify.deliveries.at(-1)
  }

  async #deliver(notify: Notify): Promise<void> {
    // The merchant must never hear of something that a crash could take back.
    await this.#engine.store.durable()
    const at = this.#engine.clock.nowMs()
    const occasion = { where: 'notify', event: notify.kind, outTradeNo: notify.outTradeNo } as const
    const fault = takeFault(this.#engine, occasion)
    if (fault?.kind === 'notify_delayed') {
      const nextAt = at + (fault.delayMs ?? DEFAULT_DELAY_MS)
      this.#engine.store.commit({ type: 'notify_delayed', at, notifyId: notify.id, nextAt })
      return
    }
    const body = await this.#compose(notify, at, fault)
    if (fault?.kind === 'notify_lost') {
      this.#record(notify, at, { verdict: 'lost', detail: 'fault notify_lost' }, body, { resend: false })
      return
    }
    if (fault?.kind === 'notify_duplicated') await this.#send(notify, body)
    const result = await this.#send(notify, body)
    if (result) this.#record(notify, at, result, body, { resend: false })
  }

  /** Nothing if the sandbox is stopping. */
  async #send(notify: Notify, body: string): Promise<SendResult | undefined> {
    try {
      const result = await this.#transport(notify.url, body, this.#stopped.signal)
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

  async #compose(notify: Notify, at: Instant, fault?: Fault): Promise<string> {
    const { settings } = this.#engine.state
    const timeAt = settings.notify_time_mode === 'constant' ? notify.createdAt : at
    const fields = spoil({ ...notify.fields, notify_time: formatBeijing(new Date(timeAt)) }, fault)
    const text = v1StringToSign(fields)
    const sign = await signText(
      this.#engine.alipayPrivateKey,
      fault?.kind === 'notify_bad_signature' ? `${text}.` : text,
    )
    return encodeNotify({ ...fields, sign })
  }

  #record(notify: Notify, at: Instant, result: SendResult, body: string, how: { resend: boolean }): void {
    // A reset may have forgotten it while it was on its way.
    if (!this.#engine.state.notifies.has(notify.id)) return
    const wait = parseDuration(this.#engine.state.settings.notify_schedule[notify.attempts] ?? '')
    const delivery: Delivery = { at, realAt: this.#engine.clock.realNowMs(), resend: how.resend, ...result }
    const again = !how.resend && result.verdict !== 'acknowledged' && wait !== undefined
    this.#engine.store.commit({
      type: 'notify_delivered',
      at,
      notifyId: notify.id,
      delivery,
      ...(again && { nextAt: at + wait }),
    })
    this.#bodies.set(delivery, body)
    const oldest = this.#bodies.size > BODIES_KEPT ? this.#bodies.keys().next().value : undefined
    if (oldest) this.#bodies.delete(oldest)
    for (const watcher of this.#watchers) watcher(notify, delivery)
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

/** The body of a notify: known keys in their order, others after them. */
export function encodeNotify(fields: Readonly<Record<string, string>>): string {
  const known = NOTIFY_FIELD_ORDER.filter((key) => fields[key] !== undefined)
  const others = Object.keys(fields).filter((key) => !known.some((name) => name === key))
  return new URLSearchParams([...known, ...others].map((key): [string, string] => [key, fields[key] ?? ''])).toString()
}

/** Messages that lie although Alipay signed them: a merchant has to notice from its own records. */
function spoil(fields: Record<string, string>, fault?: Fault): Record<string, string> {
  if (fault?.kind === 'notify_wrong_amount') {
    return { ...fields, total_amount: formatYuan((parseYuan(fields.total_amount) ?? 0) + 1) }
  }
  if (fault?.kind === 'notify_wrong_app_id')
    return { ...fields, app_id: '9021999999999999', auth_app_id: '9021999999999999' }
  if (fault?.kind === 'notify_wrong_seller_id') return { ...fields, seller_id: '2088999999999999' }
  return fields
}
