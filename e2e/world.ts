import { randomBytes } from 'node:crypto'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { readPiiKeys } from '@ihome/server/platform/config'
import { freePort } from '@ihome/server/platform/embedded-postgres'
import { asAdmin, startTestServer, TEMPLATE, type TestServer, urlOf } from '@ihome/server/platform/test-database'
import { seedDatabase } from '@ihome/server/seed/seed'
import { type AlipaySandbox, generateKeys, type SandboxKeys, startAlipaySandbox } from 'alipay-sandbox'
import pg from 'pg'
import { brokenBooks } from './check-books.ts'
import { DEMO_PASSWORD } from './demo.ts'
import { type Ground, headStart, newPiiKey } from './ground.ts'
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
  /** Moves the shop alone, as clocks drift; `advance(0)` brings the gateway along. */
  advanceShop(ms: number): Promise<void>
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
  /** The shop follows the clock of the machine and cannot be moved: for measuring it as it is. */
  readonly unmoved?: boolean
  /** The shop pays its hosts through the gateway, in certificate mode. */
  readonly payouts?: boolean
  readonly env?: Readonly<Record<string, string>>
}

const built = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../server/dist/main.js')

let shared: Ground | undefined

/** From now on, worlds begin from what was made once for all of them. */
export function standOn(ground: Ground): void {
  shared = ground
}

// Making keys takes longer than anything else here, and nobody minds that the worlds of one run share them.
let keys: Promise<SandboxKeys> | undefined

/** A whole world of its own: PostgreSQL, the built shop in as many processes as asked for, and the offline gateway. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  await fs.access(built).catch(() => {
    throw new Error('the shop is not built: run npm run build')
  })
  const ends: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    const aheadMs = options.unmoved ? 0 : headStart()
    const since = new Date(Date.now() + aheadMs)
    const world = await start(options, aheadMs, ends, stop)
    return { ...world, stop: () => stopWithRightBooks(world, options, since) }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A suite that leaves wrong books behind fails, whatever its tests looked at. */
async function stopWithRightBooks(world: World, { env }: WorldOptions, since: Date): Promise<void> {
  const { database, sandbox } = world
  const except = env?.OPEN_ORDERS_PER_GUEST === undefined ? [] : ['O6']
  const broken = await brokenBooks({ database, sandbox, since, except }).finally(() => world.stop())
  if (broken.length > 0) throw new Error(`the books are wrong at the end:\n${broken.join('\n')}`)
}

async function start(
  options: WorldOptions,
  aheadMs: number,
  ends: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<World> {
  const dataDir = await fs.mkdtemp(path.join(os.tmpdir(), 'ihome-world-'))
  ends.push(() => fs.rm(dataDir, { recursive: true, force: true }))
  const ground = options.durable ? undefined : shared
  const [postgres, sandbox] = await bothOrNone<TestServer, AlipaySandbox>(
    ground?.server ??
      startTestServer({ fsync: options.durable ?? false }).then((started) => {
        ends.push(() => started.stop())
        return started
      }),
    startSandbox(ground, aheadMs).then((started) => {
      ends.push(() => started.stop())
      return started
    }),
  )
  const name = `world_${randomBytes(6).toString('hex')}`
  const demo = options.seed === undefined || options.seed === 'demo' ? ground?.demo : undefined
  const template = demo?.database ?? TEMPLATE
  await asAdmin(postgres.adminUrl, (admin) => admin.query(`create database ${name} template ${template}`))
  const ownerUrl = urlOf(postgres.adminUrl, name)
  const database = new pg.Pool({ connectionString: ownerUrl, max: 8 })
  // A server that is ended while a pooled connection idles reports it there; the pool replaces the connection by itself.
  database.on('error', () => undefined)
  ends.push(async () => {
    await database.end()
    // A server of its own goes with everything in it; on another one the database would stay.
    if (!ground && postgres.logFile !== undefined) return
    await asAdmin(postgres.adminUrl, (admin) => admin.query(`drop database if exists ${name} with (force)`))
  })

  let offsetMs = aheadMs
  const now = () => new Date(Date.now() + offsetMs)
  const { merchant } = sandbox
  const uploadDir = path.join(dataDir, 'uploads')
  const piiKey = demo?.piiKey ?? newPiiKey()
  if (demo) await linkTree(demo.uploadDir, uploadDir)
  else if (options.seed !== 'none') {
    await seedDatabase({
      url: ownerUrl,
      size: options.seed ?? 'demo',
      seed: options.seedNumber ?? 1,
      now: now(),
      uploadDir,
      piiKeys: readPiiKeys(piiKey),
      merchant: { appId: merchant.appId, sellerId: merchant.sellerId },
    })
  }

  const ports = await Promise.all(Array.from({ length: options.instances ?? 1 }, () => freePort()))
  const origin = `http://127.0.0.1:${ports[0]}`
  const common = {
    NODE_ENV: 'production',
    DATABASE_URL: urlOf(postgres.adminUrl, name, { user: 'ihome_app', password: postgres.appPassword }),
    PUBLIC_ORIGIN: origin,
    SESSION_SECRET: randomBytes(32).toString('hex'),
    PII_KEY: piiKey,
    ALIPAY_GATEWAY: sandbox.gatewayUrl,
    ALIPAY_APP_ID: merchant.appId,
    ALIPAY_SELLER_ID: merchant.sellerId,
    ALIPAY_PUBLIC_KEY: merchant.alipayPublicKey,
    APP_PRIVATE_KEY: merchant.appPrivateKey,
    DATA_DIR: dataDir,
    UPLOAD_DIR: uploadDir,
    METRICS_PORT: '0',
    LOG_LEVEL: 'warn',
    ...(options.payouts ? await payoutNames(sandbox) : {}),
    ...options.env,
  }
  const servers: ServerProcess[] = []
  ends.push(() => Promise.all(servers.map((server) => server.stop())))
  const startAt = async (instance: number) => {
    const offset = options.unmoved ? undefined : offsetMs
    servers[instance] = await startServer({ ...common, PORT: String(ports[instance]) }, { offsetMs: offset })
  }
  await Promise.all(ports.map((_, instance) => startAt(instance)))
  const serverAt = (instance: number): ServerProcess => {
    const server = servers[instance]
    if (!server) throw new RangeError(`there is no instance ${instance}`)
    return server
  }

  const advanceShop = async (ms: number) => {
    if (options.unmoved) throw new Error('this shop follows the clock of the machine')
    offsetMs += ms
    await Promise.all(servers.map((server) => server.shiftClock(offsetMs)))
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
      await advanceShop(ms)
      // The gateway may be behind, or ahead: a forced late payment moves its clock alone.
      await sandbox.clock.advance(Math.max(ms, now().getTime() - sandbox.clock.now().getTime()))
    },
    advanceShop,
    visitor,
    async signedIn(phone, instance = 0) {
      const person = visitor(instance)
      await person.signIn(phone, DEMO_PASSWORD)
      return person
    },
    async crash(instance = 0) {
      await serverAt(instance).kill()
      await startAt(instance)
    },
    stop,
  }
}

async function startSandbox(ground: Ground | undefined, aheadMs: number): Promise<AlipaySandbox> {
  const common = { port: 0, memory: true, clock: { now: () => new Date(Date.now() + aheadMs) } }
  if (ground) {
    const { keys: known, exported } = ground.gateway
    return startAlipaySandbox({ ...common, keys: known, importFrom: Buffer.from(exported, 'base64') })
  }
  keys ??= generateKeys()
  return startAlipaySandbox({ ...common, keys: await keys })
}

/** The same pictures under another folder, without copying them: the shop replaces a file and never writes into one. */
async function linkTree(from: string, to: string): Promise<void> {
  const entries = await fs.readdir(from, { withFileTypes: true })
  await fs.mkdir(to, { recursive: true })
  await Promise.all(
    entries.map((entry) => {
      const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)]
      return entry.isDirectory() ? linkTree(source, target) : fs.link(source, target)
    }),
  )
}

async function payoutNames(sandbox: AlipaySandbox): Promise<Readonly<Record<string, string>>> {
  const { appCert, alipayCert, alipayRootCert } = await sandbox.certificates()
  return { PAYOUTS: 'alipay', APP_CERT: appCert, ALIPAY_CERT: alipayCert, ALIPAY_ROOT_CERT: alipayRootCert }
}

/** Waits for both, also when one fails, so that whoever cleans up after the failure finds what the other started. */
async function bothOrNone<One, Other>(one: One | Promise<One>, other: Other | Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other])
  return Promise.all([one, other])
}
