import { LIFECYCLE, STAY_OF_STATUS, UNPAID_STATUSES } from '@ihome/core/orders/lifecycle'
import { backFen, type FaultyGateway } from './faulty-gateway.ts'
import { promisedToHost } from './model-payouts.ts'
import { type Attempt, isLive, type Order, type Refund, type State } from './model-state.ts'
import { LIMITS } from './rules.ts'

/** What the model's shop knows, beside what is true at the gateway. */
export interface Scene {
  readonly state: State
  readonly gateway: FaultyGateway
  readonly orders: readonly Order[]
  readonly attempts: readonly Attempt[]
  readonly refunds: readonly Refund[]
  /** Sum of the entries of each account and owner: debit positive. */
  readonly balances: ReadonlyMap<string, number>
}

export type Law = readonly [id: string, broken: (scene: Scene) => string | undefined]

/** The first of `items` for which `isBroken` holds, as text. */
function first<Item extends { readonly key: string | number }>(
  items: readonly Item[],
  isBroken: (item: Item) => unknown,
): string | undefined {
  const found = items.find(isBroken)
  return found && String(found.key)
}

const HOLDING: readonly string[] = ['held', 'confirmed']
const EARNS: readonly string[] = ['PAID', 'WAIT_COMMENT', 'COMPLETE']
const NEVER_PAID: readonly string[] = ['WAIT_ACCEPT', 'WAIT_PAYMENT', 'CLOSING', 'REJECTED']

const balance = ({ balances }: Scene, account: string, owner?: string | number): number =>
  balances.get(owner === undefined ? account : `${account} ${owner}`) ?? 0
const took = ({ state }: Attempt) => state === 'SUCCEEDED' || state === 'MISMATCH'
const of = (scene: Scene, attempt: Attempt) =>
  scene.refunds.filter((refund) => refund.attempt === attempt && refund.state !== 'VOID')
const sum = <Item>(items: readonly Item[], fen: (item: Item) => number) =>
  items.reduce((total, item) => total + fen(item), 0)
const applied = (scene: Scene, order: Order) =>
  scene.attempts.filter((attempt) => attempt.order === order && attempt.disposition === 'APPLIED')

const PAID_OUT: readonly string[] = ['SUCCEEDED', 'RETURNED']

/** What holds after every step (promises 4). */
export const LAWS: readonly Law[] = [
  [
    'C1',
    ({ orders }) =>
      first(orders, (one) =>
        orders.some(
          (other) =>
            other.key < one.key &&
            other.house === one.house &&
            HOLDING.includes(one.stay) &&
            HOLDING.includes(other.stay) &&
            one.start_date < other.end_date &&
            other.start_date < one.end_date,
        ),
      ),
  ],
  ['C7', ({ orders }) => first(orders, ({ status, stay }) => stay !== STAY_OF_STATUS[status])],
  [
    'C8',
    ({ orders }) => first(orders, ({ status, stay }) => (stay === 'released') !== /CANCELED|REJECTED/.test(status)),
  ],
  ['O1', ({ orders }) => first(orders, ({ way }) => way.some((to, at) => at > 0 && !leads(way[at - 1], to)))],
  ['O4', (scene) => first(scene.orders, (order) => appliedFen(scene, order) !== expectedFen(order))],
  [
    'O6',
    ({ orders }) =>
      first(
        orders,
        ({ guest }) =>
          orders.filter((other) => other.guest === guest && UNPAID_STATUSES.includes(other.status)).length >
          LIMITS.openOrders,
      ),
  ],
  ['O11', ({ orders }) => first(orders, ({ status, counted }) => counted !== (status === 'COMPLETE' ? 1 : 0))],
  ['O12', ({ orders }) => first(orders, (o) => (o.closeReason !== undefined) !== /CLOSING|CANCELED/.test(o.status))],
  [
    'P5',
    ({ attempts }) => first(attempts, (a) => a.amountFen !== a.order.amountFen || a.timeExpire > (a.order.payBy ?? 0)),
  ],
  [
    'P6',
    ({ attempts }) =>
      first(
        attempts,
        (one) => isLive(one) && attempts.some((two) => two !== one && two.order === one.order && isLive(two)),
      ),
  ],
  [
    'P7',
    ({ attempts }) =>
      first(
        attempts,
        (a) =>
          took(a) !== a.receivedFen > 0 ||
          took(a) !== (a.disposition !== undefined) ||
          (a.state === 'SUCCEEDED' && a.receivedFen !== a.amountFen) ||
          (a.state === 'MISMATCH' && a.disposition !== 'SURPLUS'),
      ),
  ],
  [
    'P10',
    ({ attempts, gateway }) => first(attempts, (a) => took(a) && gateway.trades.get(a.key)?.paidFen !== a.receivedFen),
  ],
  [
    'P11',
    ({ attempts, state }) =>
      first(
        attempts,
        (a) =>
          isLive(a) &&
          a.timeExpire + LIMITS.overdueMs + 3_600_000 < state.clock.at &&
          !state.cases.get(`overdue_attempt ${a.key}`)?.open,
      ),
  ],
  [
    'P14',
    ({ attempts }) => first(attempts, (a) => a.tradeNo && attempts.some((b) => b !== a && b.tradeNo === a.tradeNo)),
  ],
  [
    'HOLD',
    // Decision 5: nights are given up only when the gateway can take no more money for them, or will be told to send it back.
    ({ attempts }) => first(attempts, (a) => isLive(a) && a.order.stay === 'released'),
  ],
  [
    'R1',
    (scene) =>
      first(
        scene.attempts,
        (a) =>
          sum(of(scene, a), ({ amountFen }) => amountFen) > a.receivedFen ||
          sum(of(scene, a), ({ doneFen }) => doneFen) > a.receivedFen,
      ),
  ],
  [
    'R5',
    ({ refunds, gateway }) =>
      first(
        refunds,
        (r) => r.state === 'SUCCEEDED' && gateway.trades.get(r.outTradeNo)?.refunds.get(r.key) !== r.doneFen,
      ),
  ],
  [
    'R10',
    (scene) => first(scene.attempts, (a) => a.disposition === 'SURPLUS' && promisedFen(scene, a) !== a.receivedFen),
  ],
  ['R12', ({ refunds }) => first(refunds, (r) => r.state === 'MANUAL' && r.owner === undefined)],
  [
    'L1',
    ({ state }) =>
      first(
        [...state.postings.values()],
        ({ entries }) => entries.length < 2 || sum(entries, ({ amountFen }) => amountFen) !== 0,
      ),
  ],
  ['L5', (scene) => first(scene.orders, ({ key }) => balance(scene, 'GUEST_ESCROW', key) > 0)],
  ['L5b', (scene) => first(scene.orders, (o) => o.stay === 'released' && balance(scene, 'GUEST_ESCROW', o.key) !== 0)],
  ['T1', ({ state }) => first(state.payouts, (p) => p.sentAt === state.clock.at && state.disputed.has(p.order.key))],
  [
    'T2',
    ({ state, gateway }) =>
      first(
        state.payouts,
        (p) => PAID_OUT.includes(p.state) && gateway.transfers.get(p.key)?.amountFen !== p.amountFen,
      ),
  ],
  [
    'T3',
    (scene) =>
      first(
        scene.state.payouts,
        ({ order }) =>
          promisedToHost(scene.state, `h${order.house}`) > -balance(scene, 'HOST_PAYABLE', `h${order.house}`),
      ),
  ],
  [
    'V3',
    (scene) =>
      first(
        scene.state.payouts,
        (p) => clearedFen(scene, `payout:${p.key}`) !== (PAID_OUT.includes(p.state) ? -p.amountFen : 0),
      ),
  ],
  ['L6', (scene) => first(scene.orders, (o) => balance(scene, 'HOST_PAYABLE', `h${o.house}`) > 0)],
  ['V1', (scene) => first(scene.attempts, (a) => clearedFen(scene, `pay:${a.key}`) !== a.receivedFen)],
  ['V2', (scene) => first(scene.refunds, (r) => clearedFen(scene, `refund:${r.key}`) !== -r.doneFen)],
  ['V4', (scene) => first(scene.orders, (o) => applied(scene, o).length !== (o.paidAt === undefined ? 0 : 1))],
  [
    'V4a',
    ({ orders, state }) =>
      first(orders, (o) =>
        ['guest', 'host'].some((side) => state.messages.has(`paid:${o.key}:${side}`) !== (o.paidAt !== undefined)),
      ),
  ],
  [
    'G12',
    // Our clearing is never more than the gateway holds for us and what it was told to send back meanwhile.
    (scene) =>
      balance(scene, 'CLEARING') > sum([...scene.gateway.trades.values()], takenFen) ? 'CLEARING' : undefined,
  ],
]

const leads = (from: Order['way'][number] | undefined, to: Order['way'][number]): boolean =>
  from !== undefined && Object.values(LIFECYCLE[from]).some((step) => step.to === to)

function appliedFen({ state }: Scene, order: Order): number {
  let fen = 0
  for (const posting of state.postings.values()) {
    if (posting.event === 'pay_applied' && posting.order === order) fen += -(posting.entries[1]?.amountFen ?? 0)
  }
  return fen
}

function expectedFen(order: Order): number {
  if (EARNS.includes(order.status)) return order.amountFen
  if (NEVER_PAID.includes(order.status)) return 0
  return order.paidAt === undefined ? 0 : order.amountFen
}

const promisedFen = (scene: Scene, attempt: Attempt) => sum(of(scene, attempt), ({ amountFen }) => amountFen)

function clearedFen({ state }: Scene, key: string): number {
  const entries = state.postings.get(key)?.entries ?? []
  return sum(
    entries.filter(({ account }) => account === 'CLEARING'),
    ({ amountFen }) => amountFen,
  )
}

const takenFen = (trade: Parameters<typeof backFen>[0]): number => trade.paidFen

const OPEN_REFUNDS: readonly string[] = ['RESERVED', 'SENT', 'UNKNOWN', 'WAIT_FUNDS']

/** What holds as well when everything has had time to end. Money that needs a person stands in REFUND_PAYABLE until then. */
export const LAWS_AT_REST: readonly Law[] = [
  ['R12', ({ refunds }) => first(refunds, ({ state }) => OPEN_REFUNDS.includes(state))],
  ['P11', ({ attempts }) => first(attempts, (a) => isLive(a))],
  // Each number that left is a payout that we know to have left.
  [
    'T2',
    ({ state, gateway }) =>
      [...gateway.transfers.keys()].find(
        (number) => !state.payouts.some(({ key, state: at }) => key === number && PAID_OUT.includes(at)),
      ),
  ],
  ['L5', (scene) => first(scene.orders, (o) => o.status === 'COMPLETE' && balance(scene, 'GUEST_ESCROW', o.key) !== 0)],
  ['O1', ({ orders }) => first(orders, ({ status }) => ['WAIT_ACCEPT', 'WAIT_PAYMENT', 'CLOSING'].includes(status))],
  [
    'L7',
    (scene) => {
      const waits = sum(
        scene.refunds.filter(({ state }) => state === 'MANUAL'),
        ({ amountFen }) => amountFen,
      )
      const owed = -balance(scene, 'REFUND_PAYABLE') - balance(scene, 'SUSPENSE')
      return owed === waits ? undefined : `${owed} owed, ${waits} wait for a person`
    },
  ],
  [
    'L8',
    ({ attempts, refunds, gateway, state }) => {
      for (const trade of gateway.trades.values()) {
        const strays = state.postings.get(`unmatched:${trade.outTradeNo}`)?.entries[0]?.amountFen ?? 0
        const received = state.attempts.get(trade.outTradeNo)?.receivedFen ?? strays
        const returned = sum(
          refunds.filter(({ outTradeNo }) => outTradeNo === trade.outTradeNo),
          ({ doneFen }) => doneFen,
        )
        const paid = trade.status === 'paid' || trade.status === 'finished'
        const difference = received - returned - (paid ? trade.paidFen - backFen(trade) : 0)
        if (trade.outTradeNo.startsWith(state.prefix) && difference !== 0) return trade.outTradeNo
      }
      return first(attempts, (a) => a.receivedFen > 0 && !gateway.trades.has(a.key))
    },
  ],
]

/** Puts together what the laws look at. */
export function sceneOf(state: State, gateway: FaultyGateway): Scene {
  const balances = new Map<string, number>()
  for (const { entries } of state.postings.values()) {
    for (const { account, ownerId, amountFen } of entries) {
      balances.set(account, (balances.get(account) ?? 0) + amountFen)
      if (ownerId !== undefined)
        balances.set(`${account} ${ownerId}`, (balances.get(`${account} ${ownerId}`) ?? 0) + amountFen)
    }
  }
  return {
    state,
    gateway,
    orders: [...state.orders.values()],
    attempts: [...state.attempts.values()],
    refunds: state.refunds,
    balances,
  }
}
