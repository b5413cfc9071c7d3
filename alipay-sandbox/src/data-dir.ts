import { constants } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lockDirectory } from './directory-lock.ts'
import type { SandboxEvent } from './engine/events.ts'
import { applyEvent } from './engine/events.ts'
import { FileJournal, journalLine, readJournal } from './engine/journal.ts'
import { emptyState, type State } from './engine/model.ts'
import { snapshotEvents } from './engine/snapshot.ts'

/** The one file that the state of a sandbox is in. */
export const JOURNAL = 'journal.log'
/** More operations than this are replaced by a snapshot at a stop, or at the next start if there was no proper stop. */
const COMPACT_ABOVE = 20_000

export interface OpenedData {
  readonly journal: FileJournal
  /** Read from the file as it is asked for. */
  readonly past: Iterable<SandboxEvent>
  /** Bytes of a torn last write that were cut off. */
  readonly cutBytes: number
  /** After the journal was closed: replaces a long one by a snapshot, so that the next start is quick. */
  compact(state: State): Promise<void>
  release(): Promise<void>
}

/** Opens the directory of a sandbox, alone. Refuses with a clear text when another process has it. */
export async function openDataDir(directory: string): Promise<OpenedData> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const release = await lockDirectory(directory)
  try {
    const path = join(directory, JOURNAL)
    const { past, count, cutBytes } = await readPast(path)
    const journal = await FileJournal.open(path)
    const compact = async (state: State) => {
      if (count + journal.appended > COMPACT_ABOVE) await writeCompacted(path, state)
    }
    // A file that was just made is only there after a power cut if its directory says so.
    await syncPath(directory)
    return { journal, past, cutBytes, compact, release }
  } catch (error) {
    await release()
    throw error
  }
}

/** Makes a directory that only its owner can read, or refuses one that others can. */
export async function makePrivate(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const { mode } = await stat(directory)
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    throw new Error(`${directory} holds private keys and is readable by others; run: chmod 700 ${directory}`)
  }
}

/** Writes a file whole or not at all, readable by its owner only. */
export async function writePrivate(path: string, contents: string | Buffer): Promise<void> {
  const draft = `${path}.new`
  await rm(draft, { force: true })
  await writeFile(draft, contents, { mode: 0o600, flag: 'wx' })
  await syncPath(draft)
  await rename(draft, path)
  await syncPath(join(path, '..'))
}

async function readPast(path: string): Promise<{ past: Iterable<SandboxEvent>; count: number; cutBytes: number }> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  })
  const { operations, count, wholeBytes, cutBytes } = readJournal(bytes)
  if (cutBytes > 0) await truncate(path, wholeBytes)
  const past = { [Symbol.iterator]: () => eventsOf(operations) }
  if (count <= COMPACT_ABOVE) return { past, count, cutBytes }
  const state = emptyState()
  for (const event of past) applyEvent(state, event)
  await writeCompacted(path, state)
  return { past: { [Symbol.iterator]: () => snapshotEvents(state) }, count: 0, cutBytes }
}

/** The checksum vouches that these are the very events this program wrote. */
function* eventsOf(operations: Iterable<readonly unknown[]>): Generator<SandboxEvent> {
  for (const events of operations) yield* events as readonly SandboxEvent[]
}

async function writeCompacted(path: string, state: State): Promise<void> {
  const lines: Buffer[] = []
  for (const event of snapshotEvents(state)) lines.push(Buffer.from(journalLine([event])))
  await writePrivate(path, Buffer.concat(lines))
}

/** Waits until a file, or the list of a directory, is on disk. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
