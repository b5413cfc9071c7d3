import type { OrderItem } from '@ihome/contract/schemas/orders'
import { dayInShanghai } from '@ihome/core/calendar'
import type { Viewer } from '@ihome/core/orders/steps'
import { clockText, dayText, instantText } from '../../text/dates.ts'
import { yuan } from '../../text/money.ts'
import type { PrivateSay } from '../../text/private-say.ts'
import { restText } from '../../text/rest-say.ts'

/** Clock time alone today, with the day otherwise: `21:40`, `11月24日 20:10`. */
const byText = (say: PrivateSay, instant: Date, now: Date): string =>
  dayInShanghai(instant) === dayInShanghai(now) ? clockText(instant) : instantText(say, instant)

/** The one sentence of a card: what happens next and until when, on the server's clock (experience.md 8.2). */
export function orderSentence(say: PrivateSay, order: OrderItem, viewer: Viewer, now: Date): string {
  switch (order.status) {
    case 'WAIT_ACCEPT':
      return waitAccept(say, order, viewer, now)
    case 'WAIT_PAYMENT':
      return waitPayment(say, order, viewer, now)
    case 'CLOSING':
      if (viewer === 'host') return say('host.CLOSING')
      return order.close_reason === 'expired' ? say('guest.CLOSING_expired') : say('guest.CLOSING')
    case 'PAID':
      if (order.start_date <= dayInShanghai(now)) return say('guest.IN_STAY', { end: dayText(say, order.end_date) })
      return say(viewer === 'host' ? 'host.PAID' : 'guest.PAID', { start: dayText(say, order.start_date) })
    case 'WAIT_COMMENT':
      return say(viewer === 'host' ? 'host.WAIT_COMMENT' : 'guest.WAIT_COMMENT')
    case 'COMPLETE':
      if (order.comment === null) return say(viewer === 'host' ? 'host.COMPLETE_silent' : 'guest.COMPLETE_silent')
      return say(viewer === 'host' ? 'host.COMPLETE' : 'guest.COMPLETE', { comment: order.comment })
    case 'CANCELED':
      return canceled(say, order, viewer)
    case 'REJECTED':
      return say(viewer === 'host' ? 'host.REJECTED' : 'guest.REJECTED', { reason: order.reject_reason ?? '' })
  }
}

function waitAccept(say: PrivateSay, order: OrderItem, viewer: Viewer, now: Date): string {
  const until = order.accept_by === null ? undefined : new Date(order.accept_by)
  const rest = until && restText(say, until, now)
  if (!until || !rest) return say(viewer === 'host' ? 'host.WAIT_ACCEPT_late' : 'guest.WAIT_ACCEPT_late')
  const by = byText(say, until, now)
  return viewer === 'host' ? say('host.WAIT_ACCEPT', { by, rest }) : say('guest.WAIT_ACCEPT', { by })
}

function waitPayment(say: PrivateSay, order: OrderItem, viewer: Viewer, now: Date): string {
  const until = order.pay_by === null ? undefined : new Date(order.pay_by)
  const rest = until && restText(say, until, now)
  if (!until || !rest) return say(viewer === 'host' ? 'host.WAIT_PAYMENT_late' : 'guest.late')
  const by = byText(say, until, now)
  if (viewer === 'host') return say('host.WAIT_PAYMENT', { by })
  return say('guest.WAIT_PAYMENT', { by, amount: yuan(order.amount), rest })
}

function canceled(say: PrivateSay, order: OrderItem, viewer: Viewer): string {
  const note = order.cancel_note
  switch (order.close_reason) {
    case 'guest':
      if (viewer === 'guest') return say('guest.CANCELED_guest')
      return note === null ? say('host.CANCELED_guest') : say('host.CANCELED_guest_note', { note })
    case 'host':
      if (note === null) return say(viewer === 'guest' ? 'guest.CANCELED_host' : 'host.CANCELED_host')
      return say(viewer === 'guest' ? 'guest.CANCELED_host_note' : 'host.CANCELED_host_note', { note })
    case 'system':
      return say('guest.CANCELED_system')
    default:
      // Only an accepted order has a payment window, so the one that ran out is known.
      return order.pay_by === null ? say('closed.no_answer') : say('closed.no_payment')
  }
}

/** The line about money that goes or went back; nothing when none does. */
export function refundSentence(say: PrivateSay, order: OrderItem): string | undefined {
  if (order.refund_state === 'none') return undefined
  if (order.refund_state === 'processing') return say('refund.processing')
  return say('refund.done', { amount: yuan(order.refund_fen) })
}
