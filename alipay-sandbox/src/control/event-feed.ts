import { randomBytes } from 'node:crypto'
import type { Engine } from '../engine/engine.ts'
import type { SandboxEvent } from '../engine/events.ts'
import type { RequestLog } from '../wire/request-log.ts'

const KEPT = 2000

/** Something that happened, told to whoever watches. `type` is the name of the event, the rest names what it was about. */
export interface ToldEvent {
  /** `<process>-<number>`; the numbers count up from 1. */
  readonly id: string
  readonly type: string
  readonly at: Date
  readonly tradeNo?: string
  readonly outTradeNo?: string
  readonly checkoutId?: string
  readonly notifyId?: string
  readonly accountId?: string
  readonly appId?: string
  readonly faultId?: string
  /** Of a transfer, with the merchant's number. */
  readonly orderId?: string
  readonly outBizNo?: string
  /** Of `notify_delivered`. */
  readonly verdict?: string
  /** Of `request`: its number, method and what it was answered. */
  readonly requestId?: number
  readonly method?: string
  readonly code?: string
  readonly subCode?: string
}

type Telling = Omit<ToldEvent, 'id'>

/**
 * What happens in a sandbox, in order, for people who watch. An event is told once it is on disk, so nobody hears of
 * what a crash could take back. The latest are kept for watchers who come again after a broken connection.
 */
export class EventFeed {
  readonly #process = randomBytes(4).toString('hex')
  readonly #kept: ToldEvent[] = []
  readonly #watchers = new Set<(event: ToldEvent) => void>()
  #count = 0

  constructor(engine: Engine, requests: RequestLog) {
    engine.store.onEvent((event) => {
      // A disk that refuses is told where it is waited for.
      engine.store.durable().then(
        () => this.#tell(telling(engine, event)),
        () => undefined,
      )
    })
    requests.watch(({ id, at, params, outTradeNo, code, subCode }) => {
      const { method } = params
      this.#tell({
        type: 'request',
        at: new Date(at),
        requestId: id,
        code,
        ...(method !== undefined && { method }),
        ...(outTradeNo !== undefined && { outTradeNo }),
        ...(subCode !== undefined && { subCode }),
      })
    })
  }

  /**
   * Whatever happens from now on, after everything behind the event `after` that is still kept. `missed` is true when
   * some of that is no longer known, or when `after` is of another process; the watcher then has to look anew.
   */
  watch(
    after: string | undefined,
    watcher: (event: ToldEvent) => void,
  ): { readonly missed: boolean; readonly stop: () => void } {
    const from = after === undefined ? this.#count : this.#numberIn(after)
    const missed = from === undefined || from < this.#count - this.#kept.length
    if (from !== undefined && !missed) {
      const oldest = this.#count - this.#kept.length
      for (const event of this.#kept.slice(from - oldest)) watcher(event)
    }
    this.#watchers.add(watcher)
    return { missed, stop: () => this.#watchers.delete(watcher) }
  }

  #numberIn(id: string): number | undefined {
    const [process, text] = id.split('-')
    const number = Number(text)
    return process === this.#process && Number.isInteger(number) && number <= this.#count ? number : undefined
  }

  #tell(event: Telling): void {
    this.#count += 1
    const told = { id: `${this.#process}-${this.#count}`, ...event }
    this.#kept.push(told)
    if (this.#kept.length > KEPT) this.#kept.shift()
    for (const watcher of this.#watchers) watcher(told)
  }
}

/** What an event is about, by its numbers only: no passwords and no messages. */
function telling(engine: Engine, event: SandboxEvent): Telling {
  const about: Record<string, unknown> = { ...event }
  const { trade, checkout, notify, account, app, fault, delivery, transfer } = about as Record<
    string,
    { [name: string]: unknown }
  >
  const tradeNo = about.tradeNo ?? trade?.tradeNo ?? notify?.tradeNo
  const order = (trade?.order ?? checkout?.order) as { outTradeNo?: unknown } | undefined
  const notifyId = about.notifyId ?? notify?.id
  const known = engine.state.trades.get(String(tradeNo))
  const orderId = about.orderId ?? transfer?.orderId
  const told = {
    tradeNo: tradeNo ?? engine.state.notifies.get(String(notifyId))?.tradeNo,
    outTradeNo: order?.outTradeNo ?? known?.order.outTradeNo ?? engine.state.notifies.get(String(notifyId))?.outTradeNo,
    checkoutId: about.checkoutId ?? checkout?.id,
    notifyId,
    accountId: about.accountId ?? account?.id,
    appId: app?.id,
    faultId: about.faultId ?? fault?.id,
    orderId,
    outBizNo: engine.state.transfers.get(String(orderId))?.order.outBizNo,
    verdict: delivery?.verdict,
  }
  const texts = Object.entries(told).filter(([, value]) => typeof value === 'string')
  return { type: event.type, at: new Date(event.at), ...Object.fromEntries(texts) }
}
