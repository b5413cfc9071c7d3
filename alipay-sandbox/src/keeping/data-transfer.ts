import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { JOURNAL, makePrivate, openDataDir, syncPath, writePrivate } from '../data-dir.ts'
import { lockDirectory } from '../directory-lock.ts'
import { applyEvent, type SandboxEvent } from '../engine/events.ts'
import { journalLine } from '../engine/journal.ts'
import { emptyState, type State } from '../engine/model.ts'
import { snapshotEvents } from '../engine/snapshot.ts'
import { generateKeys, publicPem, readPrivateKey, type SandboxKeys } from '../keys.ts'
import { APP_KEY_FILE, keyDir, writeKeys } from '../merchant-files.ts'
import { readExport, writeExport } from './export-file.ts'

/** An import would have replaced something, or brought keys that do not belong to it. */
export class ImportRefused extends Error {
  override readonly name = 'ImportRefused'
}

/** Exports a data directory that no sandbox has open. */
export async function exportDataDir(directory: string): Promise<Buffer> {
  const names: readonly string[] = await readdir(directory).catch(() => [])
  if (!names.includes(JOURNAL))
    throw new ImportRefused(`${directory} holds no sandbox; start alipay-sandbox there first`)
  const data = await openDataDir(directory)
  try {
    const state = emptyState()
    for (const event of data.past) applyEvent(state, event)
    return writeExport(state, new Date())
  } finally {
    await data.journal.close()
    await data.release()
  }
}

export interface ImportKeys {
  /** The `keys` directory of the sandbox that was exported: with it, merchants need not change anything. */
  readonly keysDir?: string
  /** Keys to use instead of new ones. */
  readonly keys?: SandboxKeys
}

/**
 * Fills an empty data directory from an export. An export has no private keys, so unless they are brought along, new
 * ones are made and the first app gets the new public key; `merchant.json` then shows what merchants have to change.
 */
export async function importIntoDataDir(bytes: Buffer, directory: string, from: ImportKeys = {}): Promise<State> {
  const { state } = readExport(bytes)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const release = await lockDirectory(directory)
  try {
    const there = (await readdir(directory)).filter((name) => name !== 'lock')
    if (there.length > 0) throw new ImportRefused(`${directory} is not empty; an import never replaces anything`)
    if (from.keysDir !== undefined) await bringKeys(state, from.keysDir, keyDir(directory))
    else {
      const keys = from.keys ?? (await generateKeys())
      await makePrivate(keyDir(directory))
      await writeKeys(directory, keys)
      giveFirstApp(state, keys)
    }
    const lines = [...snapshotEvents(state)].map((event) => Buffer.from(journalLine([event])))
    await writePrivate(join(directory, JOURNAL), Buffer.concat(lines))
    await syncPath(directory)
    return state
  } finally {
    await release()
  }
}

/** The events of an export for a sandbox whose own keys are `keys`. */
export function importedEvents(bytes: Buffer, keys: SandboxKeys): readonly SandboxEvent[] {
  const { state } = readExport(bytes)
  giveFirstApp(state, keys)
  return [...snapshotEvents(state)]
}

function giveFirstApp(state: State, keys: SandboxKeys): void {
  const publicKey = publicPem(readPrivateKey(keys.appPrivateKey))
  const [first] = state.apps.values()
  if (first) state.apps.set(first.id, { ...first, publicKey })
}

async function bringKeys(state: State, from: string, to: string): Promise<void> {
  const [first] = state.apps.values()
  const brought = await readFile(join(from, APP_KEY_FILE), 'utf8').catch((cause: unknown) => {
    throw new ImportRefused(`${from} holds no ${APP_KEY_FILE}`, { cause })
  })
  if (publicPem(readPrivateKey(brought)) !== first?.publicKey) {
    throw new ImportRefused(`the keys in ${from} are not those of the exported sandbox`)
  }
  await makePrivate(to)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (!entry.isFile()) continue
    await writePrivate(join(to, entry.name), await readFile(join(from, entry.name)))
  }
}
