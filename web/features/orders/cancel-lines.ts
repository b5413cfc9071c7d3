import type { Stay } from '@ihome/core/calendar'
import type { Fen } from '@ihome/core/money'
import { refundSteps, STANDARD_RULE } from '@ihome/core/orders/cancel-rule'
import { instantText } from '../../text/dates.ts'
import { yuan } from '../../text/money.ts'
import type { PrivateSay } from '../../text/private-say.ts'

export interface CancelLine {
  readonly when: string
  readonly back: string
}

/** Until when which amount of a paid stay comes back, from now on; the last line says from when nothing does. */
export function cancelLines(say: PrivateSay, totalFen: Fen, stay: Stay, now: Date): CancelLine[] {
  const steps = refundSteps(STANDARD_RULE, totalFen, { ...stay, status: 'PAID' })
  const lines = steps
    .filter(({ until }) => until > now)
    .map(({ until, refund }) => ({
      when: say('detail.refund_until', { when: instantText(say, until) }),
      back: say('detail.refund_amount', { amount: yuan(refund) }),
    }))
  const last = steps.at(-1)
  if (!last) return lines
  const when =
    lines.length === 0
      ? say('booking.refund_from_now')
      : say('detail.refund_after', { when: instantText(say, last.until) })
  return [...lines, { when, back: say('detail.refund_none') }]
}
