import { createHash } from 'node:crypto'
import type { Deps } from '../../platform/deps.ts'
import { type Allowance, countUse, forgetUses, standingOf } from '../../platform/rate-limits.ts'
import { Refusal } from '../../platform/refusal.ts'
import { passCaptcha } from '../captcha/captchas.ts'
import { isKnownDevice } from './known-device.ts'
import { type Entrance, openSession } from './open-session.ts'
import { passwordFits } from './passwords.ts'
import { findUserByPhone } from './store.ts'

export interface SignInWish {
  readonly phone: string
  readonly password: string
  /** The caller's address as far as it can be believed. */
  readonly address: string
  readonly entrance: Entrance
  /** What was read off a picture, where one was asked for. */
  readonly captcha: { readonly id: string; readonly answer: string } | undefined
  /** What the browser keeps of earlier sign-ins. */
  readonly device: string | undefined
}

export interface SignedIn {
  readonly sessionId: string
  readonly userId: number
  readonly name: string
}

/**
 * Opens a new session for the person; the one the browser came with ends. Says no with `login_locked`, with
 * `captcha_required` (and `captcha_expired`, `captcha_wrong`) after many failures for the account from anywhere, and
 * with `login_failed`, the same for an unknown phone and for a wrong password.
 *
 * Tries from one address are looked at one after the other: parallel guesses would all be let in before the first of
 * them is counted, and a crowd behind one address that signs in rightly must not be locked out by its own number.
 */
export function signIn(deps: Deps, wish: SignInWish): Promise<SignedIn> {
  return inTurn(wish.address, () => attempt(deps, wish))
}

async function attempt(deps: Deps, wish: SignInWish): Promise<SignedIn> {
  const now = deps.clock.now()
  const { ofAddress, ofAccount, most } = allowancesOf(deps, wish)
  await refuseWhenClosed(deps, ofAddress)
  if (!(await standingOf(deps.db, ofAccount, now)).open) {
    if (!wish.captcha) throw new Refusal('captcha_required')
    await passCaptcha(deps, wish.captcha.id, wish.captcha.answer)
  }
  const user = await findUserByPhone(deps.db, wish.phone)
  // Counted before it is looked at, since strangers at many addresses can all try at once. Those who can read pictures
  // must not lock the owner out: a device that was let in before still is.
  const { open, retryAfterS } = await countUse(deps.db, most, now)
  if (!open && !(user && isKnownDevice(wish.device, user.id, deps.config.sessionSecrets)))
    throw new Refusal('login_locked', {}, { retryAfterS })

  const fits = await passwordFits(wish.password, user?.passwordHash)
  if (!user || !fits) {
    for (const allowance of [ofAddress, ofAccount]) await countUse(deps.db, allowance, now)
    throw new Refusal('login_failed')
  }
  await forgetUses(
    deps.db,
    [ofAddress, ofAccount, most].map(({ key }) => key),
  )
  const sessionId = await deps.transact((tx) => openSession(tx, deps, user.id, wish.entrance))
  return { sessionId, userId: user.id, name: user.name }
}

/** Whoever showed the phone itself starts anew; the count of an address stays. */
export async function forgetFailures(deps: Deps, phone: string): Promise<void> {
  const { ofAccount, most } = allowancesOf(deps, { phone, address: '' })
  await forgetUses(deps.db, [ofAccount.key, most.key])
}

async function refuseWhenClosed({ db, clock }: Deps, allowance: Allowance): Promise<void> {
  const { open, retryAfterS } = await standingOf(db, allowance, clock.now())
  if (!open) throw new Refusal('login_locked', {}, { retryAfterS })
}

function allowancesOf({ config }: Deps, { address, phone }: Pick<SignInWish, 'address' | 'phone'>) {
  const { limits } = config
  // The counters need no phone number in the clear.
  const account = createHash('sha256').update(`login:${phone}`).digest('hex')
  const allowance = (key: string, limit: number, windowS: number): Allowance => ({
    key: `login:${key}`,
    limit,
    windowS,
  })
  return {
    ofAddress: allowance(`address:${address}`, limits.loginFailuresPerAddress, limits.loginWindowS),
    ofAccount: allowance(`account:${account}`, limits.loginFailuresPerAccount, limits.loginAccountWindowS),
    most: allowance(`most:${account}`, limits.loginFailuresPerAccountMost, limits.loginAccountWindowS),
  }
}

const queues = new Map<string, Promise<unknown>>()
/** More waiting than this for one address is a flood; each waits for 14 ms of CPU. */
const QUEUE_LIMIT = 500
const waiting = new Map<string, number>()

async function inTurn<T>(address: string, work: () => Promise<T>): Promise<T> {
  const before = queues.get(address) ?? Promise.resolve()
  const depth = (waiting.get(address) ?? 0) + 1
  if (depth > QUEUE_LIMIT) throw new Refusal('rate_limited', {}, { retryAfterS: 5 })
  waiting.set(address, depth)
  const turn = before.then(work, work)
  queues.set(address, turn)
  try {
    return await turn
  } finally {
    const left = (waiting.get(address) ?? 1) - 1
    if (left > 0) waiting.set(address, left)
    else {
      waiting.delete(address)
      queues.delete(address)
    }
  }
}
