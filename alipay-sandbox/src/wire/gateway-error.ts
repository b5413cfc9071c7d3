import type { Answer } from './envelope.ts'

const MSG = {
  '20000': 'Service Currently Unavailable',
  '40001': 'Missing Required Arguments',
  '40002': 'Invalid Arguments',
  '40003': 'Insufficient Conditions',
  '40004': 'Business Failed',
  '40006': 'Insufficient Permissions',
} as const

/** An answer other than 10000. Thrown by the checks of the gateway and by API methods; the wire turns it into bytes. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: keyof typeof MSG
  readonly subCode: string
  /** Whether the answer may carry a signature; not before the app is known. */
  readonly signed: boolean
  /** Fields that a failure still carries, such as the number that was asked for. */
  readonly fields: Readonly<Record<string, string>>

  constructor(
    code: keyof typeof MSG,
    subCode: string,
    subMsg: string,
    options: { readonly signed?: boolean; readonly fields?: Readonly<Record<string, string>> } = {},
  ) {
    super(subMsg)
    this.code = code
    this.subCode = subCode
    this.signed = options.signed ?? true
    this.fields = options.fields ?? {}
  }

  toAnswer(): Answer {
    return { code: this.code, msg: MSG[this.code], sub_code: this.subCode, sub_msg: this.message, ...this.fields }
  }
}

/** `40004 Business Failed`. */
export const businessError = (subCode: string, subMsg: string, fields?: Readonly<Record<string, string>>) =>
  new GatewayError('40004', subCode, subMsg, fields && { fields })
