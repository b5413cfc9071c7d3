import type { DeskPayout, DeskPayoutQuery, DeskPayouts } from '@ihome/contract/schemas/payouts'
import { maskPhone } from '@ihome/core/identity/phone'
import type { PayoutState } from '@ihome/core/payouts/payout-plan'
import type { Tx } from '../../platform/db.ts'
import type { Deps } from '../../platform/deps.ts'
import { deskList, deskSpan } from '../../platform/desk-page.ts'
import { Refusal } from '../../platform/refusal.ts'
import { type DeskWish, reasonOf } from '../operators/reason.ts'
import { recordAction } from '../operators/record-action.ts'
import { type LockedOrder, lockOrder } from '../orders/order-lock.ts'
import { countDeskPayouts, findDeskPayout, listDeskPayouts, PAYOUT_KEYS } from './payout-list-store.ts'
import { type Ending, findPayout, lockPayout, type Payout, savePayout } from './payout-store.ts'
import { succeed } from './record-transfer.ts'
import { resumePayout } from './schedule-payouts.ts'

type Row = NonNullable<Awaited<ReturnType<typeof findDeskPayout>>>

/** Payouts by state and by whether something keeps them, newest first unless asked otherwise. */
export async function listPayoutsForDesk(
  { db, clock, config }: Pick<Deps, 'db' | 'clock' | 'config'>,
  filter: DeskPayoutQuery,
): Promise<DeskPayouts> {
  const moment = { now: clock.now(), sends: config.payouts !== undefined }
  const span = deskSpan(filter, PAYOUT_KEYS)
  const [total, rows] = await Promise.all([
    countDeskPayouts(db, filter, moment),
    listDeskPayouts(db, filter, moment, span),
  ])
  return { ...deskList(rows.map(viewOf), total, span.page, span.take), enabled: moment.sends }
}

const isOver = ({ state, settled_at }: Pick<Payout, 'state' | 'settled_at'>): boolean =>
  state === 'SUCCEEDED' || state === 'RETURNED' || settled_at !== null
/** Where another look or try can do something. */
const RETRIED: readonly PayoutState[] = ['ACCRUED', 'SCHEDULED', 'UNKNOWN', 'RETRY', 'MANUAL', 'SUCCEEDED']

const viewOf = (row: Row): DeskPayout => ({
  payout_id: row.id,
  order_id: row.order_id,
  host_id: row.host_id,
  host_name: row.host_name === row.host_phone ? maskPhone(row.host_phone) : row.host_name,
  start_date: row.start_date,
  state: row.state,
  earned_fen: row.earned_fen,
  amount_fen: row.amount_fen,
  netted_fen: row.netted_fen,
  out_biz_no: row.out_biz_no,
  payee: row.account_mask,
  frozen_reason: row.frozen_reason,
  held: row.held_at !== null,
  not_before: row.not_before.toISOString(),
  next_try_at: row.next_try_at?.toISOString() ?? null,
  sent_at: row.sent_at?.toISOString() ?? null,
  settled_at: row.settled_at?.toISOString() ?? null,
  tries: row.tries,
  error: row.error,
  owner: row.owner,
  due_at: row.due_at?.toISOString() ?? null,
  in_doubt: row.state === 'MANUAL' && row.in_doubt,
  said: row.state === 'MANUAL' ? row.ending : null,
  said_by: row.state === 'MANUAL' ? row.said_by : null,
  // In doubt it is only repeated as it was, under the number and to the account that it had.
  may_retry: mayRetry(row) && !(row.in_doubt && (row.number_spent || row.payee_id !== row.newest_payee_id)),
  may_hold: !isOver(row),
})

const mayRetry = (row: Pick<Payout, 'state' | 'settled_at' | 'held_at'>): boolean =>
  row.held_at === null && RETRIED.includes(row.state) && !(row.state === 'ACCRUED' && row.settled_at !== null)

const soonest = ({ not_before }: Payout, now: Date): Date => new Date(Math.max(not_before.getTime(), now.getTime()))

export interface PayoutWish extends DeskWish {
  readonly payoutId: number
}

/**
 * Looks or tries again at once: what is unknown is asked about, what stood with a person goes on to the host's account
 * of now. Nothing leaves before its time. Says no with `input_invalid`, `not_found` and `step_refused`.
 */
export const retryPayout = (deps: Deps, wish: PayoutWish): Promise<DeskPayout> =>
  act(deps, wish, 'payout_retried', async (tx, payout, now) => {
    if (!mayRetry(payout)) throw new Refusal('step_refused')
    if (payout.state === 'MANUAL') {
      if (!(await resumePayout(deps, tx, payout, now, { anew: false }))) throw new Refusal('step_refused')
      return
    }
    await savePayout(tx, payout.id, { next_try_at: soonest(payout, now) })
  })

/** Keeps a payout back, as for a dispute (promises E31); what is on its way already is only asked about. Refuses alike. */
export const freezePayout = (deps: Deps, wish: PayoutWish): Promise<DeskPayout> =>
  act(deps, wish, 'payout_frozen', async (tx, payout, now) => {
    if (isOver(payout) || payout.held_at !== null) throw new Refusal('step_refused')
    await savePayout(tx, payout.id, { held_at: now, frozen_reason: 'dispute' })
  })

/** Lets it go on. Refuses alike. */
export const unfreezePayout = (deps: Deps, wish: PayoutWish): Promise<DeskPayout> =>
  act(deps, wish, 'payout_unfrozen', async (tx, payout, now) => {
    if (payout.held_at === null) throw new Refusal('step_refused')
    // What stands with finance goes on by a retry alone.
    const next = payout.state === 'MANUAL' ? payout.next_try_at : soonest(payout, now)
    await savePayout(tx, payout.id, { held_at: null, frozen_reason: null, next_try_at: next })
  })

/**
 * One of finance says what the gateway shows of a payout in doubt, and another one agrees by saying the same; then it has
 * succeeded, or goes on to the host's account of now under a new number. Whoever says otherwise begins anew. Says no with
 * `input_invalid`, `not_found`, `step_refused` where nothing is in doubt or it could not go on now, and `role_refused` to
 * whoever would agree with themselves.
 */
const sayEnding =
  (ending: Ending) =>
  (deps: Deps, wish: PayoutWish): Promise<DeskPayout> =>
    act(deps, wish, `payout_${ending}`, async (tx, payout, now, order) => {
      if (payout.state !== 'MANUAL' || !payout.in_doubt || payout.held_at !== null) throw new Refusal('step_refused')
      if (payout.ending !== ending) {
        await savePayout(tx, payout.id, { ending, ending_by: wish.operatorId })
        return
      }
      if (payout.ending_by === wish.operatorId) throw new Refusal('role_refused', { reason: 'own_request' })
      if (ending === 'arrived') {
        await savePayout(tx, payout.id, { ended_by: wish.operatorId })
        await succeed(deps, tx, { order, payout }, { gatewayNo: undefined }, now)
        return
      }
      const goesOn = await resumePayout(deps, tx, payout, now, { anew: false, notArrived: wish.operatorId })
      if (!goesOn) throw new Refusal('step_refused')
    })

export const sayArrived = sayEnding('arrived')
export const sayNotArrived = sayEnding('not_arrived')

async function act(
  { db, transact, clock }: Pick<Deps, 'db' | 'transact' | 'clock'>,
  { payoutId, operatorId, reason: typed }: PayoutWish,
  kind: string,
  work: (tx: Tx, payout: Payout, now: Date, order: LockedOrder) => Promise<void>,
): Promise<DeskPayout> {
  const reason = reasonOf(typed)
  const at = clock.now()
  const known = await findPayout(db, payoutId)
  if (!known) throw new Refusal('not_found')
  await transact(async (tx) => {
    const order = await lockOrder(tx, known.order_id)
    const payout = await lockPayout(tx, payoutId)
    if (!order || !payout) throw new Refusal('not_found')
    await work(tx, payout, at, order)
    const detail = { state: payout.state, amount_fen: payout.amount_fen }
    await recordAction(tx, { operatorId, at, kind, subject: `payout:${payoutId}`, reason, detail })
  })
  const row = await findDeskPayout(db, payoutId)
  if (!row) throw new Refusal('not_found')
  return viewOf(row)
}
