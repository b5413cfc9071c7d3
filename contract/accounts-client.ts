import type { Api } from './client.ts'
import type {
  AskCodeBody,
  AskedCodeView,
  AvatarView,
  CaptchaQuery,
  CaptchaView,
  CodeSignInBody,
  DeviceListView,
  EndedDevicesView,
  NewPasswordBody,
  PhoneView,
  RealNameBody,
  RealNameView,
  RegisterBody,
  RegisteredView,
  ResetPasswordBody,
  SessionView,
  SmsRequestView,
  StepUpBody,
  StepUpView,
} from './schemas/accounts.ts'

/** The calls of registering and of one's own account, apart from the client that every page loads. */
export const accountsOf = ({ call, query }: Pick<Api, 'call' | 'query'>) => {
  const post = <Data>(path: string, json: unknown = {}) => call<Data>({ method: 'POST', path, json })
  const get = <Data>(path: string) => call<Data>({ method: 'GET', path })
  return {
    captcha: (wish: CaptchaQuery) => post<CaptchaView>(`/image_codes${query({ ...wish })}`),
    askCode: (mobile: string, body: AskCodeBody) => post<AskedCodeView>(`/sms_codes/${mobile}`, body),
    sending: (requestId: string) => get<SmsRequestView>(`/sms_requests/${requestId}`),
    register: (body: RegisterBody) => post<RegisteredView>('/users', body),
    signInByCode: (body: CodeSignInBody) => post<SessionView>('/sessions/sms', body),
    resetPassword: (body: ResetPasswordBody) => post<SessionView>('/users/password/reset', body),
    stepUp: (body: StepUpBody) => post<StepUpView>('/session/step-up', body),
    changePassword: (body: NewPasswordBody) => post<undefined>('/users/password', body),
    changePhone: (body: CodeSignInBody) => post<PhoneView>('/users/phone', body),
    changeName: (name: string) => post<SessionView>('/users/name', { name }),
    devices: () => get<DeviceListView>('/users/sessions'),
    endOtherDevices: () => call<EndedDevicesView>({ method: 'DELETE', path: '/users/sessions/others' }),
    deleteAccount: () => post<undefined>('/users/deletion'),
    realName: () => get<RealNameView>('/users/auth'),
    verify: (body: RealNameBody) => post<RealNameView>('/users/auth', body),
    changeAvatar: (picture: Blob, onProgress?: (share: number) => void) => {
      const parts = new FormData()
      parts.append('avatar', picture, 'avatar')
      return call<AvatarView>({ method: 'POST', path: '/users/avatar', parts, onProgress })
    },
  }
}
