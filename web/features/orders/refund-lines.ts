import type { RefundStep } from '@ihome/core/orders/cancel-rule'
import { instantText } from '../../text/dates.ts'
import { yuan } from '../../text/money.ts'
import type { PrivateSay } from '../../text/private-say.ts'

export interface RefundLine {
  readonly when: string
  readonly back: string
}

/** Until when which amount of a paid stay comes back, from now on; the last line says from when nothing does. */
export function refundLines(say: PrivateSay, steps: readonly RefundStep[], now: Date): RefundLine[] {
  const last = steps.at(-1)
  if (!last) return []
  const lines = steps
    .filter(({ until }) => until >= now)
    .map(({ until, refund }) => ({
      when: say('detail.refund_until', { when: instantText(say, until) }),
      back: say('detail.refund_amount', { amount: yuan(refund) }),
    }))
  const when =
    lines.length === 0
      ? say('booking.refund_from_now')
      : say('detail.refund_after', { when: instantText(say, last.until) })
  return [...lines, { when, back: say('detail.refund_none') }]
}
