import type { PayeeView } from '@ihome/contract/schemas/payouts'
import { isPayeeAccount, maskPayeeAccount, payeeIdentity, plainPayeeAccount } from '@ihome/core/payouts/payee-account'
import { PAYEE_CHANGE_MS } from '@ihome/core/payouts/payout-plan'
import type { Account } from '../../platform/access.ts'
import type { Db, Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { countUse } from '../../platform/rate-limits.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { keyedDigests, SealBroken, seal, sealedUnder, unseal } from '../../platform/sealing.ts'
import type { Entrance } from '../accounts/open-session.ts'
import { openRealName } from '../accounts/real-names.ts'
import { assertSteppedUp } from '../accounts/step-up.ts'
import { assertVerified } from '../accounts/verified.ts'
import { putLetter } from '../sms/letters.ts'
import { insertPayee, listPayees, listPayeesAfter, type Payee, replacePayeeSeal } from './payee-store.ts'
import { wakePayouts } from './payout-store.ts'
import type { TransferWish } from './provider.ts'

/** What is sealed of an account: where to, and whose it must be. */
interface PayeeSecret {
  readonly account: string
  readonly name: string
}

const placeOf = (userId: number): string => `payee:${userId}`
const PURPOSE = 'payee'
/** Each change is a text message, and an account that changes all day is nobody's. */
const CHANGES_PER_DAY = 5
const DAY_S = 86_400

/** The host's account, masked, and one that waits to take its place. Says no with `not_verified`. */
export async function readPayee({ db, clock }: Pick<Deps, 'db' | 'clock'>, userId: number): Promise<PayeeView> {
  await assertVerified(db, userId)
  return viewOf(await listPayees(db, userId, 2), clock.now())
}

function viewOf([newest, before]: readonly Payee[], now: Date): PayeeView {
  if (!newest) return { account: null, next: null }
  if (newest.usable_from <= now) return { account: newest.account_mask, next: null }
  return {
    account: before?.account_mask ?? null,
    next: { account: newest.account_mask, usable_from: newest.usable_from.toISOString() },
  }
}

/**
 * Takes another account of the host, who must have been recognised a second time. The name it must belong to is the
 * host's real name. The first account counts at once, a change after 72 h; the phone is told either way. Says no with
 * `not_verified`, `step_up_needed`, `input_invalid` and `rate_limited`.
 */
export async function changePayee(
  deps: Deps,
  { account, entrance, typed }: { readonly account: Account; readonly entrance: Entrance; readonly typed: string },
): Promise<PayeeView> {
  const { db, config, random, clock } = deps
  await assertVerified(db, account.id)
  await assertSteppedUp(deps, entrance)
  const plain = plainPayeeAccount(typed)
  if (!isPayeeAccount(plain)) throw inputInvalid({ field: 'account', reason: 'shape' })
  const owner = await openRealName(deps, account.id)
  if (!owner) throw new Refusal('not_verified')
  const now = clock.now()
  const counted = await countUse(db, { key: `payee:${account.id}`, limit: CHANGES_PER_DAY, windowS: DAY_S }, now)
  if (!counted.open) throw new Refusal('rate_limited', {}, { retryAfterS: counted.retryAfterS })
  const secret: PayeeSecret = { account: plain, name: owner.real_name }
  return deps.transact(async (tx) => {
    const [current] = await listPayees(tx, account.id, 1)
    const usableFrom = current ? new Date(now.getTime() + PAYEE_CHANGE_MS) : now
    const id = await insertPayee(tx, {
      user_id: account.id,
      account_sealed: seal(config.piiKeys, random, placeOf(account.id), JSON.stringify(secret)),
      account_digest: digestOf(config, plain),
      account_mask: maskPayeeAccount(plain),
      created_at: now,
      usable_from: usableFrom,
    })
    await wakePayouts(tx, account.id, usableFrom)
    await putLetter(tx, deps, {
      key: `payee_changed:${id}`,
      letter: { phone: account.phone, kind: 'payee_changed', params: [maskPayeeAccount(plain)] },
      now,
    })
    return viewOf(await listPayees(tx, account.id, 2), now)
  })
}

function digestOf({ piiKeys }: Pick<Deps['config'], 'piiKeys'>, plain: string): Buffer {
  const [digest] = keyedDigests(piiKeys, PURPOSE, plain)
  if (!digest) throw new Error('there is no key to make a digest with')
  return digest
}

/** The account that counts from its `usable_from` on. While it waits nothing is paid at all. */
export const newestPayee = async (db: Db | Tx, userId: number): Promise<Payee | undefined> =>
  (await listPayees(db, userId, 1))[0]

/** The account in the clear, as a provider is told. Throws `SealBroken`. */
export function openPayee({ config }: Pick<Deps, 'config'>, payee: Payee): TransferWish['payee'] {
  const { account, name } = secretOf(config, payee)
  return { identity: account, kind: payeeIdentity(account), name }
}

// Written by changePayee and by nobody else: the seal says so.
const secretOf = ({ piiKeys }: Pick<Deps['config'], 'piiKeys'>, payee: Payee): PayeeSecret =>
  JSON.parse(unseal(piiKeys, placeOf(payee.user_id), payee.account_sealed)) as PayeeSecret

const BATCH = 200

/** Seals anew, under the first key, what an older one sealed; answers how many. What no key opens stays and is told. */
export async function resealPayees(deps: Pick<Deps, 'db' | 'config' | 'random' | 'log'>): Promise<number> {
  const { db, config, random, log } = deps
  const current = config.piiKeys[0]?.id
  let resealed = 0
  for (let after = 0; ; ) {
    const rows = await listPayeesAfter(db, after, BATCH)
    for (const payee of rows) {
      if (sealedUnder(payee.account_sealed) === current) continue
      try {
        const secret = secretOf(config, payee)
        await replacePayeeSeal(db, payee.id, {
          account_sealed: seal(config.piiKeys, random, placeOf(payee.user_id), JSON.stringify(secret)),
          account_digest: digestOf(config, secret.account),
        })
        resealed += 1
      } catch (error) {
        if (!(error instanceof SealBroken)) throw error
        log.error({ payee_id: payee.id, err: error }, 'payee_cannot_be_opened')
      }
    }
    const last = rows.at(-1)
    if (!last || rows.length < BATCH) return resealed
    after = last.id
  }
}
