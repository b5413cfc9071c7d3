import type { OrderDetailView } from '@ihome/contract/schemas/orders'
import type { Viewer } from '@ihome/core/orders/steps'
import { instantText } from '../../text/dates.ts'
import type { PrivateSay } from '../../text/private-say.ts'

type Order = Pick<OrderDetailView['order'], 'history' | 'viewer'>
type Entry = Order['history'][number]

export interface HistoryLine {
  readonly text: string
  readonly when: string
}

/** What happened to an order, in words and Shanghai's clock time, oldest first. */
export const historyLines = (say: PrivateSay, order: Order): HistoryLine[] =>
  order.history.map((entry) => ({
    text: historyText(say, entry, order.viewer),
    when: instantText(say, new Date(entry.at)),
  }))

function historyText(say: PrivateSay, { from, to, actor, reason }: Entry, viewer: Viewer): string {
  switch (to) {
    case 'WAIT_ACCEPT':
      return viewer === 'guest' ? say('history.placed_guest') : say('history.placed_host')
    case 'WAIT_PAYMENT':
      if (reason === 'instant') return say('history.accepted_instant')
      return viewer === 'guest' ? say('history.accepted_guest') : say('history.accepted_host')
    case 'REJECTED':
      return say('history.rejected')
    case 'CLOSING':
      return say('history.closing')
    case 'PAID':
      return say('history.paid')
    case 'WAIT_COMMENT':
      return say('history.checked_out')
    case 'COMPLETE':
      return actor === 'guest' ? say('history.commented') : say('history.completed')
    case 'CANCELED':
      // After closing, the end only follows: who wanted it was said when the closing began.
      if (from === 'CLOSING') return say('history.canceled')
      if (actor === viewer) return say('history.canceled_you')
      if (actor === 'guest') return say('history.canceled_guest')
      if (actor === 'host') return say('history.canceled_host')
      return reason === 'expired' ? say('history.canceled_expired') : say('history.canceled_system')
  }
}
