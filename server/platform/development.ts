import { randomBytes } from 'node:crypto'
import fs from 'node:fs/promises'
import path from 'node:path'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Secrets for a trial at home, made at the first start and kept in DATA_DIR where only its owner reads them, so that
 * sessions and sealed data outlive a restart.
 */
export async function developmentSecrets(dataDir: string): Promise<{ SESSION_SECRET: string; PII_KEY: string }> {
  await fs.mkdir(dataDir, { recursive: true, mode: 0o700 })
  const file = path.join(dataDir, 'secrets.json')
  const kept = await fs.readFile(file, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  })
  // Written by the lines below and by nobody else.
  if (kept !== undefined) return JSON.parse(kept) as { SESSION_SECRET: string; PII_KEY: string }
  const made = {
    SESSION_SECRET: randomBytes(32).toString('base64url'),
    PII_KEY: `home:${randomBytes(32).toString('base64')}`,
  }
  await fs.writeFile(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  return made
}
