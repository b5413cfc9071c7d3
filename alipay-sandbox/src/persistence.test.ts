import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { FileJournal, journalLine, readJournal } from './engine/journal.ts'
import { type AlipaySandbox, type SandboxKeys, startAlipaySandbox } from './index.ts'
import { newPrivateKey, pkcs1 } from './keys.ts'
import { sharedKeys } from './testing/keys.ts'
import { callGateway, payUrl } from './testing/merchant.ts'
import { fieldsOf, startReceiver } from './testing/receiver.ts'

let keys: SandboxKeys
let directory: string
beforeAll(async () => {
  const [pair, root] = await Promise.all([sharedKeys(), newPrivateKey()])
  keys = { ...pair, rootPrivateKey: pkcs1(root) }
})
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'alipay-sandbox-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const start = () => startAlipaySandbox({ port: 0, dataDir: directory, keys })
const refund = (sandbox: AlipaySandbox, no: string, amount: string) =>
  callGateway(sandbox, 'alipay.trade.refund', { out_trade_no: no, refund_amount: amount, out_request_no: amount })

describe('a restart (SBX-59)', () => {
  test('SBX-32 SBX-59 forgets nothing: keys, accounts, trades, numbers, open pages, queue, clock, settings, faults', async () => {
    const receiver = await startReceiver()
    receiver.answer((response) => response.end('fail'))
    const first = await start()
    await first.control.changeSettings({ fee_rate: 0.01, refund_interval: 'off' })
    await first.clock.advance(10 * 86_400_000)
    await first.pay({ payUrl: payUrl(first, { out_trade_no: 'k1' }, { notify_url: receiver.url }) })
    await refund(first, 'k1', '1.00')
    await first.faults.add({ kind: 'notify_lost', outTradeNo: 'never' })
    const page = await fetch(payUrl(first, { out_trade_no: 'k2' }), { redirect: 'manual' })
    await first.clock.settle()
    const told = (sandbox: AlipaySandbox) =>
      JSON.stringify([
        sandbox.merchant,
        sandbox.control.accounts(),
        sandbox.control.apps(),
        sandbox.control.trades(),
        sandbox.control.checkouts(),
        sandbox.control.settings(),
        sandbox.faults.list(),
        sandbox.control.deliveries().map(({ deliveries, ...notify }) => ({ ...notify, count: deliveries.length })),
      ])
    const before = told(first)
    const stoppedAt = first.clock.now().getTime()
    await first.stop()

    const second = await start()
    expect(told(second)).toBe(before)
    expect(second.clock.now().getTime()).toBeGreaterThanOrEqual(stoppedAt)
    expect(second.clock.now().getTime()).toBeLessThan(stoppedAt + 60_000)
    expect((await fetch(`${second.endpoint}${page.headers.get('location')}`)).status).toBe(200)
    await expect(second.pay({ payUrl: payUrl(second, { out_trade_no: 'k1' }) })).rejects.toThrow(
      'ACQ.TRADE_HAS_SUCCESS',
    )
    const repeated = await refund(second, 'k1', '1.00')
    expect(repeated.answer.fund_change).toBe('N')

    receiver.answer((response) => response.end('success'))
    await second.clock.advance(4 * 60_000)
    const ids = receiver.bodies.map((body) => fieldsOf(body)).filter((fields) => fields.refund_fee === undefined)
    expect(ids.length).toBeGreaterThanOrEqual(2)
    expect(new Set(ids.map((fields) => fields.notify_id)).size).toBe(1)
    expect(second.control.state()).toMatchObject({ sumFen: 0, counts: { pendingNotifies: 0 } })
    await second.stop()
    await receiver.stop()
  })

  test('SBX-35 a notify that a stop kept from leaving is sent after the restart', async () => {
    const receiver = await startReceiver()
    receiver.answer(() => {})
    const first = await start()
    await first.pay({ payUrl: payUrl(first, { out_trade_no: 'k3' }, { notify_url: receiver.url }) })
    await first.stop()
    receiver.answer((response) => response.end('success'))
    const second = await start()
    await second.waitForNotify({ outTradeNo: 'k3' })
    await second.stop()
    await receiver.stop()
  })

  test('a long journal is replaced by one snapshot, and nothing is lost by it', async () => {
    const first = await start()
    await first.pay({ payUrl: payUrl(first, { out_trade_no: 'k4' }) })
    const before = JSON.stringify([first.control.trades(), first.control.accounts()])
    await first.stop()
    const path = join(directory, 'journal.log')
    const idle = journalLine([{ type: 'settings_changed', at: 0, patch: {} }])
    await appendFile(path, idle.repeat(20_001))
    const { size } = await stat(path)
    const second = await start()
    expect(JSON.stringify([second.control.trades(), second.control.accounts()])).toBe(before)
    expect((await stat(path)).size).toBeLessThan(size / 10)
    await second.stop()
    const third = await start()
    expect(JSON.stringify([third.control.trades(), third.control.accounts()])).toBe(before)
    await third.stop()
  })

  test('SBX-64 a long journal is also replaced at a stop, so that the next start is quick', async () => {
    const first = await start()
    await first.pay({ payUrl: payUrl(first, { out_trade_no: 'k9' }) })
    const before = JSON.stringify([first.control.trades(), first.control.accounts(), first.control.deliveries()])
    for (let count = 0; count < 20_001; count += 1) void first.control.changeSettings({ fee_rate: 0.006 })
    await first.stop()
    const { count } = readJournal(await readFile(join(directory, 'journal.log')))
    expect(count).toBeLessThan(50)
    const second = await start()
    expect(JSON.stringify([second.control.trades(), second.control.accounts(), second.control.deliveries()])).toBe(
      before,
    )
    await second.stop()
  })
})

describe('the directory (SBX-60)', () => {
  test('SBX-60 a second sandbox on it is refused with a clear text; after a stop it is free', async () => {
    const first = await start()
    await expect(start()).rejects.toThrow(/is in use by another alipay-sandbox/)
    await first.stop()
    await (await start()).stop()
    expect((await readdir(directory)).sort()).toEqual(['journal.log', 'keys', 'merchant.env', 'merchant.json'])
  })

  test('SBX-60 the lock of a process that is gone is taken over', async () => {
    await writeFile(join(directory, 'lock'), '999999999 1')
    await (await start()).stop()
  })

  test('SBX-72 SBX-82 private keys are in files of mode 0600 and nowhere else', async () => {
    const sandbox = await start()
    await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'k5' }) })
    await sandbox.stop()
    const secret = (keys.appPrivateKey.split('\n')[5] ?? '').slice(0, 40)
    const shown = await Promise.all(
      ['journal.log', 'merchant.env', 'merchant.json'].map((name) => readFile(join(directory, name), 'utf8')),
    )
    for (const text of shown) expect(text).not.toMatch(/PRIVATE KEY---/)
    for (const text of shown) expect(text).not.toContain(secret)
    for (const name of ['journal.log', 'merchant.env', 'keys/app-private.pem', 'keys/alipay-private.pem']) {
      expect((await stat(join(directory, name))).mode & 0o777).toBe(0o600)
    }
    expect(await readFile(join(directory, 'merchant.env'), 'utf8')).toContain(`ALIPAY_APP_ID=${sandbox.merchant.appId}`)
  })

  test('SBX-82 a key directory that others can read is refused', async () => {
    await mkdir(join(directory, 'keys'), { mode: 0o755 })
    await expect(start()).rejects.toThrow('readable by others')
  })
})

describe('the journal file (SBX-61)', () => {
  const lines = ['a', 'b', 'c'].map((name) => journalLine([{ name }]))
  const whole = lines.join('')

  test('SBX-61 cut anywhere, it comes back as far as it is whole', () => {
    for (let length = 0; length <= whole.length; length += 1) {
      const { operations, count, wholeBytes, cutBytes } = readJournal(Buffer.from(whole.slice(0, length)))
      const expected = lines.filter((_, index) => lines.slice(0, index + 1).join('').length <= length).length
      expect([...operations]).toHaveLength(expected)
      expect(count).toBe(expected)
      expect(wholeBytes + cutBytes).toBe(length)
    }
  })

  test('SBX-61 a flipped byte in the last record cuts it off, anywhere before it refuses', () => {
    const last = whole.length - (lines[2]?.length ?? 0)
    for (let at = 0; at < whole.length; at += 1) {
      const bytes = Buffer.from(whole)
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at)
      // The end of the second record: joined to the third, the damage reaches the end of the file.
      if (at === last - 1) expect(readJournal(bytes).count).toBe(1)
      else if (at < last) expect(() => readJournal(bytes)).toThrow('before its end')
      else expect(readJournal(bytes).count).toBe(2)
    }
  })

  test('SBX-61 a byte flipped in the middle of the file refuses to start, and says where; the file stays as it was', async () => {
    const first = await start()
    await first.pay({ payUrl: payUrl(first, { out_trade_no: 'k7' }) })
    await first.stop()
    const path = join(directory, 'journal.log')
    const bytes = await readFile(path)
    const at = Math.floor(bytes.length / 3)
    bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at)
    await writeFile(path, bytes)
    await expect(start()).rejects.toThrow(/journal damaged at byte \d+, before its end/)
    expect(await readFile(path)).toEqual(bytes)
    expect(await readdir(directory)).not.toContain('lock')
  })

  test('SBX-61 a torn end is cut back at the next start and reported', async () => {
    const first = await start()
    await first.pay({ payUrl: payUrl(first, { out_trade_no: 'k6' }) })
    await first.stop()
    const path = join(directory, 'journal.log')
    await appendFile(path, journalLine([{ type: 'half' }]).slice(0, 30))
    const second = await start()
    expect(second.cutBytes).toBe(30)
    expect(second.control.trade('k6').status).toBe('TRADE_SUCCESS')
    await second.stop()
    expect(readJournal(await readFile(path)).cutBytes).toBe(0)
  })

  test('SBX-59 a disk that refuses to write is an error for everyone who waits, and stays one', async () => {
    const journal = await FileJournal.open('/dev/full')
    journal.append([{ lost: true }])
    await expect(journal.durable()).rejects.toThrow('ENOSPC')
    journal.append([{ later: true }])
    await expect(journal.durable()).rejects.toThrow('ENOSPC')
    await expect(journal.close()).rejects.toThrow('ENOSPC')
  })
})
