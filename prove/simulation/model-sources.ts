import type { RefundSources } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import { promisedToHost } from './model-payouts.ts'
import { promiseBack, promisedFen } from './model-refunds.ts'
import { type Attempt, accountSum, heldFen, type Order, post, type State } from './model-state.ts'

export const hostOf = ({ house }: Order): string => `h${house}`

const EARNED_BY: readonly string[] = ['accrue', 'cancel', 'clawback', 'external_refund']

/** What an order brought its host and was not taken back since. */
export function creditOf(state: State, order: Order): number {
  let fen = 0
  for (const { event, order: of, entries } of state.postings.values()) {
    if (of !== order || !EARNED_BY.includes(event)) continue
    for (const { account, amountFen } of entries) if (account === 'HOST_PAYABLE') fen -= amountFen
  }
  return fen
}

/** What of this order's money lies where, for whoever has to take some of it back. */
export function sourcesOf(state: State, order: Order): RefundSources {
  const earned = { net: 0, platformFee: 0, gatewayFee: 0 }
  for (const { event, order: of, entries } of state.postings.values()) {
    if (of !== order || !EARNED_BY.includes(event)) continue
    for (const { account, amountFen } of entries) {
      if (account === 'HOST_PAYABLE' || account === 'HOST_RECEIVABLE') earned.net -= amountFen
      if (account === 'PLATFORM_FEE') earned.platformFee -= amountFen
      if (account === 'GATEWAY_FEE') earned.gatewayFee -= amountFen
    }
  }
  const { net, platformFee, gatewayFee } = earned
  return {
    guestEscrow: toFen(Math.max(0, heldFen(state, order))),
    earned: {
      gross: toFen(net + platformFee + gatewayFee),
      platformFee: toFen(platformFee),
      gatewayFee: toFen(gatewayFee),
      net: toFen(net),
    },
    hostPayable: toFen(
      Math.max(0, 0 - accountSum(state, 'HOST_PAYABLE', hostOf(order)) - promisedToHost(state, hostOf(order))),
    ),
  }
}

export const appliedTo = (state: State, order: Order): Attempt | undefined => {
  for (const attempt of state.attempts.values()) {
    if (attempt.order === order && attempt.disposition === 'APPLIED') return attempt
  }
  return undefined
}

/** An operator gives back a share of a hundred of what the guest paid, unless that is more than is left. */
export function refundPart(state: State, order: Order, share: number): boolean {
  const attempt = appliedTo(state, order)
  const amountFen = Math.floor((order.amountFen * share) / 100)
  if (!attempt || amountFen === 0) return false
  if (!state.rules.mayPromise(attempt.receivedFen, promisedFen(state, attempt), amountFen)) {
    state.hit('E28')
    return false
  }
  takeBack(state, order, attempt, amountFen, 'system_cancel')
  return true
}

/** Promises back what was not owed so far: from what is held, else from what the host was credited. */
export function takeBack(state: State, order: Order, attempt: Attempt, amountFen: number, reason: string): void {
  const sources = sourcesOf(state, order)
  if (sources.guestEscrow < amountFen) state.hit('E32')
  const refund = promiseBack(state, attempt, amountFen, reason)
  post(state, {
    key: `clawback:${refund.key}`,
    event: 'clawback',
    order,
    entries: state.rules.postings.clawback(String(order.key), hostOf(order), toFen(amountFen), sources),
  })
}
