import pg from 'pg'
import type { ChangeEvent, Events } from './events.ts'
import type { Log } from './log.ts'

/** Hears, over one connection of its own, what any instance or command has changed in the database. */
export interface ChangeFeed {
  /** False while changes made elsewhere may go unheard. What may be stale must not be answered from memory then. */
  hearing(): boolean
  stop(): Promise<void>
}

export interface ChangeFeedOptions {
  readonly url: string
  readonly events: Events
  readonly log: Log
  /** Pause before another try after the connection was lost. */
  readonly retryMs?: number
}

const CHANNEL = 'ihome_changes'
/** A connection that died without a word is found out this soon. */
const BEAT_MS = 5_000

/**
 * Publishes every notification of migration 0008 as an event of this process. Waits for the first try to connect; if
 * that fails or the connection is lost, it goes on trying. After every gap everything counts as changed.
 */
export async function startChangeFeed({ url, events, log, retryMs = 1_000 }: ChangeFeedOptions): Promise<ChangeFeed> {
  let client: pg.Client | undefined
  let retry: NodeJS.Timeout | undefined
  let hearing = false
  let stopped = false

  async function listen(): Promise<void> {
    const candidate = new pg.Client({
      connectionString: url,
      application_name: 'ihome-changes',
      keepAlive: true,
      connectionTimeoutMillis: BEAT_MS,
      query_timeout: BEAT_MS,
    })
    client = candidate
    candidate.on('error', (error) => lose(candidate, error))
    candidate.on('end', () => lose(candidate))
    candidate.on('notification', ({ payload = '' }) => {
      const event = eventOf(payload)
      if (event) events.publish(event)
    })
    try {
      await candidate.connect()
      await candidate.query(`listen ${CHANNEL}`)
    } catch (error) {
      lose(candidate, error)
      return
    }
    if (client !== candidate) return
    hearing = true
    events.publish({ kind: 'everything_changed' })
  }

  function lose(lost: pg.Client, error?: unknown): void {
    if (client !== lost) return
    client = undefined
    hearing = false
    lost.end().catch(() => undefined) // Nothing more can be learnt from a connection that is given up.
    if (stopped) return
    log.warn({ err: error }, 'change_feed_lost')
    retry = setTimeout(() => void listen(), retryMs)
    retry.unref()
  }

  const beat = setInterval(() => {
    const current = client
    if (current && hearing) current.query('select 1').catch((error) => lose(current, error))
  }, BEAT_MS)
  beat.unref()

  await listen()
  return {
    hearing: () => hearing,
    async stop() {
      stopped = true
      hearing = false
      clearTimeout(retry)
      clearInterval(beat)
      const last = client
      client = undefined
      await last?.end()
    },
  }
}

/** Reads `house:12`, `user:5`, `thread:7:5:12`, `areas`, `facilities`. A word of a newer release is no event here. */
function eventOf(payload: string): ChangeEvent | undefined {
  const [word, digits, guest, host] = payload.split(':')
  if (word === 'areas') return { kind: 'areas_changed' }
  if (word === 'facilities') return { kind: 'facilities_changed' }
  if (word === 'house') return { kind: 'house_changed', houseId: Number(digits) }
  if (word === 'user') return { kind: 'user_changed', userId: Number(digits) }
  if (word === 'thread') {
    return { kind: 'thread_changed', orderId: Number(digits), guestId: Number(guest), hostId: Number(host) }
  }
  return undefined
}
