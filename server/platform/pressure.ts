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

/** Watches the event loop's lag and the queue for database connections. */
export function watchPressure(pool: pg.Pool, limits: PressureLimits = DEFAULTS): Pressure {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  let lagMs = 0
  const timer = setInterval(() => {
    // What is measured is the time between two ticks; lag is what goes beyond their distance.
    lagMs = Math.max(0, delay.mean / 1e6 - RESOLUTION_MS)
    delay.reset()
  }, LOOK_EVERY_MS)
  timer.unref()
  return {
    isHigh: () => lagMs > limits.lagMs || pool.waitingCount > limits.poolWaiting,
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
