/** Called with words this program does not know: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What was asked for cannot be done; the text is for people, without a stack: exit code 1. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
}

export interface Flags {
  readonly text: Readonly<Record<string, string | undefined>>
  readonly on: ReadonlySet<string>
  readonly words: readonly string[]
}

export interface Command {
  /** Flags that take a value, and flags that do not. */
  readonly takes: readonly string[]
  readonly switches: readonly string[]
  /** How many words it needs after its name: exactly so many, or at least and at most. */
  readonly words: number | readonly [least: number, most: number]
  run(flags: Flags): Promise<void>
}
