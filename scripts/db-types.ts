// Writes server/platform/db-types.ts from the migrated database; with --check it only says whether the file is fresh.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { startTestServer, TEMPLATE, urlOf } from '@ihome/server/platform/test-database'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..')
const file = path.join(root, 'server/platform/db-types.ts')
const codegen = path.join(
  path.dirname(createRequire(import.meta.url).resolve('kysely-codegen/package.json')),
  'dist/cli/bin.js',
)

const made = path.join(mkdtempSync(path.join(tmpdir(), 'ihome-types-')), 'db.ts')
const server = await startTestServer()
try {
  const { stderr, status } = spawnSync(
    process.execPath,
    [
      codegen,
      `--out-file=${made}`,
      '--dialect=postgres',
      `--url=${urlOf(server.adminUrl, TEMPLATE)}`,
      '--include-pattern={public,audit}.*',
      // Types as server/platform/db.ts reads the columns.
      '--type-mapping={"int8":"number","date":"string"}',
      '--log-level=error',
    ],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(stderr)
  const fresh = readFileSync(made, 'utf8')
    .replace(/export interface DB \{/, 'export interface Database {')
    .trimEnd()
  if (!process.argv.includes('--check')) writeFileSync(file, `${fresh}\n`)
  else if (readFileSync(file, 'utf8').trimEnd() !== fresh) {
    process.stdout.write('server/platform/db-types.ts is stale: run npm run db:types\n')
    process.exitCode = 1
  } else process.stdout.write('the types of the database are fresh\n')
} finally {
  await server.stop()
  rmSync(path.dirname(made), { recursive: true })
}
