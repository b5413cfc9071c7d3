import Type, { type Static } from 'typebox'
import { Phone, strict } from './fields.ts'

export const SignInBody = Type.Object(
  { mobile: Phone, password: Type.String({ minLength: 1, maxLength: 128 }) },
  strict,
)
export type SignInBody = Static<typeof SignInBody>

export const SessionView = Type.Object({ name: Type.String() }, strict)
export type SessionView = Static<typeof SessionView>

export const CsrfView = Type.Object({ csrf_token: Type.String() }, strict)
export type CsrfView = Static<typeof CsrfView>

export const ProfileView = Type.Object(
  { avatar: Type.Union([Type.String(), Type.Null()]), name: Type.String(), phone: Type.String() },
  strict,
)
export type ProfileView = Static<typeof ProfileView>
