import { timingSafeEqual } from 'node:crypto'
import { maskPhone } from '@ihome/core/identity/phone'
import type { Db, Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { type Allowance, countUse } from '../../platform/rate-limits.ts'
import { Refusal } from '../../platform/refusal.ts'
import { keyedDigests } from '../../platform/sealing.ts'
import { type CodePurpose, countTry, findRequest, replaceCode, takeCode, voidCode } from './code-store.ts'
import { type LetterKind, putLetter } from './letters.ts'

export type CodeNeeds = Pick<Deps, 'config' | 'clock' | 'random'>

const HOUR_S = 3_600
const DAY_S = 86_400

export interface CodeWish {
  readonly phone: string
  readonly purpose: CodePurpose
  /** Set when the owner of the number must be told something else: the asker sees no difference. */
  readonly instead?: LetterKind | undefined
  readonly sessionDigest: Buffer
  /** The caller's address as far as it can be believed. */
  readonly address: string
}

/**
 * Sends a code, or what is said instead of one: everything is counted, kept and put on its way in one transaction, so
 * what could not be counted is not sent, and what is refused counts for nothing. An older code of the same phone and
 * purpose is void. Says no with `sms_too_soon` and `sms_limit_reached`.
 */
export async function sendCode(tx: Tx, needs: CodeNeeds, wish: CodeWish): Promise<{ readonly requestId: string }> {
  const { config, random } = needs
  const now = needs.clock.now()
  const phoneDigest = phoneDigests(needs, wish.phone)[0]
  if (!phoneDigest) throw new Error('there is no key for digests')
  const { pause, others } = allowancesOf(needs, phoneDigest, wish.address)
  // Always in this order, the phone's first: rivals for one phone queue at its first counter.
  const soon = await countUse(tx, pause, now)
  if (!soon.open) throw new Refusal('sms_too_soon', {}, { retryAfterS: soon.retryAfterS })
  for (const allowance of others) {
    const { open, retryAfterS } = await countUse(tx, allowance, now)
    if (!open) throw new Refusal('sms_limit_reached', {}, { retryAfterS })
  }

  const requestId = random.bytes(18).toString('base64url')
  const code = sixDigits(needs)
  await replaceCode(tx, {
    requestId,
    sessionDigest: wish.sessionDigest,
    phoneDigest,
    phoneMask: maskPhone(wish.phone),
    purpose: wish.purpose,
    codeDigest: wish.instead ? null : (codeDigests(needs, requestId, code)[0] ?? null),
    createdAt: now,
    expiresAt: new Date(now.getTime() + config.limits.smsCodeS * 1000),
  })
  const params = wish.instead ? [] : [code, String(Math.ceil(config.limits.smsCodeS / 60))]
  await putLetter(
    tx,
    { config, random },
    { key: requestId, letter: { phone: wish.phone, kind: wish.instead ?? 'code', params }, now },
  )
  return { requestId }
}

/**
 * Uses the live code of this phone and purpose up. Says no with `sms_code_expired` when there is none, and with
 * `sms_code_wrong`, which counts a try: counted before it is looked at, so of many guesses at once five are.
 */
export async function passCode(
  needs: CodeNeeds & Pick<Deps, 'db'>,
  wish: { readonly phone: string; readonly purpose: CodePurpose; readonly code: string },
): Promise<void> {
  const { db, clock, config } = needs
  const now = clock.now()
  const most = config.limits.smsCodeTries
  const tried = await countTry(db, { phoneDigests: phoneDigests(needs, wish.phone), purpose: wish.purpose, now, most })
  if (!tried) throw new Refusal('sms_code_expired')
  const { codeDigest } = tried
  const fits = codeDigests(needs, tried.requestId, wish.code).some(
    (digest) => codeDigest !== null && timingSafeEqual(digest, codeDigest),
  )
  if (!fits) {
    if (tried.tries >= most) await voidCode(db, tried.id, now)
    throw new Refusal('sms_code_wrong')
  }
  if (!(await takeCode(db, tried.id, now))) throw new Refusal('sms_code_expired')
}

/** The counter that keeps two messages to one phone apart; given back when a message could not be sent. */
export const pauseKey = (phoneDigest: Buffer): string => `sms:pause:${phoneDigest.toString('hex')}`

function allowancesOf({ config }: CodeNeeds, phoneDigest: Buffer, address: string) {
  const { smsPauseS, smsPerHour, smsPerDay, smsPerAddressHour, smsPerHourOfAll } = config.limits
  const phone = phoneDigest.toString('hex')
  return {
    pause: { key: pauseKey(phoneDigest), limit: 1, windowS: smsPauseS },
    others: [
      { key: `sms:hour:${phone}`, limit: smsPerHour, windowS: HOUR_S },
      { key: `sms:day:${phone}`, limit: smsPerDay, windowS: DAY_S },
      { key: `sms:address:${address}`, limit: smsPerAddressHour, windowS: HOUR_S },
      { key: 'sms:all', limit: smsPerHourOfAll, windowS: HOUR_S },
    ] satisfies Allowance[],
  }
}

const phoneDigests = ({ config }: CodeNeeds, phone: string): Buffer[] => keyedDigests(config.piiKeys, 'phone', phone)

/** A code's digest is good for its own request only. */
const codeDigests = ({ config }: CodeNeeds, requestId: string, code: string): Buffer[] =>
  keyedDigests(config.piiKeys, 'sms_code', `${requestId}:${code}`)

const CODES = 1_000_000
/** Numbers from here on would make some codes likelier than others. */
const FAIR_BELOW = Math.floor(0x1_0000_0000 / CODES) * CODES

function sixDigits({ random }: CodeNeeds): string {
  for (;;) {
    const number = random.bytes(4).readUInt32BE()
    if (number < FAIR_BELOW) return String(number % CODES).padStart(6, '0')
  }
}

/** How the sending of a code goes, for the session that asked for it; undefined for every other one. */
export const readSending = (db: Db, requestId: string, sessionDigest: Buffer) =>
  findRequest(db, requestId, sessionDigest)
