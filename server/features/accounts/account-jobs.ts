import type { Deps } from '../../platform/deps.ts'
import type { Job } from '../../platform/jobs.ts'
import { dropEndedCaptchas } from '../captcha/drop-ended-captchas.ts'
import { resealRealNames } from './real-names.ts'
import { dropEndedSessions, endExpiredSessions } from './store.ts'

const DAY_MS = 86_400_000
/** Ended sessions are kept this long, so that somebody can still see when and why they ended. */
const KEPT_DAYS = 30
const BATCH = 1_000

/** Ends sessions whose time is over, drops those that ended long ago and captchas that are over, and follows new keys. */
export const accountJobs = (deps: Pick<Deps, 'db' | 'clock' | 'config' | 'random' | 'log'>): Job[] => {
  const { db, clock } = deps
  return [
    { name: 'end_expired_sessions', everyMs: 60_000, run: () => endExpiredSessions(db, clock.now(), BATCH) },
    {
      name: 'drop_old_sessions',
      everyMs: 3_600_000,
      run: () => dropEndedSessions(db, new Date(clock.now().getTime() - KEPT_DAYS * DAY_MS), BATCH),
    },
    { name: 'drop_ended_captchas', everyMs: 60_000, run: () => dropEndedCaptchas(db, clock.now(), BATCH) },
    {
      name: 'reseal_real_names',
      everyMs: 3_600_000,
      run: async () => {
        await resealRealNames(deps)
        return 0
      },
    },
  ]
}
