import fs from 'node:fs/promises'
import path from 'node:path'
import { sql } from 'kysely'
import type { Config } from './config.ts'
import type { Db, Tx } from './db.ts'
import type { Deps } from './deps.ts'
import type { Job } from './jobs.ts'
import type { GaugeReading } from './metrics.ts'

/** A message on its way to a person. */
export interface Letter {
  readonly messageId: number
  readonly topic: string
  readonly phone: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** Hands a letter over; resolves only when it was taken, so that "sent" is never said too early. */
export type Carrier = (letter: Letter, signal: AbortSignal) => Promise<void>

export interface DeliveryNeeds extends Pick<Deps, 'db' | 'clock' | 'log'> {
  /** Nothing to send with: messages then wait in the outbox. */
  readonly carrier: Carrier | undefined
  /** The phone of a person, or nothing when there is none any more. */
  phoneOf(userId: number): Promise<string | undefined>
}

/** The topic of text messages to a number, which have a job of their own: somebody waits for a code. */
export const LETTER = 'sms'
const BATCH = 20
/** Longer than a batch may take, so another instance does not send what is being sent. */
const LEASE_MS = 300_000
const SEND_LIMIT_MS = 10_000
const TRIES = 12
const FIRST_PAUSE_MS = 10_000
const LONGEST_PAUSE_MS = 3_600_000
const DAY_MS = 86_400_000

/** A message that is due, leased to whoever reads this. */
export interface Due {
  readonly id: number
  readonly topic: string
  readonly payload: Readonly<Record<string, unknown>>
  readonly tries: number
}

/**
 * Sends what is due, once through, and answers how many were sent. Delivery is at least once: a process that dies
 * between sending and writing so sends again, under the same message id.
 */
export async function deliverDueMessages(needs: DeliveryNeeds, signal: AbortSignal): Promise<number> {
  const { carrier } = needs
  if (!carrier) return 0
  let sent = 0
  for (const message of await leaseDue(needs.db, needs.clock.now(), { otherThan: LETTER })) {
    if (signal.aborted) break
    if (await deliver(needs, carrier, message)) sent += 1
  }
  return sent
}

async function deliver(needs: DeliveryNeeds, carrier: Carrier, message: Due): Promise<boolean> {
  const { id, topic, payload } = message
  try {
    const phone = await needs.phoneOf(Number(payload.user_id))
    if (phone === undefined) {
      await finish(needs.db, id, { dead_at: needs.clock.now(), error: 'no_recipient' })
      return false
    }
    await carrier({ messageId: id, topic, phone, payload }, AbortSignal.timeout(SEND_LIMIT_MS))
  } catch (error) {
    needs.log.warn({ message_id: id, tries: message.tries, err: error }, 'message_not_sent')
    const now = needs.clock.now()
    if (message.tries >= TRIES) await finish(needs.db, id, { dead_at: now, error: 'not_taken' })
    else {
      const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (message.tries - 1), LONGEST_PAUSE_MS)
      await finish(needs.db, id, { due_at: new Date(now.getTime() + pauseMs), error: 'not_taken' })
    }
    return false
  }
  await finish(needs.db, id, { sent_at: needs.clock.now(), error: null })
  return true
}

/** Takes what is due of one topic, or of all others, so that no other instance takes it too. */
export async function leaseDue(
  db: Db,
  now: Date,
  topic: { readonly only: string } | { readonly otherThan: string },
  leaseMs = LEASE_MS,
): Promise<Due[]> {
  const wanted = 'only' in topic ? sql`topic = ${topic.only}` : sql`topic <> ${topic.otherThan}`
  const { rows } = await sql<Due>`
    update outbox set lease_until = ${new Date(now.getTime() + leaseMs)}, tries = tries + 1
    where id in (
      select id from outbox
      where ${wanted} and due_at <= ${now} and sent_at is null and dead_at is null and (lease_until is null or lease_until < ${now})
      order by due_at limit ${BATCH} for update skip locked
    )
    returning id, topic, payload, tries`.execute(db)
  return rows
}

interface Outcome {
  readonly sent_at?: Date
  readonly dead_at?: Date
  readonly due_at?: Date
  readonly error: string | null
}

/** Writes what became of a message and ends the lease. */
export async function finish(db: Db | Tx, id: number, outcome: Outcome): Promise<void> {
  await db
    .updateTable('outbox')
    .set({ ...outcome, lease_until: null })
    .where('id', '=', id)
    .execute()
}

/** The service behind SMS_URL; without one, outside production, a file that stands in for the phone. */
export function carrierFor({ sms, production, dataDir }: Config): Carrier | undefined {
  if (sms) return smsCarrier(sms)
  return production ? undefined : fileCarrier(messageFile({ dataDir }))
}

const smsCarrier =
  ({ url, token, template }: NonNullable<Config['sms']>): Carrier =>
  async ({ messageId, phone, payload }, signal) => {
    await postMessage(
      { url, token },
      {
        message_id: String(messageId),
        phone,
        template: template || String(payload.news),
        params: [String(payload.news), String(payload.order_id)],
      },
      signal,
    )
  }

/** What the service behind SMS_URL is given (spec promises.md 12). A repeat carries the same `message_id`. */
export interface PostedMessage {
  readonly message_id: string
  readonly phone: string
  readonly template: string
  readonly params: readonly string[]
}

/** Resolves when the service took the message. */
export async function postMessage(
  { url, token }: { readonly url: string; readonly token: string },
  message: PostedMessage,
  signal: AbortSignal,
): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(message),
    redirect: 'error',
    signal,
  })
  await response.body?.cancel()
  if (!response.ok) throw new Error(`the message service answered ${response.status}`)
}

/** The file that stands in for phones outside production: one JSON object a line. */
export const messageFile = ({ dataDir }: Pick<Config, 'dataDir'>): string => path.join(dataDir, 'outbox.log')

const fileCarrier =
  (file: string): Carrier =>
  async ({ messageId, topic, phone, payload }) => {
    await fs.appendFile(file, `${JSON.stringify({ message_id: messageId, topic, phone, ...payload })}\n`, {
      mode: 0o600,
    })
  }

/** Sends what is due, over and over. */
export const outboxJob = (needs: DeliveryNeeds): Job => ({
  name: 'deliver_messages',
  everyMs: 2_000,
  run: (signal) => deliverDueMessages(needs, signal),
})

/** How long the oldest message that could have been sent has been waiting, and how many will not be sent any more. */
export const outboxGauges = ({ db, clock }: Pick<Deps, 'db' | 'clock'>): GaugeReading[] => [
  {
    name: 'outbox_lag',
    help: 'Seconds that the oldest due message has been waiting',
    async read() {
      const { oldest } = await db
        .selectFrom('outbox')
        .select(({ fn }) => fn.min('due_at').as('oldest'))
        .where('sent_at', 'is', null)
        .where('dead_at', 'is', null)
        .where('due_at', '<=', clock.now())
        .executeTakeFirstOrThrow()
      return oldest ? (clock.now().getTime() - new Date(oldest).getTime()) / 1000 : 0
    },
  },
  {
    name: 'outbox_dead',
    help: 'Messages of the last day that were given up and that nobody has sent again',
    async read() {
      const { count } = await db
        .selectFrom('outbox')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('dead_at', '>', new Date(clock.now().getTime() - DAY_MS))
        .executeTakeFirstOrThrow()
      return Number(count)
    },
  },
]
