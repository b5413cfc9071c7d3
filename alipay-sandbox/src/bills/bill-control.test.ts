import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AlipaySandbox, startAlipaySandbox } from '../index.ts'
import { handClock } from '../testing/bare-engine.ts'
import { readCsv, unzip } from '../testing/bill-reader.ts'
import { cli } from '../testing/cli.ts'
import { sharedKeys } from '../testing/keys.ts'
import { callGateway, payUrl } from '../testing/merchant.ts'

let sandbox: AlipaySandbox
let home: string
beforeAll(async () => {
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys: await sharedKeys(), clock: handClock() })
  for (const no of ['k1', 'k2']) await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: no }) })
  await callGateway(sandbox, 'alipay.trade.refund', { out_trade_no: 'k1', refund_amount: '8.80' })
  home = await mkdtemp(join(tmpdir(), 'alipay-sandbox-bill-'))
})
afterAll(async () => {
  await sandbox.stop()
  await rm(home, { recursive: true, force: true })
})

const get = (path: string) => fetch(`${sandbox.endpoint}/_sandbox/api/v1/bills/${path}`)

describe('GET /bills/{date}', () => {
  test('SBX-62 shows the bill of today before it is ready, without touching the faults in wait', async () => {
    await sandbox.faults.add({ kind: 'bill_line_missing' })
    expect(await (await get('2026-11-23')).json()).toMatchObject({
      date: '2026-11-23',
      type: 'trade',
      seller_id: sandbox.merchant.sellerId,
      file_name: `${sandbox.merchant.sellerId}0156_20261123.csv.zip`,
      from: '2026-11-22T16:00:00.000Z',
      to: '2026-11-23T16:00:00.000Z',
      ready: false,
      ready_at: '2026-11-24T01:00:00.000Z',
      rows: 3,
      totals: { payments: 2, refunds: 1, paid_fen: 17_760, refunded_fen: -880, fee_fen: -106 },
      lines: [
        { kind: 'payment', out_trade_no: 'k1', amount_fen: 8880, fee_fen: -53, done_at: '2026-11-23T04:00:00.000Z' },
        { out_trade_no: 'k2' },
        { kind: 'refund', amount_fen: -880, fee_fen: 0, request_no: 'k1' },
      ],
    })
    const file = await get('2026-11-23/zip')
    expect(file.headers.get('content-disposition')).toContain('0156_20261123.csv.zip')
    const [detail] = unzip(Buffer.from(await file.arrayBuffer()))
    expect(readCsv(detail?.bytes ?? Buffer.alloc(0)).rows).toHaveLength(3)
    expect(sandbox.faults.list()).toMatchObject([{ used: 0 }])
  })

  test('SBX-62 months, the account bill, another seller, fewer lines', async () => {
    const other = await sandbox.control.createAccount({
      role: 'seller',
      logonId: 'other@example.com',
      displayName: '别家',
    })
    expect(await (await get('2026-11?type=signcustomer&limit=2')).json()).toMatchObject({
      rows: 6,
      totals: { came: 3, came_fen: 10_017_760, went: 3, went_fen: -986 },
      lines: [{ kind: 'opening' }, { kind: 'payment', balance_fen: 10_008_880 }],
    })
    expect((await (await get('2026-11')).json()).rows).toBe(3)
    expect((await (await get(`2026-11-23?seller_id=${other.id}`)).json()).rows).toBe(0)
  })

  test('SBX-62 what cannot be is refused', async () => {
    const status = async (path: string) => (await get(path)).status
    expect(await status('2026-02-30')).toBe(400)
    expect(await status('today')).toBe(400)
    expect(await status('2026-11-23?type=zft_acc')).toBe(400)
    expect(await status('2026-11-23?limit=0')).toBe(400)
    expect(await status('2026-11-23?seller_id=2088')).toBe(404)
    expect(await status('2026-11-23/zip?seller_id=2088')).toBe(404)
  })
})

describe('the command', () => {
  test('SBX-71 bill prints what the bill says and keeps its ZIP', async () => {
    const out = join(home, 'b.zip')
    const ran = await cli('bill', '2026-11-23', '--out', out, '--url', sandbox.endpoint)
    const { sellerId } = sandbox.merchant
    expect(ran).toEqual({
      code: 0,
      err: '',
      out: [
        `2026-11-23  trade  ${sellerId}  3 rows  ready at 2026-11-24 09:00:00 Beijing time`,
        '  payments 2  refunds 1  paid 177.60 yuan  refunded -8.80 yuan  fee -1.06 yuan',
        `  ${sellerId}0156_20261123.csv.zip`,
        `written: ${out}`,
        '',
      ].join('\n'),
    })
    expect(unzip(await readFile(out))).toHaveLength(2)
    const again = await cli('bill', '2026-11-23', '--out', out, '--url', sandbox.endpoint)
    expect(again).toMatchObject({ code: 1, err: `${out} is there already\n` })
    const json = await cli('bill', '2026-11', '--type', 'signcustomer', '--json', '--url', sandbox.endpoint)
    expect(JSON.parse(json.out)).toMatchObject({ date: '2026-11', type: 'signcustomer', rows: 6 })
  })

  test.each([[['bill']], [['bill', '2026-11-31']], [['bill', '2026-11-23', '--type', 'x']]])(
    'SBX-71 %j exits 2',
    async (args) => expect(await cli(...args)).toMatchObject({ code: 2, out: '' }),
  )
})
