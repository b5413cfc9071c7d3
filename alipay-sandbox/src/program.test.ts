import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProblem } from './cli/start-problem.ts'
import { SETTING_NAMES, settingsMarkdown } from './settings.ts'
import { cli } from './testing/cli.ts'
import { buildProgram, runProgram, startProgram, startUntilFirstLine } from './testing/program.ts'
import { seenFromOutside } from './testing/started-program.ts'

let program: string
let home: string
beforeAll(async () => {
  program = await buildProgram()
  home = await mkdtemp(join(tmpdir(), 'alipay-sandbox-home-'))
}, 60_000)
afterAll(async () => {
  await rm(home, { recursive: true, force: true })
})

/** Formatters pad the cells of a table; what it says stays the same. */
const unpadded = (markdown: string) => markdown.replace(/ *\| */g, '|').replace(/-{3,}/g, '---')

describe('the program', () => {
  test('SBX-71 its exit codes reach the shell', async () => {
    const [help, unknown] = await Promise.all([runProgram(program, '--help'), runProgram(program, '--nope')])
    expect(help).toMatchObject({ code: 0, err: '' })
    expect(unknown).toMatchObject({ code: 2, out: '' })
  })

  test('SBX-72 SBX-59 the first start makes everything, the second shows the same and forgot nothing', async () => {
    const directory = join(home, 'first')
    const first = await startProgram(program, '--data', directory)
    const sandbox = await seenFromOutside(first)
    const second = await runProgram(program, '--data', directory, '--port', '0')
    expect(second).toMatchObject({ code: 1, out: '' })
    expect(second.err).toContain('is in use by another alipay-sandbox')
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)

    const third = await startProgram(program, '--data', directory)
    const { gateway: _, control: __, console: ___, ...same } = third.summary
    expect(first.summary).toMatchObject(same)
    third.child.kill('SIGINT')
    expect(await third.ended).toBe(0)

    const secret = sandbox.merchant.appPrivateKey.split('\n')[5] ?? ''
    for (const format of ['env', 'json', 'node', 'java', 'php', 'python', 'go', 'ruby']) {
      const shown = await cli('config', '--format', format, '--data', directory)
      expect(shown.code).toBe(0)
      expect(shown.out).toContain(third.summary.gateway)
      expect(shown.out).toContain(third.summary.app_id)
      expect(shown.out).not.toContain(secret)
    }
  })

  test('SBX-71 SBX-70 a config file sets settings and accounts; a wrong one is refused by name', async () => {
    const file = join(home, 'config.json')
    const account = { role: 'buyer', logon_id: 'extra@example.com', display_name: '第三位', balance_fen: 5 }
    await writeFile(file, JSON.stringify({ settings: { fee_rate: 0.02 }, accounts: [account] }))
    const flags = ['--memory', '--config', file, '--clock-rate', '60', '--official-sandbox-limits']
    const started = await startProgram(program, ...flags)
    const origin = started.summary.gateway?.replace('/gateway.do', '')
    const settings = await (await fetch(`${origin}/_sandbox/api/v1/settings`)).json()
    // SBX-70: the switch joins what the file says.
    expect(settings).toMatchObject({ fee_rate: 0.02, official_sandbox_limits: true })
    expect(await (await fetch(`${origin}/_sandbox/api/v1/clock`)).json()).toMatchObject({ rate: 60 })
    const accounts = await (await fetch(`${origin}/_sandbox/api/v1/accounts`)).json()
    expect(accounts).toContainEqual(expect.objectContaining({ logon_id: 'extra@example.com', balance_fen: 5 }))
    started.child.kill('SIGTERM')
    await started.ended
    await writeFile(file, '{"setings":{}}')
    expect((await cli('--memory', '--config', file)).err).toContain('unknown key setings')
    await writeFile(file, '{"settings":{"fee_rate":2}}')
    expect((await cli('--memory', '--config', file, '--port', '0')).err).toContain('setting fee_rate')
    await writeFile(file, '{')
    expect((await cli('--memory', '--config', file)).err).toContain(`--config ${file}: `)
  })

  test('SBX-83 the start print says what it is not, and the differences page is the settings table', async () => {
    const { child, firstLine, ended } = await startUntilFirstLine(program, '--port', '0', '--memory')
    expect(firstLine).toBe('离线沙箱，非支付宝官方 · offline test gateway, not affiliated with Alipay')
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    const page = await cli('settings', '--lang', 'en')
    expect(page.out.trim()).toBe(settingsMarkdown('en'))
    const rows = page.out.trim().split('\n').slice(2)
    expect(rows.map((row) => row.split('`')[1])).toEqual([...SETTING_NAMES])
    for (const [file, language] of [
      ['README.md', 'zh'],
      ['README.en.md', 'en'],
    ] as const) {
      const readme = await readFile(join(import.meta.dirname, '..', file), 'utf8')
      expect(unpadded(readme)).toContain(unpadded(settingsMarkdown(language)))
    }
  })
})

describe('what a start prints', () => {
  test('SBX-72 SBX-75 the console, the addresses and the files; and the snippet for Node runs as it is printed', async () => {
    const directory = join(home, 'printed')
    const started = await startUntilFirstLine(program, '--port', '0', '--data', directory)
    const file = JSON.parse(await readFile(join(directory, 'merchant.json'), 'utf8'))
    for (const text of [file.gateway, file.appId, file.sellerId, file.alipayPublicKey, file.appPrivateKeyFile]) {
      expect(started.output()).toContain(text)
    }
    expect(started.output()).toContain('/_sandbox/')
    expect((await stat(join(directory, 'merchant.json'))).mode & 0o777).toBe(0o600)
    const { out } = await cli('config', '--format', 'node', '--data', directory)
    // Beside this test, so that the SDK is found.
    const script = join(import.meta.dirname, `snippet-${process.pid}.mjs`)
    const call = "sdk.exec('alipay.trade.query', { bizContent: { out_trade_no: 'none' } }, { validateSign: true })"
    await writeFile(script, `${out}\nconsole.log((await ${call}).subCode)\n`)
    const ran = await runProgram(script).finally(() => rm(script))
    expect(ran).toEqual({ code: 0, out: 'ACQ.TRADE_NOT_EXIST\n', err: '' })
    started.child.kill('SIGTERM')
    expect(await started.ended).toBe(0)
  })

  test('SBX-78 beyond loopback it wants the long confirmation, then warns and prints a token', async () => {
    const refused = await cli('--host', '0.0.0.0', '--port', '0', '--memory')
    expect(refused).toMatchObject({ code: 1, out: '' })
    expect(refused.err).toContain('--i-know-this-is-a-test-gateway')
    const flags = ['--host', '0.0.0.0', '--port', '0', '--memory', '--i-know-this-is-a-test-gateway']
    const open = await startUntilFirstLine(program, ...flags)
    open.child.kill('SIGTERM')
    await open.ended
    expect(open.output()).toContain('WARNING: reachable from other machines')
    expect(open.output()).toMatch(/^token {17}\S{32}$/m)
    const near = await startUntilFirstLine(program, '--port', '0', '--memory', '--token', 'mine')
    near.child.kill('SIGTERM')
    await near.ended
    expect(near.output()).not.toContain('WARNING')
  })
})

describe('a start that cannot be', () => {
  test('SBX-71 SBX-72 a port that is taken is named, with the way out, and the directory is free again', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const directory = join(home, 'taken')
    const ran = await cli('--port', `${port}`, '--data', directory)
    expect(ran).toMatchObject({ code: 1, out: '' })
    expect(ran.err).toBe(
      `port ${port} is taken, perhaps by another alipay-sandbox; choose another with --port, --port 0 takes a free one\n`,
    )
    other.close()
    expect(await readdir(directory)).not.toContain('lock')
  })

  test('SBX-71 SBX-72 a data directory that cannot be made or written is named in one line', async () => {
    const file = join(home, 'a-file')
    await writeFile(file, '')
    expect((await cli('--data', file)).err).toBe(`${file} is not a directory; choose another with --data\n`)
    const below = join(file, 'data')
    expect((await cli('--data', below)).err).toBe(`${below} is not a directory; choose another with --data\n`)
    // The superuser may write nearly everywhere, so what the system says is played here.
    const said = (code: string, syscall = 'mkdir') =>
      String(startProblem(Object.assign(new Error('x'), { code, syscall }), { host: 'h', port: 80, dataDir: '/d' }))
    expect(said('EACCES')).toContain('/d cannot be written; choose another directory with --data')
    expect(said('EROFS')).toContain('/d cannot be written')
    expect(said('ENOSPC')).toContain('the disk of /d is full')
    expect(said('EACCES', 'listen')).toContain('port 80 may not be listened on by this user')
    expect(said('EADDRNOTAVAIL', 'listen')).toContain('h cannot be listened on')
  })

  test('SBX-82 no output and no file of a run but the key files holds a private key', async () => {
    const directory = join(home, 'secrets')
    const started = await startUntilFirstLine(program, '--port', '0', '--data', directory)
    started.child.kill('SIGINT')
    expect(await started.ended).toBe(0)
    const secret = (await readFile(join(directory, 'keys', 'app-private.pem'), 'utf8')).split('\n')[5] ?? ''
    expect(secret.length).toBeGreaterThan(40)
    expect(started.output()).not.toContain(secret)
    expect(started.output()).not.toContain('PRIVATE KEY')
    await mkdir(join(home, 'out'), { recursive: true })
    await cli('export', join(home, 'out', 'file'), '--data', directory)
    for (const name of [...(await readdir(directory, { withFileTypes: true })).filter((one) => one.isFile())]) {
      expect(await readFile(join(directory, name.name), 'utf8'), name.name).not.toContain(secret)
    }
    expect(await readFile(join(home, 'out', 'file'), 'utf8')).not.toContain(secret)
  })
})
