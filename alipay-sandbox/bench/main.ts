import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AlipaySandbox } from '../src/index.ts'
import { commonParams, payUrl, signRequest } from '../src/testing/merchant.ts'
import { buildProgram, type StartedProgram, startProgram } from '../src/testing/program.ts'
import { seenFromOutside } from '../src/testing/started-program.ts'
import { perSecond, slowest } from './load.ts'
import { describeMachine, rawPairsPerSecond } from './machine.ts'
import { fillWithTrades } from './many-trades.ts'

// What SBX-64 asks for, measured from outside a running program. Usage: npm run bench -w alipay-sandbox [-- --quick]
const quick = process.argv.includes('--quick')
const SECONDS = quick ? 1 : 5
const TRADES = quick ? 5000 : 100_000
const CONNECTIONS = 8
const FORM = 'application/x-www-form-urlencoded'

interface Figure {
  readonly what: string
  readonly value: string
  readonly wanted: string
  readonly holds: boolean
}
const figures: Figure[] = []
function atLeast(what: string, value: number, least: number, extra = ''): void {
  figures.push({ what, value: `${value.toFixed(0)}/s${extra}`, wanted: `≥ ${least}/s`, holds: value >= least })
}
function within(what: string, ms: number, most: number): void {
  figures.push({ what, value: `${ms.toFixed(0)} ms`, wanted: `< ${most} ms`, holds: ms < most })
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

const program = await buildProgram()
const home = await mkdtemp(join(tmpdir(), 'alipay-sandbox-bench-'))
try {
  const pairs = await rawPairsPerSecond(SECONDS)
  say(`${describeMachine()}\nraw RSA-2048 verify + sign: ${pairs.toFixed(0)} pairs/s\n`)
  await measureRates(pairs)
  await measureManyTrades()
} finally {
  await rm(home, { recursive: true, force: true })
}
const width = Math.max(...figures.map(({ what }) => what.length))
for (const { what, value, wanted, holds } of figures) {
  say(`${holds ? 'ok  ' : 'FAIL'} ${what.padEnd(width)}  ${value}  (${wanted})`)
}
if (figures.some(({ holds }) => !holds)) process.exitCode = 1

async function timedStart(directory: string): Promise<{ running: StartedProgram; ms: number }> {
  const begun = performance.now()
  const running = await startProgram(program, '--data', directory)
  return { running, ms: performance.now() - begun }
}

async function stop({ child, ended }: StartedProgram): Promise<void> {
  child.kill('SIGTERM')
  await ended
}

async function measureRates(pairs: number): Promise<void> {
  const directory = join(home, 'rates')
  const first = await timedStart(directory)
  within('first start, keys are made', first.ms, 6000)
  await stop(first.running)
  const second = await timedStart(directory)
  within('start with keys', second.ms, 2000)
  const sandbox = await seenFromOutside(second.running)
  const ratio = (rate: number) => ` = ${(rate / pairs).toFixed(2)} of the raw pairs`

  const payments = await perSecond(SECONDS, CONNECTIONS, payer(sandbox, signedOrders(sandbox, 4000)))
  atLeast('durable payments', payments, 50, ratio(payments))
  const queries = await perSecond(SECONDS, CONNECTIONS, asker(sandbox))
  atLeast('signed queries', queries, 150, ratio(queries))
  await stop(second.running)
}

/** Signed beforehand, so that the merchant's work is not measured. */
function signedOrders(sandbox: AlipaySandbox, count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    JSON.stringify({ pay_url: payUrl(sandbox, { out_trade_no: `b${index}` }) }),
  )
}

function payer(sandbox: AlipaySandbox, orders: readonly string[]) {
  return async (post: Parameters<Parameters<typeof perSecond>[2]>[0], index: number) => {
    const order = orders[index]
    if (order === undefined) throw new Error('more payments than orders were signed')
    const answer = await post(`${sandbox.endpoint}/_sandbox/api/v1/payments`, order, 'application/json')
    if (!answer.includes('"status":"TRADE_SUCCESS"')) throw new Error(answer)
  }
}

function asker(sandbox: AlipaySandbox) {
  const bodies = Array.from({ length: 50 }, (_, index) => {
    const params = commonParams(sandbox, 'alipay.trade.query', { out_trade_no: `b${index}` })
    return new URLSearchParams(signRequest(params, sandbox.merchant.appPrivateKey)).toString()
  })
  return async (post: Parameters<Parameters<typeof perSecond>[2]>[0], index: number) => {
    const answer = await post(sandbox.gatewayUrl, bodies[index % bodies.length] ?? '', FORM)
    if (!answer.includes('"trade_status":"TRADE_SUCCESS"')) throw new Error(answer)
  }
}

async function measureManyTrades(): Promise<void> {
  const directory = join(home, 'many')
  const begun = performance.now()
  const middle = await fillWithTrades(directory, TRADES)
  say(`${TRADES} trades made in ${((performance.now() - begun) / 1000).toFixed(1)} s\n`)
  const after = await timedStart(directory)
  within(`start with ${TRADES} trades, journal as it was written`, after.ms, 15_000)
  await stop(after.running)
  const again = await timedStart(directory)
  within(`start with ${TRADES} trades, journal compacted`, again.ms, 6000)
  const { endpoint } = await seenFromOutside(again.running)
  const get = (path: string) => async () => {
    const response = await fetch(`${endpoint}${path}`)
    await response.arrayBuffer()
    if (!response.ok) throw new Error(`${path}: ${response.status}`)
  }
  const pages = {
    'list of trades': '/_sandbox/api/v1/trades?limit=100',
    'list of one status': '/_sandbox/api/v1/trades?status=TRADE_CLOSED',
    'list by a part of the subject': `/_sandbox/api/v1/trades?text=${middle}`,
    'trade by its number': `/_sandbox/api/v1/trades/${middle}`,
    'list of deliveries': '/_sandbox/api/v1/deliveries?limit=100',
    state: '/_sandbox/api/v1/state',
    'console, trades': '/_sandbox/trades',
    'console, one trade': `/_sandbox/trades/${middle}`,
  }
  for (const [what, path] of Object.entries(pages)) within(`${what}, slowest of 20`, await slowest(20, get(path)), 200)
  await stop(again.running)
}
