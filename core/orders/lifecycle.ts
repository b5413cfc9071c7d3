/** The statuses of an order, as the API, the database and the screen call them. */
export const ORDER_STATUSES = [
  'WAIT_ACCEPT',
  'WAIT_PAYMENT',
  'CLOSING',
  'PAID',
  'WAIT_COMMENT',
  'COMPLETE',
  'CANCELED',
  'REJECTED',
] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]

const known: readonly string[] = ORDER_STATUSES
export const isOrderStatus = (text: string): text is OrderStatus => known.includes(text)

/** Why an order was closed: its window ran out, or who ended it. `system` is the platform. */
export type CloseReason = 'expired' | 'guest' | 'host' | 'system'

/** Who takes a step. `gateway` is a verified fact about money, `system` a job, `operator` a person of the platform. */
export type Actor = 'guest' | 'host' | 'operator' | 'system' | 'gateway'

/**
 * `close` begins the closing of an order whose payment could still arrive, `cancel` ends one that can take no more
 * money, `settle` ends the closing. Which of the first two a cancellation is, the payments decide.
 */
export type OrderStep =
  | 'accept'
  | 'reject'
  | 'cancel'
  | 'close'
  | 'settle'
  | 'pay'
  | 'check_out'
  | 'comment'
  | 'complete'

interface Move {
  readonly by: readonly Actor[]
  readonly to: OrderStatus
}

/** Every move an order can make and who may make it. What is not written here cannot happen (promises.md 5). */
export const LIFECYCLE: Readonly<Record<OrderStatus, Partial<Record<OrderStep, Move>>>> = {
  WAIT_ACCEPT: {
    accept: { by: ['host'], to: 'WAIT_PAYMENT' },
    reject: { by: ['host'], to: 'REJECTED' },
    cancel: { by: ['guest', 'operator', 'system'], to: 'CANCELED' },
  },
  WAIT_PAYMENT: {
    pay: { by: ['gateway'], to: 'PAID' },
    close: { by: ['guest', 'host', 'operator', 'system'], to: 'CLOSING' },
    cancel: { by: ['guest', 'host', 'operator', 'system'], to: 'CANCELED' },
  },
  CLOSING: {
    settle: { by: ['gateway', 'system'], to: 'CANCELED' },
    pay: { by: ['gateway'], to: 'PAID' },
  },
  PAID: {
    check_out: { by: ['guest', 'host', 'system'], to: 'WAIT_COMMENT' },
    // By the gateway when others gave all of the money back there (promises E30).
    cancel: { by: ['guest', 'host', 'operator', 'gateway'], to: 'CANCELED' },
  },
  WAIT_COMMENT: {
    comment: { by: ['guest'], to: 'COMPLETE' },
    complete: { by: ['system'], to: 'COMPLETE' },
  },
  COMPLETE: {},
  CANCELED: {},
  REJECTED: {},
}

/** The status after `step`, or nothing when this actor may not do that from here. */
export function nextStatus(status: OrderStatus, step: OrderStep, actor: Actor): OrderStatus | undefined {
  const move = LIFECYCLE[status][step]
  return move?.by.includes(actor) ? move.to : undefined
}

/** Money can still make a closed order live only if nobody closed it on purpose (promises E04). */
export const canStillBePaid = (status: OrderStatus, closeReason: CloseReason | undefined): boolean =>
  status === 'WAIT_PAYMENT' || (status === 'CLOSING' && closeReason === 'expired')

export type StayState = 'held' | 'confirmed' | 'released'

/** What an order's status means for its nights; the table `stays` must say the same (promises C7, C8). */
export const STAY_OF_STATUS: Readonly<Record<OrderStatus, StayState>> = {
  WAIT_ACCEPT: 'held',
  WAIT_PAYMENT: 'held',
  CLOSING: 'held',
  PAID: 'confirmed',
  WAIT_COMMENT: 'confirmed',
  COMPLETE: 'confirmed',
  CANCELED: 'released',
  REJECTED: 'released',
}

/** The statuses that count against the limit of unpaid orders per guest (promises O6). */
export const UNPAID_STATUSES: readonly OrderStatus[] = ['WAIT_ACCEPT', 'WAIT_PAYMENT', 'CLOSING']
