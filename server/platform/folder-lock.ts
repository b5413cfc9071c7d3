import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { EmbeddedPostgresFault } from './database-account.ts'
import { codeOf, ignoreAbsence } from './files.ts'

/** Keeps a second program out of the folder for as long as this one lives; a lock of a dead process is taken over. */
export async function lockFolder(dataDir: string): Promise<() => Promise<void>> {
  const file = path.join(dataDir, 'lock')
  const own = `${process.pid} ${await birthOf(process.pid)}\n`
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
    await fs.writeFile(draft, own)
    try {
      await fs.link(draft, file)
      return async () => {
        if ((await fs.readFile(file, 'utf8').catch(ignoreAbsence)) === own) await fs.rm(file, { force: true })
      }
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    } finally {
      await fs.rm(draft, { force: true })
    }
    const held = await fs.readFile(file, 'utf8').catch(ignoreAbsence)
    if (held === undefined) continue
    const [pid, birth] = held.trim().split(' ')
    if (isAlive(Number(pid)) && (await birthOf(Number(pid))) === birth) {
      throw new EmbeddedPostgresFault(
        `Another iHome (process ${pid}) is using ${dataDir}. Stop it first, or set DATA_DIR to another folder.`,
      )
    }
    // Two starts may find the same dead lock: renaming shows who was first, and a lock younger than it is given back.
    const taken = `${file}.dead.${process.pid}`
    await fs.rename(file, taken).catch(ignoreAbsence)
    const was = await fs.readFile(taken, 'utf8').catch(ignoreAbsence)
    if (was !== undefined && was !== held) await fs.link(taken, file).catch(() => undefined)
    await fs.rm(taken, { force: true })
  }
  throw new EmbeddedPostgresFault(`The lock in ${dataDir} could not be taken; several programs start there at once.`)
}

/** When a process was born, in ticks since boot, so that a number used again is not taken for the same process. */
async function birthOf(pid: number): Promise<string> {
  if (process.platform !== 'linux') return '-'
  const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-'
}

/** Whether there is a process of this number that has not ended. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
  return !isZombie(pid)
}

/** A process that ended and that nobody has buried yet still has its number. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
  } catch {
    return true
  }
}
