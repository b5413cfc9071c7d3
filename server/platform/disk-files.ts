import { createReadStream } from 'node:fs'
import fs from 'node:fs/promises'
import path from 'node:path'
import { type FileStore, StorageFault } from './file-store.ts'
import { codeOf, ignoreAbsence } from './files.ts'

/** Keeps files in one folder, which is made when it is missing. */
export function createDiskFiles(root: string): FileStore {
  const place = (name: string): string => {
    if (path.basename(name) !== name || name.startsWith('.')) throw new RangeError('a stored name is no path')
    return path.join(root, name)
  }
  return {
    async put(name, bytes) {
      const file = place(name)
      await asStorage(async () => {
        await fs.mkdir(root, { recursive: true })
        // wx: whatever goes wrong with names, nothing is ever overwritten.
        const handle = await fs.open(file, 'wx')
        try {
          await handle.writeFile(bytes)
          // The row that names the file is committed next, and must not outlive it.
          await handle.sync()
        } catch (error) {
          await fs.rm(file, { force: true })
          throw error
        } finally {
          await handle.close()
        }
      })
    },
    async open(name) {
      const file = place(name)
      return asStorage(async () => {
        const stat = await fs.stat(file).catch(ignoreAbsence)
        return stat?.isFile() ? { body: createReadStream(file), bytes: stat.size } : undefined
      })
    },
    async remove(name) {
      const file = place(name)
      await asStorage(() => fs.rm(file, { force: true }))
    },
  }
}

async function asStorage<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new StorageFault(`the folder of uploads answered ${codeOf(cause) ?? 'a fault'}`, { cause })
  }
}
