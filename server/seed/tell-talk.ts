import { REPLIES, TALKS } from './content/demo-talk.ts'
import type { OrderPlan } from './order-plan.ts'
import { GUEST, HOST } from './plan-world.ts'
import type { RowWriter } from './row-writer.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** Stars that fit the words: whoever names a drawback gives one less. */
const overallOf = (comment: string, orderId: number): number => {
  if (/有点|一般/.test(comment)) return orderId % 3 === 0 ? 3 : 4
  return orderId % 7 === 0 ? 4 : 5
}

/** What came with the words of a comment; every third has an answer of the host. */
export function tellReview(rows: RowWriter, plan: OrderPlan, orderId: number, at: Date, until: Date): void {
  const comment = plan.outcome.kind === 'complete' ? plan.outcome.comment : undefined
  if (comment === undefined) return
  const overall = overallOf(comment, orderId)
  const near = (salt: number) => Math.max(1, overall - ((orderId + salt) % 5 === 0 ? 1 : 0))
  const repliedAt = new Date(at.getTime() + 5 * HOUR_MS)
  const reply = orderId % 3 === 0 && repliedAt < until ? (REPLIES[orderId % REPLIES.length] ?? null) : null
  rows.add('reviews', {
    order_id: orderId,
    house_id: plan.house.id,
    overall,
    clean: near(1),
    accurate: near(2),
    location: near(3),
    host: near(4),
    reply,
    replied_at: reply === null ? null : repliedAt,
    created_at: at,
  })
}

const SPOKEN: readonly OrderPlan['outcome']['kind'][] = ['waits_for_host', 'waits_for_payment', 'paid', 'complete']

/** Threads of the two people whom everybody who tries the demo signs in as. The last line of each is not read yet. */
export function tellTalk(rows: RowWriter, plan: OrderPlan, orderId: number): void {
  const { guestId, outcome, house } = plan
  const isTold = guestId === GUEST || (house.hostId === HOST && orderId % 5 === 0)
  if (!isTold || !SPOKEN.includes(outcome.kind)) return
  const waits = outcome.kind === 'waits_for_host' || outcome.kind === 'waits_for_payment'
  const lines = TALKS[orderId % TALKS.length] ?? []
  const last = { guest: 0, host: 0 }
  let lastAt = plan.createdAt
  lines.forEach((body, index) => {
    const side = index % 2 === 0 ? 'guest' : 'host'
    // What waits for an answer was asked within this hour, of which the minutes are not known.
    lastAt = new Date(plan.createdAt.getTime() + (waits ? 0 : (index + 1) * 7 * MINUTE_MS))
    last[side] = rows.add('messages', {
      order_id: orderId,
      sender_id: side === 'guest' ? guestId : house.hostId,
      client_id: `seed-${orderId}-${index}`,
      body,
      created_at: lastAt,
    })
  })
  const newest = Math.max(last.guest, last.host)
  rows.add('threads', {
    order_id: orderId,
    guest_id: guestId,
    host_id: house.hostId,
    last_id: newest,
    last_at: lastAt,
    guest_last_id: last.guest,
    host_last_id: last.host,
    guest_read_id: last.host === newest ? 0 : last.host,
    host_read_id: last.guest === newest ? 0 : last.guest,
  })
}

/** The homes that the demo's guest has kept, by their places in the plan. */
const KEPT = [2, 7, 14, 30]

export function tellFavourites(rows: RowWriter, houses: readonly { readonly id: number }[], until: Date): void {
  KEPT.forEach((place, index) => {
    const house = houses[place]
    if (!house) return
    const at = new Date(until.getTime() - (KEPT.length - index) * 24 * HOUR_MS)
    rows.add('favourites', { user_id: GUEST, house_id: house.id, created_at: at })
  })
}
