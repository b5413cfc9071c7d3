import type { HouseBookingView } from '@ihome/contract/schemas/houses'
import type { CivilDate } from '@ihome/core/calendar'
import { acceptBy, payBy } from '@ihome/core/orders/deadlines'
import { momentText } from '../../text/dates.ts'
import type { PrivateSay } from '../../text/private-say.ts'

type Windows = Pick<HouseBookingView, 'accept_hours' | 'pay_minutes'> & {
  readonly house: Pick<HouseBookingView['house'], 'instant'>
}

/** What happens after 提交订单, with the server's figures. A window that the day of arrival cuts short is said as a time. */
export function nextSteps(say: PrivateSay, windows: Windows, start: CivilDate | undefined, now: Date): string[] {
  const { accept_hours: hours, pay_minutes: minutes } = windows
  const asked = { acceptHours: hours, payMinutes: minutes }
  if (windows.house.instant) {
    const last = start === undefined ? undefined : payBy(now, start, asked)
    const isCut = last !== undefined && last.getTime() - now.getTime() < minutes * 60_000
    return [
      say('booking.next_instant'),
      isCut
        ? say('booking.next_instant_until', { when: momentText(say, last, now) })
        : say('booking.next_instant_pay', { minutes }),
      say('booking.next_instant_lapse'),
    ]
  }
  const until = start === undefined ? undefined : acceptBy(now, start, asked)
  const isShort = until !== undefined && until.getTime() - now.getTime() < hours * 3_600_000
  return [
    say('booking.next_hold'),
    isShort
      ? say('booking.next_accept_until', { when: momentText(say, until, now), minutes })
      : say('booking.next_accept', { hours, minutes }),
    say('booking.next_refuse'),
  ]
}
