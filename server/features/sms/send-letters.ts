import type { Db, Tx } from '../../platform/db.ts'
import { type Due, finish, LETTER, leaseDue } from '../../platform/deliver-outbox.ts'
import type { Deps } from '../../platform/deps.ts'
import type { Job } from '../../platform/jobs.ts'
import { forgetUses } from '../../platform/rate-limits.ts'
import { dropOldCodes, findRequest, noteSending } from './code-store.ts'
import { pauseKey } from './codes.ts'
import type { LetterCarrier } from './letter-carrier.ts'
import { emptyLetter } from './letter-store.ts'
import { openLetter } from './letters.ts'

export interface LetterNeeds extends Pick<Deps, 'db' | 'transact' | 'clock' | 'config' | 'log'> {
  /** Nothing to send with: every letter fails, and whoever waits is told. */
  readonly carrier: LetterCarrier | undefined
}

const SEND_LIMIT_MS = 10_000
/** Somebody looks at the screen and waits, so a dead sender's letters are soon taken over. */
const LEASE_MS = 30_000
const TRIES = 5
const FIRST_PAUSE_MS = 2_000
const KEPT_DAYS = 30
const DAY_MS = 86_400_000
const BATCH = 1_000

/**
 * Sends the letters that are due, side by side, and answers how many were sent. One that is not taken after five
 * tries, or whose code is over, has failed: the code is void and the phone may ask again at once.
 */
export async function sendDueLetters(needs: LetterNeeds, signal: AbortSignal): Promise<number> {
  if (signal.aborted) return 0
  const due = await leaseDue(needs.db, needs.clock.now(), { only: LETTER }, LEASE_MS)
  const sent = await Promise.all(due.map((message) => send(needs, message)))
  return sent.filter(Boolean).length
}

async function send(needs: LetterNeeds, message: Due): Promise<boolean> {
  const { db, clock, log, carrier } = needs
  try {
    const { key, letter } = openLetter(needs, message.payload)
    const asked = await findRequest(db, key)
    if (asked && asked.expiresAt <= clock.now()) {
      await fail(needs, message, 'too_late')
      return false
    }
    if (!carrier) throw new Error('SMS_URL is not set')
    await carrier(message.id, letter, AbortSignal.timeout(SEND_LIMIT_MS))
    await needs.transact((tx) => sent(tx, message, clock.now()))
    return true
  } catch (error) {
    log.warn({ message_id: message.id, tries: message.tries, err: error }, 'letter_not_sent')
    if (message.tries >= TRIES) await fail(needs, message, 'not_taken')
    else {
      const pauseMs = FIRST_PAUSE_MS * 2 ** (message.tries - 1)
      await finish(db, message.id, { due_at: new Date(clock.now().getTime() + pauseMs), error: 'not_taken' })
    }
    return false
  }
}

async function sent(tx: Tx, message: Due, now: Date): Promise<void> {
  await finish(tx, message.id, { sent_at: now, error: null })
  await emptyLetter(tx, message)
  await noteSending(tx, String(message.payload.key), 'sent', now)
}

async function fail(needs: LetterNeeds, message: Due, error: string): Promise<void> {
  const now = needs.clock.now()
  const key = String(message.payload.key)
  await needs.transact(async (tx) => {
    await finish(tx, message.id, { dead_at: now, error })
    await emptyLetter(tx, message)
    await noteSending(tx, key, 'failed', now)
    const asked = await findRequest(tx, key)
    if (asked) await forgetUses(tx, [pauseKey(asked.phoneDigest)])
  })
}

/** Sends letters, and drops codes that nobody asks about any more. */
export const letterJobs = (needs: LetterNeeds): Job[] => [
  { name: 'send_letters', everyMs: 500, run: (signal) => sendDueLetters(needs, signal) },
  { name: 'drop_old_codes', everyMs: 3_600_000, run: () => dropOldOnes(needs.db, needs.clock.now()) },
]

const dropOldOnes = (db: Db, now: Date): Promise<number> =>
  dropOldCodes(db, new Date(now.getTime() - KEPT_DAYS * DAY_MS), BATCH)
