import type { Due, DueList } from './due-list.ts'
import type { Instant } from './model.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** The base clock may be moved from outside at any time (fake clocks, injected ones), so sleeps are short. */
const LONGEST_SLEEP_MS = 200

/** Asked to go where the clock has already been. */
export class ClockInThePast extends Error {
  override readonly name = 'ClockInThePast'
}

interface Hands {
  /** Changes state at once, at the due instant itself. */
  transition(due: Due): void
  /** Sends something out; resolves when the outcome is recorded, never rejects. */
  deliver(due: Due): Promise<void>
  /** The clock was moved or its rate changed. */
  anchored(): void
  durable(): Promise<void>
}

/** Runs what is due on the virtual clock, both as time passes by itself and when it is moved. */
export class Scheduler {
  readonly #clock: VirtualClock
  readonly #due: DueList
  readonly #hands: Hands
  readonly #inFlight = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #moving: Promise<unknown> = Promise.resolve()
  #stopped = false

  constructor(clock: VirtualClock, due: DueList, hands: Hands) {
    this.#clock = clock
    this.#due = due
    this.#hands = hands
  }

  start(): void {
    if (this.#stopped || this.#timer) return
    this.runDue()
    this.#sleep()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#moving
    await this.idle()
  }

  /** Something was added that may be due sooner than the running timer. */
  wake(): void {
    if (this.#stopped || !this.#timer) return
    clearTimeout(this.#timer)
    this.#sleep()
  }

  /**
   * Does everything whose instant has come. State changes happen before this returns, so that a request served next
   * sees them; deliveries are only begun.
   */
  runDue(): void {
    const now = this.#clock.nowMs()
    for (let next = this.#due.peek(); next && next.at <= now; next = this.#due.peek()) {
      const due = this.#due.take()
      if (!due) return
      if (due.kind === 'deliver_notify') this.#begin(due)
      else this.#hands.transition(due)
    }
  }

  /** Resolves when nothing is being sent. */
  async idle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight)
  }

  /** Does what is due now and waits for its deliveries, and for those that became due meanwhile. */
  async settle(): Promise<void> {
    do {
      this.runDue()
      await this.idle()
    } while ((this.#due.peek()?.at ?? Infinity) <= this.#clock.nowMs())
    await this.#hands.durable()
  }

  /**
   * Moves the clock to `target`, doing everything on the way at its own instant and in order. `atTarget` runs while
   * time still stands at exactly that instant.
   */
  advanceTo(target: Instant | ((now: Instant) => Instant), atTarget?: () => void): Promise<void> {
    return this.#exclusively(async () => {
      const from = this.#clock.nowMs()
      const to = typeof target === 'function' ? target(from) : target
      if (to < from)
        throw new ClockInThePast(`the clock is already past ${new Date(to).toISOString()} and never runs backwards`)
      this.#clock.hold(from)
      try {
        for (;;) {
          await this.settle()
          const next = this.#due.peek()
          if (this.#stopped || !next || next.at > to) break
          this.#clock.hold(Math.max(next.at, from))
        }
        this.#clock.hold(to)
        atTarget?.()
      } finally {
        this.#clock.release()
        this.#hands.anchored()
        this.wake()
      }
      await this.#hands.durable()
    })
  }

  /** 0 freezes the clock. */
  async setRate(rate: number): Promise<void> {
    await this.#exclusively(async () => {
      this.#clock.release(rate)
      this.#hands.anchored()
      this.wake()
      await this.#hands.durable()
    })
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#moving.then(work, work)
    this.#moving = mine.catch(() => undefined)
    return mine
  }

  #begin(due: Due): void {
    if (this.#stopped) return
    const sending: Promise<void> = this.#hands.deliver(due).finally(() => this.#inFlight.delete(sending))
    this.#inFlight.add(sending)
  }

  #sleep(): void {
    const next = this.#due.peek()
    const wait = next && this.#clock.rate > 0 ? (next.at - this.#clock.nowMs()) / this.#clock.rate : Infinity
    this.#timer = setTimeout(
      () => {
        this.runDue()
        if (!this.#stopped) this.#sleep()
      },
      Math.max(0, Math.min(wait, LONGEST_SLEEP_MS)),
    )
    this.#timer.unref()
  }
}
