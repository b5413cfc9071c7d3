import type { Deps } from './deps.ts'
import type { Job } from './jobs.ts'
import { dropEndedCounters } from './rate-limits.ts'

const HOUR_MS = 3_600_000
const BATCH = 1_000

/** Drops what has served its time: counters whose window ended, and idempotency keys older than they are kept. */
export const housekeepingJobs = ({ db, clock, config }: Deps): Job[] => [
  { name: 'drop_ended_counters', everyMs: 60_000, run: () => dropEndedCounters(db, clock.now()) },
  {
    name: 'drop_old_idempotency_keys',
    everyMs: 60_000,
    async run() {
      const before = new Date(clock.now().getTime() - config.limits.idempotencyKeepHours * HOUR_MS)
      const old = db
        .selectFrom('idempotency_keys')
        .select(['user_id', 'key'])
        .where('created_at', '<', before)
        .limit(BATCH)
      const dropped = await db
        .deleteFrom('idempotency_keys')
        .where(({ eb, refTuple }) => eb(refTuple('user_id', 'key'), 'in', old.$asTuple('user_id', 'key')))
        .executeTakeFirst()
      return Number(dropped.numDeletedRows)
    },
  },
]
