import { expect, test } from 'vitest'
import { memoryJournal } from '../engine/journal.ts'
import type { Checkout, Trade } from '../engine/model.ts'
import { refundTrade } from '../engine/refunds.ts'
import { createTrade, payTrade } from '../engine/trades.ts'
import { bareEngine } from '../testing/bare-engine.ts'
import { fenOf, type ReadBill, readCsv, sumOf, unzip } from '../testing/bill-reader.ts'
import { type BillName, billZip, rowsOf } from './bill.ts'
import { DAY_MS, parsePeriod } from './period.ts'

type Engine = ReturnType<typeof bareEngine>['engine']

/** Numbers from 0 to below `end`, the same in every run. */
function seeded(seed: number) {
  let state = seed
  return (end: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 0x1_0000_0000) * end)
  }
}

function merchant() {
  const { engine, clock, app } = bareEngine(memoryJournal)
  const buyers = [...engine.state.accounts.values()].filter(({ role }) => role === 'buyer')
  const buyerId = buyers[0]?.id ?? ''
  let made = 0
  const pay = (amountFen: number): Trade => {
    made += 1
    const at = engine.settledNow()
    const checkout: Checkout = {
      id: `c${made}`,
      appId: app.id,
      sellerId: app.sellerId,
      order: { outTradeNo: `o${made}`, product: 'wap', amountFen, subject: `第 ${made} 单` },
      charset: 'utf-8',
      openedAt: at,
      expiresAt: at + DAY_MS,
    }
    return engine.store.transact((emit) => {
      const trade = createTrade(engine, emit, checkout, at)
      payTrade(engine, emit, trade, buyerId, at)
      return trade
    })
  }
  const refund = (trade: Trade, amountFen: number) =>
    refundTrade(engine, trade, { outRequestNo: `r${trade.refunds.length}`, amountFen }, engine.settledNow())
  return { engine, clock, sellerId: app.sellerId, pay, refund }
}

async function readBill(engine: Engine, sellerId: string, type: BillName['type'], date: string): Promise<ReadBill[]> {
  const period = parsePeriod(date)
  if (!period) throw new Error(date)
  const name: BillName = { sellerId, type, period }
  return unzip(await billZip(engine, name, rowsOf(engine, name))).map(({ bytes }) => readCsv(bytes))
}

const total = (line: string | undefined) => {
  const match = /：(\d+)笔，\D+?(-?\d+\.\d\d)元/.exec(line ?? '')
  return [Number(match?.[1]), fenOf(match?.[2] ?? '')]
}

const DAYS = 1000

test('SBX-53 SBX-52 on 1,000 random days rows, footers, summaries and the ledger agree, and months are the sum of their days', async () => {
  const next = seeded(53)
  const { engine, clock, sellerId, pay, refund } = merchant()
  engine.store.commit({
    type: 'settings_changed',
    at: engine.settledNow(),
    patch: { refund_fee_policy: 'proportional', refund_interval: 'off' },
  })
  const trades: Trade[] = []
  /** What the merchant itself would have in its books, by Beijing day. */
  const books = new Map<string, { paid: number; refunded: number; fee: number; count: number; balance: number }>()
  const days: string[] = []
  for (let day = 0; day < DAYS; day += 1) {
    const date = new Date(clock.now().getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
    days.push(date)
    const book = { paid: 0, refunded: 0, fee: 0, count: 0, balance: 0 }
    for (let count = next(5); count > 0; count -= 1) {
      const old = trades[next(trades.length + 1)]
      if (old && old.status === 'TRADE_SUCCESS' && next(2) === 0) {
        const rest = old.order.amountFen - old.refundedFen
        const outcome = refund(old, next(3) === 0 ? rest : 1 + next(rest))
        if (outcome.kind !== 'done') throw new Error(outcome.code)
        book.refunded -= outcome.refund.amountFen
        book.fee += outcome.refund.feeBackFen
      } else {
        const trade = pay(1 + next(500_000))
        trades.push(trade)
        book.paid += trade.order.amountFen
        book.fee -= trade.feeFen
      }
      book.count += 1
    }
    book.balance = engine.state.balances.get(sellerId) ?? 0
    books.set(date, book)
    clock.move(DAY_MS)
  }

  let months = new Map<string, { rows: number; received: number; fee: number }>()
  for (const date of days) {
    const book = books.get(date)
    if (!book) throw new Error(date)
    const [detail, summary] = await readBill(engine, sellerId, 'trade', date)
    const rows = detail?.rows ?? []
    const [paidCount = 0, paid = 0] = total(detail?.footer[1])
    const [refundCount = 0, refunded = 0] = total(detail?.footer[2])
    expect([date, paid, refunded, paidCount + refundCount]).toEqual([date, book.paid, book.refunded, book.count])
    expect(rows).toHaveLength(book.count)
    expect(sumOf(rows, '商家实收（元）')).toBe(paid + refunded)
    expect(sumOf(rows, '服务费（元）')).toBe(book.fee)
    const last = summary?.rows.at(-1)
    expect(fenOf(last?.['实收净额（元）'] ?? '')).toBe(paid + refunded + book.fee)

    const [account] = await readBill(engine, sellerId, 'signcustomer', date)
    const moved = (account?.rows ?? []).filter((row) => row.业务类型 !== '充值')
    const came = sumOf(moved, '收入金额（+元）')
    expect(came + sumOf(moved, '支出金额（-元）')).toBe(paid + refunded + book.fee)
    if (account && account.rows.length > 0)
      expect(fenOf(account.rows.at(-1)?.['账户余额（元）'] ?? '')).toBe(book.balance)

    const month = months.get(date.slice(0, 7)) ?? { rows: 0, received: 0, fee: 0 }
    months = months.set(date.slice(0, 7), {
      rows: month.rows + rows.length,
      received: month.received + paid + refunded,
      fee: month.fee + book.fee,
    })
  }
  for (const [month, expected] of months) {
    const [detail] = await readBill(engine, sellerId, 'trade', month)
    const rows = detail?.rows ?? []
    const found = { rows: rows.length, received: sumOf(rows, '商家实收（元）'), fee: sumOf(rows, '服务费（元）') }
    expect([month, found]).toEqual([month, expected])
  }
  expect(months.size).toBeGreaterThan(32)
  // Some three seconds, on a machine with nothing else to do.
}, 60_000)

test('SBX-53 a row belongs to the Beijing day in which it was done', async () => {
  const { engine, clock, sellerId, pay, refund } = merchant()
  // 2026-11-23 23:59:59.999 in Beijing.
  clock.move(12 * 3_600_000 - 1)
  const trade = pay(10_000)
  clock.move(1)
  refund(trade, 4000)
  const [first] = await readBill(engine, sellerId, 'trade', '2026-11-23')
  const [second] = await readBill(engine, sellerId, 'trade', '2026-11-24')
  expect(first?.rows.map((row) => [row.业务类型, row.完成时间])).toEqual([['交易', '2026-11-23 23:59:59']])
  expect(second?.rows.map((row) => [row.业务类型, row.创建时间, row.完成时间])).toEqual([
    ['退款', '2026-11-23 23:59:59', '2026-11-24 00:00:00'],
  ])
})
