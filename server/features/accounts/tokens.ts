import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { Random } from '../../platform/random.ts'

/**
 * A session's id is a kind, a birth in seconds (base 36) and 192 random bits. `v` is a visitor's, known to nobody but
 * the cookie; `s` a signed-in person's, known to the table by its SHA-256.
 */
export type SessionKind = 'v' | 's'

const SHAPE = /^([vs])\.([0-9a-z]{1,9})\.[A-Za-z0-9_-]{32}$/

export const newSessionId = (kind: SessionKind, random: Random, now: Date): string =>
  `${kind}.${Math.floor(now.getTime() / 1000).toString(36)}.${random.bytes(24).toString('base64url')}`

/** What the id says of itself, or nothing when it is not one of ours. */
export function readSessionId(id: string | undefined): { id: string; kind: SessionKind; bornAt: Date } | undefined {
  const parts = id === undefined ? null : SHAPE.exec(id)
  if (id === undefined || !parts) return undefined
  return { id, kind: parts[1] as SessionKind, bornAt: new Date(Number.parseInt(parts[2] ?? '0', 36) * 1000) }
}

export const digestOf = (sessionId: string): Buffer => createHash('sha256').update(sessionId).digest()

/** The CSRF token of a session: a keyed hash of its id, so it lives and dies with it and needs no column. */
export const csrfTokenFor = (sessionId: string, secret: string): string =>
  createHmac('sha256', secret).update(`csrf:${sessionId}`).digest('base64url')

/** Whether `token` belongs to the session under any of the secrets, in constant time. */
export function isCsrfTokenOf(sessionId: string, token: string, secrets: readonly string[]): boolean {
  const given = Buffer.from(token)
  return secrets.some((secret) => {
    const expected = Buffer.from(csrfTokenFor(sessionId, secret))
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}
