import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { applyEvent, type SandboxEvent } from '../engine/events.ts'
import { journalLine, readJournal } from '../engine/journal.ts'
import { emptyState } from '../engine/model.ts'
import { takeSnapshot } from '../engine/snapshot.ts'
import { type AlipaySandbox, type SandboxKeys, startAlipaySandbox } from '../index.ts'
import { handClock } from '../testing/bare-engine.ts'
import { unzip } from '../testing/bill-reader.ts'
import { sharedKeys } from '../testing/keys.ts'
import { callGateway, payUrl } from '../testing/merchant.ts'

let keys: SandboxKeys
let directory: string
let base: ReturnType<typeof handClock>
beforeAll(async () => {
  keys = await sharedKeys()
})
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'alipay-sandbox-bills-'))
  base = handClock()
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const start = () => startAlipaySandbox({ port: 0, dataDir: directory, keys, clock: base })

/** A payment, a top-up and a refund on one day, seen on the next. */
async function liveADay(): Promise<AlipaySandbox> {
  const sandbox = await start()
  await sandbox.control.changeSettings({ refund_fee_policy: 'proportional' })
  await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'k1', total_amount: '500.00' }) })
  await sandbox.control.topUp(sandbox.merchant.sellerId, 700)
  await callGateway(sandbox, 'alipay.trade.refund', { out_trade_no: 'k1', refund_amount: '100.00' })
  await sandbox.clock.advance(86_400_000)
  return sandbox
}
const filesOf = async (sandbox: AlipaySandbox, type: 'trade' | 'signcustomer') =>
  unzip((await sandbox.control.billFile({ date: '2026-11-23', type })).bytes).map(({ bytes }) =>
    new TextDecoder('gbk').decode(bytes),
  )

test('SBX-53 SBX-59 a restart writes the same bills to the byte', async () => {
  const first = await liveADay()
  const before = [await filesOf(first, 'trade'), await filesOf(first, 'signcustomer')]
  await first.stop()
  const second = await start()
  expect([await filesOf(second, 'trade'), await filesOf(second, 'signcustomer')]).toEqual(before)
  await second.stop()
})

test('SBX-53 SBX-59 a data directory of the version before bills opens, with bills of all its trades', async () => {
  const first = await liveADay()
  const trades = await filesOf(first, 'trade')
  const balances = first.control.accounts().map(({ balanceFen }) => balanceFen)
  await first.stop()
  const path = join(directory, 'journal.log')
  await writeFile(
    path,
    journalLine([asBefore([...readJournal(await readFile(path)).operations].flat() as SandboxEvent[])]),
  )

  const second = await start()
  expect(await filesOf(second, 'trade')).toEqual(trades)
  expect(second.control.accounts().map(({ balanceFen }) => balanceFen)).toEqual(balances)
  const { lines } = second.control.bill({ date: '2026-11-23', type: 'signcustomer' })
  expect(lines.map((line) => [line.kind, line.amountFen, 'balanceFen' in line && line.balanceFen])).toEqual([
    // The top-up of 7.00 and the opening balance cannot be told apart any more.
    ['opening', 10_000_700, 10_000_700],
    ['payment', 50_000, 10_050_700],
    ['fee', -300, 10_050_400],
    ['fee_back', 60, 10_050_460],
    ['refund', -10_000, 10_040_460],
  ])
  expect(second.control.state().sumFen).toBe(0)
  await second.stop()
})

/** One snapshot as version 0.1 wrote it when it compacted a journal. */
function asBefore(past: readonly SandboxEvent[]): unknown {
  const state = emptyState()
  for (const event of past) applyEvent(state, event)
  const { movements: _, movementsEver: __, ...snapshot } = takeSnapshot(state)
  const accounts = snapshot.accounts.map(([id, { registeredAt: ___, ...account }]) => [id, account])
  return { type: 'snapshot', at: state.latestAt, state: { ...snapshot, accounts } }
}
