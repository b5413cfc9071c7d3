import fs from 'node:fs/promises'
import path from 'node:path'
import { ignoreAbsence } from './files.ts'

/** A reason, in words for the person at the terminal, why the embedded database cannot run here. */
export class EmbeddedPostgresFault extends Error {
  override readonly name = 'EmbeddedPostgresFault'
}

/** The account under which the database runs; nothing when it is our own. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/**
 * PostgreSQL refuses to run as root, so as root its process gets an account that exists on every system. A cluster
 * keeps the account that it was made with.
 */
export async function databaseAccount(cluster: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const made = await fs.stat(cluster).catch(ignoreAbsence)
  if (made && made.uid !== 0) return { uid: made.uid, gid: made.gid }
  const lines = (await fs.readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const entry = lines.find(([login]) => login === name)
    if (entry) return { uid: Number(entry[2]), gid: Number(entry[3]) }
  }
  throw new EmbeddedPostgresFault(
    'PostgreSQL does not run as root and this system has neither an account "postgres" nor "nobody". ' +
      'Start as an ordinary user, or set DATABASE_URL.',
  )
}

/** Whether `account` may pass through every folder on the way to `target`. Nobody's access control lists are read. */
export async function canReach(target: string, account: Account | undefined): Promise<boolean> {
  if (!account) return true
  for (let folder = target; ; folder = path.dirname(folder)) {
    const { uid, gid, mode } = await fs.stat(folder)
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (folder === path.dirname(folder)) return true
  }
}
