import type { ChangeFeed } from './change-feed.ts'
import type { Clock } from './clock.ts'
import type { Config } from './config.ts'
import type { Db, Transact } from './db.ts'
import type { Events } from './events.ts'
import type { FileStore } from './file-store.ts'
import type { Log } from './log.ts'
import type { Random } from './random.ts'

/** What the composition root hands to every feature. A feature that needs more asks for it by name in its own options. */
export interface Deps {
  readonly config: Config
  readonly db: Db
  readonly transact: Transact
  readonly clock: Clock
  readonly log: Log
  readonly random: Random
  /** Where pictures are kept. */
  readonly files: FileStore
  readonly events: Events
  /** What other instances change. Without it nothing that they could make stale is kept in memory. */
  readonly changes?: ChangeFeed
}
