import type { OrderStatus } from '@ihome/core/orders/lifecycle'
import { sql } from 'kysely'
import type { Db } from '../../platform/db.ts'

export interface LineRow {
  readonly id: number
  readonly client_id: string
  readonly sender_id: number
  readonly body: string
  readonly created_at: Date
}

export interface SaidLine extends LineRow {
  readonly guest_id: number
  readonly host_id: number
  readonly is_paid: boolean
}

export interface NewLine {
  readonly orderId: number
  readonly senderId: number
  readonly clientId: string
  readonly body: string
  readonly at: Date
}

/**
 * Writes a line and moves its thread on, in one statement; a line that was sent before is found again instead. Gives
 * nothing when the order does not exist or is not the sender's.
 */
export async function insertLine(db: Db, line: NewLine): Promise<SaidLine | undefined> {
  const { orderId, senderId, clientId, body, at } = line
  const { rows } = await sql<SaidLine>`
    with o as (
      select id, guest_id, host_id, paid_at is not null as is_paid from orders
       where id = ${orderId} and (guest_id = ${senderId} or host_id = ${senderId})
    ), said as (
      insert into messages (order_id, sender_id, client_id, body, created_at)
      select id, ${senderId}::bigint, ${clientId}::text, ${body}::text, ${at}::timestamptz from o
      on conflict on constraint messages_sent_once do nothing
      returning id, client_id, sender_id, body, created_at
    ), moved as (
      insert into threads as t (order_id, guest_id, host_id, last_id, last_at, guest_last_id, host_last_id)
      select o.id, o.guest_id, o.host_id, said.id, said.created_at,
             case when o.guest_id = ${senderId} then said.id else 0 end,
             case when o.host_id = ${senderId} then said.id else 0 end
        from o, said
      on conflict (order_id) do update set
        last_at = case when excluded.last_id > t.last_id then excluded.last_at else t.last_at end,
        last_id = greatest(t.last_id, excluded.last_id),
        guest_last_id = greatest(t.guest_last_id, excluded.guest_last_id),
        host_last_id = greatest(t.host_last_id, excluded.host_last_id)
    )
    select said.*, o.guest_id, o.host_id, o.is_paid from o left join said on true`.execute(db)
  const row = rows[0]
  if (!row || row.id !== null) return row
  const known = await db
    .selectFrom('messages')
    .select(['id', 'client_id', 'sender_id', 'body', 'created_at'])
    .where('order_id', '=', orderId)
    .where('sender_id', '=', senderId)
    .where('client_id', '=', clientId)
    .executeTakeFirstOrThrow()
  return { ...row, ...known }
}

/** The newest lines of an order before `before`, newest first. */
export const listLines = (db: Db, orderId: number, limit: number, before?: number): Promise<LineRow[]> => {
  let query = db
    .selectFrom('messages')
    .select(['id', 'client_id', 'sender_id', 'body', 'created_at'])
    .where('order_id', '=', orderId)
  if (before !== undefined) query = query.where('id', '<', before)
  return query.orderBy('id', 'desc').limit(limit).execute()
}

/** The person has read the thread up to this line. Tells whether that was news. */
export async function saveRead(db: Db, orderId: number, personId: number, upTo: number): Promise<boolean> {
  const { rows } = await sql<{ order_id: number }>`
    update threads set
      guest_read_id = case when guest_id = ${personId} then greatest(guest_read_id, least(${upTo}::bigint, last_id))
                           else guest_read_id end,
      host_read_id = case when host_id = ${personId} then greatest(host_read_id, least(${upTo}::bigint, last_id))
                          else host_read_id end
    where order_id = ${orderId}
      and ((guest_id = ${personId} and guest_read_id < least(${upTo}::bigint, last_id))
        or (host_id = ${personId} and host_read_id < least(${upTo}::bigint, last_id)))
    returning order_id`.execute(db)
  return rows.length > 0
}

/** In how many threads the other person has written something that this one has not read. */
export async function countUnread(db: Db, personId: number): Promise<number> {
  const { rows } = await sql<{ unread: number }>`
    select (select count(*) from threads where guest_id = ${personId} and host_last_id > guest_read_id)::integer
         + (select count(*) from threads where host_id = ${personId} and guest_last_id > host_read_id)::integer
           as unread`.execute(db)
  return rows[0]?.unread ?? 0
}

export interface ThreadRow {
  readonly order_id: number
  readonly house_id: number
  readonly title: string
  readonly cover_key: string | null
  readonly cover_caption: string | null
  readonly start_date: string
  readonly end_date: string
  readonly status: OrderStatus
  readonly is_paid: boolean
  readonly is_guest: boolean
  readonly other_name: string
  readonly other_phone: string
  readonly last_id: number
  readonly body: string
  readonly sender_id: number
  readonly at: Date
  readonly unread: boolean
}

/** A person's threads, the one written in last first, with what their cards show, in one statement. */
export async function listThreads(db: Db, personId: number, limit: number, before?: number): Promise<ThreadRow[]> {
  const from = before === undefined ? sql`` : sql`and last_id < ${before}::bigint`
  const { rows } = await sql<ThreadRow>`
    select t.order_id, o.house_id, h.title, h.index_image_key as cover_key, cover.caption as cover_caption,
           o.start_date, o.end_date, o.status, o.paid_at is not null as is_paid, t.is_guest, u.name as other_name,
           u.phone as other_phone, t.last_id, m.body, m.sender_id, t.last_at as at, t.unread
    from (
      (select order_id, host_id as other_id, true as is_guest, last_id, last_at, host_last_id > guest_read_id as unread
         from threads where guest_id = ${personId} ${from} order by last_id desc limit ${limit}::integer)
      union all
      (select order_id, guest_id, false, last_id, last_at, guest_last_id > host_read_id
         from threads where host_id = ${personId} ${from} order by last_id desc limit ${limit}::integer)
    ) t
    join orders o on o.id = t.order_id
    join houses h on h.id = o.house_id
    join users u on u.id = t.other_id
    join messages m on m.id = t.last_id
    left join house_photos cover on cover.storage_key = h.index_image_key
    order by t.last_id desc limit ${limit}::integer`.execute(db)
  return rows
}
