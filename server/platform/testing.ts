import { generateKeyPairSync, randomBytes } from 'node:crypto'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import { sql } from 'kysely'
import { afterAll, inject } from 'vitest'
import { type AppOptions, buildApp } from '../app.ts'
import { INVARIANTS } from '../audit/invariants.ts'
import { type Config, readConfig } from './config.ts'
import { type Db, openDatabase, type Transact, transactor } from './db.ts'
import type { Deps } from './deps.ts'
import { createEvents } from './events.ts'
import { type Log, silentLog } from './log.ts'
import { openFiles } from './open-files.ts'
import { systemRandom } from './random.ts'
import { asAdmin, TEMPLATE, urlOf } from './test-database.ts'

export interface TestDatabase {
  /** As the role that serves requests. */
  readonly db: Db
  readonly transact: Transact
  readonly url: string
  /** As the owner of everything, for what the app itself may not do. */
  readonly owner: Db
  readonly ownerUrl: string
  /** The log of the whole database server, as text; undefined when the server is not ours. */
  readServerLog(): Promise<string | undefined>
}

/** A database of this test file alone, cloned from the migrated template and dropped after the file's tests. */
export async function testDatabase(): Promise<TestDatabase> {
  const server = inject('databaseServer')
  const name = `test_${randomBytes(8).toString('hex')}`
  await asAdmin(server.adminUrl, (admin) =>
    admin.query(`create database ${name} template ${TEMPLATE} strategy file_copy`),
  )
  const url = urlOf(server.adminUrl, name, { user: 'ihome_app', password: server.appPassword })
  const ownerUrl = urlOf(server.adminUrl, name)
  const app = openDatabase({ url, poolSize: 16 })
  const owner = openDatabase({ url: ownerUrl, poolSize: 2 })
  afterAll(async () => {
    const unbalanced = await unbalancedBooks(owner.db).finally(() =>
      Promise.all([app.db.destroy(), owner.db.destroy()]),
    )
    await asAdmin(server.adminUrl, (admin) => admin.query(`drop database if exists ${name} with (force)`))
    if (unbalanced.length > 0) throw new Error(`the books are wrong at the end: ${unbalanced.join(', ')}`)
  })
  return {
    db: app.db,
    transact: transactor(app.db),
    url,
    owner: owner.db,
    ownerUrl,
    readServerLog: async () => (server.logFile ? fs.readFile(server.logFile, 'utf8') : undefined),
  }
}

/** What holds of every ledger, also one whose orders a test made up: balanced, posted once, with a cause. */
const OF_EVERY_LEDGER = ['L1', 'L3', 'L9', 'L10']

async function unbalancedBooks(db: Db): Promise<string[]> {
  const broken: string[] = []
  for (const { id, sql: text } of INVARIANTS.filter(({ id }) => OF_EVERY_LEDGER.includes(id))) {
    const { rows } = await sql.raw(text).execute(db)
    if (rows.length > 0) broken.push(`${id} ${JSON.stringify(rows[0])}`)
  }
  return broken
}

export interface MovableClock {
  now(): Date
  advance(ms: number): void
  set(date: Date | string): void
}

/** A clock that stands still until a test moves it. */
export function movableClock(start: Date | string = '2026-11-23T04:00:00Z'): MovableClock {
  let at = new Date(start).getTime()
  return {
    now: () => new Date(at),
    advance(ms) {
      at += ms
    },
    set(date) {
      at = new Date(date).getTime()
    },
  }
}

const merchantKeys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const gatewayKeys = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = { publicKey: { type: 'spki', format: 'pem' }, privateKey: { type: 'pkcs8', format: 'pem' } } as const

/** The gateway's private key that belongs to the Alipay public key of {@link testConfig}, for signing facts by hand. */
export const testGatewayPrivateKey = gatewayKeys.privateKey.export(pem.privateKey).toString()

/** A complete configuration; `env` overrides by environment names. Its DATA_DIR is removed after the file's tests. */
export async function testConfig(env: Readonly<Record<string, string>> = {}): Promise<Config> {
  const dataDir = await fs.mkdtemp(path.join(os.tmpdir(), 'ihome-data-'))
  afterAll(() => fs.rm(dataDir, { recursive: true, force: true }))
  return readConfig({
    PUBLIC_ORIGIN: 'http://localhost:3000',
    SESSION_SECRET: 'test-session-secret-of-forty-characters-',
    PII_KEY: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    ALIPAY_GATEWAY: 'http://127.0.0.1:9/gateway.do',
    ALIPAY_APP_ID: '2021000000000001',
    ALIPAY_SELLER_ID: '2088000000000001',
    ALIPAY_PUBLIC_KEY: gatewayKeys.publicKey.export(pem.publicKey).toString(),
    APP_PRIVATE_KEY: merchantKeys.privateKey.export(pem.privateKey).toString(),
    DATA_DIR: dataDir,
    LOG_LEVEL: 'silent',
    ...env,
  })
}

export interface TestDepsOptions {
  readonly clock?: MovableClock
  readonly env?: Readonly<Record<string, string>>
  readonly log?: Log
  readonly database?: TestDatabase
}

export interface TestDeps extends Deps {
  readonly clock: MovableClock
  readonly database: TestDatabase
}

/** Everything a use case needs, on a database of its own and a clock that stands still. */
export async function testDeps(options: TestDepsOptions = {}): Promise<TestDeps> {
  const database = options.database ?? (await testDatabase())
  const config = await testConfig(options.env)
  return {
    config,
    files: openFiles(config),
    db: database.db,
    transact: database.transact,
    database,
    clock: options.clock ?? movableClock(),
    log: options.log ?? silentLog,
    random: systemRandom,
    events: createEvents((error) => {
      throw error
    }),
  }
}

export interface SignedIn {
  readonly userId: number
  /** Spread into `inject({ headers })`: the cookie and the CSRF header of this person's session. */
  readonly headers: { readonly cookie: string; readonly 'x-csrftoken': string }
}

export interface TestApp {
  readonly app: FastifyInstance
  readonly deps: TestDeps
  /** Opens a session for the person with this phone, who must exist, without going through the password. */
  signIn(phone: string): Promise<SignedIn>
  /** A visitor's cookie and CSRF header. */
  visitor(): Promise<{ readonly cookie: string; readonly 'x-csrftoken': string }>
  request(options: InjectOptions): Promise<LightMyRequestResponse>
}

/** The whole app, answered through `inject`, closed after the file's tests. `features` adds or replaces parts. */
export async function testApp(
  options: TestDepsOptions & { features?: AppOptions; deps?: TestDeps } = {},
): Promise<TestApp> {
  const deps = options.deps ?? (await testDeps(options))
  const app = await buildApp(deps, options.features ?? {})
  await app.ready()
  afterAll(() => app.close())
  return {
    app,
    deps,
    request: (wish) => app.inject(wish),
    async visitor() {
      const answer = await app.inject({ method: 'GET', url: '/api/v1.0/csrf' })
      return headersOf(answer)
    },
    async signIn(phone) {
      const user = await deps.db.selectFrom('users').select('id').where('phone', '=', phone).executeTakeFirstOrThrow()
      const session = await app.openSession(user.id)
      return { userId: user.id, headers: session }
    },
  }
}

/** The cookies that an answer set, as the headers of the next request. */
export function headersOf(answer: LightMyRequestResponse): { cookie: string; 'x-csrftoken': string } {
  const cookies = answer.cookies.filter((cookie) => cookie.value !== '')
  const token = cookies.find((cookie) => cookie.name.endsWith('csrf_token'))
  return {
    cookie: cookies.map((cookie) => `${cookie.name}=${cookie.value}`).join('; '),
    'x-csrftoken': token?.value ?? '',
  }
}
