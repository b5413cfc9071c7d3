import { addDays, dayInShanghai, instantInShanghai } from '@ihome/core/calendar'
import { createAlipayBills } from '../payments/alipay/download-bill.ts'
import { type PaymentBed, paymentBed } from '../payments/testing-payments.ts'
import type { BillNeeds } from './bill-needs.ts'
import { listDifferences } from './difference-store.ts'
import { fetchDueBills } from './fetch-day.ts'

export interface BillBed extends PaymentBed {
  readonly billNeeds: BillNeeds
  /** Today, in Shanghai. */
  today(): string
  /** The clock of tomorrow at that time of Beijing, with every due job of the way there done. */
  nextDayAt(hour: number): Promise<void>
  /** Fetches and compares what is due. */
  fetchDue(): Promise<number>
  differences(day: string): Promise<readonly (readonly [kind: string, state: string])[]>
}

/** The app with an Alipay of its own that follows the same clock, and its bills. */
export async function billBed(): Promise<BillBed> {
  const bed = await paymentBed()
  const { alipay } = bed.deps.config
  const billNeeds: BillNeeds = {
    ...bed.needs,
    bills: createAlipayBills({ ...alipay, clock: bed.deps.clock }),
  }
  return {
    ...bed,
    billNeeds,
    today: () => dayInShanghai(bed.deps.clock.now()),
    async nextDayAt(hour) {
      const tomorrow = addDays(dayInShanghai(bed.deps.clock.now()), 1)
      bed.deps.clock.set(instantInShanghai(tomorrow, hour))
      await bed.settle()
    },
    fetchDue: () => fetchDueBills(billNeeds),
    differences: async (day) => (await listDifferences(bed.deps.db, day)).map(({ kind, state }) => [kind, state]),
  }
}

/** Everything that a comparison may touch, as text: two of them alike mean that nothing was changed. */
export async function everythingIn(bed: BillBed): Promise<string> {
  const { owner } = bed.deps.database
  const tables = [
    'bill_lines',
    'bill_differences',
    'bill_days',
    'ledger_transactions',
    'ledger_entries',
    'payment_attempts',
    'refunds',
    'gateway_facts',
    'cases',
    'orders',
  ] as const
  const parts = []
  for (const table of tables) parts.push(await owner.selectFrom(table).selectAll().execute())
  return JSON.stringify(parts.map((rows) => rows.map((row) => JSON.stringify(row)).sort()))
}
