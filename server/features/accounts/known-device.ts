import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../../platform/config.ts'
import type { Random } from '../../platform/random.ts'

const KEPT_S = 180 * 86_400
const cookieName = (https: boolean) => (https ? '__Host-ihome_device' : 'ihome_device')

const markOf = (secret: string, userId: number, nonce: string): string =>
  createHmac('sha256', secret).update(`device:${userId}:${nonce}`).digest('base64url')

/**
 * Marks this browser as one that the person signed in on. The mark opens nothing: it only lets its owner try a
 * password while strangers have used up the account's tries.
 */
export function rememberDevice(
  reply: FastifyReply,
  { config, random }: { readonly config: Config; readonly random: Random },
  userId: number,
): void {
  const nonce = random.bytes(12).toString('base64url')
  const value = `${nonce}.${markOf(config.sessionSecrets[0] ?? '', userId, nonce)}`
  const { https } = config
  reply.setCookie(cookieName(https), value, {
    path: '/',
    sameSite: 'lax',
    secure: https,
    httpOnly: true,
    maxAge: KEPT_S,
  })
}

/** What the browser keeps of an earlier sign-in. */
export const deviceOf = (request: FastifyRequest, { https }: Pick<Config, 'https'>): string | undefined =>
  request.cookies[cookieName(https)]

/** Whether the mark was made for this person. */
export function isKnownDevice(mark: string | undefined, userId: number, secrets: readonly string[]): boolean {
  const [nonce, given] = mark?.split('.') ?? []
  if (!nonce || !given) return false
  const presented = Buffer.from(given)
  return secrets.some((secret) => {
    const expected = Buffer.from(markOf(secret, userId, nonce))
    return presented.length === expected.length && timingSafeEqual(presented, expected)
  })
}
