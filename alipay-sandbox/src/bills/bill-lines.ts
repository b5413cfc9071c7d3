import type { Movement } from '../engine/ledger.ts'
import { maskLogonId } from '../engine/masking.ts'
import { FEE_ACCOUNT, type Instant, OUTSIDE_ACCOUNT, type State, TRANSIT_ACCOUNT, type Trade } from '../engine/model.ts'
import type { Transfer } from '../transfers/transfer.ts'
import type { Period } from './period.ts'

/** One row of the trade bill. Signs are those of the seller's account. */
export interface TradeLine {
  readonly kind: 'payment' | 'refund'
  readonly tradeNo: string
  readonly outTradeNo: string
  readonly subject: string
  readonly createdAt: Instant
  readonly doneAt: Instant
  readonly storeId: string
  readonly counterpart: string
  /** Positive for a payment, negative for a refund. */
  readonly amountFen: number
  /** What the fee did to the account: negative when charged, positive when given back. */
  readonly feeFen: number
  readonly requestNo: string
  readonly body: string
}

/** One row of the account bill: a movement as the account's owner sees it. */
export interface AccountLine {
  readonly no: number
  readonly kind: Movement['kind']
  readonly at: Instant
  /** Positive for money that came, negative for money that went. */
  readonly amountFen: number
  readonly balanceFen: number
  readonly counterpart: string
  readonly about: string
  readonly outTradeNo: string
  readonly subject: string
  readonly requestNo: string
  readonly body: string
}

/** The lines of the double entry that concern one account in a period, in the order in which they happened. */
export function movementsOf(state: State, accountId: string, period: Period): Movement[] {
  const found: Movement[] = []
  for (const movement of state.movements.values()) {
    if (movement.at < period.from || movement.at >= period.to) continue
    if (movement.from === accountId || movement.to === accountId) found.push(movement)
  }
  return found
}

/**
 * Payments and refunds of a seller, each with the fee that moved along with it. The fee of a payment is the very next
 * line of the double entry, and a fee given back the line before its refund, so that the balance never looks short.
 */
export function tradeLines(state: State, sellerId: string, period: Period): TradeLine[] {
  const lines: (TradeLine & { feeFen: number })[] = []
  const nameOf = namesOf(state)
  let feeBackFen = 0
  for (const { kind, from, to, at, amountFen, about = '', requestNo = '' } of movementsOf(state, sellerId, period)) {
    if (kind === 'payment' && to === sellerId) {
      lines.push(tradeLine(state, about, { kind, counterpart: nameOf(from), doneAt: at, amountFen, requestNo }))
    }
    if (kind === 'fee' && from === sellerId) {
      const paid = lines.at(-1)
      if (paid?.tradeNo !== about) throw new Error(`a fee without its payment: ${about}`)
      paid.feeFen = -amountFen
    }
    if (kind === 'fee_back' && to === sellerId) feeBackFen = amountFen
    if (kind === 'refund' && from === sellerId) {
      const moved = { kind, counterpart: nameOf(to), doneAt: at, amountFen: -amountFen, requestNo } as const
      const line = tradeLine(state, about, moved)
      line.feeFen = feeBackFen
      lines.push(line)
      feeBackFen = 0
    }
  }
  return lines
}

function tradeLine(
  state: State,
  tradeNo: string,
  moved: Pick<TradeLine, 'kind' | 'counterpart' | 'doneAt' | 'amountFen' | 'requestNo'>,
): TradeLine & { feeFen: number } {
  const trade = state.trades.get(tradeNo)
  if (!trade) throw new Error(`a movement about a trade that is not there: ${tradeNo}`)
  const { order, createdAt, storeId = '' } = trade
  const { outTradeNo, subject, body = '' } = order
  return { tradeNo, outTradeNo, subject, createdAt, storeId, body, feeFen: 0, ...moved }
}

/** Everything that moved on one account. */
export function accountLines(state: State, accountId: string, period: Period): AccountLine[] {
  const nameOf = namesOf(state)
  return movementsOf(state, accountId, period).map((movement) => {
    const { no, kind, at, from, to, amountFen, about = '', requestNo = '' } = movement
    const came = to === accountId
    const transfer = state.transfers.get(about)
    const other = came ? from : to
    // Money on its way stands on an account of nobody; the bill names whom it is for.
    const counterpart = nameOf(transfer && other === TRANSIT_ACCOUNT ? transfer.payeeId : other)
    return {
      no,
      kind,
      at,
      amountFen: came ? amountFen : -amountFen,
      balanceFen: came ? movement.toBalanceFen : movement.fromBalanceFen,
      counterpart,
      about,
      ...(transfer ? wordsOfTransfer(transfer) : wordsOfTrade(state.trades.get(about))),
      requestNo,
    }
  })
}

type Words = Pick<AccountLine, 'outTradeNo' | 'subject' | 'body'>

const wordsOfTrade = (trade: Trade | undefined): Words => ({
  outTradeNo: trade?.order.outTradeNo ?? '',
  subject: trade?.order.subject ?? '',
  body: trade?.order.body ?? '',
})

const wordsOfTransfer = ({ order }: Transfer): Words => ({
  outTradeNo: order.outBizNo,
  subject: order.title ?? '',
  body: order.remark ?? '',
})

/** Names of counterparts as `*小明(abc***@example.com)`, each made once. */
function namesOf(state: State): (accountId: string) => string {
  const known = new Map([
    [FEE_ACCOUNT, '沙箱手续费'],
    [OUTSIDE_ACCOUNT, '沙箱充值'],
  ])
  return (accountId) => {
    const name = known.get(accountId) ?? maskedName(state, accountId)
    known.set(accountId, name)
    return name
  }
}

function maskedName(state: State, accountId: string): string {
  const account = state.accounts.get(accountId)
  if (!account) return accountId
  return `*${[...account.displayName].slice(1).join('')}(${maskLogonId(account.logonId)})`
}
