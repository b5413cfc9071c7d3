import fs from 'node:fs/promises'
import type { Config } from '../../platform/config.ts'
import { messageFile, postMessage } from '../../platform/deliver-outbox.ts'
import type { PhoneLetter } from './letters.ts'

/** Hands a letter over; resolves only when it was taken. The same id twice is one message to the service. */
export type LetterCarrier = (messageId: number, letter: PhoneLetter, signal: AbortSignal) => Promise<void>

/** The service behind SMS_URL; without one, outside production, the file that `/dev/sms` shows. */
export function letterCarrierFor(config: Pick<Config, 'sms' | 'production' | 'dataDir'>): LetterCarrier | undefined {
  const { sms, production } = config
  if (sms) {
    return (messageId, { phone, kind, params }, signal) =>
      postMessage(
        sms,
        { message_id: String(messageId), phone, template: (kind === 'code' && sms.template) || kind, params },
        signal,
      )
  }
  if (production) return undefined
  return async (messageId, { phone, kind, params }) => {
    const line = { message_id: messageId, phone, template: kind, params }
    await fs.appendFile(messageFile(config), `${JSON.stringify(line)}\n`, { mode: 0o600 })
  }
}
