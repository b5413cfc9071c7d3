import type { LightMyRequestResponse } from 'fastify'
import type { TestApp } from '../../platform/testing.ts'
import { captchaText } from '../captcha/captcha-text.ts'
import type { PhoneLetter } from '../sms/letters.ts'
import { sendDueLetters } from '../sms/send-letters.ts'

export const API = '/api/v1.0'

export type Headers = { readonly cookie: string; readonly 'x-csrftoken': string }

export interface CodeDesk {
  /** Letters that a phone got so far, the oldest first. */
  readonly letters: PhoneLetter[]
  /** A captcha and what stands on it. */
  captcha(headers: Headers, from?: string): Promise<{ image_code_id: string; image_code: string }>
  /** Asks for a code, past a captcha; nothing is sent yet. */
  ask(headers: Headers, phone: string, wish?: { purpose?: string; from?: string }): Promise<LightMyRequestResponse>
  /** Sends what waits; answers how many. With `broken` the service takes nothing. */
  deliver(wish?: { broken?: boolean }): Promise<number>
  /** Asks, sends, and gives the six digits. */
  codeFor(headers: Headers, phone: string, purpose?: string): Promise<string>
  post(headers: Headers, path: string, payload: object, from?: string): Promise<LightMyRequestResponse>
}

/** Whoever holds the phones of a test: the other end of every text message of this shop. */
export function codeDesk(shop: TestApp): CodeDesk {
  const { deps } = shop
  const letters: PhoneLetter[] = []
  const secret = deps.config.sessionSecrets[0] ?? ''

  const post: CodeDesk['post'] = (headers, path, payload, from) =>
    shop.request({
      method: 'POST',
      url: API + path,
      headers: { ...headers, ...(from ? { 'x-forwarded-for': from } : {}) },
      payload,
    })
  const captcha: CodeDesk['captcha'] = async (headers, from) => {
    const answer = await post(headers, '/image_codes', {}, from)
    const { image_code_id: id } = answer.json().data
    return { image_code_id: id, image_code: captchaText(secret, id).text }
  }
  const ask: CodeDesk['ask'] = async (headers, phone, { purpose, from } = {}) =>
    post(headers, `/sms_codes/${phone}`, { ...(await captcha(headers, from)), ...(purpose ? { purpose } : {}) }, from)
  const deliver: CodeDesk['deliver'] = ({ broken = false } = {}) =>
    sendDueLetters(
      {
        ...deps,
        carrier: async (_id, letter) => {
          if (broken) throw new Error('down')
          letters.push(letter)
        },
      },
      new AbortController().signal,
    )
  return {
    letters,
    captcha,
    ask,
    deliver,
    post,
    async codeFor(headers, phone, purpose) {
      const answer = await ask(headers, phone, purpose ? { purpose } : {})
      if (answer.statusCode !== 202) throw new Error(`no code: ${answer.body}`)
      await deliver()
      return letters.findLast((letter) => letter.phone === phone && letter.kind === 'code')?.params[0] ?? ''
    },
  }
}
