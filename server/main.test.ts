import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { describe, expect, inject, test } from 'vitest'
import { testConfig, testDatabase } from './platform/testing.ts'

/** Runs `main` in a process of its own with nothing but this environment; gives its exit code and what it said. */
async function startWith(env: Record<string, string>): Promise<{ code: number | null; said: string }> {
  const main = path.join(import.meta.dirname, 'main.ts')
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      `const { main } = await import(${JSON.stringify(main)}); await main(process.env)`,
    ],
    { env: { PATH: process.env.PATH ?? '', ...env }, cwd: path.join(import.meta.dirname, '..') },
  )
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      said += text
    })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, said }
}

async function productionEnv(databaseUrl: string): Promise<Record<string, string>> {
  const { alipay, dataDir, sessionSecrets } = await testConfig()
  return {
    NODE_ENV: 'production',
    DATABASE_URL: databaseUrl,
    DATA_DIR: dataDir,
    PORT: '0',
    METRICS_PORT: '0',
    PUBLIC_ORIGIN: 'https://ihome.example',
    SESSION_SECRET: sessionSecrets.join(),
    PII_KEY: `k1:${Buffer.alloc(32).toString('base64')}`,
    ALIPAY_GATEWAY: 'http://127.0.0.1:9/gateway.do',
    ALIPAY_APP_ID: alipay.appId,
    ALIPAY_SELLER_ID: alipay.sellerId,
    ALIPAY_PUBLIC_KEY: alipay.publicKey,
    APP_PRIVATE_KEY: alipay.appPrivateKey,
  }
}

// A process that reads the whole server from source takes seconds to come up on a busy machine.
describe('a start in production', { timeout: 60_000 }, () => {
  test('X5 without its variables ends with their names and starts nothing', async () => {
    const { code, said } = await startWith({ NODE_ENV: 'production' })
    expect(code).toBe(1)
    for (const name of [
      'DATABASE_URL',
      'DATA_DIR',
      'PUBLIC_ORIGIN',
      'SESSION_SECRET',
      'PII_KEY',
      'ALIPAY_GATEWAY',
      'APP_PRIVATE_KEY',
    ]) {
      expect(said).toContain(name)
    }
  })

  test('X5 with a wrong value ends without saying it', async () => {
    const { url } = await testDatabase()
    const { code, said } = await startWith({ ...(await productionEnv(url)), PII_KEY: 'k1:a-secret-in-the-wrong-place' })
    expect(code).toBe(1)
    expect(said).toContain('PII_KEY')
    expect(said).not.toContain('a-secret-in-the-wrong-place')
    expect(said).not.toContain(inject('databaseServer').appPassword)
  })

  test('as a login that may rewrite the ledger ends and says so', async () => {
    const { ownerUrl } = await testDatabase()
    const { code, said } = await startWith(await productionEnv(ownerUrl))
    expect(code).toBe(1)
    expect(said).toContain('may change or delete rows of ledger_transactions')
  })
})
