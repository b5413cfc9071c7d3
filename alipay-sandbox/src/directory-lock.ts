import { randomBytes } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Somebody else works in this directory. */
export class DirectoryInUse extends Error {
  override readonly name = 'DirectoryInUse'
}

/** Directories that this very process has open; its own process id in a file says nothing about them. */
const ours = new Set<string>()

/**
 * Takes the directory for this process; resolves to the way to give it back. A lock whose process is gone, for example
 * after kill -9, is taken over.
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const path = resolve(directory, 'lock')
  if (ours.has(path)) throw new DirectoryInUse(inUse(directory, process.pid))
  ours.add(path)
  try {
    takeLock(path, directory)
  } catch (error) {
    ours.delete(path)
    throw error
  }
  return async () => {
    rmSync(path, { force: true })
    ours.delete(path)
  }
}

function takeLock(path: string, directory: string): void {
  for (;;) {
    const mine = join(directory, `lock.${randomBytes(6).toString('hex')}`)
    writeFileSync(mine, ownerText(process.pid), { mode: 0o600 })
    try {
      // A link appears whole and only if nobody was there first.
      linkSync(mine, path)
      return
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    } finally {
      rmSync(mine, { force: true })
    }
    const owner = readOwner(path)
    if (owner !== undefined && isAlive(owner)) throw new DirectoryInUse(inUse(directory, parseInt(owner, 10)))
    removeStale(path, owner)
  }
}

/** Moves the dead lock aside; if it was a living one by now, puts it back. */
function removeStale(path: string, owner: string | undefined): void {
  const aside = `${path}.stale.${process.pid}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return
    throw error
  }
  if (readOwner(aside) === owner) rmSync(aside, { force: true })
  else renameSync(aside, path)
}

const inUse = (directory: string, pid: number) =>
  `${directory} is in use by another alipay-sandbox (process ${pid}); stop it or choose another --data directory`

function readOwner(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Process id and, where the system tells, the time it was started, since ids are used again. */
function ownerText(pid: number): string {
  return `${pid} ${startTime(pid) ?? ''}`.trim()
}

function isAlive(owner: string): boolean {
  const pid = parseInt(owner, 10)
  // This process has just found the directory free among its own, so a lock with its id is a predecessor's.
  if (!Number.isInteger(pid) || pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false
  }
  return ownerText(pid) === owner
}

function startTime(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    // A zombie still answers to signals but will never work again.
    return fields[0] === 'Z' ? 'zombie' : fields[19]
  } catch {
    return undefined
  }
}

const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code
