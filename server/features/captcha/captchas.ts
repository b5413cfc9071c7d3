import type { Deps } from '../../platform/deps.ts'
import { countUse } from '../../platform/rate-limits.ts'
import { Refusal } from '../../platform/refusal.ts'
import { countShowing, insertCaptcha, takeCaptcha } from './captcha-store.ts'
import { type CaptchaKind, captchaText, isAnswer, type Question } from './captcha-text.ts'
import { drawCaptcha } from './draw-captcha.ts'

export type CaptchaNeeds = Pick<Deps, 'config' | 'db' | 'clock' | 'random'>

/** The same picture again costs a drawing each time. */
const SHOWINGS = 5
/** A question is easier for a program than a picture, so an address gets fewer of them. */
const QUESTIONS_OF = 4
const MINUTE_S = 60

export interface MadeCaptcha {
  readonly id: string
  /** Set for a question, which has no picture. */
  readonly question: Question | undefined
}

/** A new captcha, good for one check. Says no with `rate_limited`, by address. */
export async function makeCaptcha(needs: CaptchaNeeds, kind: CaptchaKind, address: string): Promise<MadeCaptcha> {
  const { config, db, clock, random } = needs
  const now = clock.now()
  const { captchasPerMinute, captchaS } = config.limits
  const limit = kind === 'question' ? Math.ceil(captchasPerMinute / QUESTIONS_OF) : captchasPerMinute
  const { open, retryAfterS } = await countUse(db, { key: `captcha:${kind}:${address}`, limit, windowS: MINUTE_S }, now)
  if (!open) throw new Refusal('rate_limited', {}, { retryAfterS })
  const id = random.bytes(18).toString('base64url')
  await insertCaptcha(db, id, kind, new Date(now.getTime() + captchaS * 1000))
  return { id, question: kind === 'question' ? captchaText(secretOf(needs), id).question : undefined }
}

/** The picture as PNG. Says no with `not_found` when it was used, is over, or was shown often enough. */
export async function showCaptcha(needs: CaptchaNeeds, id: string): Promise<Buffer> {
  if (!(await countShowing(needs.db, id, needs.clock.now(), SHOWINGS))) throw new Refusal('not_found')
  const { text, seed } = captchaText(secretOf(needs), id)
  return drawCaptcha(text, seed)
}

/**
 * Uses the captcha up, right or wrong. Says no with `captcha_expired` (unknown, used or over) and `captcha_wrong`.
 * It stays used up whatever becomes of the request it was shown for.
 */
export async function passCaptcha(needs: CaptchaNeeds, id: string, typed: string): Promise<void> {
  const kind = await takeCaptcha(needs.db, id, needs.clock.now())
  if (!kind) throw new Refusal('captcha_expired')
  if (!isAnswer(kind, captchaText(secretOf(needs), id), typed)) throw new Refusal('captcha_wrong')
}

const secretOf = ({ config }: CaptchaNeeds): string => config.sessionSecrets[0] ?? ''
