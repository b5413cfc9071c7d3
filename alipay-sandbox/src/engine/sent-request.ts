import type { Delivery, Notify, SentRequest } from './model.ts'
import { encodeNotify } from './notify-message.ts'

/**
 * What a delivery keeps of the body it posted. A hundred thousand payments make as many deliveries, and all of a body
 * but its time and signature stands in the notify already; a body that a fault has changed is kept whole.
 */
export function packRequest(notify: Notify, body: string): SentRequest {
  const sent = new URLSearchParams(body)
  const small = { time: sent.get('notify_time') ?? '', sign: sent.get('sign') ?? '' }
  return unpack(notify, small) === body ? small : { body }
}

/** The body that was posted, byte by byte; nothing for deliveries that never left. */
export function requestBody(notify: Notify, { sent }: Delivery): string | undefined {
  return sent && unpack(notify, sent)
}

function unpack(notify: Notify, sent: SentRequest): string {
  return 'body' in sent ? sent.body : encodeNotify({ ...notify.fields, notify_time: sent.time, sign: sent.sign })
}
