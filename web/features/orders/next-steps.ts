import type { HouseBookingView } from '@ihome/contract/schemas/houses'
import type { CivilDate } from '@ihome/core/calendar'
import { acceptBy } from '@ihome/core/orders/deadlines'
import { momentText } from '../../text/dates.ts'
import type { PrivateSay } from '../../text/private-say.ts'

type Windows = Pick<HouseBookingView, 'accept_hours' | 'pay_minutes'>

/** What happens after 提交订单, with the server's figures. A window that the day of arrival cuts short is said as a time. */
export function nextSteps(say: PrivateSay, windows: Windows, start: CivilDate | undefined, now: Date): string[] {
  const { accept_hours: hours, pay_minutes: minutes } = windows
  const until = start === undefined ? undefined : acceptBy(now, start, { acceptHours: hours, payMinutes: minutes })
  const isShort = until !== undefined && until.getTime() - now.getTime() < hours * 3_600_000
  return [
    say('booking.next_hold'),
    isShort
      ? say('booking.next_accept_until', { when: momentText(say, until, now), minutes })
      : say('booking.next_accept', { hours, minutes }),
    say('booking.next_refuse'),
  ]
}
