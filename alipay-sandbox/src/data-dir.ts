import { constants } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lockDirectory } from './directory-lock.ts'
import type { SandboxEvent } from './engine/events.ts'
import { applyEvent } from './engine/events.ts'
import { FileJournal, journalLine, readJournal } from './engine/journal.ts'
import { emptyState } from './engine/model.ts'
import { takeSnapshot } from './engine/snapshot.ts'

const JOURNAL = 'journal.log'
/** More operations than this are replaced by one snapshot at the next start, so that starting stays quick. */
const COMPACT_ABOVE = 20_000

export interface OpenedData {
  readonly journal: FileJournal
  readonly past: readonly SandboxEvent[]
  /** Bytes of a torn last write that were cut off. */
  readonly cutBytes: number
  release(): Promise<void>
}

/** Opens the directory of a sandbox, alone. Refuses with a clear text when another process has it. */
export async function openDataDir(directory: string): Promise<OpenedData> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const release = await lockDirectory(directory)
  try {
    const path = join(directory, JOURNAL)
    const { past, cutBytes } = await readPast(path)
    const journal = await FileJournal.open(path)
    // A file that was just made is only there after a power cut if its directory says so.
    await syncPath(directory)
    return { journal, past, cutBytes, release }
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
export async function writePrivate(path: string, text: string): Promise<void> {
  const draft = `${path}.new`
  await rm(draft, { force: true })
  await writeFile(draft, text, { mode: 0o600, flag: 'wx' })
  await syncPath(draft)
  await rename(draft, path)
  await syncPath(join(path, '..'))
}

async function readPast(path: string): Promise<{ past: readonly SandboxEvent[]; cutBytes: number }> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  })
  const { operations, wholeBytes, cutBytes } = readJournal(bytes)
  if (cutBytes > 0) await truncate(path, wholeBytes)
  // The checksum vouches that these are the very events this program wrote.
  const past = operations.flat() as SandboxEvent[]
  if (operations.length <= COMPACT_ABOVE) return { past, cutBytes }
  const snapshot = compacted(past)
  await writePrivate(path, journalLine([snapshot]))
  return { past: [snapshot], cutBytes }
}

function compacted(past: readonly SandboxEvent[]): SandboxEvent {
  const state = emptyState()
  for (const event of past) applyEvent(state, event)
  return { type: 'snapshot', at: state.latestAt, state: takeSnapshot(state) }
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
