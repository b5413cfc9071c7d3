import { createHash } from 'node:crypto'
import type { OperatorView } from '@ihome/contract/schemas/operators'
import type { Deps } from '../../platform/deps.ts'
import { type Allowance, countUse, forgetUses } from '../../platform/rate-limits.ts'
import { Refusal } from '../../platform/refusal.ts'
import { passwordFits } from '../accounts/passwords.ts'
import { newOperatorSessionId, operatorDigest, SESSION_ABSOLUTE_S, SESSION_IDLE_S } from './operator-session.ts'
import { recordAction } from './record-action.ts'
import { enrolmentOf, stepOfCode } from './second-factor.ts'
import { findOperator, insertOperatorSession, type StoredOperator, useStep } from './store.ts'

export interface OperatorSignInWish {
  readonly login: string
  readonly password: string
  readonly code: string | undefined
  readonly address: string
}

/**
 * Opens a session for an operator who shows a password and a code of the authenticator. Says no with `login_locked`,
 * with `login_failed` (unknown login or wrong password, one answer), with `second_factor_needed` when the code is
 * missing (with something to scan as `data` if there is no authenticator yet), and with `second_factor_wrong`.
 */
export async function signInOperator(
  deps: Deps,
  wish: OperatorSignInWish,
): Promise<{ readonly sessionId: string; readonly operator: OperatorView }> {
  const now = deps.clock.now()
  const allowances = allowancesOf(deps, wish)
  // A try is let in by its own count: many at once that first read and then counted would all be let in.
  for (const allowance of allowances) await countOrRefuse(deps, allowance, now)
  const operator = await findOperator(deps.db, wish.login)
  const fits = await passwordFits(wish.password, operator?.passwordHash)
  if (!operator || !fits) throw new Refusal('login_failed')
  if (wish.code === undefined) {
    // This try stays counted: a password alone must not start the count of guessed codes anew.
    const data = operator.totpConfirmed ? {} : { ...(await enrolmentOf(deps, operator)) }
    throw new Refusal('second_factor_needed', data)
  }
  const sessionId = await enter(deps, operator, wish.code, now)
  await forget(deps, allowances)
  return { sessionId, operator: { login: operator.login, role: operator.role } }
}

function enter(deps: Deps, operator: StoredOperator, code: string, now: Date): Promise<string> {
  const step = stepOfCode(deps, operator, code, now)
  if (step === undefined) throw new Refusal('second_factor_wrong')
  const id = newOperatorSessionId(deps.random)
  const after = (seconds: number) => new Date(now.getTime() + seconds * 1000)
  return deps.transact(async (tx) => {
    if (!(await useStep(tx, operator.id, step, now))) throw new Refusal('second_factor_wrong')
    await insertOperatorSession(tx, {
      digest: operatorDigest(id),
      operatorId: operator.id,
      now,
      idleUntil: after(SESSION_IDLE_S),
      absoluteUntil: after(SESSION_ABSOLUTE_S),
    })
    await recordAction(tx, { operatorId: operator.id, at: now, kind: 'signed_in' })
    return id
  })
}

async function countOrRefuse({ db }: Deps, allowance: Allowance, now: Date): Promise<void> {
  const { open, retryAfterS } = await countUse(db, allowance, now)
  if (!open) throw new Refusal('login_locked', {}, { retryAfterS })
}

const forget = ({ db }: Deps, allowances: readonly Allowance[]): Promise<void> =>
  forgetUses(
    db,
    allowances.map(({ key }) => key),
  )

function allowancesOf({ config: { limits } }: Deps, { address, login }: OperatorSignInWish): Allowance[] {
  const account = createHash('sha256').update(`operator:${login}`).digest('hex')
  return [
    { key: `operator:address:${address}`, limit: limits.loginFailuresPerAddress, windowS: limits.loginWindowS },
    { key: `operator:account:${account}`, limit: limits.loginFailuresPerAccount, windowS: limits.loginAccountWindowS },
  ]
}
