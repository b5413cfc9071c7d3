import Type, { type Static } from 'typebox'
import { strict } from './fields.ts'

/** What somebody may do beside looking: nothing, content, money, everything. */
export const OperatorRole = Type.Union([
  Type.Literal('support'),
  Type.Literal('content'),
  Type.Literal('finance'),
  Type.Literal('admin'),
])
export type OperatorRole = Static<typeof OperatorRole>

export const OperatorSignInBody = Type.Object(
  {
    login: Type.String({ minLength: 1, maxLength: 64 }),
    password: Type.String({ minLength: 1, maxLength: 128 }),
    /** Six digits of the authenticator. Without it the answer is `second_factor_needed`. */
    code: Type.Optional(Type.String({ pattern: '^\\d{6}$' })),
  },
  strict,
)
export type OperatorSignInBody = Static<typeof OperatorSignInBody>

export const OperatorView = Type.Object({ login: Type.String(), role: OperatorRole }, strict)
export type OperatorView = Static<typeof OperatorView>

/** `data` of `second_factor_needed` for somebody who has no authenticator yet: what it scans, as address and as SVG. */
export interface SecondFactorEnrolment {
  readonly otpauth_url: string
  readonly qr_svg: string
}
