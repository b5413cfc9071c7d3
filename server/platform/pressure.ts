import { monitorEventLoopDelay } from 'node:perf_hooks'
import type pg from 'pg'

/** How busy the process is, looked at often enough to shed load before every answer is late. */
export interface Pressure {
  /** True while new requests should be turned away. */
  isHigh(): boolean
  readonly eventLoopLagMs: number
  readonly poolWaiting: number
  stop(): void
}

export interface PressureLimits {
  readonly lagMs: number
  readonly poolWaiting: number
}

const DEFAULTS: PressureLimits = { lagMs: 500, poolWaiting: 500 }
const LOOK_EVERY_MS = 250
const RESOLUTION_MS = 20
/** A start works hard for a moment; that is not a crowd, and nobody is turned away for it. */
const WARM_UP_LOOKS = 8

/** Watches the event loop's lag and the queue for database connections. */
export function watchPressure(pool: pg.Pool, limits: PressureLimits = DEFAULTS): Pressure {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let lagMs = 0
  let looks = 0
  const timer = setInterval(() => {
    // What is measured is the time between two ticks; lag is what goes beyond their distance.
    lagMs = Math.max(0, delay.mean / 1e6 - RESOLUTION_MS)
    delay.reset()
    looks += 1
  }, LOOK_EVERY_MS)
  timer.unref()
  return {
    isHigh: () => (looks > WARM_UP_LOOKS && lagMs > limits.lagMs) || pool.waitingCount > limits.poolWaiting,
    get eventLoopLagMs() {
      return lagMs
    },
    get poolWaiting() {
      return pool.waitingCount
    },
    stop() {
      clearInterval(timer)
      delay.disable()
    },
  }
}
