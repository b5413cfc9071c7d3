import type { Random } from './random.ts'

export interface Trial {
  readonly seed: number
  readonly size: 'small' | 'full'
  readonly random: Random
  /** One line about what is going on, for the person who waits. */
  say(line: string): void
}

/** What a goal found. `broken` names invariants with the shortest account of how they broke; none means PASS. */
export interface Finding {
  readonly counts: Readonly<Record<string, number | string>>
  readonly broken: readonly string[]
}

/** One promise that can be proved by a run (promises.md 3). */
export interface Goal {
  readonly id: string
  readonly title: string
  /** With which release of the shop the promise is given. */
  readonly release: 1 | 2
  /** Whether the built shop is started; else everything happens in this process. */
  readonly needsShop: boolean
  prove(trial: Trial): Promise<Finding>
}

/** A part that the goal needs is missing: the goal was not run, which is not a pass. */
export class NotRun extends Error {
  override readonly name = 'NotRun'
}
