import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { AlipaySandbox } from './index.ts'
import { SETTING_NAMES, settingsMarkdown } from './settings.ts'
import { commonParams, payUrl, readAnswer, signRequest } from './testing/merchant.ts'
import { buildProgram, runProgram, type StartedProgram, startProgram, startUntilFirstLine } from './testing/program.ts'
import { fieldsOf, startReceiver } from './testing/receiver.ts'

let program: string
let home: string
let directory: string
beforeAll(async () => {
  program = await buildProgram()
  home = await mkdtemp(join(tmpdir(), 'alipay-sandbox-home-'))
  directory = join(home, 'first')
}, 60_000)
afterAll(async () => {
  await rm(home, { recursive: true, force: true })
  await rm(dirname(program), { recursive: true, force: true })
})

/** Formatters pad the cells of a table; what it says stays the same. */
const unpadded = (markdown: string) => markdown.replace(/ *\| */g, '|').replace(/-{3,}/g, '---')

/** As much of a sandbox as the signing helpers need, seen from another process. */
async function seenFromOutside({ summary }: StartedProgram): Promise<AlipaySandbox> {
  const keyFile = summary.app_private_key_file ?? ''
  const appPrivateKey = await readFile(keyFile, 'utf8')
  const alipayPublicKeyPem = await readFile(join(dirname(keyFile), 'alipay-public.pem'), 'utf8')
  return {
    gatewayUrl: summary.gateway,
    endpoint: summary.gateway?.replace('/gateway.do', ''),
    merchant: { appId: summary.app_id, appPrivateKey, alipayPublicKeyPem },
    clock: { now: () => new Date() },
  } as unknown as AlipaySandbox
}

describe('the command line', () => {
  test('SBX-71 --help says what there is and exits 0; what is unknown exits 2', async () => {
    const help = await runProgram(program, '--help')
    expect(help.code).toBe(0)
    for (const word of ['start', 'config', 'pay', 'trades', 'advance', 'settings', '--clock-rate'])
      expect(help.out).toContain(word)
    for (const args of [
      ['--nope'],
      ['nope'],
      ['trades', '--nope'],
      ['pay'],
      ['--port', 'x'],
      ['--memory', '--data', 'x'],
    ]) {
      expect(await runProgram(program, ...args), args.join(' ')).toMatchObject({ code: 2, out: '' })
    }
    const nobody = await runProgram(program, 'trades', '--url', 'http://127.0.0.1:1')
    expect(nobody).toMatchObject({ code: 1, out: '' })
    expect(nobody.err).toContain('no sandbox answers')
  })

  test('SBX-71 SBX-72 the first start makes everything, the second shows the same; pay, trades, advance and config work', async () => {
    const first = await startProgram(program, '--data', directory)
    const sandbox = await seenFromOutside(first)
    const url = ['--url', sandbox.endpoint]
    const paid = await runProgram(program, 'pay', payUrl(sandbox, { out_trade_no: 'cli1' }), ...url)
    expect(paid).toMatchObject({ code: 0, err: '' })
    expect(paid.out).toMatch(/^\d{28} {2}cli1 {2}TRADE_SUCCESS {2}88\.80 {2}爱家租房\n$/)
    expect((await runProgram(program, 'trades', ...url)).out).toBe(paid.out)
    const asJson = await runProgram(program, 'trades', '--out-trade-no', 'cli1', '--json', ...url)
    expect(JSON.parse(asJson.out)).toMatchObject([{ out_trade_no: 'cli1', amount_fen: 8880 }])
    const again = await runProgram(program, 'pay', payUrl(sandbox, { out_trade_no: 'cli1' }), ...url)
    expect(again).toMatchObject({ code: 1, out: '' })
    expect(again.err).toContain('ACQ.TRADE_HAS_SUCCESS')
    const clock = await runProgram(program, 'advance', '25h', ...url)
    expect(Date.parse(clock.out.trim())).toBeGreaterThan(Date.now() + 24.9 * 3_600_000)

    const second = await runProgram(program, '--data', directory, '--port', '0')
    expect(second).toMatchObject({ code: 1, out: '' })
    expect(second.err).toContain('is in use by another alipay-sandbox')
    first.child.kill('SIGTERM')
    expect(await first.ended).toBe(0)

    const third = await startProgram(program, '--data', directory)
    const { gateway: _, control: __, ...same } = third.summary
    expect(first.summary).toMatchObject(same)
    third.child.kill('SIGINT')
    expect(await third.ended).toBe(0)

    const secret = sandbox.merchant.appPrivateKey.split('\n')[5] ?? ''
    for (const format of ['env', 'json', 'node', 'java', 'php', 'python', 'go', 'ruby']) {
      const shown = await runProgram(program, 'config', '--format', format, '--data', directory)
      expect(shown.code).toBe(0)
      expect(shown.out).toContain(third.summary.gateway)
      expect(shown.out).toContain(third.summary.app_id)
      expect(shown.out).not.toContain(secret)
    }
    expect((await runProgram(program, 'config', '--format', 'cobol', '--data', directory)).code).toBe(2)
    expect((await runProgram(program, 'config', '--data', join(home, 'nothing'))).code).toBe(1)
  })

  test('SBX-71 a config file sets settings and accounts; a wrong one is refused by name', async () => {
    const file = join(home, 'config.json')
    const account = { role: 'buyer', logon_id: 'extra@example.com', display_name: '第三位', balance_fen: 5 }
    await writeFile(file, JSON.stringify({ settings: { fee_rate: 0.02 }, accounts: [account] }))
    const started = await startProgram(program, '--memory', '--config', file, '--clock-rate', '60')
    const origin = started.summary.gateway?.replace('/gateway.do', '')
    const settings = await (await fetch(`${origin}/_sandbox/api/v1/settings`)).json()
    expect(settings).toMatchObject({ fee_rate: 0.02 })
    expect(await (await fetch(`${origin}/_sandbox/api/v1/clock`)).json()).toMatchObject({ rate: 60 })
    const accounts = await (await fetch(`${origin}/_sandbox/api/v1/accounts`)).json()
    expect(accounts).toContainEqual(expect.objectContaining({ logon_id: 'extra@example.com', balance_fen: 5 }))
    started.child.kill('SIGTERM')
    await started.ended
    await writeFile(file, '{"setings":{}}')
    expect((await runProgram(program, '--memory', '--config', file)).err).toContain('unknown key setings')
  })

  test('SBX-83 the start print says what it is not, and the differences page is the settings table', async () => {
    const { child, firstLine, ended } = await startUntilFirstLine(program, '--port', '0', '--memory')
    expect(firstLine).toBe('离线沙箱，非支付宝官方 · offline test gateway, not affiliated with Alipay')
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    const page = await runProgram(program, 'settings', '--lang', 'en')
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

describe('kill -9 under load', () => {
  beforeEach(() => {
    directory = join(home, 'crash')
  })
  // The long form takes minutes: CRASH_ROUNDS=200.
  const rounds = Number(process.env.CRASH_ROUNDS ?? 20)

  test(
    `SBX-59 SBX-35 ${rounds} times: whatever was acknowledged is there, the sums are 0, every event reaches the merchant`,
    async () => {
      const receiver = await startReceiver()
      const paid: string[] = []
      const refunded: string[] = []
      for (let round = 0; round < rounds; round += 1) {
        const running = await startProgram(program, '--data', directory)
        const sandbox = await seenFromOutside(running)
        // In turn: a merchant that answers, and one that never does, so that retries are cut off too.
        receiver.answer((response) => response.end(round % 2 === 0 ? 'success' : 'fail'))
        const load = Array.from({ length: 4 }, (_, lane) =>
          work(sandbox, `r${round}l${lane}`, receiver.url, paid, refunded),
        )
        // Long enough for some operations, and at a different point of them every time.
        await new Promise((resolve) => setTimeout(resolve, 40 + ((round * 37) % 160)))
        running.child.kill('SIGKILL')
        await running.ended
        await Promise.all(load)
      }
      receiver.answer((response) => response.end('success'))
      const last = await startProgram(program, '--data', directory)
      const { endpoint } = await seenFromOutside(last)
      const ask = async (path: string) => (await fetch(`${endpoint}/_sandbox/api/v1${path}`)).json() as Promise<never>
      await runProgram(program, 'advance', '25h', '--url', endpoint)
      const state: { sum_fen: number; counts: { pending_notifies: number } } = await ask('/state')
      expect(state).toMatchObject({ sum_fen: 0, counts: { pending_notifies: 0 } })
      const trades: { out_trade_no: string; status: string; refunded_fen: number }[] = await ask('/trades?limit=9999')
      const byNumber = new Map(trades.map((trade) => [trade.out_trade_no, trade]))
      expect(paid.length).toBeGreaterThan(rounds)
      for (const no of paid) expect(byNumber.get(no)?.status, no).toBe('TRADE_SUCCESS')
      for (const no of refunded) expect(byNumber.get(no)?.refunded_fen, no).toBe(100)

      const told = new Map<string, Set<string>>()
      for (const body of receiver.bodies) {
        const { out_trade_no = '', out_biz_no = 'payment', notify_id = '' } = fieldsOf(body)
        const event = `${out_trade_no} ${out_biz_no}`
        told.set(event, (told.get(event) ?? new Set()).add(notify_id))
      }
      for (const trade of trades) {
        expect(told.get(`${trade.out_trade_no} payment`)?.size, trade.out_trade_no).toBe(1)
        if (trade.refunded_fen > 0) expect(told.get(`${trade.out_trade_no} back`)?.size, trade.out_trade_no).toBe(1)
      }
      last.child.kill('SIGTERM')
      expect(await last.ended).toBe(0)
      await receiver.stop()
    },
    60_000 + rounds * 3000,
  )

  /** Pays and refunds until the sandbox is gone; notes only what was acknowledged. */
  async function work(sandbox: AlipaySandbox, lane: string, notifyUrl: string, paid: string[], refunded: string[]) {
    try {
      for (let count = 0; ; count += 1) {
        const no = `${lane}n${count}`
        const pay_url = payUrl(sandbox, { out_trade_no: no }, { notify_url: notifyUrl })
        const headers = { 'content-type': 'application/json' }
        const body = JSON.stringify({ pay_url })
        const payment = await fetch(`${sandbox.endpoint}/_sandbox/api/v1/payments`, { method: 'POST', headers, body })
        if (payment.ok) paid.push(no)
        await payment.text()
        const biz = { out_trade_no: no, refund_amount: '1', out_request_no: 'back' }
        const params = signRequest(commonParams(sandbox, 'alipay.trade.refund', biz), sandbox.merchant.appPrivateKey)
        const answer = await fetch(sandbox.gatewayUrl, { method: 'POST', body: new URLSearchParams(params) })
        if (readAnswer(await answer.text(), sandbox.merchant.alipayPublicKeyPem).answer.fund_change === 'Y')
          refunded.push(no)
      }
    } catch {
      // The process was killed in the middle: whether this one happened is exactly what nobody knows.
    }
  }
})
