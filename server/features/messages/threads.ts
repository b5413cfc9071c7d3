import type { LineView, ThreadDetailView, ThreadListView } from '@ihome/contract/schemas/messages'
import { maskPhone } from '@ihome/core/identity/phone'
import { maskNumbers } from '@ihome/core/messages/mask-numbers'
import type { Deps } from '../../platform/deps.ts'
import { countUse } from '../../platform/rate-limits.ts'
import { Refusal } from '../../platform/refusal.ts'
import { readOrder } from '../orders/read-orders.ts'
import { insertLine, type LineRow, listLines, listThreads } from './store.ts'

const THREADS_PAGE = 20
const LINES_PAGE = 50
/** Faster than anybody types, and more than a stay is worth. */
const LIMITS = [
  { name: 'say', limit: 30, windowS: 60 },
  { name: 'say-day', limit: 500, windowS: 86_400 },
] as const

/** Numbers are taken out of what the other person wrote until the stay is paid (O10); one's own words stay whole. */
function viewOfLine(row: LineRow, personId: number, isPaid: boolean): LineView {
  const mine = row.sender_id === personId
  const { text, masked } = isPaid ? { text: row.body, masked: false } : maskNumbers(row.body)
  return {
    id: row.id,
    client_id: row.client_id,
    mine,
    text: mine ? row.body : text,
    masked,
    at: row.created_at.toISOString(),
  }
}

/** Whoever has taken no name goes by the phone number, which is whole once the stay is paid. */
const nameOf = (name: string, phone: string, isPaid: boolean): string =>
  name === phone && !isPaid ? maskPhone(phone) : name

/** A person's threads as guest and as host, the one written in last first, by cursor. */
export async function readThreads(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  wish: { readonly personId: number; readonly before?: number | undefined },
): Promise<ThreadListView> {
  const rows = await listThreads(db, wish.personId, THREADS_PAGE + 1, wish.before)
  const shown = rows.slice(0, THREADS_PAGE)
  const last = shown.at(-1)
  return {
    threads: shown.map((row) => ({
      order_id: row.order_id,
      house_id: row.house_id,
      title: row.title,
      cover: row.cover_key === null ? null : { key: row.cover_key, caption: row.cover_caption ?? '' },
      start_date: row.start_date,
      end_date: row.end_date,
      status: row.status,
      viewer: row.is_guest ? 'guest' : 'host',
      other_name: nameOf(row.other_name, row.other_phone, row.is_paid),
      text: row.is_paid || row.sender_id === wish.personId ? row.body : maskNumbers(row.body).text,
      mine: row.sender_id === wish.personId,
      at: row.at.toISOString(),
      unread: row.unread,
    })),
    next_cursor: rows.length > THREADS_PAGE && last ? String(last.last_id) : null,
    now: clock.now().toISOString(),
  }
}

/**
 * The lines of an order for its guest or host, with what has happened to it. Everybody else hears `order_not_found`. A
 * thread in which nobody has written yet is empty.
 */
export async function readThread(
  deps: Pick<Deps, 'db' | 'clock' | 'config'>,
  wish: { readonly orderId: number; readonly personId: number; readonly before?: number | undefined },
): Promise<ThreadDetailView> {
  const { order, now } = await readOrder(deps, wish)
  const rows = await listLines(deps.db, wish.orderId, LINES_PAGE + 1, wish.before)
  const isPaid = order.paid_at !== null
  const { order_id, house_id, title, cover, start_date, end_date, status, viewer, other_name, history } = order
  return {
    order: { order_id, house_id, title, cover, start_date, end_date, status, viewer, other_name, is_paid: isPaid },
    lines: rows
      .slice(0, LINES_PAGE)
      .reverse()
      .map((row) => viewOfLine(row, wish.personId, isPaid)),
    has_older: rows.length > LINES_PAGE,
    history,
    now,
  }
}

/**
 * Writes a line into the thread of an order. A line with a known `clientId` is the same line again. Says no with
 * `rate_limited` and `order_not_found`.
 */
export async function say(
  { db, clock, events }: Pick<Deps, 'db' | 'clock' | 'events'>,
  wish: { readonly orderId: number; readonly personId: number; readonly clientId: string; readonly text: string },
): Promise<LineView> {
  const at = clock.now()
  for (const { name, limit, windowS } of LIMITS) {
    const { open, retryAfterS } = await countUse(db, { key: `${name}:${wish.personId}`, limit, windowS }, at)
    if (!open) throw new Refusal('rate_limited', {}, { retryAfterS })
  }
  const { orderId, personId, clientId, text } = wish
  const said = await insertLine(db, { orderId, senderId: personId, clientId, body: text, at })
  if (!said) throw new Refusal('order_not_found')
  events.publish({ kind: 'thread_changed', orderId, guestId: said.guest_id, hostId: said.host_id })
  return viewOfLine(said, personId, said.is_paid)
}
