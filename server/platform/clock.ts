/** The one source of business time. Nothing else in the server asks what time it is, so that tests can move it. */
export interface Clock {
  now(): Date
}

/** Follows the wall clock of the process, also when somebody moves it while we run. */
export const wallClock: Clock = { now: () => new Date() }
