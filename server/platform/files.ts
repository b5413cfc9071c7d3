import fs from 'node:fs/promises'

/** The code of a system error, such as ENOENT. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** For `.catch`: a file that is not there is nothing; any other error goes on. */
export function ignoreAbsence(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}

export const exists = async (file: string): Promise<boolean> =>
  (await fs.lstat(file).catch(ignoreAbsence)) !== undefined
