import type { Bed } from './bed.ts'
import { type FactSet, gateway, LESS_FEN, MORE_FEN } from './fact-sets.ts'
import {
  canceled,
  closing,
  overdue,
  paid,
  paidElsewhere,
  type Stage,
  sendingBack,
  stayed,
  twoPages,
  unopened,
  waiting,
} from './situations.ts'

/** A beginning, what the gateway says in any order, and the one end that all orders must lead to. */
export interface Scenario {
  readonly name: string
  readonly begin: (bed: Bed) => Promise<Stage>
  readonly facts: FactSet
  readonly end: End
}

/** In fen. */
export interface End {
  readonly status: string
  /** Held for a stay that is still to come. */
  readonly held: number
  /** Promised to the buyer and not sent. */
  readonly owed: number
  /** Sent back, by us or by others. */
  readonly back: number
}

const ALL = 20_000 // two nights of the builders' house

const scenario = (
  name: string,
  begin: Scenario['begin'],
  facts: FactSet,
  status: string,
  money: Partial<End>,
): Scenario => ({
  name: `${name}: ${facts.name}`,
  begin,
  facts,
  end: { held: 0, owed: 0, back: 0, ...money, status },
})

const kept = { held: ALL }
const sentBack = { back: ALL }
const owed = { owed: ALL } // The gateway refunds no more: a person has to.
const nothing = {}
const parts = { held: ALL - MORE_FEN, back: MORE_FEN }
const less = { back: LESS_FEN }

// What was earned by a stay that began a day ago is held no more: so `stayed` ends with what went back only.
export const SCENARIOS: readonly Scenario[] = [
  scenario('waiting', waiting, gateway.paid, 'PAID', kept),
  scenario('waiting', waiting, gateway.finished, 'PAID', kept),
  scenario('waiting', waiting, gateway.partBack, 'PAID', parts),
  scenario('waiting', waiting, gateway.allBack, 'CANCELED', sentBack),
  scenario('waiting', waiting, gateway.otherAmount, 'CANCELED', less),
  scenario('waiting', waiting, gateway.closed, 'CANCELED', nothing),
  scenario('waiting', waiting, gateway.none, 'CANCELED', nothing),
  scenario('address not given out', unopened, gateway.paid, 'PAID', kept),
  scenario('address not given out', unopened, gateway.none, 'CANCELED', nothing),
  scenario('overdue', overdue, gateway.paid, 'PAID', kept),
  scenario('overdue', overdue, gateway.finished, 'PAID', kept),
  scenario('overdue', overdue, gateway.partBack, 'PAID', parts),
  scenario('overdue', overdue, gateway.otherAmount, 'CANCELED', less),
  scenario('overdue', overdue, gateway.closed, 'CANCELED', nothing),
  scenario('overdue', overdue, gateway.none, 'CANCELED', nothing),
  scenario('closing, expired', closing('expired'), gateway.paid, 'PAID', kept),
  scenario('closing, expired', closing('expired'), gateway.finished, 'PAID', kept),
  scenario('closing, expired', closing('expired'), gateway.partBack, 'PAID', parts),
  scenario('closing, expired', closing('expired'), gateway.allBack, 'CANCELED', sentBack),
  scenario('closing, expired', closing('expired'), gateway.otherAmount, 'CANCELED', less),
  scenario('closing, expired', closing('expired'), gateway.closed, 'CANCELED', nothing),
  scenario('closing, expired', closing('expired'), gateway.none, 'CANCELED', nothing),
  scenario('closing, by the guest', closing('guest'), gateway.paid, 'CANCELED', sentBack),
  scenario('closing, by the guest', closing('guest'), gateway.finished, 'CANCELED', owed),
  scenario('closing, by the guest', closing('guest'), gateway.otherAmount, 'CANCELED', less),
  scenario('closing, by the guest', closing('guest'), gateway.closed, 'CANCELED', nothing),
  scenario('closing, by the guest', closing('guest'), gateway.none, 'CANCELED', nothing),
  scenario('closing, by the host', closing('host'), gateway.paid, 'CANCELED', sentBack),
  scenario('closing, by the host', closing('host'), gateway.closed, 'CANCELED', nothing),
  scenario('closing, by the platform', closing('system'), gateway.paid, 'CANCELED', sentBack),
  scenario('cancelled, nights free', canceled('expired'), gateway.paid, 'CANCELED', sentBack),
  scenario('cancelled, nights free', canceled('expired'), gateway.finished, 'CANCELED', owed),
  scenario('cancelled, nights free', canceled('guest'), gateway.otherAmount, 'CANCELED', less),
  scenario('cancelled, nights free', canceled('guest'), gateway.closed, 'CANCELED', nothing),
  scenario('cancelled, nights resold', canceled('expired', { resold: true }), gateway.paid, 'CANCELED', sentBack),
  scenario('cancelled, nights resold', canceled('host', { resold: true }), gateway.paid, 'CANCELED', sentBack),
  scenario('cancelled, nights resold', canceled('guest', { resold: true }), gateway.otherAmount, 'CANCELED', less),
  scenario('paid', paid, gateway.paid, 'PAID', kept),
  scenario('paid', paid, gateway.finished, 'PAID', kept),
  scenario('paid', paid, gateway.partBack, 'PAID', parts),
  scenario('paid', paid, gateway.allBack, 'CANCELED', sentBack),
  scenario('paid at another page', paidElsewhere, gateway.paid, 'PAID', { ...kept, ...sentBack }),
  scenario('paid at another page', paidElsewhere, gateway.finished, 'PAID', { ...kept, ...owed }),
  scenario('paid at another page', paidElsewhere, gateway.otherAmount, 'PAID', { ...kept, ...less }),
  scenario('two pages', twoPages(), gateway.bothPaid, 'PAID', { ...kept, ...sentBack }),
  scenario('two pages, closing, expired', twoPages('expired'), gateway.bothPaid, 'PAID', { ...kept, ...sentBack }),
  scenario('two pages, closing, by the host', twoPages('host'), gateway.bothPaid, 'CANCELED', { back: 2 * ALL }),
  scenario('stayed', stayed(), gateway.paid, 'WAIT_COMMENT', sentBack),
  scenario('reviewed', stayed({ reviewed: true }), gateway.paid, 'COMPLETE', sentBack),
  scenario('our refund is under way', sendingBack, gateway.ownRefund, 'CANCELED', sentBack),
]
