import { fork } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { EmbeddedPostgresFault } from './database-account.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'
import { packagedBinaries } from './postgres-binaries.ts'

describe('the embedded database', { timeout: 60_000 }, () => {
  let parent: string
  let dataDir: string
  let running: EmbeddedPostgres[]

  beforeEach(async () => {
    // Private like a root home, and with a space in its path.
    parent = await fs.mkdtemp(path.join(os.tmpdir(), 'ihome private-'))
    await fs.chmod(parent, 0o700)
    dataDir = path.join(parent, 'my data')
    running = []
  })
  afterEach(async () => {
    await Promise.all(running.map((postgres) => postgres.stop()))
    await fs.rm(parent, { recursive: true, force: true })
  })

  const start = async (options: { fsync?: boolean; say?: (line: string) => void } = { fsync: false }) => {
    const postgres = await startEmbeddedPostgres({ dataDir, ...options })
    running.push(postgres)
    return postgres
  }

  const ask = async (url: string, question: string): Promise<Record<string, unknown>> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      const { rows } = await client.query<Record<string, unknown>>(question)
      return rows[0] ?? {}
    } finally {
      await client.end()
    }
  }

  test('starts, as root too, in a folder of mode 700 whose path has a space, and keeps its data and permissions', async () => {
    const before = await fs.stat(parent)
    const first = await start({})
    expect(
      await ask(
        first.ownerUrl,
        `select current_setting('server_encoding') as encoding,
      current_setting('fsync') as fsync, current_setting('listen_addresses') as address`,
      ),
    ).toEqual({
      encoding: 'UTF8',
      fsync: 'on',
      address: '127.0.0.1',
    })
    await ask(first.ownerUrl, "create table kept as select '爱家' as name")
    await first.stop()

    const second = await start()
    expect(await ask(second.ownerUrl, 'select name from kept')).toEqual({ name: '爱家' })
    expect((await fs.stat(parent)).mode).toBe(before.mode)
    expect((await fs.stat(path.join(dataDir, 'postgres.password'))).mode & 0o777).toBe(0o600)
  })

  test('does not let anybody in without the password', async () => {
    const { ownerUrl } = await start()
    const wrong = new URL(ownerUrl)
    wrong.password = 'guessed'
    await expect(ask(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/)
  })

  test('refuses a second program on the same folder, and says which one is there', async () => {
    await start()
    await expect(start()).rejects.toThrow(new RegExp(`Another iHome \\(process ${process.pid}\\) is using`))
  })

  test('takes over the database of a program that was killed outright', async () => {
    const program = fork(path.join(import.meta.dirname, 'embedded-postgres.fixture.ts'), [dataDir], {
      execArgv: ['--import', 'tsx'],
    })
    const [{ port }] = (await once(program, 'message')) as [{ port: number }]
    program.kill('SIGKILL')
    await once(program, 'exit')

    const lines: string[] = []
    const postgres = await start({ fsync: false, say: (line) => lines.push(line) })
    expect(postgres).toMatchObject({ adopted: true, port })
    expect(lines.join()).toContain('Took over')
    expect(await ask(postgres.ownerUrl, 'select 1 as one')).toEqual({ one: 1 })
    await postgres.stop()
    await expect(ask(postgres.ownerUrl, 'select 1')).rejects.toThrow(/ECONNREFUSED/)
  })

  test('starts again on its port, with what was committed, when its process is killed', async () => {
    const postgres = await start({})
    await ask(postgres.ownerUrl, 'create table kept as select 1 as one')
    const pidFile = await fs.readFile(path.join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')
    process.kill(Number.parseInt(pidFile, 10), 'SIGKILL')
    const answer = () => ask(postgres.ownerUrl, 'select one from kept').catch(() => undefined)
    await expect.poll(answer, { timeout: 10_000 }).toEqual({ one: 1 })
  })

  test('starts over when an earlier start was cut short while making the database', async () => {
    await fs.mkdir(path.join(dataDir, 'postgres.draft'), { recursive: true })
    await fs.writeFile(path.join(dataDir, 'postgres.draft', 'PG_VERSION'), '15\n')
    const { ownerUrl } = await start()
    expect(await ask(ownerUrl, 'select 1 as one')).toEqual({ one: 1 })
  })

  test('does not touch a stranger that now has the process number of the old database', async () => {
    await (await start()).stop()
    running = []
    const stranger = `${process.pid}\n${dataDir}\n1\n5432\n\n127.0.0.1\n\nready\n`
    await fs.writeFile(path.join(dataDir, 'postgres', 'postmaster.pid'), stranger)
    const { ownerUrl, adopted } = await start()
    expect(adopted).toBe(false)
    expect(await ask(ownerUrl, 'select 1 as one')).toEqual({ one: 1 })
  })

  test('runs a copy of binaries that lie where the account of the database may not go, and only then', async () => {
    const packaged = packagedBinaries()
    const open = await fs.mkdtemp(path.join(os.tmpdir(), 'ihome-open-'))
    await fs.chmod(open, 0o755)
    try {
      const root = path.join(parent, 'native')
      await fs.cp(packaged.root, root, { recursive: true, verbatimSymlinks: true })
      const lines: string[] = []
      const folder = path.join(open, 'data')
      await fs.mkdir(folder, { mode: 0o755 })
      const binaries = { root, version: packaged.version }
      const say = (line: string) => lines.push(line)
      const postgres = await startEmbeddedPostgres({ dataDir: folder, fsync: false, binaries, say })
      running.push(postgres)
      expect(await ask(postgres.ownerUrl, 'select 1 as one')).toEqual({ one: 1 })
      // An ordinary user runs the database as itself and may go wherever it keeps its files. Root's copy lies beside the
      // data, or elsewhere where temporary folders are root's alone.
      const copied = process.getuid?.() === 0 ? [expect.stringContaining('postgres-binaries')] : []
      expect(lines).toEqual(copied)
      await postgres.stop()
    } finally {
      await fs.rm(open, { recursive: true, force: true })
    }
  })

  test('says what the database said when it cannot start', async () => {
    await (await start()).stop()
    running = []
    await fs.writeFile(path.join(dataDir, 'postgres', 'postgresql.conf'), 'shared_buffers = many\n')
    await expect(start()).rejects.toThrow(EmbeddedPostgresFault)
    await expect(start()).rejects.toThrow(/shared_buffers/)
  })
})
