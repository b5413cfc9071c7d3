import { expect, test } from 'vitest'
import { applyEvent } from '../engine/events.ts'
import type { Trade } from '../engine/model.ts'
import { bareEngine } from '../testing/bare-engine.ts'
import { unzip } from '../testing/bill-reader.ts'
import { type BillName, billZip, rowsOf } from './bill.ts'
import { parsePeriod } from './period.ts'

const TRADES = process.env.ALIPAY_SANDBOX_FULL === '1' ? 100_000 : 20_000

/** Counts how often somebody begins to walk through it. */
class CountingMap<K, V> extends Map<K, V> {
  walks = 0
  override values() {
    this.walks += 1
    return super.values()
  }
}

// The bound is wide, for machines that are busy; a walk for every row would not come near it.
test('SBX-53 the bill of a day with very many trades is one walk over the ledger, and others have their turn meanwhile', async () => {
  const { engine, app } = bareEngine()
  const buyer = [...engine.state.accounts.values()].find(({ role }) => role === 'buyer')?.id ?? ''
  const at = engine.settledNow()
  const movements = new CountingMap(engine.state.movements)
  Object.assign(engine.state, { movements })
  for (let count = 0; count < TRADES; count += 1) {
    applyEvent(engine.state, { type: 'trade_created', at, trade: trade(count, app.sellerId, at) })
    const paid = { at: at + count * 10, tradeNo: String(count), buyerId: buyer, feeFen: 6, refundableUntil: at + 1e12 }
    applyEvent(engine.state, { type: 'trade_paid', ...paid })
  }
  const period = parsePeriod('2026-11-23')
  if (!period) throw new Error('no period')
  let turns = 0
  const turn = setInterval(() => {
    turns += 1
  }, 1)
  for (const [type, rows] of [
    ['trade', TRADES],
    // The fee is a line of its own here, and the seller began with a balance.
    ['signcustomer', 2 * TRADES + 1],
  ] as const) {
    const name: BillName = { sellerId: app.sellerId, type, period }
    movements.walks = 0
    const begun = performance.now()
    const zip = await billZip(engine, name, rowsOf(engine, name))
    // One walk, and nothing else that grows faster than the rows.
    expect(movements.walks).toBe(1)
    expect(performance.now() - begun).toBeLessThan(TRADES / 2)
    const text = unzip(zip)[0]?.bytes.toString('latin1') ?? ''
    expect(text.split('\n').filter((line) => /^\d/.test(line))).toHaveLength(rows)
  }
  clearInterval(turn)
  expect(turns).toBeGreaterThan(5)
}, 120_000)

function trade(count: number, sellerId: string, at: number): Trade {
  return {
    tradeNo: String(count),
    appId: 'app',
    sellerId,
    order: { outTradeNo: `o${count}`, product: 'wap', amountFen: 1000, subject: '爱家租房' },
    charset: 'utf-8',
    createdAt: at,
    expiresAt: at + 1e12,
    status: 'WAIT_BUYER_PAY',
    feeFen: 0,
    feeBackFen: 0,
    refundedFen: 0,
    refunds: [],
  }
}
