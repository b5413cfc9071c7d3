import { randomBytes } from 'node:crypto'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { freePort } from '@ihome/server/platform/embedded-postgres'
import { asAdmin, startTestServer, TEMPLATE, urlOf } from '@ihome/server/platform/test-database'
import { seedDatabase } from '@ihome/server/seed/seed'
import { type AlipaySandbox, startAlipaySandbox } from 'alipay-sandbox'
import pg from 'pg'
import { DEMO_PASSWORD } from './demo.ts'
import { type ServerProcess, startServer } from './server-process.ts'
import { newVisitor, type Visitor } from './visitor.ts'

export interface World {
  /** Where people reach the shop; the first instance. */
  readonly origin: string
  readonly servers: ServerProcess[]
  readonly sandbox: AlipaySandbox
  /** The owner of the database, who sees everything; the shop itself comes in as `ihome_app`. */
  readonly database: pg.Pool
  /** The database's own log file. */
  readonly databaseLog: string | undefined
  now(): Date
  /** Moves shop and gateway; what is due at the gateway has happened when it resolves. */
  advance(ms: number): Promise<void>
  /** A person at the nth instance. */
  visitor(instance?: number): Visitor
  signedIn(phone: string, instance?: number): Promise<Visitor>
  /** kill -9 of the nth instance, then a new one on the same address. */
  crash(instance?: number): Promise<void>
  stop(): Promise<void>
}

export interface WorldOptions {
  readonly instances?: number
  readonly seed?: 'demo' | 'small' | 'full' | 'none'
  readonly seedNumber?: number
  /** A database that survives a power cut; slower, and needed only where that is what is shown. */
  readonly durable?: boolean
  readonly env?: Readonly<Record<string, string>>
}

/** A whole world of its own: PostgreSQL, the built shop in as many processes as asked for, and the offline gateway. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const dataDir = await fs.mkdtemp(path.join(os.tmpdir(), 'ihome-world-'))
  const postgres = await startTestServer({ fsync: options.durable ?? false })
  const name = `world_${randomBytes(6).toString('hex')}`
  await asAdmin(postgres.adminUrl, (admin) => admin.query(`create database ${name} template ${TEMPLATE}`))
  const database = new pg.Pool({ connectionString: urlOf(postgres.adminUrl, name), max: 8 })
  // A server that is ended while a pooled connection idles reports it there; the pool replaces the connection by itself.
  database.on('error', () => undefined)

  let offsetMs = 0
  const now = () => new Date(Date.now() + offsetMs)
  const sandbox = await startAlipaySandbox({ port: 0, memory: true })
  const uploadDir = path.join(dataDir, 'uploads')
  if (options.seed !== 'none') {
    await seedDatabase({
      url: urlOf(postgres.adminUrl, name),
      size: options.seed ?? 'demo',
      seed: options.seedNumber ?? 1,
      now: now(),
      uploadDir,
    })
  }

  const ports = await Promise.all(Array.from({ length: options.instances ?? 1 }, () => freePort()))
  const origin = `http://127.0.0.1:${ports[0]}`
  const common = {
    NODE_ENV: 'production',
    DATABASE_URL: urlOf(postgres.adminUrl, name, { user: 'ihome_app', password: postgres.appPassword }),
    PUBLIC_ORIGIN: origin,
    SESSION_SECRET: randomBytes(32).toString('hex'),
    PII_KEY: `test:${randomBytes(32).toString('base64')}`,
    ALIPAY_GATEWAY: sandbox.gatewayUrl,
    ALIPAY_APP_ID: sandbox.merchant.appId,
    ALIPAY_SELLER_ID: sandbox.merchant.sellerId,
    ALIPAY_PUBLIC_KEY: sandbox.merchant.alipayPublicKey,
    APP_PRIVATE_KEY: sandbox.merchant.appPrivateKey,
    DATA_DIR: dataDir,
    UPLOAD_DIR: uploadDir,
    METRICS_PORT: '0',
    LOG_LEVEL: 'warn',
    ...options.env,
  }
  const start = (port: number) => startServer({ ...common, PORT: String(port) }, { offsetMs })
  const servers = await Promise.all(ports.map(start))
  const serverAt = (instance: number): ServerProcess => {
    const server = servers[instance]
    if (!server) throw new RangeError(`there is no instance ${instance}`)
    return server
  }

  const visitor = (instance = 0) => newVisitor(() => serverAt(instance).origin)
  return {
    origin,
    servers,
    sandbox,
    database,
    databaseLog: postgres.logFile,
    now,
    async advance(ms) {
      offsetMs += ms
      await Promise.all(servers.map((server) => server.shiftClock(offsetMs)))
      await sandbox.clock.advance(ms)
    },
    visitor,
    async signedIn(phone, instance = 0) {
      const person = visitor(instance)
      await person.signIn(phone, DEMO_PASSWORD)
      return person
    },
    async crash(instance = 0) {
      await serverAt(instance).kill()
      servers[instance] = await start(ports[instance] ?? 0)
    },
    async stop() {
      await Promise.all(servers.map((server) => server.stop()))
      await sandbox.stop()
      await database.end()
      await postgres.stop()
      await fs.rm(dataDir, { recursive: true, force: true })
    },
  }
}
