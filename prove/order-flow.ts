import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { addDays, type CivilDate, dayInShanghai } from '@ihome/core/calendar'
import type { Fixture } from '@ihome/e2e/fixture'
import type { Visitor } from '@ihome/e2e/visitor'
import type { World } from '@ihome/e2e/world'

export interface ToPay {
  readonly orderId: number
  readonly guest: Visitor
  readonly host: Visitor
  readonly houseId: number
  readonly amountFen: number
  readonly payUrl: string
  readonly outTradeNo: string
}

/** Every order gets nights of its own: house by house, then two nights further on. */
export function* freshStays({ houses }: Fixture, today: CivilDate) {
  for (let turn = 0; ; turn += 1) {
    const start = addDays(today, 10 + turn * 2)
    for (const [index, house] of houses.entries()) {
      yield { index, houseId: house.id, start_date: start, end_date: addDays(start, 2) }
    }
  }
}

/** Books, accepts and opens the payment of one order. */
export async function orderToPay(
  guest: Visitor,
  host: Visitor,
  { houseId, start_date, end_date }: { houseId: number; start_date: CivilDate; end_date: CivilDate },
): Promise<ToPay> {
  const placed = await guest.orders.place({ house_id: houseId, start_date, end_date }, randomUUID())
  await host.orders.answer(placed.order_id, { action: 'accept' })
  const payUrl = await openPayment(guest, placed.order_id)
  return {
    orderId: placed.order_id,
    guest,
    host,
    houseId,
    amountFen: placed.amount,
    payUrl,
    outTradeNo: outTradeNoOf(payUrl),
  }
}

export async function openPayment(guest: Visitor, orderId: number): Promise<string> {
  const { pay_url: payUrl } = await guest.payments.open(orderId, randomUUID())
  if (payUrl === null) throw new Error(`order ${orderId} is paid already`)
  return payUrl
}

export function outTradeNoOf(payUrl: string): string {
  const content = JSON.parse(new URL(payUrl).searchParams.get('biz_content') ?? '{}') as { out_trade_no?: string }
  if (!content.out_trade_no) throw new Error('the pay URL names no out_trade_no')
  return content.out_trade_no
}

/** Waits in real time until `holds` gives true, for what other processes do on their own. Gives whether it did. */
export async function untilTrue(holds: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs
  while (performance.now() < deadline) {
    if (await holds()) return true
    await pause(100)
  }
  return holds()
}

/** Jobs notice a moved clock within 200 ms; then they work. */
const WORK_MS = 500

/** Moves the clock in small steps, leaving the jobs real time to work at each, until `holds` or the way is gone. */
export async function advanceUntil(
  world: World,
  holds: () => Promise<boolean>,
  stepMs: number,
  mostMs: number,
  advance: (ms: number) => Promise<void> = world.advance,
): Promise<number> {
  for (let gone = 0; gone < mostMs; gone += stepMs) {
    // What a step brings about often takes the jobs more than one look.
    if (await untilTrue(holds, WORK_MS)) return gone
    await advance(stepMs)
  }
  return (await holds()) ? mostMs : Number.POSITIVE_INFINITY
}

export const todayOf = (world: World): CivilDate => dayInShanghai(world.now())
