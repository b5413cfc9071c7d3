import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AlipaySandbox, startAlipaySandbox } from '../index.ts'
import { cli } from '../testing/cli.ts'
import { sharedKeys } from '../testing/keys.ts'
import { payUrl } from '../testing/merchant.ts'
import { type Receiver, startReceiver } from '../testing/receiver.ts'
import { COMMAND_NAMES } from './run.ts'

let sandbox: AlipaySandbox
let receiver: Receiver
let home: string
let url: readonly string[]

beforeAll(async () => {
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys: await sharedKeys(), token: 'let-me-in' })
  receiver = await startReceiver()
  home = await mkdtemp(join(tmpdir(), 'alipay-sandbox-cli-'))
  url = ['--url', sandbox.endpoint, '--token', 'let-me-in']
})
afterAll(async () => {
  await sandbox.stop()
  await receiver.stop()
  await rm(home, { recursive: true, force: true })
})

const json = async (...args: string[]) => {
  const { code, out, err } = await cli(...args, '--json', ...url)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return JSON.parse(out)
}
const address = (no: string) => payUrl(sandbox, { out_trade_no: no }, { notify_url: receiver.url })

describe('words the program does not know', () => {
  test('SBX-71 --version says that of the package', async () => {
    const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../../package.json'), 'utf8'))
    for (const flag of ['--version', '-v']) expect(await cli(flag)).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  test('SBX-71 --help lists every command, and every command line has it', async () => {
    const help = await cli('--help')
    expect(help).toMatchObject({ code: 0, err: '' })
    for (const name of COMMAND_NAMES)
      expect(help.out).toContain(name === 'start' ? '[start]' : `alipay-sandbox ${name} `)
    for (const args of [['help'], ['-h'], ['refund', '--help'], ['pay', 'x', '--help']]) {
      expect((await cli(...args)).out).toBe(help.out)
    }
  })

  test('SBX-71 an unknown flag exits 2 for every command', async () => {
    for (const name of COMMAND_NAMES) {
      const ran = await cli(name, '--nope')
      expect({ name, code: ran.code, out: ran.out }).toEqual({ name, code: 2, out: '' })
      expect(ran.err).toContain('--help lists what it can do')
    }
  })

  test.each([
    [['nope']],
    [['pay']],
    [['trades', 'x']],
    [['--port', 'x']],
    [['--port', '1.5']],
    [['--clock-rate', 'fast']],
    [['--memory', '--data', 'x']],
    [['config', '--format', 'cobol']],
    [['settings', '--lang', 'fr']],
    [['refund', 'x', '1.234']],
    [['refund', 'x', '0']],
    [['refund', 'x', '1', '2']],
    [['fault', 'no_such_fault']],
    [['fault', 'remove']],
    [['fault', 'list', 'x']],
    [['fault', 'notify_lost', '--times', 'often']],
    [['trades', '--url', 'ftp://x']],
    [['export', 'x', '--data', 'a', '--url', 'http://b']],
  ])('SBX-71 %j exits 2', async (args) => {
    expect(await cli(...args)).toMatchObject({ code: 2, out: '' })
  })

  test('SBX-71 what cannot be done exits 1 with one clear line', async () => {
    const nobody = await cli('trades', '--url', 'http://127.0.0.1:1')
    expect(nobody).toMatchObject({ code: 1, out: '' })
    expect(nobody.err).toBe('no sandbox answers at http://127.0.0.1:1; start one or name it with --url\n')
    const other = createServer((_, response) => response.writeHead(404).end('nothing here'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const stranger = `http://127.0.0.1:${(other.address() as AddressInfo).port}`
    expect((await cli('trades', '--url', stranger)).err).toBe(`${stranger} answered 404; is it an alipay-sandbox?\n`)
    other.close()
    expect((await cli('trades', '--url', sandbox.endpoint)).err).toContain('Authorization: Bearer')
    expect((await cli('refund', 'nothing', ...url)).err).toBe('no trade nothing\n')
    expect((await cli('resend', 'nothing', ...url)).err).toBe('no notify about nothing\n')
    expect((await cli('config', '--data', join(home, 'nothing'))).code).toBe(1)
  })
})

describe('commands that talk to a running sandbox', () => {
  test('SBX-71 pay, trades, refund', async () => {
    const paid = await cli('pay', address('cli1'), ...url)
    expect(paid).toMatchObject({ code: 0, err: '' })
    expect(paid.out).toMatch(/^\d{28} {2}cli1 {2}TRADE_SUCCESS {2}88\.80 {2}爱家租房\n$/)
    expect((await cli('trades', ...url)).out).toBe(paid.out)
    expect(await json('trades', '--out-trade-no', 'cli1')).toMatchObject([{ out_trade_no: 'cli1', amount_fen: 8880 }])
    expect(await json('trades', '--status', 'TRADE_CLOSED')).toEqual([])
    expect((await cli('pay', address('cli1'), ...url)).err).toContain('ACQ.TRADE_HAS_SUCCESS')
    const quit = await cli('pay', address('cli2'), '--outcome', 'quit', ...url)
    expect(quit).toMatchObject({ code: 0, out: 'no trade exists\n' })

    const part = await cli('refund', 'cli1', '8.80', '--out-request-no', 'r1', '--reason', '少住一晚', ...url)
    expect(part.out).toMatch(/cli1 {2}TRADE_SUCCESS {2}88\.80 refunded 8\.80 .*\nrefunded now: 8\.80\n$/)
    const rest = await json('refund', 'cli1')
    expect(rest).toMatchObject({ status: 'TRADE_CLOSED', refunded_fen: 8880, refunds: [{ out_request_no: 'r1' }, {}] })
    expect((await cli('refund', 'cli1', '1', ...url)).code).toBe(1)
  })

  test('SBX-71 resend by notify_id and by out_trade_no', async () => {
    await cli('pay', address('cli3'), ...url)
    await sandbox.waitForNotify({ outTradeNo: 'cli3' })
    const idsHeard = () =>
      receiver.bodies
        .map((body) => new URLSearchParams(body))
        .filter((fields) => fields.get('out_trade_no') === 'cli3')
        .map((fields) => fields.get('notify_id'))
    const again = await cli('resend', 'cli3', ...url)
    expect(again.out).toMatch(/^\d{34} {2}acknowledged {2}200\n$/)
    const id = again.out.slice(0, 34)
    expect(await json('resend', id)).toMatchObject({ resend: true, verdict: 'acknowledged' })
    expect(idsHeard()).toEqual([id, id, id])
  })

  test('SBX-71 advance', async () => {
    const before = sandbox.clock.now().getTime()
    const clock = await cli('advance', '25h', ...url)
    expect(Date.parse(clock.out.trim()) - before).toBeGreaterThanOrEqual(25 * 3_600_000)
    expect(await json('advance', '10m')).toMatchObject({ rate: 1 })
    expect(await cli('advance', 'soon', ...url)).toMatchObject({
      code: 2,
      err: expect.stringContaining('soon is not a time'),
    })
  })

  test('SBX-71 fault: kinds, add, list, remove', async () => {
    expect((await cli('fault', 'kinds')).out).toContain('notify_lost ')
    const all = JSON.parse((await cli('fault', 'kinds', '--json')).out)
    expect(all).toContainEqual(expect.objectContaining({ kind: 'http_500', where: 'api', zh: expect.any(String) }))
    const words = [
      '--out-trade-no',
      'never*',
      '--times',
      'always',
      '--event',
      'paid',
      '--probability',
      '0.5',
      '--seed',
      '7',
    ]
    const added = await json('fault', 'notify_lost', ...words)
    expect(added).toMatchObject({ kind: 'notify_lost', times: null, event: 'paid', probability: 0.5, seed: 7 })
    expect((await cli('fault', 'list', ...url)).out).toBe(`${added.id}  notify_lost  0/always  never*\n`)
    expect((await cli('fault', 'remove', added.id, ...url)).out).toBe(`removed ${added.id}\n`)
    expect((await cli('fault', 'remove', added.id, ...url)).code).toBe(1)
    expect((await cli('fault', 'list', ...url)).out).toBe('no faults\n')
  })
})

describe('export and import (SBX-60)', () => {
  test('SBX-60 a running sandbox is exported into a new file, and imported into an empty directory only', async () => {
    const file = join(home, 'whole.export')
    const exported = await cli('export', file, ...url)
    expect(exported).toMatchObject({ code: 0, err: '' })
    expect(exported.out).toContain('leaves out: private keys')
    expect((await cli('export', file, ...url)).err).toBe(`${file} is there already\n`)
    const text = await readFile(file, 'utf8')
    const secret = sandbox.merchant.appPrivateKey.split('\n')[5] ?? 'none'
    expect(text).not.toContain(secret)
    expect(text).not.toContain('PRIVATE KEY')
    expect(JSON.parse(text.split('\n', 1)[0] ?? '')).toMatchObject({ format: 'alipay-sandbox export', version: 1 })

    const to = join(home, 'imported')
    const imported = await cli('import', file, '--data', to)
    expect(imported).toMatchObject({ code: 0, err: '' })
    expect(imported.out).toContain('New keys were made')
    expect((await cli('import', file, '--data', to)).err).toContain('is not empty')
    expect((await cli('import', join(home, 'none'), '--data', join(home, 'b'))).code).toBe(1)
    await writeFile(join(home, 'cut'), text.slice(0, -20))
    expect((await cli('import', join(home, 'cut'), '--data', join(home, 'c'))).err).toContain('checksum')

    const twin = await startAlipaySandbox({ port: 0, dataDir: to })
    try {
      expect(twin.control.trades()).toEqual(sandbox.control.trades())
      expect(twin.control.accounts()).toEqual(sandbox.control.accounts())
      expect(twin.merchant.appId).toBe(sandbox.merchant.appId)
      expect(twin.merchant.appPrivateKey).not.toContain(secret)
      expect((await twin.pay({ payUrl: payUrl(twin, { out_trade_no: 'after' }) })).trade?.status).toBe('TRADE_SUCCESS')
      expect((await cli('export', join(home, 'busy'), '--data', to)).err).toContain('is in use by another')
    } finally {
      await twin.stop()
    }
    const asJson = JSON.parse((await cli('export', join(home, 'rest'), '--data', to, '--json')).out)
    expect(asJson).toMatchObject({ file: join(home, 'rest'), leaves_out: expect.stringContaining('private keys') })
    const withKeys = JSON.parse(
      (await cli('import', join(home, 'rest'), '--data', join(home, 'd'), '--keys', join(to, 'keys'), '--json')).out,
    )
    expect(withKeys).toMatchObject({ new_keys: false })
    expect(await readFile(join(home, 'd/keys/app-private.pem'), 'utf8')).toBe(
      await readFile(join(to, 'keys/app-private.pem'), 'utf8'),
    )
    const wrong = await cli('import', file, '--data', join(home, 'e'), '--keys', join(to, 'keys'))
    expect(wrong.err).toContain('are not those of the exported sandbox')
    expect((await cli('export', join(home, 'f'), '--data', join(home, 'nothing'))).err).toContain('holds no sandbox')
  })
})
