import type { TodayView } from '@ihome/contract/schemas/operator-desk-today'
import { addDays, type CivilDate, dayInShanghai, instantInShanghai } from '@ihome/core/calendar'
import type { Deps } from '../../platform/deps.ts'
import { readLedger } from '../ledger/desk-ledger.ts'
import { orderFigures } from '../orders/desk-orders.ts'
import { moneyAlarms, refundedOn } from '../payments/desk-payments.ts'
import { readPayoutAlarms } from '../payouts/payout-alarms.ts'
import { countMessages } from './outbox-store.ts'

type Needs = Pick<Deps, 'db' | 'clock' | 'config'>
type Figure = TodayView['figures'][number]
type Alarm = TodayView['alarms'][number]

/** Today in Shanghai beside yesterday, and everything that should be nothing. */
export async function readToday(needs: Needs): Promise<TodayView> {
  const day = dayInShanghai(needs.clock.now())
  const [today, yesterday, alarms] = await Promise.all([
    figuresOf(needs, day),
    figuresOf(needs, addDays(day, -1)),
    alarmsOf(needs),
  ])
  const figure = (name: keyof typeof today, unit: Figure['unit']): Figure => ({
    name,
    unit,
    today: today[name],
    yesterday: yesterday[name],
  })
  return {
    day,
    figures: [
      figure('placed', 'count'),
      figure('paid', 'count'),
      figure('paid_fen', 'fen'),
      figure('refunded_fen', 'fen'),
      figure('cancelled', 'count'),
      figure('check_ins', 'count'),
      figure('check_outs', 'count'),
    ],
    alarms,
  }
}

async function figuresOf({ db }: Needs, day: CivilDate) {
  const span = { from: instantInShanghai(day, 0), until: instantInShanghai(addDays(day, 1), 0) }
  const [orders, refunded_fen] = await Promise.all([orderFigures({ db }, day, span), refundedOn({ db }, span)])
  return { ...orders, refunded_fen }
}

async function alarmsOf(needs: Needs): Promise<Alarm[]> {
  const [money, payouts, dead, ledger] = await Promise.all([
    moneyAlarms(needs),
    readPayoutAlarms(needs),
    countMessages(needs.db, { state: 'dead' }),
    readLedger(needs, undefined),
  ])
  const count = (name: string, value: number): Alarm => ({ name, unit: 'count', value })
  return [
    { name: 'ledger_sum', unit: 'fen', value: ledger.sum_fen },
    { name: 'suspense', unit: 'fen', value: money.suspense_fen },
    count('cases_overdue', money.cases_overdue),
    count('attempts_overdue', money.attempts_overdue),
    count('refunds_unknown', money.refunds_unknown),
    count('refunds_waiting', money.refunds_waiting),
    count('refunds_manual', money.refunds_manual),
    ...payouts.map(({ name, value }) => count(name, value)),
    count('bills', money.bills),
    count('outbox_dead', dead),
    count('cases_open', money.cases_open),
  ]
}
