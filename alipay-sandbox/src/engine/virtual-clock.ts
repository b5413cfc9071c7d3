import type { ClockAnchor, Instant } from './model.ts'

/** Where time comes from. */
export interface Clock {
  now(): Date
}

/**
 * Virtual time: the base clock plus an offset, times a rate, never earlier than what has already happened.
 *
 * While an advance works through what is due, the clock is held at each due instant in turn.
 */
export class VirtualClock implements Clock {
  readonly #base: Clock
  /** The latest instant at which anything was recorded; the base clock may be set back, events may not. */
  readonly #floor: () => Instant
  #anchor: ClockAnchor
  #heldAt: Instant | undefined

  constructor(base: Clock, floor: () => Instant, anchor?: ClockAnchor) {
    this.#base = base
    this.#floor = floor
    const baseAt = base.now().getTime()
    this.#anchor = anchor ?? { virtualAt: Math.max(baseAt, floor()), baseAt, rate: 1 }
  }

  now(): Date {
    return new Date(this.nowMs())
  }

  nowMs(): Instant {
    if (this.#heldAt !== undefined) return this.#heldAt
    const { virtualAt, baseAt, rate } = this.#anchor
    // A base clock that was set back does not take virtual time back with it past the anchor.
    const run = Math.max(0, this.#base.now().getTime() - baseAt) * rate
    return Math.max(Math.floor(virtualAt + run), this.#floor())
  }

  realNowMs(): Instant {
    return this.#base.now().getTime()
  }

  get rate(): number {
    return this.#anchor.rate
  }

  /** Keeps time still at `at` until {@link release}. */
  hold(at: Instant): void {
    this.#heldAt = at
  }

  /** Lets time run on from where it stands, at `rate`. */
  release(rate = this.#anchor.rate): void {
    this.#anchor = { virtualAt: this.nowMs(), baseAt: this.#base.now().getTime(), rate }
    this.#heldAt = undefined
  }

  /** Goes on from where another clock stood. */
  resume(anchor: ClockAnchor): void {
    this.#anchor = anchor
    this.#heldAt = undefined
  }

  /** What a restart needs to go on from here. */
  get anchor(): ClockAnchor {
    return this.#anchor
  }
}
