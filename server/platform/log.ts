/**
 * Where the server writes what happened: one JSON line per event, without secrets or personal data.
 * Shaped like pino, which is what stands behind it outside tests.
 */
export interface Log {
  debug(facts: object, event: string): void
  info(facts: object, event: string): void
  warn(facts: object, event: string): void
  error(facts: object, event: string): void
}

const nothing = () => undefined

/** Drops everything. */
export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
