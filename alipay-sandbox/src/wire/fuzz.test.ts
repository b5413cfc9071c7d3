import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AlipaySandbox, startAlipaySandbox } from '../index.ts'
import { sharedKeys } from '../testing/keys.ts'
import { callGateway, commonParams, payUrl, signRequest } from '../testing/merchant.ts'

const REQUESTS = 10_000
const WARM_UP = 2500
const LANES = 16
const SEED = Number(process.env.ALIPAY_SANDBOX_SEED ?? 7)

let sandbox: AlipaySandbox
let port: number
const defects: unknown[] = []
beforeAll(async () => {
  sandbox = await startAlipaySandbox({
    port: 0,
    memory: true,
    keys: await sharedKeys(),
    onDefect: (error) => defects.push(error),
  })
  port = Number(new URL(sandbox.endpoint).port)
})
afterAll(() => sandbox.stop())

/** Pseudo-random numbers, so that a failure can be seen again: mulberry32. */
function dice(seed: number) {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (most: number) => Math.floor(next() * most)
  const pick = <T>(items: readonly [T, ...T[]]): T => items[below(items.length)] ?? items[0]
  const bytes = (most: number) => Buffer.from(Array.from({ length: below(most + 1) }, () => below(256)))
  return { below, pick, bytes, chance: (share: number) => next() < share }
}
type Dice = ReturnType<typeof dice>

const PIECES = [
  '',
  'a',
  '%',
  '%zz',
  '%E4%BD',
  '+',
  '&',
  '=',
  '&&',
  '==',
  '\u0000',
  '{}',
  '[]',
  '"',
  '\\u2028',
  '__proto__',
  'constructor',
  'toString',
  '1e309',
  '-1',
  '0',
  '٣',
  '𝟙',
  '💥',
  '\ud800',
  'null',
  'true',
  '../../etc/passwd',
  "' OR 1=1 --",
  '<script>',
  '%00',
  '%0d%0a',
  ';',
  ',',
  '\t',
  '9'.repeat(300),
  '{"a":'.repeat(200),
  '['.repeat(2000),
] as const
const KEYS = [
  'app_id',
  'method',
  'charset',
  'sign_type',
  'sign',
  'timestamp',
  'version',
  'biz_content',
  'format',
  'notify_url',
  'return_url',
  'app_cert_sn',
  'alipay_root_cert_sn',
  'app_auth_token',
  'out_trade_no',
  '__proto__',
  'constructor',
  'x',
] as const
const METHODS = [
  'alipay.trade.query',
  'alipay.trade.refund',
  'alipay.trade.close',
  'alipay.trade.wap.pay',
  'alipay.trade.page.pay',
  'alipay.trade.fastpay.refund.query',
  'alipay.data.dataservice.bill.downloadurl.query',
  'alipay.fund.trans.uni.transfer',
  'alipay.trade.precreate',
  'alipay.no.such',
  '__proto__',
  'constructor',
  '',
] as const
const PATHS = [
  '/gateway.do',
  '/gateway.do',
  '/gateway.do',
  '/gateway.do',
  '/cashier/x',
  '/cashier/',
  '/_sandbox/',
  '/_sandbox/api/v1/state',
  '/_sandbox/api/v1/trades/%zz',
  '/_sandbox/api/v1/../x',
  '/',
  '//',
  '/%',
  '/bill',
  '*',
  'http://127.0.0.1/gateway.do',
  'http://[::1',
] as const

const junk = (dice: Dice) => Array.from({ length: dice.below(4) }, () => dice.pick(PIECES)).join('')

/** Common parameters as they should be, some of them spoilt; now and then signed over what they became. */
function params(dice: Dice): [string, string][] {
  const biz: Record<string, unknown> = { out_trade_no: dice.pick(['fuzz', 'wire', junk(dice)]) }
  for (let count = dice.below(3); count > 0; count -= 1) {
    biz[
      dice.pick([
        'refund_amount',
        'total_amount',
        'trade_no',
        'subject',
        'time_expire',
        'query_options',
        'bill_date',
        'x',
      ])
    ] = dice.pick<unknown>([1, '1.00', -1, 1e21, null, {}, [], [[[]]], '2026-11-23', junk(dice)])
  }
  const fields: Record<string, string> = commonParams(sandbox, dice.pick(METHODS), biz)
  for (let count = dice.below(3); count > 0; count -= 1) fields[dice.pick(KEYS)] = junk(dice)
  if (dice.chance(0.3)) delete fields[dice.pick(KEYS)]
  // Signing costs more than all the rest together, so most are refused before their signature is looked at.
  if (dice.chance(0.04)) return Object.entries(signRequest(fields, sandbox.merchant.appPrivateKey))
  if (dice.chance(0.9)) fields.app_id = dice.pick(['9021000000000000', '', junk(dice)])
  return Object.entries({ sign: dice.pick(['AAAA', 'x', '']), ...fields })
}

function encoded(dice: Dice, pairs: readonly (readonly [string, string])[]): string {
  if (dice.chance(0.5)) return new URLSearchParams(pairs.map(([key, value]) => [key, value])).toString()
  // As a careless client would: nothing escaped but what would break the request line.
  return pairs.map(([key, value]) => `${key}=${value.replace(/[^!-"$-~]/g, encodeByte)}`).join('&')
}
const encodeByte = (text: string) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16)}`).join('')

function body(dice: Dice): Buffer {
  const form = Buffer.from(encoded(dice, params(dice)))
  const kind = dice.below(5)
  if (kind === 0) return dice.bytes(400)
  if (kind === 1) return Buffer.concat([form, dice.bytes(20)])
  if (kind === 2) {
    const parts = params(dice).map(
      ([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    return Buffer.from(`${parts.join('')}${dice.pick(['--b--\r\n', '', '--b', '\r\n--b\r\n\r\n'])}`)
  }
  return form
}

/** The bytes of one request, and whether they are so broken that no answer may come. */
function request(dice: Dice): { readonly bytes: Buffer; readonly broken: boolean } {
  if (dice.chance(0.05)) return { bytes: Buffer.concat([dice.bytes(300), Buffer.from('\r\n\r\n')]), broken: true }
  const verb = dice.pick(['GET', 'GET', 'POST', 'POST', 'POST', 'PUT', 'HEAD', 'OPTIONS', 'DELETE', 'BREW'])
  const path = dice.pick(PATHS)
  const query = dice.chance(0.7) ? `?${encoded(dice, params(dice))}` : ''
  const content = verb === 'GET' ? Buffer.alloc(0) : body(dice)
  const chunked = dice.chance(0.1)
  const type = dice.pick([
    'application/x-www-form-urlencoded',
    'application/x-www-form-urlencoded;charset=gbk',
    'multipart/form-data; boundary=b',
    'multipart/form-data',
    'multipart/form-data; boundary=""',
    'application/json',
    'text/plain',
    '',
  ])
  const length = dice.chance(0.03) ? dice.pick(['-1', 'x', '999999999999999999999']) : `${content.length}`
  const head = [
    `${verb} ${path}${query.slice(0, 12_000)} HTTP/1.1`,
    `Host: ${dice.pick(['127.0.0.1', 'localhost', 'evil.example', ''])}`,
    ...(type === '' ? [] : [`Content-Type: ${type}`]),
    chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`,
    ...(dice.chance(0.1)
      ? [`X-Junk: ${dice.bytes(60).toString('latin1').replaceAll('\r', '').replaceAll('\n', '')}`]
      : []),
    ...(dice.chance(0.05) ? ['Cookie: sandbox_cashier=%zz; ; =; a'] : []),
    'Connection: close',
  ].join('\r\n')
  const chunks = chunked
    ? Buffer.concat([Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from('\r\n0\r\n\r\n')])
    : content
  const whole = Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), chunks])
  // The caller hangs up in the middle.
  if (dice.chance(0.03)) return { bytes: whole.subarray(0, dice.below(whole.length)), broken: true }
  return { bytes: whole, broken: length !== `${content.length}` }
}

/** Sends bytes and reads until the other side closes; a broken caller says at once that no more will come. */
function exchange(bytes: Buffer, broken: boolean): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect({ port, host: '127.0.0.1' }, () => (broken ? socket.end(bytes) : socket.write(bytes)))
    socket.on('data', (chunk) => chunks.push(chunk))
    // A reset is what a broken caller gets.
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')))
  })
}

async function fuzz(count: number, seed: number): Promise<void> {
  const lane = async (index: number) => {
    const thrown = dice(seed * 1000 + index)
    for (let done = index; done < count; done += LANES) {
      const { bytes, broken } = request(thrown)
      const answer = await exchange(bytes, broken)
      if (answer === '' && broken) continue
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)
      const asked = () => JSON.stringify(bytes.toString('latin1').slice(0, 2000))
      if (!(status === 200 || status === 302 || (status >= 400 && status < 500))) {
        throw new Error(`${status} for ${asked()}: ${answer.slice(0, 500)}`)
      }
      if (/\bat \S+ \(|node:internal|\.(ts|js):\d+/.test(answer))
        throw new Error(`a stack trace for ${asked()}: ${answer}`)
      if (
        status === 200 &&
        !/content-type: (text\/html|application\/json|text\/plain|text\/css|text\/event)/i.test(answer)
      ) {
        throw new Error(`neither JSON nor HTML for ${asked()}: ${answer.slice(0, 500)}`)
      }
    }
  }
  await Promise.all(Array.from({ length: LANES }, (_, index) => lane(index)))
}

function usedMemory(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  collect()
  return process.memoryUsage().heapUsed + process.memoryUsage().external
}

test(`SBX-10 ${REQUESTS} fuzzed requests over raw sockets: alive, flat memory, no stack trace, every answer 200 or 4xx`, async () => {
  await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'wire' }) })
  await fuzz(WARM_UP, SEED)
  const before = usedMemory()
  await fuzz(REQUESTS - WARM_UP, SEED + 1)
  const grown = (usedMemory() - before) / 1024 / 1024
  expect(grown).toBeLessThan(12)
  expect(defects).toEqual([])
  expect((await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'wire' })).answer.code).toBe('10000')
  expect(sandbox.control.state().sumFen).toBe(0)
}, 120_000)

test('SBX-10 a large body of random bytes is refused or answered, and the next request is served', async () => {
  for (const size of [1024 * 1024, 1024 * 1024 + 1]) {
    const response = await fetch(sandbox.gatewayUrl, { method: 'POST', body: randomBytes(size) })
    expect(response.status).toBe(size > 1024 * 1024 ? 413 : 200)
    await response.text()
  }
  expect((await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'wire' })).answer.code).toBe('10000')
})
