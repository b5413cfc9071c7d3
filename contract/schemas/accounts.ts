import Type, { type Static } from 'typebox'
import { PASSWORD_MAX } from '../password-length.ts'
import { Instant, Nullable, Phone, strict } from './fields.ts'

const Password = Type.String({ minLength: 1, maxLength: PASSWORD_MAX })
const SmsCode = Type.String({ pattern: '^\\d{6}$' })
const CaptchaId = Type.String({ minLength: 1, maxLength: 64 })
const CaptchaAnswer = Type.String({ minLength: 1, maxLength: 16 })

export const CaptchaQuery = Type.Object(
  { kind: Type.Optional(Type.Union([Type.Literal('picture'), Type.Literal('question')])) },
  strict,
)
export type CaptchaQuery = Static<typeof CaptchaQuery>

export const CaptchaParams = Type.Object({ image_code_id: CaptchaId }, strict)

/** A question is asked in words by the page: the numbers in this order, joined by the operation. */
export const CaptchaView = Type.Object(
  {
    image_code_id: Type.String(),
    question: Type.Optional(
      Type.Object(
        {
          operation: Type.Union([Type.Literal('plus'), Type.Literal('minus')]),
          numbers: Type.Array(Type.Integer(), { minItems: 2, maxItems: 2 }),
        },
        strict,
      ),
    ),
  },
  strict,
)
export type CaptchaView = Static<typeof CaptchaView>

export const SmsPurpose = Type.Union([
  Type.Literal('register'),
  Type.Literal('login'),
  Type.Literal('reset'),
  Type.Literal('step_up'),
  Type.Literal('phone_change'),
])
export type SmsPurpose = Static<typeof SmsPurpose>

export const AskCodeBody = Type.Object(
  { image_code_id: CaptchaId, image_code: CaptchaAnswer, purpose: Type.Optional(SmsPurpose) },
  strict,
)
export type AskCodeBody = Static<typeof AskCodeBody>

export const MobileParams = Type.Object({ mobile: Phone }, strict)

export const AskedCodeView = Type.Object(
  {
    sms_request_id: Type.String(),
    retry_after_s: Type.Integer(),
    /** Where messages can be read; only a trial at home has such a page. */
    inbox: Type.Optional(Type.String()),
  },
  strict,
)
export type AskedCodeView = Static<typeof AskedCodeView>

export const SmsRequestParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64 }) }, strict)
export const SmsRequestView = Type.Object(
  { state: Type.Union([Type.Literal('queued'), Type.Literal('sent'), Type.Literal('failed')]) },
  strict,
)
export type SmsRequestView = Static<typeof SmsRequestView>

/** A phone that showed its code, and a password that was typed twice. */
const codeAndPassword = { mobile: Phone, sms_code: SmsCode, password: Password, password2: Password }
export const RegisterBody = Type.Object(codeAndPassword, strict)
export type RegisterBody = Static<typeof RegisterBody>

export const RegisteredView = Type.Object({ user_id: Type.Integer(), name: Type.String() }, strict)
export type RegisteredView = Static<typeof RegisteredView>

export const SignInBody = Type.Object(
  {
    mobile: Phone,
    password: Type.String({ minLength: 1, maxLength: PASSWORD_MAX }),
    image_code_id: Type.Optional(CaptchaId),
    image_code: Type.Optional(CaptchaAnswer),
  },
  strict,
)
export type SignInBody = Static<typeof SignInBody>

/** A phone that showed its code. */
const phoneAndCode = { mobile: Phone, sms_code: SmsCode }
export const CodeSignInBody = Type.Object(phoneAndCode, strict)
export type CodeSignInBody = Static<typeof CodeSignInBody>

export const SessionView = Type.Object({ name: Type.String() }, strict)
export type SessionView = Static<typeof SessionView>

export const CsrfView = Type.Object({ csrf_token: Type.String() }, strict)
export type CsrfView = Static<typeof CsrfView>

export const ProfileView = Type.Object(
  { avatar: Nullable(Type.String()), name: Type.String(), phone: Type.String() },
  strict,
)
export type ProfileView = Static<typeof ProfileView>

export const ResetPasswordBody = Type.Object(codeAndPassword, strict)
export type ResetPasswordBody = Static<typeof ResetPasswordBody>

/** One of the two: the password, or a code that was sent to one's own phone for this. */
export const StepUpBody = Type.Object(
  { password: Type.Optional(Type.String({ minLength: 1, maxLength: PASSWORD_MAX })), sms_code: Type.Optional(SmsCode) },
  strict,
)
export type StepUpBody = Static<typeof StepUpBody>
export const StepUpView = Type.Object({ until: Instant }, strict)
export type StepUpView = Static<typeof StepUpView>

export const NewPasswordBody = Type.Object({ password: Password, password2: Password }, strict)
export type NewPasswordBody = Static<typeof NewPasswordBody>

export const NewPhoneBody = Type.Object(phoneAndCode, strict)
export const PhoneView = Type.Object({ phone: Type.String() }, strict)
export type PhoneView = Static<typeof PhoneView>

export const NameBody = Type.Object({ name: Type.String({ maxLength: 200 }) }, strict)

export const DeviceListView = Type.Object(
  {
    devices: Type.Array(
      Type.Object(
        { current: Type.Boolean(), device: Nullable(Type.String()), created_at: Instant, last_used_at: Instant },
        strict,
      ),
    ),
  },
  strict,
)
export type DeviceListView = Static<typeof DeviceListView>
export const EndedDevicesView = Type.Object({ ended: Type.Integer() }, strict)
export type EndedDevicesView = Static<typeof EndedDevicesView>

export const RealNameBody = Type.Object(
  { real_name: Type.String({ maxLength: 200 }), id_card: Type.String({ maxLength: 60 }), consent: Type.Boolean() },
  strict,
)
export type RealNameBody = Static<typeof RealNameBody>
/** Masked, always: what was given is never shown again. */
export const RealNameView = Type.Object(
  { real_name: Nullable(Type.String()), id_card: Nullable(Type.String()) },
  strict,
)
export type RealNameView = Static<typeof RealNameView>

export const AvatarView = Type.Object({ avatar_url: Type.String() }, strict)
export type AvatarView = Static<typeof AvatarView>
