import { createHash } from 'node:crypto'
import { applyEvent, type SandboxEvent } from '../engine/events.ts'
import { JournalDamaged, journalLine, readJournal } from '../engine/journal.ts'
import { emptyState, type State } from '../engine/model.ts'
import { snapshotEvents } from '../engine/snapshot.ts'

const FORMAT = 'alipay-sandbox export'
const VERSION = 1

/** What an export holds and what it leaves out; the first line of the file says it in these words. */
export const EXPORT_CONTENTS = {
  holds:
    'clock, settings, faults, apps with public keys, play accounts with their play passwords, balances, checkouts, trades, refunds, notifies with every delivery',
  leaves_out: 'private keys, certificates, the token of the control API',
} as const

interface ExportHeader {
  readonly format: string
  readonly version: number
  readonly exported_at: string
  /** Apps whose private key was the sandbox's own, so that another sandbox may give them a new one. */
  readonly own_apps: readonly string[]
  /** How many records follow, and a checksum over all of them. */
  readonly records: number
  readonly sha256: string
}

/** A file that is not a whole export of this program; the text says why. */
export class BadExport extends Error {
  override readonly name = 'BadExport'
}

/**
 * The whole state as one text file: a line of JSON that says what this is, then the records of a compacted journal.
 * No private key is in it, because none is in the state.
 */
export function writeExport(state: State, now: { readonly at: Date; readonly ownApps: readonly string[] }): Buffer {
  const lines = [...snapshotEvents(state)].map((event) => Buffer.from(journalLine([event])))
  const records = Buffer.concat(lines)
  const header = {
    format: FORMAT,
    version: VERSION,
    exported_at: now.at.toISOString(),
    ...EXPORT_CONTENTS,
    own_apps: now.ownApps,
    records: lines.length,
    sha256: sha256(records),
  }
  return Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), records])
}

/** The records of an export, whole and fitting together; throws {@link BadExport}. */
export function readExport(bytes: Buffer): { readonly state: State; readonly ownApps: readonly string[] } {
  const end = bytes.indexOf(10)
  const header = readHeader(bytes.toString('utf8', 0, Math.max(end, 0)))
  const records = bytes.subarray(end + 1)
  if (sha256(records) !== header.sha256) throw new BadExport('the file was cut or changed: its checksum does not fit')
  const events = readRecords(records)
  if (events.length !== header.records)
    throw new BadExport(`${header.records} records expected, found ${events.length}`)
  const state = emptyState()
  try {
    for (const event of events) applyEvent(state, event)
  } catch (cause) {
    throw new BadExport('the records do not fit together', { cause })
  }
  const sum = [...state.balances.values()].reduce((total, fen) => total + fen, 0)
  if (sum !== 0 || state.apps.size === 0) throw new BadExport('the records are not a whole sandbox')
  return { state, ownApps: header.own_apps }
}

function readHeader(line: string): ExportHeader {
  let header: Partial<ExportHeader>
  try {
    header = JSON.parse(line)
  } catch (cause) {
    throw new BadExport('not an export of alipay-sandbox', { cause })
  }
  if (header === null || header.format !== FORMAT) throw new BadExport('not an export of alipay-sandbox')
  if (header.version !== VERSION)
    throw new BadExport(`an export of version ${header.version}, this program reads ${VERSION}`)
  return header as ExportHeader
}

function readRecords(records: Buffer): readonly SandboxEvent[] {
  try {
    // The checksums vouch that these are events which this program wrote.
    return [...readJournal(records).operations].flat() as SandboxEvent[]
  } catch (cause) {
    if (cause instanceof JournalDamaged) throw new BadExport('the file is damaged', { cause })
    throw cause
  }
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
