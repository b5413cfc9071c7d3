import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AlipaySandbox, startAlipaySandbox } from '../index.ts'
import { generateClient, type OpenApiFile, openApiProblems } from '../testing/generated-client.ts'
import { sharedKeys } from '../testing/keys.ts'
import { payUrl } from '../testing/merchant.ts'
import { startReceiver } from '../testing/receiver.ts'

interface Given {
  readonly path?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}
type Client = Readonly<Record<string, (given?: Given) => Promise<Response>>>

let sandbox: AlipaySandbox
let file: OpenApiFile
let client: Client
let ajv: Ajv2020
const called = new Set<string>()

beforeAll(async () => {
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys: await sharedKeys() })
  file = (await (await fetch(`${sandbox.endpoint}/_sandbox/api/v1/openapi.json`)).json()) as OpenApiFile
  const make = new Function(`return ${generateClient(file)}`)() as (origin: string) => Client
  client = make(sandbox.endpoint)
  ajv = new Ajv2020({ strict: false, formats: { 'date-time': (at: string) => new Date(at).toISOString() === at } })
  ajv.addSchema(file, 'file')
})
afterAll(() => sandbox.stop())

/** Calls an operation by its id and expects that status. */
async function call(operationId: string, given: Given = {}, status = 200) {
  called.add(operationId)
  const operation = client[operationId]
  if (!operation) throw new Error(`the generated client has no ${operationId}`)
  const response = await operation(given)
  expect({ operationId, status: response.status }).toEqual({ operationId, status })
  await expectAsWritten(operationId, response.clone())
  return response
}
/** What came is what the file says of this operation and this status. */
async function expectAsWritten(operationId: string, response: Response): Promise<void> {
  if (!response.headers.get('content-type')?.startsWith('application/json')) return
  const [path, verb] = Object.entries(file.paths)
    .flatMap(([at, operations]) => Object.entries(operations).map(([name, one]) => [at, name, one] as const))
    .find(([, , one]) => one.operationId === operationId) ?? ['', '']
  const pointer = ['paths', path, verb, 'responses', String(response.status), 'content', 'application/json', 'schema']
    .map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/')
  const holds = ajv.compile({ $ref: `file#/${pointer}` })
  const came: unknown = await response.json()
  expect(holds(came), `${operationId}: ${ajv.errorsText(holds.errors)} in ${JSON.stringify(came)}`).toBe(true)
}
const json = async (operationId: string, given: Given = {}) => (await call(operationId, given)).json()

describe('the OpenAPI file', () => {
  test('SBX-62 is valid OpenAPI 3.1', () => {
    expect(openApiProblems(file)).toEqual([])
  })

  test('SBX-62 the check of it finds mistakes', () => {
    const broken = structuredClone(file) as unknown as {
      openapi: string
      paths: Record<string, Record<string, unknown>>
    }
    broken.openapi = '2.0'
    const path = broken.paths['/_sandbox/api/v1/trades/{id}']
    if (path) path.get = { operationId: 'getState', summary: '', parameters: [], responses: {} }
    const problems = openApiProblems(broken as unknown as OpenApiFile)
    expect(problems).toContain('openapi 2.0')
    expect(problems.filter((text) => text.includes('/trades/{id}')).length).toBeGreaterThanOrEqual(3)
  })
})

describe('a client generated from it', () => {
  test('SBX-62 reaches every operation of a running sandbox', async () => {
    const receiver = await startReceiver()
    const address = (no: string) => payUrl(sandbox, { out_trade_no: no }, { notify_url: receiver.url })
    const { file: empty } = { file: Buffer.from(await (await call('getExport')).arrayBuffer()).toString() }
    await json('postImport', { body: { file: empty } })

    expect(await json('getApps')).toHaveLength(1)
    const seller = await json('postAccounts', {
      body: { role: 'seller', logon_id: 'gen@example.com', display_name: '生成' },
    })
    await json('postAccountsIdTopUp', { path: { id: seller.id }, body: { amount_fen: 100 } })
    expect(await json('getAccounts')).toContainEqual(expect.objectContaining({ id: seller.id, balance_fen: 100 }))
    await json('postApps', { body: { seller_id: seller.id, public_key: sandbox.merchant.alipayPublicKey } })

    const payment = await json('postPayments', { body: { pay_url: address('g1') } })
    await sandbox.waitForNotify({ outTradeNo: 'g1' })
    const { trade_no } = payment.trade
    expect(await json('getTrades', { query: { out_trade_no: 'g1', limit: 5 } })).toHaveLength(1)
    expect(await json('getTradesId', { path: { id: trade_no } })).toMatchObject({ status: 'TRADE_SUCCESS' })
    expect(await json('getCheckouts')).toHaveLength(1)
    const [event] = await json('getDeliveries', { query: { state: 'acknowledged' } })
    const one = { path: { id: event.notify_id } }
    expect(await json('getDeliveriesId', one)).toMatchObject({ out_trade_no: 'g1' })
    expect(await json('postDeliveriesIdResend', one)).toMatchObject({ verdict: 'acknowledged' })
    expect(await json('postDeliveriesIdCancel', one)).toMatchObject({ state: 'acknowledged' })

    const body = { kind: 'notify_lost', out_trade_no: 'never', times: null }
    const fault = await json('postFaults', { body })
    expect(await json('getFaults')).toMatchObject([{ id: fault.id, times: null }])
    await json('deleteFaultsId', { path: { id: fault.id } })
    await json('patchSettings', { body: { notify_schedule: ['1m'], fee_rate: 0.01 } })
    expect(await json('getSettings')).toMatchObject({ notify_schedule: ['1m'], fee_rate: 0.01 })
    await json('postClock', { body: { advance: '1h' } })
    expect(await json('getClock')).toMatchObject({ rate: 1 })
    expect(await json('getRequests', { query: { limit: 3 } })).toEqual([])
    expect(await json('getState')).toMatchObject({ sum_fen: 0, counts: { trades: 1 } })

    const gone = new AbortController()
    const stream = await call('getEvents', { headers: { 'last-event-id': 'none-1' }, signal: gone.signal })
    expect(stream.headers.get('content-type')).toBe('text/event-stream')
    gone.abort()
    await callTheOthers(trade_no, address)
    await json('postReset')
    expect(await json('getTrades')).toEqual([])
    await receiver.stop()

    const all = Object.values(file.paths).flatMap((path) => Object.values(path).map((one) => one.operationId))
    expect([...called].sort()).toEqual(all.sort())
  })

  /** Operations of the console's work on trades, of bills and of transfers. */
  async function callTheOthers(tradeNo: string, address: (no: string) => string): Promise<void> {
    await json('postTradesIdRefund', { path: { id: tradeNo }, body: { amount_fen: 100 } })
    await json('postTradesIdFinish', { path: { id: tradeNo } })
    await json('postPayments', { body: { pay_url: address('g2'), outcome: 'wrong_password' } })
    await json('postTradesIdClose', { path: { id: 'g2' } })
    const payee = { role: 'payee', logon_id: 'payee@example.com', display_name: '收款人' }
    const { id } = await json('postAccounts', { body: payee })
    await json('postAccountsIdTransferOutcome', { path: { id }, body: { outcome: 'success' } })
    expect(await json('getTransfers', { query: { status: 'SUCCESS' } })).toEqual([])
    await call('getTransfersId', { path: { id: 'none' } }, 404)
    expect(await json('getBillsDate', { path: { date: '2026-11' } })).toMatchObject({ type: 'trade' })
    await call('getBillsDateZip', { path: { date: '2026-11' } })
    const [app] = await json('getApps')
    expect(await json('getAppsIdCertificates', { path: { id: app.id } })).toHaveProperty('app_cert_sn')
  }
})
