import { pictureUrl } from '@ihome/contract/pictures'
import {
  ORDER_TABS,
  type OrderCountsView,
  type OrderDetailView,
  type OrderItem,
  type OrderListView,
} from '@ihome/contract/schemas/orders'
import { maskPhone } from '@ihome/core/identity/phone'
import { lessFen, type PartsPerMillion, toFen } from '@ihome/core/money'
import { hostShare, refundIfCancelled, refundSteps } from '@ihome/core/orders/cancel-rule'
import type { OrderStatus } from '@ihome/core/orders/lifecycle'
import { priceLines } from '@ihome/core/pricing/price-stay'
import type { Deps } from '../../platform/deps.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { feeRates } from '../payments/payment-needs.ts'
import {
  countByStatus,
  countOrders,
  findHistory,
  findOrderCards,
  findOrderDetail,
  findRefunds,
  type OrderCardRow,
  type Side,
} from './order-list-store.ts'

type Needs = Pick<Deps, 'db' | 'clock' | 'config'>

const ORDER_NUMBER = /^[1-9]\d{0,15}$/

/**
 * A person's orders as guest or as host, newest first, in as many statements for one order as for twenty. `cursor`
 * continues after the last card seen, also when orders were added meanwhile; a page that is not a positive number is
 * page 1, and one past the end is empty.
 */
export async function listOrders(
  { db, clock, config }: Needs,
  wish: {
    personId: number
    side: Side
    /** Only orders in one of these. */
    statuses?: readonly OrderStatus[] | undefined
    p?: string | undefined
    cursor?: string | undefined
  },
): Promise<OrderListView> {
  const { personId, side, statuses, cursor } = wish
  if (cursor !== undefined && !ORDER_NUMBER.test(cursor)) throw inputInvalid({ field: 'cursor', reason: 'is not ours' })
  const page = wish.p !== undefined && /^[1-9]\d*$/.test(wish.p) ? Number(wish.p) : 1
  const size = config.limits.orderPage

  const totalPage = Math.ceil((await countOrders(db, { side, personId, statuses })) / size)
  const before = cursor === undefined ? undefined : Number(cursor)
  const isPastTheEnd = before === undefined && page > totalPage
  // One more than a page tells whether anything follows.
  const rows = isPastTheEnd
    ? []
    : await findOrderCards(db, {
        side,
        personId,
        statuses,
        before,
        skip: before ? 0 : (page - 1) * size,
        limit: size + 1,
      })
  const shown = rows.slice(0, size)
  const last = shown.at(-1)
  const now = clock.now()
  return {
    orders: shown.map((row) => itemOf(row, { viewer: side, now, rates: feeRates(config) })),
    total_page: totalPage,
    current_page: Math.min(page, Number.MAX_SAFE_INTEGER),
    next_cursor: rows.length > size && last ? String(last.id) : null,
    now: now.toISOString(),
  }
}

/** How many orders of one's own lie under each tab, and how many of a host's wait for an answer. */
export async function countOwnOrders({ db }: Pick<Deps, 'db'>, personId: number): Promise<OrderCountsView> {
  const asGuest = await countByStatus(db, 'guest', personId)
  const asHost = await countByStatus(db, 'host', personId)
  const sum = (statuses: readonly OrderStatus[]) =>
    statuses.reduce((all, status) => all + (asGuest.get(status) ?? 0), 0)
  return {
    todo: sum(ORDER_TABS.todo),
    upcoming: sum(ORDER_TABS.upcoming),
    done: sum(ORDER_TABS.done),
    closed: sum(ORDER_TABS.closed),
    to_answer: asHost.get('WAIT_ACCEPT') ?? 0,
  }
}

/** One order whole, for its guest or its host. Everybody else hears `order_not_found`, as for an unknown number. */
export async function readOrder(
  { db, clock, config }: Needs,
  wish: { orderId: number; personId: number },
): Promise<OrderDetailView> {
  const row = await findOrderDetail(db, wish.orderId, wish.personId)
  if (!row) throw new Refusal('order_not_found')
  const history = await findHistory(db, row.id)
  const refunds = await findRefunds(db, row.id)
  const now = clock.now()
  const viewer: Side = row.guest_id === wish.personId ? 'guest' : 'host'
  return {
    order: {
      ...itemOf(row, { viewer, now, rates: feeRates(config) }),
      viewer,
      other_name: viewer === 'host' ? guestName(row) : hostName(row),
      phone: row.paid_at === null ? null : viewer === 'host' ? row.guest_phone : row.host_phone,
      address: row.address,
      house_price: row.house_price_fen,
      price_lines: priceLines(row.night_prices_fen.map(toFen)).map(({ nightFen, nights }) => ({
        price: nightFen,
        nights,
      })),
      trade_no: row.trade_no,
      paid_at: row.paid_at?.toISOString() ?? null,
      history: history.map(({ from_status, to_status, actor, reason, at }) => ({
        from: from_status,
        to: to_status,
        actor,
        reason,
        at: at.toISOString(),
      })),
      refunds: refunds.map(({ amount_fen, reason, state, via, created_at, settled_at }) => ({
        amount_fen,
        reason,
        via,
        state: state === 'MANUAL' ? 'attention' : isSettled(state) ? 'done' : 'processing',
        created_at: created_at.toISOString(),
        settled_at: settled_at?.toISOString() ?? null,
      })),
    },
    now: now.toISOString(),
  }
}

const isSettled = (state: string): boolean => state === 'SUCCEEDED' || state === 'EXTERNAL'

/** Orders whose money is still to come or just held; what others brought stands in the host's earnings, to the fen. */
const BRINGS_MONEY: readonly OrderStatus[] = ['WAIT_ACCEPT', 'WAIT_PAYMENT', 'PAID']

interface Reading {
  readonly viewer: Side
  readonly now: Date
  readonly rates: { readonly gateway: PartsPerMillion; readonly platform: PartsPerMillion }
}

function itemOf(row: OrderCardRow, { viewer, now, rates }: Reading): OrderItem {
  const key = row.index_image_key
  const amount = toFen(row.amount_fen)
  const returned = toFen(row.returned_fen ?? 0)
  return {
    order_id: row.id,
    house_id: row.house_id,
    title: row.title,
    img_url: key === null ? null : pictureUrl(key, 640, 'webp'),
    cover: key === null ? null : { key, caption: row.caption ?? '' },
    start_date: row.start_date,
    end_date: row.end_date,
    ctime: row.created_at.toISOString(),
    days: row.days,
    amount: row.amount_fen,
    status: row.status,
    comment: row.comment,
    stars: row.stars,
    reply: row.reply,
    reject_reason: row.reject_reason,
    close_reason: row.close_reason,
    cancel_note: row.cancel_note,
    accept_by: row.accept_by.toISOString(),
    pay_by: row.pay_by?.toISOString() ?? null,
    guest_count: row.guest_count,
    ...(viewer === 'host' ? { guest_name: guestName(row), ...shareOfHost(row, rates) } : {}),
    refund_state: row.refund_settled === null ? 'none' : row.refund_settled ? 'done' : 'processing',
    refund_fen: row.refund_fen ?? 0,
    refund_if_cancelled_fen: refundIfCancelled({ order: row, rule: row.cancel_rule, amount, returned }, viewer, now),
    refund_steps: refundSteps(row.cancel_rule, amount, row).map(({ until, refund }) => ({
      until: until.toISOString(),
      refund_fen: row.status === 'PAID' ? Math.max(0, refund - returned) : refund,
    })),
  }
}

function shareOfHost(row: OrderCardRow, rates: Reading['rates']): Pick<OrderItem, 'host_share'> {
  if (!BRINGS_MONEY.includes(row.status)) return {}
  const returned = Math.min(row.returned_fen ?? 0, row.amount_fen)
  const { gatewayFee, platformFee, net } = hostShare(lessFen(toFen(row.amount_fen), toFen(returned)), rates)
  return { host_share: { fee_fen: gatewayFee, platform_fee_fen: platformFee, net_fen: net } }
}

/** Whoever has not chosen a name goes by the phone number; the host sees it whole once the stay is paid (O10). */
const guestName = ({ guest_name: name, guest_phone: phone, paid_at }: OrderCardRow): string =>
  name === phone && paid_at === null ? maskPhone(phone) : name

const hostName = (row: { host_name: string; host_phone: string; paid_at: Date | null }): string =>
  row.host_name === row.host_phone && row.paid_at === null ? maskPhone(row.host_phone) : row.host_name
