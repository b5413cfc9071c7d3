import { addDays, type CivilDate, dayInShanghai, instantInShanghai } from '@ihome/core/calendar'
import { type Random, randomFrom } from '../random.ts'
import type { Call, Deed, Event, HouseOfPlan, Plan, Trouble } from './world.ts'

/** Noon in Shanghai. */
export const BEGINS_AT = Date.parse('2026-11-23T04:00:00Z')
export const LIFE_DAYS = 30
const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const PAY_WINDOW = 120 * MINUTE
const CHECK_IN_HOUR = 14

const HOUSES: readonly HouseOfPlan[] = [
  { priceFen: 10_001, instant: false },
  { priceFen: 41_120, instant: true },
  { priceFen: 333, instant: false },
]
const NOTICES: readonly (readonly number[])[] = [
  [2],
  [0],
  [],
  [],
  [5, 5],
  [0, 240, 840],
  [300],
  [1_800, 30],
  [7_300],
  [40_000],
  [90, 100_000],
]
const HEARD = NOTICES.filter((notices) => notices.length > 0)
const CALLS: readonly Call[] = ['query', 'query', 'close', 'refund', 'refund', 'queryRefund']
const TROUBLES: readonly Trouble[] = ['lost', 'lost_after', 'dies', 'dies_after']

/** A life made up from its seed: a few guests, three houses, and everything that can go wrong with money between them. */
export function planOf(seed: number): Plan {
  const random = randomFrom(seed)
  const maker = new Maker(random)
  const orders = random.between(5, 9)
  for (let order = 0; order < orders; order += 1) maker.order(order)
  for (let count = random.between(0, 5); count > 0; count -= 1) maker.mishap()
  maker.payouts(randomFrom(seed ^ 0x5eed))
  const events = maker.events.map((event, index) => ({ event, index }))
  events.sort((one, other) => one.event.at - other.event.at || one.index - other.index)
  return { seed, houses: HOUSES, guests: 4, paysOut: true, events: events.map(({ event }) => event) }
}

/** The same life in a shop that pays nothing out, as the one on PostgreSQL. */
export const withoutPayouts = (plan: Plan): Plan => ({
  ...plan,
  paysOut: false,
  events: plan.events.filter(({ deed }) => deed.do !== 'dispute' && deed.do !== 'bounce' && !isOfTransfers(deed)),
})

const isOfTransfers = (deed: Deed): boolean =>
  deed.do === 'trouble' && (deed.call === 'transfer' || deed.call === 'queryTransfer')

interface Wish {
  readonly at: number
  readonly house: number
  readonly start: CivilDate
  readonly end: CivilDate
}

class Maker {
  readonly events: Event[] = []
  private readonly random: Random
  private readonly wishes: Wish[] = []
  /** When something was paid or cancelled, which is when a mishap hurts. */
  private readonly moments: number[] = []

  constructor(random: Random) {
    this.random = random
  }

  private add(at: number, order: number, deed: Deed): void {
    this.events.push({ at: Math.floor(at / SECOND) * SECOND, order, deed })
  }

  private chance(share: number): boolean {
    return this.random.next() < share
  }

  order(order: number): void {
    const { random } = this
    const wish = this.wish()
    this.wishes.push(wish)
    this.add(wish.at, order, {
      do: 'place',
      guest: random.between(0, 3),
      house: wish.house,
      start: wish.start,
      end: wish.end,
    })
    const instant = HOUSES[wish.house]?.instant ?? false
    let accepted = wish.at
    if (!instant) {
      accepted += random.pick([5 * SECOND, 20 * MINUTE, 3 * HOUR, 23 * HOUR, 25 * HOUR])
      const answer = random.next()
      if (answer < 0.08) this.add(wish.at + HOUR, order, { do: 'cancel', by: random.pick(['guest', 'system']) })
      this.add(accepted, order, { do: answer > 0.93 ? 'reject' : 'accept' })
    }
    this.paying(order, accepted)
    this.after(order, wish)
  }

  /** Often the very nights of an earlier order, at the same time or soon after. */
  private wish(): Wish {
    const { random } = this
    const rival = this.wishes.length > 0 && this.chance(0.4) ? random.pick(this.wishes) : undefined
    if (rival)
      return { ...rival, at: rival.at + random.pick([0, 10 * MINUTE, PAY_WINDOW + 4 * MINUTE, 4 * HOUR, 26 * HOUR]) }
    const day = dayInShanghai(new Date(BEGINS_AT + random.between(0, 13) * DAY))
    const lastSeconds = this.chance(0.08)
    const at = lastSeconds
      ? instantInShanghai(day, 24).getTime() - random.between(1, 9) * SECOND
      : instantInShanghai(day, 12).getTime() + random.between(0, 11 * 3_600) * SECOND
    const start = addDays(day, lastSeconds ? 0 : random.pick([0, 1, 2, 4, 6]))
    return { at, house: random.between(0, HOUSES.length - 1), start, end: addDays(start, random.between(1, 3)) }
  }

  private paying(order: number, accepted: number): void {
    const { random } = this
    const pressed = accepted + random.pick([5 * SECOND, MINUTE, 50 * MINUTE, 117 * MINUTE])
    const over = accepted + PAY_WINDOW
    this.add(pressed, order, { do: 'press' })
    if (this.chance(0.3)) this.add(pressed + random.pick([SECOND, 10 * SECOND, 20 * MINUTE]), order, { do: 'press' })
    if (this.chance(0.1)) {
      this.twoPages(order, pressed)
      return
    }
    if (this.chance(0.3)) this.add(pressed + 5 * SECOND, order, { do: 'linger', page: 0 })
    const paid = random.pick([
      pressed + 20 * SECOND,
      pressed + 40 * SECOND,
      pressed + 9 * MINUTE,
      over - 30 * SECOND,
      over - 3 * SECOND,
      over + 20 * SECOND,
      over + 70 * SECOND,
      over + 4 * MINUTE,
      over + 5 * HOUR,
    ])
    this.moments.push(paid)
    if (this.chance(0.15)) return // never paid
    const late = paid >= over && this.chance(0.85) ? ({ late: true } as const) : {}
    const moreFen = this.chance(0.06) ? { moreFen: random.pick([-100, 1, 5_000]) } : {}
    const soon = paid === over - 30 * SECOND && this.chance(0.5) ? [30] : random.pick(NOTICES)
    const notices = paid > over ? random.pick(HEARD) : soon
    this.add(paid, order, { do: 'pay', page: 0, notices, ...late, ...moreFen })
    if (this.chance(0.4)) this.add(paid + random.pick([0, 3 * SECOND, MINUTE]), order, { do: 'return', page: 0 })
    if (this.chance(0.25)) {
      const when = paid + random.pick([-40 * SECOND, -SECOND, 0, SECOND, 30 * SECOND, 2 * MINUTE])
      this.add(when, order, { do: 'cancel', by: random.pick(['guest', 'host', 'system']) })
      if (paid >= over) this.add(over - MINUTE, order, { do: 'cancel', by: 'host' })
    }
  }

  /** The first page is closed by the gateway and paid all the same, after a second one. */
  private twoPages(order: number, pressed: number): void {
    const { random } = this
    this.add(pressed + 5 * SECOND, order, { do: 'linger', page: 0 })
    this.add(pressed + 10 * SECOND, order, { do: 'drop', page: 0, notices: random.pick(NOTICES) })
    this.add(pressed + 30 * SECOND, order, { do: 'press' })
    this.add(pressed + 50 * SECOND, order, { do: 'pay', page: 1, notices: random.pick(NOTICES) })
    const again = pressed + random.pick([40 * SECOND, 55 * SECOND, 2 * HOUR, 2 * DAY])
    this.add(again, order, { do: 'pay', page: 0, notices: random.pick(HEARD), late: true })
    this.moments.push(again)
  }

  /** What happens to a stay that was paid for. */
  private after(order: number, { at, start, end }: Wish): void {
    const { random } = this
    const checkIn = instantInShanghai(start, CHECK_IN_HOUR).getTime()
    const left = (hours: number) => checkIn - hours * HOUR
    const kind = random.next()
    const before = random.pick([
      left(72),
      left(72) + SECOND,
      left(72) - SECOND,
      left(24),
      left(24) + SECOND,
      left(30),
      left(1),
    ])
    if (kind < 0.35 && before > at + 3 * HOUR) {
      this.moments.push(before)
      const trade = random.next()
      if (trade < 0.12) this.add(before - HOUR, order, { do: 'finish', page: 0, notices: random.pick(NOTICES) })
      else if (trade < 0.2) this.add(before - HOUR, order, { do: 'buyer_gone', page: 0 })
      else if (trade < 0.3) this.console(order, before - 2 * HOUR)
      this.add(before, order, { do: 'cancel', by: random.pick(['guest', 'guest', 'host', 'system']) })
      if (this.chance(0.15)) this.console(order, before + random.pick([0, SECOND, MINUTE]))
    } else if (kind < 0.45) this.console(order, checkIn - random.pick([10 * MINUTE, -HOUR, -50 * HOUR]))
    if (this.chance(0.1)) this.add(checkIn + random.pick([5, 26]) * HOUR, order, { do: 'cancel', by: 'system' })
    if (this.chance(0.15)) this.parts(order, checkIn + random.pick([-20, 3, 60]) * HOUR)
    const out = instantInShanghai(end, random.pick([1, 9, 13])).getTime()
    if (this.chance(0.5)) this.add(out, order, { do: 'check_out' })
    if (this.chance(0.6)) this.add(out + random.pick([HOUR, DAY, 5 * DAY]), order, { do: 'comment' })
    if (this.chance(0.1)) this.add(out + 2 * DAY, order, { do: 'finish', page: 0, notices: random.pick(NOTICES) })
  }

  /** Parts that together may be more than there is, one right after the other. */
  private parts(order: number, at: number): void {
    for (let count = this.random.between(1, 3); count > 0; count -= 1) {
      this.add(at + this.random.between(0, 2) * SECOND, order, { do: 'part', share: this.random.pick([10, 33, 60]) })
    }
    this.moments.push(at)
  }

  /** What befalls the money on its way to hosts; from numbers of its own, so that the rest of a life stays as it is. */
  payouts(random: Random): void {
    for (const [order, { start }] of this.wishes.entries()) {
      const leaves = instantInShanghai(start, CHECK_IN_HOUR).getTime() + DAY
      const kind = random.next()
      if (kind < 0.15) {
        this.add(leaves - random.pick([0, HOUR, 20 * HOUR]), order, { do: 'dispute', ends: false })
        this.add(leaves + random.pick([HOUR, DAY, 4 * DAY]), order, { do: 'dispute', ends: true })
      } else if (kind < 0.3) this.add(leaves + random.pick([MINUTE, 20 * HOUR, 60 * HOUR]), order, { do: 'bounce' })
      else if (kind < 0.45) {
        const call = random.pick(['transfer', 'transfer', 'queryTransfer'] as const)
        const how = random.pick(TROUBLES)
        const seconds = how.startsWith('dies') ? random.pick([1, 90]) : random.pick([1, 30, 3_600])
        this.add(leaves, order, { do: 'trouble', call, how, seconds })
      }
    }
  }

  private console(order: number, at: number): void {
    const { random } = this
    this.add(at, order, { do: 'console', page: 0, share: random.pick([30, 50, 100]), notices: random.pick(HEARD) })
  }

  /** Something of the gateway's own, best when it hurts. */
  mishap(): void {
    const { random } = this
    const moment = this.moments.length > 0 ? random.pick(this.moments) : BEGINS_AT + random.between(0, 20) * DAY
    const at = moment + random.pick([-10 * SECOND, 0, 0, SECOND])
    const how = random.pick(TROUBLES)
    // A process that ends over and over is started anew; one that hears nothing waits.
    const seconds = how.startsWith('dies') ? random.pick([1, 5, 90]) : random.pick([1, 5, 30, 600, 4 * 3_600])
    const kind = random.next()
    if (kind < 0.2) {
      this.add(at, 0, {
        do: 'stray',
        own: this.chance(0.6),
        fen: random.between(1, 90_000),
        notices: random.pick(HEARD),
      })
    } else if (kind < 0.35) this.add(at, 0, { do: 'poor', seconds: random.pick([60, 3_600, 30 * 3_600]) })
    else this.add(at, 0, { do: 'trouble', call: random.pick(CALLS), how, seconds })
  }
}
