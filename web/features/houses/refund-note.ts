import type { Stay } from '@ihome/core/calendar'
import type { Fen } from '@ihome/core/money'
import { refundSteps, ruleOf } from '@ihome/core/orders/cancel-rule'
import { instantText } from '../../text/dates.ts'
import { yuan } from '../../text/money.ts'
import type { SayFrom } from '../../text/say.ts'
import type { zh } from '../../text/zh.ts'
import type { zhDetail } from '../../text/zh-detail.ts'

/** Until when a stay that is about to be booked gives back how much, by the next instant at which that changes. */
export function refundNote(
  say: SayFrom<typeof zh & typeof zhDetail>,
  policy: string,
  total: Fen,
  stay: Stay,
  now: Date,
): string {
  const next = refundSteps(ruleOf(policy), total, { ...stay, status: 'PAID' }).find(({ until }) => until >= now)
  if (!next) return say('detail.cancel_none')
  return say('detail.cancel_until', { when: instantText(say, next.until), amount: yuan(next.refund) })
}
