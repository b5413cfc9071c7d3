import { buildShop } from './app.ts'
import { createAlipayPayouts } from './features/payments/alipay/alipay-payouts.ts'
import { createAlipay } from './features/payments/alipay/alipay-provider.ts'
import { createAlipayBills } from './features/payments/alipay/download-bill.ts'
import { createWechatPay } from './features/payments/wechat/wechat-provider.ts'
import { addMetrics } from './gauges.ts'
import { allJobs } from './jobs.ts'
import { startChangeFeed } from './platform/change-feed.ts'
import { wallClock } from './platform/clock.ts'
import { type Config, ConfigFault, readConfig } from './platform/config.ts'
import { EmbeddedPostgresFault } from './platform/database-account.ts'
import { type Db, openDatabase, transactor } from './platform/db.ts'
import type { Environment } from './platform/development.ts'
import type { EmbeddedDatabase } from './platform/embedded-database.ts'
import { DATABASE, OWNER } from './platform/embedded-postgres.ts'
import { createEvents } from './platform/events.ts'
import { isDatabaseOutage } from './platform/http-errors.ts'
import { startJobs } from './platform/jobs.ts'
import { rewritableTables } from './platform/ledger-guard.ts'
import { createLog } from './platform/log.ts'
import { createMetrics, serveMetrics } from './platform/metrics.ts'
import { missingMigrations } from './platform/migrator.ts'
import { openFiles } from './platform/open-files.ts'
import { watchPressure } from './platform/pressure.ts'
import { systemRandom } from './platform/random.ts'
import { GUEST, HOST, OPERATOR, phoneOf } from './seed/plan-world.ts'
import { NotEmpty, SEED_PASSWORD, seedDatabase } from './seed/seed.ts'
import { startScreen } from './start-screen.ts'
import { prepareTrial, type Trial } from './trial.ts'

/** A start that cannot go on, in words for whoever started it. */
class StartFault extends Error {
  override readonly name = 'StartFault'
}

/** Ending takes no longer; a supervisor kills after 10 s. */
const STOP_LIMIT_MS = 9_000

/** Starts the server and ends it on SIGTERM and SIGINT. What keeps it from starting is said in one line, without values. */
export async function main(env: Environment): Promise<void> {
  let stopping = false
  const starting = start(env, () => stopping)
  const end = (signal: string) => {
    if (stopping) return
    stopping = true
    // Whatever hangs must not keep the supervisor waiting; what is lost then is what a kill would have lost.
    setTimeout(() => process.exit(1), STOP_LIMIT_MS).unref()
    starting
      .then((stop) => stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          console.error(`${signal}:`, error)
          process.exit(1)
        },
      )
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end(signal))
  try {
    await starting
  } catch (error) {
    const expected =
      error instanceof ConfigFault || error instanceof EmbeddedPostgresFault || error instanceof StartFault
    console.error(expected ? `iHome does not start: ${error.message}` : error)
    process.exit(1)
  }
}

/** Everything up and answering; the result ends it in the reverse order. */
async function start(env: Environment, isStopping: () => boolean): Promise<() => Promise<void>> {
  const notes: string[] = []
  // What comes after the one screen goes where errors go.
  let shown = false
  const say = (line: string) => void (shown ? console.error(line) : notes.push(line))
  const ends: (() => unknown)[] = []
  const stop = async () => {
    for (const end of ends.reverse()) await end()
  }
  try {
    const trial = env.NODE_ENV === 'production' ? undefined : await takenPortNamed(() => prepareTrial(env, say))
    if (trial) ends.push(trial.stop)
    const config = readConfig(trial?.env ?? env)
    const log = createLog({ level: config.logLevel, now: wallClock.now })
    const { databaseUrl } = config
    if (!databaseUrl) throw new StartFault('DATABASE_URL is not set')

    const { db, pool } = openDatabase({
      url: databaseUrl,
      poolSize: config.databasePool,
      onIdleError: (error) => log.warn({ err: error }, 'database_connection_lost'),
    })
    ends.push(() => db.destroy())
    if (config.production) await refuseToRewriteMoney(db)
    else if (!trial?.database) notes.push(...(await schemaNotes(db)))
    if (trial?.database) await seedOnce(trial.database, config)

    const events = createEvents((error, event) => log.error({ event_kind: event.kind, err: error }, 'listener_failed'))
    const changes = await startChangeFeed({ url: databaseUrl, events, log })
    ends.push(() => changes.stop())
    const files = openFiles(config)
    const transact = transactor(db)
    const deps = { config, db, transact, clock: wallClock, log, random: systemRandom, files, events, changes }

    const provider = createAlipay({ ...config.alipay, publicOrigin: config.publicOrigin, clock: wallClock })
    const payouts =
      config.payouts && createAlipayPayouts({ ...config.alipay, certificates: config.payouts, clock: wallClock })
    if (payouts) log.warn({ provider: payouts.name }, 'payouts_are_on_and_need_a_licence')
    const { wechat, publicOrigin } = config
    const otherProviders = wechat ? [createWechatPay({ ...wechat, publicOrigin, clock: wallClock })] : []
    const bills = createAlipayBills({ ...config.alipay, clock: wallClock })
    const pressure = watchPressure(pool)
    ends.push(() => pressure.stop())
    const metrics = createMetrics()
    const { onNoticeRefused, onMessageSent } = addMetrics(metrics, deps, pressure)

    const app = await buildShop(deps, {
      provider,
      otherProviders,
      bills,
      log,
      isStopping,
      isOverloaded: () => pressure.isHigh(),
      onNoticeRefused,
    })
    ends.push(() => app.close())

    const metricsServer = await takenPortNamed(() => serveMetrics(metrics, config.metricsPort, config.metricsHost))
    ends.push(() => metricsServer.stop())

    await takenPortNamed(() => app.listen({ host: config.host, port: config.port }))
    const jobs = startJobs(allJobs(deps, provider, payouts, otherProviders, bills, onMessageSent), deps)
    ends.push(() => jobs.stop())

    log.info({ origin: config.publicOrigin, pid: process.pid }, 'listening')
    if (trial) process.stdout.write(screenOf(trial, config, notes))
    shown = true
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

function screenOf(trial: Trial, config: Config, notes: readonly string[]): string {
  const { database, sandbox } = trial
  const { publicOrigin, host, dataDir } = config
  return startScreen({
    origin: publicOrigin,
    inNetwork: !['127.0.0.1', 'localhost', '::1'].includes(host),
    demo: database && {
      guest: phoneOf(GUEST),
      host: phoneOf(HOST),
      operator: phoneOf(OPERATOR),
      password: SEED_PASSWORD,
    },
    sandbox: sandbox && { endpoint: new URL(config.alipay.gateway).origin, ...SANDBOX_BUYER },
    dataDir,
    notes,
  })
}

/** The buyer with whom every new sandbox starts. */
const SANDBOX_BUYER = { buyer: 'rich@example.com', password: '111111' }

/** A taken port is the commonest reason of all not to start: say which and what to set. */
async function takenPortNamed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error) || error.code !== 'EADDRINUSE') throw error
    const port = 'port' in error ? error.port : ''
    throw new StartFault(
      `port ${port} is taken by another program. Set PORT, METRICS_PORT or ALIPAY_SANDBOX_PORT to a free one, or to 0.`,
      { cause: error },
    )
  }
}

async function refuseToRewriteMoney(db: Db): Promise<void> {
  const tables = await answered(() => rewritableTables(db))
  if (tables.length > 0) {
    throw new StartFault(
      `the login in DATABASE_URL may change or delete rows of ${tables.join(', ')}. ` +
        'Let it be a member of ihome_app and no owner (docs/runbook.md).',
    )
  }
}

const DATABASE_WAIT_MS = 60_000
const DATABASE_PAUSE_MS = 500

/** A database that starts at the same time as we do is waited for. */
async function answered<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + DATABASE_WAIT_MS
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      if (!isDatabaseOutage(error) || performance.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, DATABASE_PAUSE_MS))
    }
  }
}

async function schemaNotes(db: Db): Promise<string[]> {
  const missing = await answered(() => missingMigrations(db))
  if (missing.length === 0) return []
  return [`The schema in DATABASE_URL is not current (${missing.length} migrations missing): run npm run db:migrate.`]
}

/** Demo data for an empty embedded database; what is there already stays. */
async function seedOnce({ postgres }: EmbeddedDatabase, config: Config): Promise<void> {
  const { appId, sellerId } = config.alipay
  try {
    await seedDatabase({
      url: postgres.urlFor(OWNER, DATABASE),
      size: 'demo',
      seed: 1,
      now: wallClock.now(),
      uploadDir: config.uploadDir,
      piiKeys: config.piiKeys,
      merchant: { appId, sellerId },
    })
  } catch (error) {
    if (!(error instanceof NotEmpty)) throw error
  }
}
