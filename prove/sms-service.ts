import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { captchaText } from '@ihome/server/features/captcha/captcha-text'
import { type Answer, API, type Asker, dataOf } from './asker.ts'

/** A message as the shop hands it over (promises.md 12). */
export interface TextMessage {
  readonly message_id: string
  readonly phone: string
  readonly template: string
  readonly params: readonly string[]
}

export interface SmsService {
  /** Everything that was taken, in the order in which it came. */
  readonly taken: TextMessage[]
  /** What the shop needs to send here. */
  readonly env: Readonly<Record<string, string>>
  stop(): Promise<void>
}

/** The other end of SMS_URL: takes every message and keeps it. */
export async function startSmsService(): Promise<SmsService> {
  const taken: TextMessage[] = []
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    taken.push(JSON.parse(Buffer.concat(parts).toString('utf8')) as TextMessage)
    response.writeHead(200).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    taken,
    env: { SMS_URL: `http://127.0.0.1:${port}/send`, SMS_TOKEN: 'token-of-the-sms-service', SMS_TEMPLATE: 'code' },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A new captcha and what stands on it, read by whoever knows the shop's secret. */
export async function solvedCaptcha(
  asker: Asker,
  secret: string,
): Promise<{ readonly image_code_id: string; readonly image_code: string }> {
  const { image_code_id: id } = dataOf<{ image_code_id: string }>(
    await asker.ask('POST', `${API}/image_codes`, { json: {} }),
  )
  return { image_code_id: id, image_code: captchaText(secret, id).text }
}

/** Asks for a code for this phone, past a captcha. */
export async function askCode(asker: Asker, secret: string, phone: string, purpose: string): Promise<Answer> {
  const captcha = await solvedCaptcha(asker, secret)
  return asker.ask('POST', `${API}/sms_codes/${phone}`, { json: { ...captcha, purpose } })
}
