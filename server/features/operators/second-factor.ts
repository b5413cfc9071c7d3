import type { SecondFactorEnrolment } from '@ihome/contract/schemas/operators'
import { Secret, TOTP } from 'otpauth'
import { renderSVG } from 'uqr'
import type { Deps } from '../../platform/deps.ts'
import { seal, unseal } from '../../platform/sealing.ts'
import { keepSecret, type StoredOperator } from './store.ts'

const STEP_S = 30
/** One step before and after: clocks of phones differ. */
const TOLERANCE = 1
const SECRET_BYTES = 20

const placeOf = (operatorId: number): string => `operator_totp:${operatorId}`

const totpOf = (login: string, secret: Secret): TOTP =>
  new TOTP({ issuer: 'iHome', label: login, secret, period: STEP_S, digits: 6, algorithm: 'SHA1' })

/** What an authenticator of this operator, who has none yet, shall scan (RFC 6238). The same until it is confirmed. */
export async function enrolmentOf(deps: Deps, operator: StoredOperator): Promise<SecondFactorEnrolment> {
  const { config, random, db } = deps
  const place = placeOf(operator.id)
  const fresh = new Secret({ buffer: toArrayBuffer(random.bytes(SECRET_BYTES)) })
  const sealed =
    operator.totpSealed ?? (await keepSecret(db, operator.id, seal(config.piiKeys, random, place, fresh.base32)))
  const totp = totpOf(operator.login, Secret.fromBase32(unseal(config.piiKeys, place, sealed)))
  const url = totp.toString()
  return { otpauth_url: url, qr_svg: renderSVG(url) }
}

/** The time step that the code belongs to, or nothing when it is of none about `now`. */
export function stepOfCode(deps: Deps, operator: StoredOperator, code: string, now: Date): number | undefined {
  if (!operator.totpSealed) return undefined
  const secret = Secret.fromBase32(unseal(deps.config.piiKeys, placeOf(operator.id), operator.totpSealed))
  const delta = totpOf(operator.login, secret).validate({ token: code, timestamp: now.getTime(), window: TOLERANCE })
  return delta === null ? undefined : Math.floor(now.getTime() / 1000 / STEP_S) + delta
}

const toArrayBuffer = (bytes: Buffer): ArrayBuffer => new Uint8Array(bytes).buffer
