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
import { ImportRefused } from './import-refused.ts'

/** Exports a data directory that no sandbox has open. */
export async function exportDataDir(directory: string): Promise<Buffer> {
  const names: readonly string[] = await readdir(directory).catch(() => [])
  if (!names.includes(JOURNAL))
    throw new ImportRefused(`${directory} holds no sandbox; start alipay-sandbox there first`)
  const data = await openDataDir(directory)
  try {
    const state = emptyState()
    for (const event of data.past) applyEvent(state, event)
    const ownKey = await readFile(join(keyDir(directory), APP_KEY_FILE), 'utf8')
    return writeExport(state, { at: new Date(), ownApps: appsOf(state, ownKey) })
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
 * ones are made and the apps that used them get the new public key; `merchant.json` then shows what merchants have to change.
 */
export async function importIntoDataDir(bytes: Buffer, directory: string, from: ImportKeys = {}): Promise<State> {
  const { state, ownApps } = readExport(bytes)
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const release = await lockDirectory(directory)
  try {
    const there = (await readdir(directory)).filter((name) => name !== 'lock')
    if (there.length > 0) throw new ImportRefused(`${directory} is not empty; an import never replaces anything`)
    if (from.keysDir !== undefined) await bringKeys({ state, ownApps }, from.keysDir, keyDir(directory))
    else {
      const keys = from.keys ?? (await generateKeys())
      await makePrivate(keyDir(directory))
      await writeKeys(directory, keys)
      giveKey(state, ownApps, keys)
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
  const { state, ownApps } = readExport(bytes)
  giveKey(state, ownApps, keys)
  return [...snapshotEvents(state)]
}

/** The apps whose private key this is. */
export function appsOf(state: State, appPrivateKey: string): string[] {
  const ours = publicPem(readPrivateKey(appPrivateKey))
  return [...state.apps.values()].filter((app) => app.publicKey === ours).map((app) => app.id)
}

/** Merchants who brought their own key keep it; an app that used the exporting sandbox's key gets the new one. */
function giveKey(state: State, ownApps: readonly string[], keys: SandboxKeys): void {
  const publicKey = publicPem(readPrivateKey(keys.appPrivateKey))
  for (const id of ownApps) {
    const app = state.apps.get(id)
    if (app) state.apps.set(id, { ...app, publicKey })
  }
}

async function bringKeys(exported: ReturnType<typeof readExport>, from: string, to: string): Promise<void> {
  const brought = await readFile(join(from, APP_KEY_FILE), 'utf8').catch((cause: unknown) => {
    throw new ImportRefused(`${from} holds no ${APP_KEY_FILE}`, { cause })
  })
  if (exported.ownApps.some((id) => !appsOf(exported.state, brought).includes(id))) {
    throw new ImportRefused(`the keys in ${from} are not those of the exported sandbox`)
  }
  await makePrivate(to)
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (!entry.isFile()) continue
    await writePrivate(join(to, entry.name), await readFile(join(from, entry.name)))
  }
}
