import type { OperatorRole } from '@ihome/contract/schemas/operators'
import { sayAtDesk as say } from '../../text/desk-say.ts'

export interface DeskPage {
  readonly path: string
  readonly words: string
  /** Who finds something to do there beside `admin`; left out, everybody at the desk does. */
  readonly roles?: readonly OperatorRole[]
}

/** The menu of the desk, from what cannot wait to what is looked up. A page joins it by one line. */
export const DESK_PAGES: readonly DeskPage[] = [
  { path: '/operator/today', words: say('desk.today') },
  { path: '/operator/cases', words: say('desk.cases') },
  { path: '/operator/orders', words: say('desk.orders') },
  { path: '/operator/payments', words: say('desk.payments') },
  { path: '/operator/refunds', words: say('desk.refunds') },
  { path: '/operator/payouts', words: say('desk.payouts') },
  { path: '/operator/bills', words: say('desk.bills') },
  { path: '/operator/ledger', words: say('desk.ledger') },
  { path: '/operator/houses', words: say('desk.houses') },
  { path: '/operator/reviews', words: say('desk.reviews') },
  { path: '/operator/users', words: say('desk.users') },
  { path: '/operator/content', words: say('desk.content'), roles: ['content'] },
  { path: '/operator/outbox', words: say('desk.outbox') },
  { path: '/operator/actions', words: say('desk.actions') },
]
