import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { type Account, canReach, databaseAccount, EmbeddedPostgresFault } from './database-account.ts'
import { codeOf, exists, ignoreAbsence } from './files.ts'
import { isAlive, lockFolder } from './folder-lock.ts'
import { binary, type Native, packagedBinaries, readyBinaries } from './postgres-binaries.ts'

export interface EmbeddedPostgresOptions {
  /** Everything the database keeps lives below this folder; it is made when absent. */
  readonly dataDir: string
  /** Off only where losing the data on a power cut costs nothing, such as in tests. */
  readonly fsync?: boolean
  /** Also end the database when this process is killed outright. Otherwise the next start adopts it. */
  readonly endWithParent?: boolean
  readonly maxConnections?: number
  /** Binaries to use in place of the package's, with the version that names a copy of them. */
  readonly binaries?: Native
  /** Hears one line about everything a person should know, such as binaries that had to be copied. */
  readonly say?: (line: string) => void
}

export interface EmbeddedPostgres {
  /** Owner of everything, for migrations and tests. */
  readonly ownerUrl: string
  /** Address under which `user` reaches `database` with the password of this folder. */
  urlFor(user: string, database: string): string
  readonly password: string
  readonly port: number
  /** Where the database writes its own log. */
  readonly logFile: string
  /** True when a database that outlived its program was taken over. */
  readonly adopted: boolean
  /** Ends the database (fast shutdown) and waits until its process is gone. May be called twice. */
  stop(): Promise<void>
}

export const OWNER = 'ihome_owner'
export const DATABASE = 'ihome'

/** Starts PostgreSQL from the binaries that come as an npm package, in `dataDir`, on a free loopback port. */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const say = options.say ?? (() => undefined)
  await fs.mkdir(options.dataDir, { recursive: true, mode: 0o700 })
  const dataDir = await fs.realpath(options.dataDir)
  const unlock = await lockFolder(dataDir)
  try {
    const started = await startLocked(dataDir, options, say)
    let stopping: Promise<void> | undefined
    return {
      ...started,
      stop() {
        stopping ??= started.stop().finally(unlock)
        return stopping
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

async function startLocked(
  dataDir: string,
  options: EmbeddedPostgresOptions,
  say: (line: string) => void,
): Promise<EmbeddedPostgres> {
  const cluster = path.join(dataDir, 'postgres')
  const account = await databaseAccount(cluster)
  const password = await keptPassword(path.join(dataDir, 'postgres.password'))
  const logFile = path.join(dataDir, 'postgres.log')
  const address = (port: number, user: string, database: string) =>
    `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`

  const server = { cluster, account, logFile, options }
  const running = await runningPostmaster(cluster, (port) => address(port, OWNER, 'postgres'))
  if (running) say(`Took over the embedded PostgreSQL that an earlier run left behind (process ${running.pid}).`)
  const native = await readyBinaries(options.binaries ?? packagedBinaries(), dataDir, account, say)
  if (!(await exists(cluster))) await initialise({ native, cluster, account, dataDir, password, options })
  const { pid, port } = running ?? (await launch({ ...server, native }))
  const supervised = keepRunning(pid, () => launchOn(port, { ...server, native }), say)
  try {
    await createDatabase(address(port, OWNER, 'postgres'))
  } catch (error) {
    await supervised.stop()
    throw error
  }
  return {
    ownerUrl: address(port, OWNER, DATABASE),
    urlFor: (user, database) => address(port, user, database),
    password,
    port,
    logFile,
    adopted: running !== undefined,
    stop: supervised.stop,
  }
}

const LOOK_EVERY_MS = 250

/**
 * Starts the database anew, on the same port, when its process is gone without having been asked: killed, or out of
 * memory. PostgreSQL then recovers by itself, and the pool of the server finds it where it was.
 */
function keepRunning(first: number, again: () => Promise<Launched>, say: (line: string) => void) {
  let pid = first
  let stopped = false
  let looking: Promise<void> | undefined
  const look = async () => {
    if (stopped || isAlive(pid)) return
    const { pid: next, output } = await again()
    if (next !== undefined) pid = next
    else say(`The embedded PostgreSQL is gone and did not start again yet. Its last lines:\n${output}`)
  }
  const timer = setInterval(() => {
    looking ??= look()
      .catch((error: unknown) => say(`The embedded PostgreSQL is gone and could not be started: ${error}`))
      .finally(() => {
        looking = undefined
      })
  }, LOOK_EVERY_MS)
  timer.unref()
  return {
    async stop() {
      stopped = true
      clearInterval(timer)
      await looking
      await endProcess(pid)
    },
  }
}

interface Folder {
  readonly handle: fs.FileHandle
  /** The cluster as the database process names it; its third file descriptor is `handle`. */
  readonly name: string
}

/**
 * A folder that root may enter and the database's account may not reach by name is handed over as an open file
 * descriptor: nobody's permissions change, and the data stays where DATA_DIR says.
 */
async function openCluster(cluster: string, account: Account | undefined): Promise<Folder> {
  const reachable = await canReach(cluster, account)
  if (!reachable && process.platform !== 'linux') {
    throw new EmbeddedPostgresFault(
      `The account that must run PostgreSQL cannot reach ${cluster}. Set DATA_DIR to a folder outside private ones.`,
    )
  }
  return { handle: await fs.open(cluster, 'r'), name: reachable ? cluster : '/proc/self/fd/3' }
}

interface Initialisation {
  readonly native: Native
  readonly cluster: string
  readonly account: Account | undefined
  readonly dataDir: string
  readonly password: string
  readonly options: EmbeddedPostgresOptions
}

/** Makes the cluster under another name first, so that one which exists is complete however a start was cut short. */
async function initialise(wish: Initialisation): Promise<void> {
  const { native, cluster, account, dataDir, password } = wish
  const draft = `${cluster}.draft`
  await fs.rm(draft, { recursive: true, force: true })
  await fs.mkdir(draft, { mode: 0o700 })
  const passwordFile = path.join(dataDir, 'postgres.password.draft')
  await fs.writeFile(passwordFile, password, { mode: 0o600 })
  if (account) {
    await fs.chown(draft, account.uid, account.gid)
    await fs.chown(passwordFile, account.uid, account.gid)
  }
  const folder = await openCluster(draft, account)
  const secret = await fs.open(passwordFile, 'r')
  try {
    const locale = process.platform === 'linux' ? 'C.UTF-8' : 'C'
    const args = ['-D', folder.name, '-U', OWNER, '--encoding=UTF8', `--locale=${locale}`, '--auth=scram-sha-256']
    args.push(`--pwfile=${folder.name === draft ? passwordFile : '/proc/self/fd/4'}`)
    if (wish.options.fsync === false) args.push('--no-sync')
    const child = spawn(binary(native.root, 'initdb'), args, {
      ...account,
      cwd: native.root,
      env: quietEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe', folder.handle.fd, secret.fd],
    })
    const output = collect(child)
    const [code] = (await once(child, 'close')) as [number | null]
    if (code !== 0)
      throw new EmbeddedPostgresFault(`PostgreSQL could not make its database in ${cluster}:\n${output()}`)
    await fs.rename(draft, cluster)
  } finally {
    await Promise.all([secret.close(), folder.handle.close()])
    await fs.rm(passwordFile, { force: true })
  }
}

interface Launch {
  readonly native: Native
  readonly account: Account | undefined
  readonly logFile: string
  readonly cluster: string
  readonly options: EmbeddedPostgresOptions
}

/** The process of the database, or what it said before it ended. */
type Launched = { readonly pid: number; readonly output: '' } | { readonly pid: undefined; readonly output: string }

const LAUNCH_TRIES = 5
const START_LIMIT_MS = 60_000

async function launch(wish: Launch): Promise<{ pid: number; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    const { pid, output } = await launchOn(port, wish)
    if (pid !== undefined) return { pid, port }
    // Between asking for a free port and using it somebody else may have taken it.
    if (attempt === LAUNCH_TRIES || !output.includes('could not bind')) {
      throw new EmbeddedPostgresFault(`The embedded PostgreSQL did not start. Its last lines:\n${output}`)
    }
  }
}

async function launchOn(port: number, { native, account, logFile, cluster, options }: Launch): Promise<Launched> {
  const folder = await openCluster(cluster, account)
  const log = await fs.open(logFile, (await sizeOf(logFile)) > 10 * 1024 * 1024 ? 'w' : 'a', 0o600)
  const from = await sizeOf(logFile)
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: options.maxConnections ?? 100,
    shared_buffers: '128MB',
    fsync: options.fsync === false ? 'off' : 'on',
    synchronous_commit: options.fsync === false ? 'off' : 'on',
    full_page_writes: options.fsync === false ? 'off' : 'on',
    log_line_prefix: '%m [%p] %d ',
    log_timezone: 'UTC',
    timezone: 'UTC',
    log_lock_waits: 'on',
    lc_messages: 'C',
  }
  try {
    const child = spawn(
      binary(native.root, 'postgres'),
      ['-D', folder.name, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      {
        ...account,
        cwd: native.root,
        env: quietEnvironment(),
        stdio: ['ignore', log.fd, log.fd, folder.handle.fd],
        // Ctrl-C reaches every process of the terminal's group; the database must outlive the requests in flight.
        detached: true,
      },
    )
    let ended = false
    child.once('exit', () => {
      ended = true
    })
    child.once('error', () => {
      ended = true
    })
    const pidFile = path.join(cluster, 'postmaster.pid')
    const deadline = performance.now() + START_LIMIT_MS
    while (!ended && performance.now() < deadline) {
      const lines = (await fs.readFile(pidFile, 'utf8').catch(ignoreAbsence))?.split('\n')
      if (lines && Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready' && hasPid(child)) {
        if (options.endWithParent) endWith(child.pid, account)
        child.unref()
        return { pid: child.pid, output: '' }
      }
      await pause(10)
    }
    if (!ended) await endProcess(child.pid)
    const said = await fs.readFile(logFile)
    return { pid: undefined, output: said.subarray(from).toString('utf8').slice(-4000) }
  } finally {
    await Promise.all([log.close(), folder.handle.close()])
  }
}

const hasPid = (child: ChildProcess): child is ChildProcess & { pid: number } => child.pid !== undefined

/** A shell that waits for the end of our pipe, which comes however we die, and then ends the database. */
function endWith(pid: number, account: Account | undefined): void {
  if (process.platform === 'win32') return
  const watcher = spawn('/bin/sh', ['-c', `cat >/dev/null; kill -INT ${pid} 2>/dev/null`], {
    ...account,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  watcher.unref()
  // The pipe must not keep our own event loop alive.
  const pipe = watcher.stdin as net.Socket
  pipe.unref()
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`)
  } finally {
    await client.end()
  }
}

/**
 * The database of this folder that outlived its program (a kill -9 ends only Node). A process that merely got the
 * same number is not touched; one of ours that no longer answers is ended.
 */
async function runningPostmaster(
  cluster: string,
  urlOn: (port: number) => string,
): Promise<{ pid: number; port: number } | undefined> {
  const pidFile = path.join(cluster, 'postmaster.pid')
  const text = await fs.readFile(pidFile, 'utf8').catch(ignoreAbsence)
  if (text === undefined) return undefined
  const lines = text.split('\n')
  const pid = Number(lines[0])
  const port = Number(lines[3])
  if (!isAlive(pid) || !(await worksIn(pid, cluster))) {
    await fs.rm(pidFile, { force: true })
    return undefined
  }
  const client = new pg.Client({ connectionString: urlOn(port), connectionTimeoutMillis: 5_000 })
  try {
    await client.connect()
    await client.end()
    return { pid, port }
  } catch {
    await endProcess(pid)
    return undefined
  }
}

async function worksIn(pid: number, cluster: string): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const [folder, home] = await Promise.all([
    fs.readlink(`/proc/${pid}/cwd`).catch(() => undefined),
    fs.realpath(cluster),
  ])
  return folder === home
}

/** Asks the database to end its sessions and stop, then insists. */
async function endProcess(pid: number | undefined): Promise<void> {
  if (pid === undefined) return
  for (const [signal, limitMs] of [
    ['SIGINT', 15_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ] as const) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      if (codeOf(error) === 'ESRCH') return
      throw error
    }
    const deadline = performance.now() + limitMs
    while (performance.now() < deadline) {
      if (!isAlive(pid)) return
      await pause(10)
    }
  }
}

async function keptPassword(file: string): Promise<string> {
  const kept = await fs.readFile(file, 'utf8').catch(ignoreAbsence)
  if (kept) return kept.trim()
  const password = randomBytes(24).toString('hex')
  await fs.writeFile(file, `${password}\n`, { mode: 0o600 })
  return password
}

/** A port of the loopback interface that is free now. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  const server = net.createServer()
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** The database must not inherit PGDATA, LC_ALL and the like; what it needs is given as settings. */
function quietEnvironment(): Record<string, string> {
  const kept = ['PATH', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH']
  const names = kept.flatMap((name) => {
    // Read here because it is handed to another program, not used as configuration.
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return { ...Object.fromEntries(names), LC_ALL: 'C' }
}

function collect(child: ChildProcess): () => string {
  const chunks: Buffer[] = []
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk))
  return () => Buffer.concat(chunks).toString('utf8').slice(-4000)
}

const sizeOf = async (file: string): Promise<number> => (await fs.stat(file).catch(ignoreAbsence))?.size ?? 0
