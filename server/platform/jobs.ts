import { setMaxListeners } from 'node:events'
import type { Log } from './log.ts'

export interface Job {
  readonly name: string
  /** Pause between the end of one run and the start of the next, in milliseconds of real time. */
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

/** Runs each job over and over. A job that throws is logged and tried again after its pause. */
export function startJobs(jobs: readonly Job[], log: Log): RunningJobs {
  const stopping = new AbortController()
  // Each job waits for the end on this one signal; their number is no leak.
  setMaxListeners(0, stopping.signal)
  const loops = jobs.map((job) => loop(job, stopping.signal, log))
  return {
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

async function loop(job: Job, signal: AbortSignal, log: Log): Promise<void> {
  while (!signal.aborted) {
    let done = 0
    try {
      done = await job.run(signal)
    } catch (error) {
      log.error({ job: job.name, err: error }, 'job_failed')
    }
    if (done === 0) await pauseUnlessStopped(job.everyMs, signal)
  }
}

const pauseUnlessStopped = (ms: number, signal: AbortSignal): Promise<void> =>
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
