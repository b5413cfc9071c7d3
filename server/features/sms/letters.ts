import type { Tx } from '../../platform/db.ts'
import { LETTER } from '../../platform/deliver-outbox.ts'
import type { Deps } from '../../platform/deps.ts'
import { putMessage } from '../../platform/outbox.ts'
import { seal, unseal } from '../../platform/sealing.ts'

/** What a text message is about; the service's template of the same name says it in words. */
export type LetterKind =
  | 'code'
  | 'account_exists'
  | 'no_account'
  | 'phone_changed'
  | 'password_changed'
  | 'payee_changed'

/** A text message to a number, whoever that belongs to. */
export interface PhoneLetter {
  readonly phone: string
  readonly kind: LetterKind
  readonly params: readonly string[]
}

type SealNeeds = Pick<Deps, 'config' | 'random'>

const placeOf = (key: string): string => `letter:${key}`

/**
 * Puts a letter into the outbox, in the transaction that makes it true. `key` is unique to it. Number and code lie
 * there sealed, since a copy of that table must open no account.
 */
export async function putLetter(
  tx: Tx,
  { config, random }: SealNeeds,
  { key, letter, now }: { readonly key: string; readonly letter: PhoneLetter; readonly now: Date },
): Promise<void> {
  const sealed = seal(config.piiKeys, random, placeOf(key), JSON.stringify(letter))
  await putMessage(tx, {
    topic: LETTER,
    dedupeKey: `sms:${key}`,
    payload: { key, sealed: sealed.toString('base64') },
    createdAt: now,
    dueAt: now,
  })
}

/** The letter in a message's payload, and its key. Throws `SealBroken`. */
export function openLetter(
  { config }: Pick<Deps, 'config'>,
  payload: Readonly<Record<string, unknown>>,
): { readonly key: string; readonly letter: PhoneLetter } {
  const key = String(payload.key)
  const text = unseal(config.piiKeys, placeOf(key), Buffer.from(String(payload.sealed), 'base64'))
  // Written by putLetter and by nobody else: the seal says so.
  return { key, letter: JSON.parse(text) as PhoneLetter }
}
