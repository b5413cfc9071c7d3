import { createHash } from 'node:crypto'
import type { Deps } from '../../platform/deps.ts'
import { type Allowance, countUse, forgetUses, standingOf } from '../../platform/rate-limits.ts'
import { Refusal } from '../../platform/refusal.ts'
import { passwordFits } from './passwords.ts'
import { newSessionOf, type RequestSession } from './session-hooks.ts'
import { endSession, findUserByPhone, insertSession } from './store.ts'
import { digestOf, newSessionId } from './tokens.ts'

export interface SignInWish {
  readonly phone: string
  readonly password: string
  /** The caller's address as far as it can be believed. */
  readonly address: string
  readonly session: RequestSession | undefined
}

/**
 * Opens a new session for the person; the one the browser came with ends. Says no with `login_locked` and with
 * `login_failed`, the same for an unknown phone and for a wrong password.
 *
 * Tries from one address are looked at one after the other: parallel guesses would all be let in before the first of
 * them is counted, and a crowd behind one address that signs in rightly must not be locked out by its own number.
 */
export function signIn(deps: Deps, wish: SignInWish): Promise<{ sessionId: string; name: string }> {
  return inTurn(wish.address, () => attempt(deps, wish))
}

async function attempt(deps: Deps, wish: SignInWish): Promise<{ sessionId: string; name: string }> {
  const now = deps.clock.now()
  const allowances = allowancesOf(deps, wish)
  for (const allowance of allowances) {
    const { open, retryAfterS } = await standingOf(deps.db, allowance, now)
    if (!open) throw new Refusal('login_locked', {}, { retryAfterS })
  }

  const user = await findUserByPhone(deps.db, wish.phone)
  const fits = await passwordFits(wish.password, user?.passwordHash)
  if (!user || !fits) {
    for (const allowance of allowances) await countUse(deps.db, allowance, now)
    throw new Refusal('login_failed')
  }

  await forgetUses(
    deps.db,
    allowances.map(({ key }) => key),
  )
  const sessionId = newSessionId('s', deps.random, now)
  await deps.transact(async (tx) => {
    if (wish.session?.kind === 's') await endSession(tx, digestOf(wish.session.id), 'rotated', now)
    await insertSession(tx, newSessionOf(deps, sessionId, user.id))
  })
  return { sessionId, name: user.name }
}

function allowancesOf({ config }: Deps, { address, phone }: SignInWish): readonly Allowance[] {
  const { loginFailuresPerAddress, loginWindowS, loginFailuresPerAccount, loginAccountWindowS } = config.limits
  // The counter needs no phone number in the clear.
  const phoneDigest = createHash('sha256').update(`login:${phone}`).digest('hex')
  return [
    { key: `login:address:${address}`, limit: loginFailuresPerAddress, windowS: loginWindowS },
    { key: `login:account:${phoneDigest}`, limit: loginFailuresPerAccount, windowS: loginAccountWindowS },
  ]
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
