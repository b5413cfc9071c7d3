import type { BookableHouse, FixedOrder, RecentOrder } from './plan-orders.ts'
import { EXTENTS, GUEST, guestNumber } from './plan-world.ts'

/**
 * The orders that a person who tries the demo meets: the guest's, one in every state and with room for one more, and
 * the host's, with something to answer. Some others show what chance may leave out.
 */
export function demoStories(houses: readonly BookableHouse[]): FixedOrder[] {
  const at = (index: number): BookableHouse => {
    const house = houses[index]
    if (!house) throw new RangeError(`the demo has no home ${index}`)
    return house
  }
  const other = (index: number): number => guestNumber(index, EXTENTS.demo)
  return [
    { house: at(0), guestId: GUEST, startsIn: 9, nights: 2, outcome: { kind: 'waits_for_host' } },
    { house: at(13), guestId: GUEST, startsIn: 16, nights: 2, outcome: { kind: 'waits_for_payment' } },
    { house: at(4), guestId: GUEST, startsIn: 5, nights: 2, outcome: { kind: 'paid' } },
    { house: at(1), guestId: GUEST, startsIn: -5, nights: 3, outcome: { kind: 'waits_for_comment' } },
    {
      house: at(7),
      guestId: GUEST,
      startsIn: -40,
      nights: 2,
      outcome: { kind: 'complete', comment: '木屋比照片还好看，晚上能看见星星，房东还给我们留了热水和柴火。' },
    },
    {
      house: at(21),
      guestId: GUEST,
      startsIn: 24,
      nights: 1,
      outcome: { kind: 'withdrawn', note: '行程有变，下次再来' },
    },
    {
      house: at(16),
      guestId: GUEST,
      startsIn: 12,
      nights: 2,
      outcome: { kind: 'rejected', reason: '这几天要做暖气检修，没法接待，抱歉。' },
    },
    { house: at(0), guestId: other(3), startsIn: 20, nights: 3, outcome: { kind: 'waits_for_host' } },
    { house: at(24), guestId: other(5), startsIn: 7, nights: 1, outcome: { kind: 'waits_for_host' } },
    { house: at(37), guestId: other(6), startsIn: 3, nights: 2, outcome: { kind: 'paid' } },
    { house: at(1), guestId: other(8), startsIn: -1, nights: 3, outcome: { kind: 'paid' } },
    { house: at(5), guestId: other(9), startsIn: 11, nights: 1, outcome: { kind: 'closing' } },
    { house: at(5), guestId: other(10), startsIn: -30, nights: 2, outcome: { kind: 'paid_too_late' } },
    {
      house: at(4),
      guestId: other(11),
      startsIn: -12,
      nights: 2,
      outcome: { kind: 'refunded', note: '同伴请不下假' },
    },
    { house: at(10), guestId: other(12), startsIn: -20, nights: 1, outcome: { kind: 'unpaid', cashierOpened: true } },
    { house: at(10), guestId: other(13), startsIn: -25, nights: 1, outcome: { kind: 'unanswered' } },
    {
      house: at(24),
      guestId: other(14),
      startsIn: -18,
      nights: 2,
      outcome: { kind: 'called_off_by_host', note: '水管坏了需要抢修，实在抱歉' },
    },
  ]
}

/** What happened yesterday, so that the board of the day has something to compare with. */
export function recentStories(houses: readonly BookableHouse[]): RecentOrder[] {
  const story = (index: number, guest: number, nights: number, hour: number, outcome: RecentOrder['outcome']) => {
    const house = houses[index]
    if (!house) throw new RangeError(`the demo has no home ${index}`)
    return { house, guestId: guestNumber(guest, EXTENTS.demo), nights, hour, outcome }
  }
  return [
    story(28, 15, 2, 10, { kind: 'paid' }),
    story(31, 16, 3, 13, { kind: 'paid' }),
    story(35, 17, 1, 20, { kind: 'paid' }),
    story(33, 18, 2, 16, { kind: 'refunded', note: '出差改期，用不上了' }),
    story(29, 19, 1, 19, { kind: 'withdrawn', note: '订错日期了' }),
  ]
}
