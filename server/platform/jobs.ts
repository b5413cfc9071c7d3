import { setMaxListeners } from 'node:events'
import type { Clock } from './clock.ts'
import { isDatabaseOutage } from './http-errors.ts'
import type { Log } from './log.ts'

export interface Job {
  readonly name: string
  /** Pause between the end of one run and the start of the next, in milliseconds of the clock or of real time. */
  readonly everyMs: number
  /**
   * Takes what is due (FOR UPDATE SKIP LOCKED and a lease), acts, records; answers how many it did. Returns early
   * when `signal` aborts. When it did anything it is run again at once, until nothing is due.
   */
  run(signal: AbortSignal): Promise<number>
}

export interface RunningJobs {
  /** Takes nothing new, waits for what is under way. */
  stop(): Promise<void>
}

/** How soon a job notices that the clock was moved. */
const LOOK_MS = 200

/**
 * Runs each job over and over. A job that throws is logged and tried again after its pause. A pause ends early when
 * the clock jumps ahead: after a laptop's sleep, what fell due meanwhile is not kept waiting.
 */
export function startJobs(jobs: readonly Job[], { log, clock }: { log: Log; clock: Clock }): RunningJobs {
  const stopping = new AbortController()
  // Each job waits for the end on this one signal; their number is no leak.
  setMaxListeners(0, stopping.signal)
  const loops = jobs.map((job) => loop(job, stopping.signal, log, clock))
  return {
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

async function loop(job: Job, signal: AbortSignal, log: Log, clock: Clock): Promise<void> {
  let waiting = false
  while (!signal.aborted) {
    let done = 0
    try {
      done = await job.run(signal)
      waiting = false
    } catch (error) {
      // One line when the database goes away; the others would say the same until it is back.
      if (!isDatabaseOutage(error)) log.error({ job: job.name, err: error }, 'job_failed')
      else if (!waiting) log.warn({ job: job.name, reason: String(error) }, 'job_waits_for_database')
      waiting = isDatabaseOutage(error)
    }
    if (done === 0) await pause(job.everyMs, signal, clock)
  }
}

/** Real time counts too, so that a clock that was set back stops nothing. */
async function pause(ms: number, signal: AbortSignal, clock: Clock): Promise<void> {
  const until = clock.now().getTime() + ms
  for (let left = ms; left > 0 && clock.now().getTime() < until && !signal.aborted; left -= LOOK_MS) {
    await sleepUnlessStopped(Math.min(left, LOOK_MS), signal)
  }
}

const sleepUnlessStopped = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
