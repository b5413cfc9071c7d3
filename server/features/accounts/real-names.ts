import { dayInShanghai } from '@ihome/core/calendar'
import { idCardFault, maskIdCard, plainIdCard } from '@ihome/core/identity/id-card'
import { isRealName, maskRealName, plainRealName } from '@ihome/core/identity/real-name'
import type { Deps } from '../../platform/deps.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { keyedDigests, SealBroken, seal, sealedUnder, unseal } from '../../platform/sealing.ts'
import { type IdentityAuthority, offlineAuthority } from './identity-authority.ts'
import { findSealed, listSealed, replaceSeal, writeRealName } from './real-name-store.ts'

/** The wording that was agreed to. A change of what is said on the page changes it too. */
const CONSENT_VERSION = '2026-11'

export interface MaskedRealName {
  readonly real_name: string | null
  readonly id_card: string | null
}

const namePlace = (userId: number): string => `real_name:${userId}`
const cardPlace = (userId: number): string => `id_card:${userId}`

/** What the person gave, masked; nulls before. */
export async function readRealName(
  { db, config }: Pick<Deps, 'db' | 'config'>,
  userId: number,
): Promise<MaskedRealName> {
  const open = await openRealName({ db, config }, userId)
  if (!open) return { real_name: null, id_card: null }
  return { real_name: maskRealName(open.real_name), id_card: maskIdCard(open.id_card) }
}

/** What the person gave, in the clear; undefined before. For the desk, which writes down that it looked. */
export async function openRealName(
  { db, config }: Pick<Deps, 'db' | 'config'>,
  userId: number,
): Promise<{ readonly real_name: string; readonly id_card: string } | undefined> {
  const kept = await findSealed(db, userId)
  return (
    kept && {
      real_name: unseal(config.piiKeys, namePlace(userId), kept.name),
      id_card: unseal(config.piiKeys, cardPlace(userId), kept.card),
    }
  )
}

export interface RealNameWish {
  readonly userId: number
  readonly realName: string
  readonly idCard: string
  readonly consent: boolean
}

/**
 * Takes a real name and ID number, once and for ever, sealed under the person's id. Says no with `input_invalid`
 * (naming the field and why), `already_verified` and `id_card_taken`.
 */
export async function verifyRealName(
  deps: Deps,
  wish: RealNameWish,
  authority: IdentityAuthority = offlineAuthority,
): Promise<MaskedRealName> {
  const { db, clock, config, random } = deps
  const { userId } = wish
  const now = clock.now()
  const realName = plainRealName(wish.realName)
  const idCard = plainIdCard(wish.idCard)
  if (!wish.consent) throw inputInvalid({ field: 'consent', reason: 'needed' })
  if (!isRealName(realName)) throw inputInvalid({ field: 'real_name', reason: 'shape' })
  const fault = idCardFault(idCard, dayInShanghai(now))
  if (fault) throw inputInvalid({ field: 'id_card', reason: fault })
  if (await findSealed(db, userId)) throw new Refusal('already_verified')
  if (!(await authority.matches({ realName, idCard }))) throw inputInvalid({ field: 'id_card', reason: 'no_match' })

  const digests = keyedDigests(config.piiKeys, 'id_card', idCard)
  await deps.transact((tx) =>
    writeRealName(tx, {
      userId,
      name: seal(config.piiKeys, random, namePlace(userId), realName),
      card: seal(config.piiKeys, random, cardPlace(userId), idCard),
      digests,
      verifiedBy: authority.name,
      consent: CONSENT_VERSION,
      now,
    }),
  )
  return { real_name: maskRealName(realName), id_card: maskIdCard(idCard) }
}

const BATCH = 200

/**
 * Seals anew, under the first key, what an older one sealed, so that the older can be taken away in time; answers how
 * many. What no key opens stays as it is, and is told.
 */
export async function resealRealNames(deps: Pick<Deps, 'db' | 'config' | 'random' | 'log'>): Promise<number> {
  const { db, config, random, log } = deps
  const current = config.piiKeys[0]?.id
  let resealed = 0
  let after = 0
  for (;;) {
    const rows = await listSealed(db, after, BATCH)
    for (const { userId, name, card } of rows) {
      if (sealedUnder(card) === current && sealedUnder(name) === current) continue
      try {
        const idCard = unseal(config.piiKeys, cardPlace(userId), card)
        await replaceSeal(db, card, {
          userId,
          name: seal(config.piiKeys, random, namePlace(userId), unseal(config.piiKeys, namePlace(userId), name)),
          card: seal(config.piiKeys, random, cardPlace(userId), idCard),
          digest: keyedDigests(config.piiKeys, 'id_card', idCard)[0],
        })
        resealed += 1
      } catch (error) {
        if (!(error instanceof SealBroken)) throw error
        log.error({ user_id: userId, err: error }, 'real_name_cannot_be_opened')
      }
    }
    const last = rows.at(-1)
    if (!last || rows.length < BATCH) return resealed
    after = last.userId
  }
}
