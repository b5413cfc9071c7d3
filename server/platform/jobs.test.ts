import { expect, test } from 'vitest'
import { type Job, startJobs } from './jobs.ts'
import { silentLog } from './log.ts'
import { movableClock } from './testing.ts'

/** A job that counts its runs, and a promise of the nth. */
function countedJob(everyMs: number, run: (count: number) => Promise<number> = async () => 0) {
  let count = 0
  const waiting: { at: number; resolve: () => void }[] = []
  const job: Job = {
    name: 'counted',
    everyMs,
    run() {
      count += 1
      for (const { at, resolve } of waiting) if (at <= count) resolve()
      return run(count)
    },
  }
  const nth = (at: number) =>
    new Promise<void>((resolve) => {
      if (count >= at) resolve()
      else waiting.push({ at, resolve })
    })
  return { job, nth, count: () => count }
}

const HOUR_MS = 3_600_000

test('a job whose pause has passed by the clock runs again, although no real time has', async () => {
  const clock = movableClock()
  const { job, nth } = countedJob(HOUR_MS)
  const jobs = startJobs([job], { log: silentLog, clock })
  await nth(1)
  await new Promise(setImmediate)
  clock.advance(HOUR_MS)
  await nth(2)
  await jobs.stop()
})

test('a clock that was set back by a day does not stop the jobs', async () => {
  const clock = movableClock()
  const { job, nth } = countedJob(20)
  const jobs = startJobs([job], { log: silentLog, clock })
  await nth(1)
  clock.advance(-24 * HOUR_MS)
  await nth(3)
  await jobs.stop()
})

test('a job that found something looks again at once, and one that throws is tried again after its pause', async () => {
  const clock = movableClock()
  const busy = countedJob(HOUR_MS, async (count) => (count < 4 ? 1 : 0))
  const failing = countedJob(20, async () => {
    throw new Error('no luck')
  })
  const jobs = startJobs([busy.job, failing.job], { log: silentLog, clock })
  await Promise.all([busy.nth(4), failing.nth(3)])
  expect(busy.count()).toBe(4)
  await jobs.stop()
})

test('stopping ends the pause and lets nothing run again', async () => {
  const { job, nth, count } = countedJob(HOUR_MS)
  const jobs = startJobs([job], { log: silentLog, clock: movableClock() })
  await nth(1)
  await jobs.stop()
  expect(count()).toBe(1)
})
