import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'

/** Where events go. `append` is heard at once; `durable` resolves when everything appended before it is safe. */
export interface Journal {
  append(events: readonly unknown[]): void
  durable(): Promise<void>
  close(): Promise<void>
}

/** A journal that keeps nothing, for `--memory`. */
export const memoryJournal: Journal = {
  append() {},
  async durable() {},
  async close() {},
}

/** The file holds something that was not written by us, or lost bytes in the middle. */
export class JournalDamaged extends Error {
  override readonly name = 'JournalDamaged'
}

const CHECKSUM_LENGTH = 16
const checksum = (json: string | Buffer) => createHash('sha256').update(json).digest('hex').slice(0, CHECKSUM_LENGTH)

/**
 * One line is one whole operation, `<checksum> <JSON array of events>`: either all of its events come back or none.
 *
 * Operations that arrive while a write is on its way wait together and share the next fsync, so durable payments are
 * bounded by the work of signing and not by the disk.
 */
export class FileJournal implements Journal {
  readonly #file: FileHandle
  #pending: string[] = []
  /** Operations appended, and how many of them are on disk. */
  #appended = 0
  #written = 0
  #flushing: Promise<void> | undefined
  #failure: unknown

  private constructor(file: FileHandle) {
    this.#file = file
  }

  static async open(path: string): Promise<FileJournal> {
    return new FileJournal(await open(path, 'a', 0o600))
  }

  /** How many operations were appended since it was opened. */
  get appended(): number {
    return this.#appended
  }

  append(events: readonly unknown[]): void {
    this.#pending.push(journalLine(events))
    this.#appended += 1
  }

  /** Rejects for ever once the disk has refused a write: from then on memory and disk disagree, so nothing may be answered. */
  async durable(): Promise<void> {
    // Only what came before counts: waiting for later operations too would never end under steady load.
    const target = this.#appended
    while (this.#written < target && !this.#failure) {
      this.#flushing ??= this.#flush().finally(() => {
        this.#flushing = undefined
      })
      await this.#flushing
    }
    if (this.#failure) throw this.#failure
  }

  async close(): Promise<void> {
    try {
      await this.durable()
    } finally {
      await this.#file.close()
    }
  }

  async #flush(): Promise<void> {
    const lines = this.#pending
    this.#pending = []
    try {
      await this.#file.appendFile(lines.join(''))
      await this.#file.datasync()
      this.#written += lines.length
    } catch (error) {
      this.#failure = error
    }
  }
}

/** The bytes of one operation. */
export function journalLine(events: readonly unknown[]): string {
  const json = JSON.stringify(events)
  return `${checksum(json)} ${json}\n`
}

export interface JournalContents {
  /** Whole operations. */
  readonly count: number
  /** Bytes of whole records; what follows them is to be cut off. */
  readonly wholeBytes: number
  readonly cutBytes: number
  /** Read as they are asked for, since all of a long journal at once would fill the memory. */
  readonly operations: Iterable<readonly unknown[]>
}

/**
 * Reads a journal back. A damaged end (a write that a power cut tore) is reported for cutting; damage followed by a
 * whole record cannot come from a torn write, so it is refused with {@link JournalDamaged}.
 */
export function readJournal(bytes: Buffer): JournalContents {
  let count = 0
  let wholeBytes = 0
  let damagedAt: number | undefined
  for (const [start, end] of linesOf(bytes)) {
    if (!isWhole(bytes, start, end)) damagedAt ??= start
    else if (damagedAt !== undefined) throw new JournalDamaged(`journal damaged at byte ${damagedAt}, before its end`)
    else {
      count += 1
      wholeBytes = end + 1
    }
  }
  const whole = bytes.subarray(0, wholeBytes)
  const operations = { [Symbol.iterator]: () => parsed(whole) }
  return { count, wholeBytes, cutBytes: bytes.length - wholeBytes, operations }
}

/** Where each line begins and where its newline is, or would be. */
function* linesOf(bytes: Buffer): Generator<readonly [start: number, end: number]> {
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(10, start)
    const end = newline < 0 ? bytes.length : newline
    yield [start, end]
    start = end + 1
  }
}

function isWhole(bytes: Buffer, start: number, end: number): boolean {
  const json = start + CHECKSUM_LENGTH + 1
  if (end === bytes.length || json > end || bytes[json - 1] !== 32) return false
  return bytes.toString('latin1', start, json - 1) === checksum(bytes.subarray(json, end))
}

function* parsed(whole: Buffer): Generator<readonly unknown[]> {
  for (const [start, end] of linesOf(whole)) yield JSON.parse(whole.toString('utf8', start + CHECKSUM_LENGTH + 1, end))
}
