import { randomFrom } from '../random.ts'
import {
  type Answer,
  type Call,
  type Clock,
  Died,
  type Gateway,
  type GivenPage,
  type Message,
  type RefundWish,
  type Said,
  type Trouble,
} from './world.ts'

/** A trade in the gateway's own book, which the shop cannot see. */
export interface Trade {
  readonly outTradeNo: string
  readonly tradeNo: string
  readonly askedFen: number
  readonly expiresAt: number
  status: 'waiting' | 'paid' | 'finished' | 'closed'
  paidFen: number
  /** Refunds of ours by their numbers. */
  readonly refunds: Map<string, number>
  /** What others sent back in the merchant's console, by the numbers that the console gave. */
  readonly consoles: Map<string, number>
  buyerGone: boolean
}

interface Page extends GivenPage {
  /** The same whoever keeps the shop's books: `3.0` is the first page of order 3. */
  readonly alias: string
}

interface Delivery {
  readonly at: number
  readonly message: Message
}

export const backFen = ({ refunds, consoles }: Trade): number =>
  [...refunds.values(), ...consoles.values()].reduce((sum, fen) => sum + fen, 0)

const unclear = { kind: 'unknown', reason: 'silence' } as const
const REFUND_NOTICES: readonly (readonly number[])[] = [[], [0], [0, 0], [5], [2, 4_000], [70]]

/** The gateway with its book, its faults, and its messages that are lost, doubled, late and out of order. */
export class FaultyGateway implements Gateway {
  readonly trades = new Map<string, Trade>()
  /** What left for hosts, by its numbers. */
  readonly transfers = new Map<string, { readonly amountFen: number; state: 'success' | 'returned' }>()
  readonly pages = new Map<string, Page>()
  private readonly troubles: { readonly call: Call; readonly how: Trouble; readonly until: number }[] = []
  private readonly queue: Delivery[] = []
  private poorUntil = 0
  private readonly clock: Clock
  private readonly seed: number
  private readonly hit: (edge: string) => void

  constructor(clock: Clock, seed: number, hit: (edge: string) => void) {
    this.clock = clock
    this.seed = seed
    this.hit = hit
  }

  give(page: GivenPage, alias: string): void {
    this.pages.set(page.outTradeNo, { ...page, alias })
  }

  /** When something happens here by itself next. */
  nextDue(): number | undefined {
    let next: number | undefined
    for (const { at } of this.queue) if (next === undefined || at < next) next = at
    return next
  }

  /** Messages whose time has come, in the order in which they arrive. */
  takeDue(): Message[] {
    const due = this.queue.filter(({ at }) => at <= this.clock.at).sort((one, other) => one.at - other.at)
    for (const delivery of due) this.queue.splice(this.queue.indexOf(delivery), 1)
    return due.flatMap(({ message }) => {
      // The gateway closes an unpaid trade at its end, and only then has something to tell of.
      if (!message.noticeId.startsWith('lapsed:')) return [message]
      const trade = this.trades.get(message.outTradeNo)
      if (trade?.status !== 'waiting') return []
      trade.status = 'closed'
      return [message]
    })
  }

  trouble(call: Call, how: Trouble, seconds: number): void {
    this.troubles.push({ call, how, until: this.clock.at + seconds * 1_000 })
  }

  beShort(seconds: number): void {
    this.poorUntil = this.clock.at + seconds * 1_000
  }

  /** The buyer opens the cashier: a trade that waits. */
  linger(outTradeNo: string): boolean {
    const page = this.pages.get(outTradeNo)
    if (!page || this.trades.has(outTradeNo) || this.clock.at >= page.timeExpire) return false
    const trade = this.open(page, page.amountFen)
    this.tell(trade, 'lapsed', [Math.ceil((page.timeExpire - this.clock.at) / 1_000)], () => ({
      ...wordOf(trade),
      money: 'closed',
      status: 'TRADE_CLOSED',
    }))
    return true
  }

  pay(outTradeNo: string, notices: readonly number[], moreFen = 0, late = false): boolean {
    const page = this.pages.get(outTradeNo)
    if (!page) return false
    const known = this.trades.get(outTradeNo)
    if (known && known.status !== 'waiting' && !(late && known.status === 'closed')) return false
    const isOver = this.clock.at >= page.timeExpire || known?.status === 'closed'
    if (isOver && !late) {
      this.hit('E13')
      return false
    }
    const trade = known ?? this.open(page, page.amountFen)
    trade.status = 'paid'
    trade.paidFen = page.amountFen + moreFen
    this.tell(trade, 'paid', notices, () => ({
      ...wordOf(trade),
      money: 'paid',
      status: 'TRADE_SUCCESS',
      refund: undefined,
    }))
    return true
  }

  drop(outTradeNo: string, notices: readonly number[]): boolean {
    const trade = this.trades.get(outTradeNo)
    if (trade?.status !== 'waiting') return false
    trade.status = 'closed'
    this.tell(trade, 'closed', notices, () => ({ ...wordOf(trade), money: 'closed', status: 'TRADE_CLOSED' }))
    return true
  }

  refundInConsole(outTradeNo: string, share: number, notices: readonly number[]): boolean {
    const trade = this.trades.get(outTradeNo)
    if (trade?.status !== 'paid') return false
    const fen = Math.min(Math.floor((trade.paidFen * share) / 100), trade.paidFen - backFen(trade))
    if (fen <= 0) return false
    const number = `console_${trade.outTradeNo}_${trade.consoles.size + 1}`
    trade.consoles.set(number, fen)
    this.tellRefund(trade, number, notices)
    return true
  }

  finish(outTradeNo: string, notices: readonly number[]): boolean {
    const trade = this.trades.get(outTradeNo)
    if (trade?.status !== 'paid' || backFen(trade) >= trade.paidFen) return false
    trade.status = 'finished'
    this.tell(trade, 'finished', notices, () => wordOf(trade))
    return true
  }

  loseBuyer(outTradeNo: string): boolean {
    const trade = this.trades.get(outTradeNo)
    if (trade?.status !== 'paid') return false
    trade.buyerGone = true
    return true
  }

  /** Somebody paid under a number that the shop does not know. */
  stray(outTradeNo: string, fen: number, notices: readonly number[]): void {
    const page = { outTradeNo, amountFen: fen, timeExpire: this.clock.at, alias: outTradeNo }
    const trade = this.open(page, fen)
    trade.status = 'paid'
    trade.paidFen = fen
    this.tell(trade, 'paid', notices, () => ({ ...wordOf(trade), money: 'paid', status: 'TRADE_SUCCESS' }))
  }

  query(outTradeNo: string): Answer<Said> {
    if (this.fails('query')) return unclear
    const trade = this.trades.get(outTradeNo)
    if (trade?.status === 'waiting' && this.clock.at >= trade.expiresAt) trade.status = 'closed'
    if (!trade) this.hit('E09')
    return trade ? { kind: 'fact', fact: wordOf(trade) } : { kind: 'not_exist' }
  }

  close(outTradeNo: string): Answer<{ readonly outTradeNo: string }> {
    const before = this.troubled('close')
    if (before === 'lost' || before === 'dies') return this.fall(before)
    const trade = this.trades.get(outTradeNo)
    const waits = trade?.status === 'waiting'
    if (waits) trade.status = 'closed'
    if (before) return this.fall(before)
    if (!trade) {
      this.hit('E10')
      return { kind: 'not_exist' }
    }
    if (waits) return { kind: 'fact', fact: { outTradeNo } }
    this.hit('E11')
    return { kind: 'refused', code: 'ACQ.REASON_TRADE_STATUS_INVALID' }
  }

  refund(wish: RefundWish): Answer<{ readonly outRequestNo: string; readonly amountFen: number }> {
    const { outTradeNo, outRequestNo, amountFen } = wish
    const before = this.troubled('refund')
    if (before === 'lost' || before === 'dies') return this.fall(before)
    const trade = this.trades.get(outTradeNo)
    if (!trade) return before ? this.fall(before) : { kind: 'not_exist' }
    const known = trade.refunds.get(outRequestNo)
    if (known === undefined) {
      const code = this.refusalOf(trade, amountFen)
      if (code) return before ? this.fall(before) : { kind: 'refused', code }
      trade.refunds.set(outRequestNo, amountFen)
      const which = randomFrom(hashOf(`${this.seed}/${this.aliasOf(trade)}/${trade.refunds.size}`))
      this.tellRefund(trade, outRequestNo, which.pick(REFUND_NOTICES))
    } else if (known !== amountFen) return { kind: 'refused', code: 'ACQ.DISCORDANT_REPEAT_REQUEST' }
    return before ? this.fall(before) : { kind: 'fact', fact: { outRequestNo, amountFen } }
  }

  queryRefund({
    outTradeNo,
    outRequestNo,
  }: RefundWish): Answer<{ readonly outRequestNo: string; readonly amountFen: number }> {
    if (this.fails('queryRefund')) return unclear
    const trade = this.trades.get(outTradeNo)
    const amountFen = trade?.refunds.get(outRequestNo) ?? trade?.consoles.get(outRequestNo)
    return amountFen === undefined
      ? { kind: 'unknown', reason: 'no_refund_record' }
      : { kind: 'fact', fact: { outRequestNo, amountFen } }
  }

  transfer(outBizNo: string, amountFen: number): Answer<{ readonly state: 'success' | 'returned' }> {
    const before = this.troubled('transfer')
    if (before === 'lost' || before === 'dies') return this.fall(before)
    const transfer = this.transfers.get(outBizNo) ?? { amountFen, state: 'success' as const }
    if (transfer.amountFen !== amountFen) return { kind: 'refused', code: 'REQUEST_CONFLICT' }
    this.transfers.set(outBizNo, transfer)
    return before ? this.fall(before) : { kind: 'fact', fact: { state: transfer.state } }
  }

  queryTransfer(outBizNo: string): Answer<{ readonly state: 'success' | 'returned' }> {
    if (this.fails('queryTransfer')) return unclear
    const transfer = this.transfers.get(outBizNo)
    return transfer ? { kind: 'fact', fact: { state: transfer.state } } : { kind: 'not_exist' }
  }

  /** The bank sends back what reached a host: numbers of his order begin with `prefix`. */
  bounce(prefix: string): boolean {
    for (const [number, transfer] of this.transfers) {
      if (!number.startsWith(prefix) || transfer.state === 'returned') continue
      transfer.state = 'returned'
      return true
    }
    return false
  }

  private aliasOf({ outTradeNo }: Trade): string {
    return this.pages.get(outTradeNo)?.alias ?? outTradeNo.slice(-12)
  }

  private refusalOf(trade: Trade, amountFen: number): string | undefined {
    if (trade.status === 'finished') return 'ACQ.TRADE_HAS_FINISHED'
    if (trade.status !== 'paid') return 'ACQ.TRADE_STATUS_ERROR'
    if (trade.buyerGone) return 'ACQ.BUYER_NOT_EXIST'
    if (backFen(trade) + amountFen > trade.paidFen) return 'ACQ.REASON_TRADE_REFUND_FEE_ERR'
    return this.clock.at < this.poorUntil ? 'ACQ.SELLER_BALANCE_NOT_ENOUGH' : undefined
  }

  private troubled(call: Call): Trouble | undefined {
    const found = this.troubles.find((trouble) => trouble.call === call && this.clock.at < trouble.until)
    if (found && (call === 'query' || call === 'close')) this.hit('E12')
    return found?.how
  }

  private fails(call: Call): boolean {
    const how = this.troubled(call)
    if (how) this.fall(how)
    return how !== undefined
  }

  private fall(how: Trouble): typeof unclear {
    if (how === 'dies' || how === 'dies_after') throw new Died(how)
    return unclear
  }

  private open(page: Page, askedFen: number): Trade {
    const trade: Trade = {
      outTradeNo: page.outTradeNo,
      tradeNo: `20261123${hashOf(`${this.seed}/${page.alias}`).toString().padStart(10, '0')}${this.seed}`,
      askedFen,
      expiresAt: page.timeExpire,
      status: 'waiting',
      paidFen: 0,
      refunds: new Map(),
      consoles: new Map(),
      buyerGone: false,
    }
    this.trades.set(page.outTradeNo, trade)
    return trade
  }

  private tellRefund(trade: Trade, outRequestNo: string, notices: readonly number[]): void {
    const totalFen = backFen(trade)
    const whole = totalFen >= trade.paidFen
    this.tell(trade, `back ${outRequestNo}`, notices, () => ({
      ...wordOf(trade),
      money: 'paid',
      status: whole ? 'TRADE_CLOSED' : 'TRADE_SUCCESS',
      refund: { totalFen, outRequestNo },
    }))
  }

  private tell(trade: Trade, event: string, notices: readonly number[], word: () => Said): void {
    const { outTradeNo } = trade
    const fact = word()
    for (const seconds of notices) {
      const message: Message = {
        entrance: 'notify',
        noticeId: `${event}:${outTradeNo}`,
        outTradeNo,
        says: { kind: 'trade', fact },
      }
      this.queue.push({ at: this.clock.at + seconds * 1_000, message })
    }
  }
}

/** What an answer to a query says; a trade that went back as a whole reads as closed (alipay.md). */
function wordOf(trade: Trade): Said {
  const about = {
    outTradeNo: trade.outTradeNo,
    tradeNo: trade.tradeNo,
    amountFen: trade.status === 'waiting' || trade.status === 'closed' ? trade.askedFen : trade.paidFen,
    finished: false,
    refund: undefined,
  }
  if (trade.status === 'finished') return { ...about, money: 'paid', status: 'TRADE_FINISHED', finished: true }
  if (trade.status === 'waiting') return { ...about, money: 'waiting', status: 'WAIT_BUYER_PAY' }
  if (trade.status === 'closed') return { ...about, money: 'closed', status: 'TRADE_CLOSED' }
  const totalFen = backFen(trade)
  if (totalFen < trade.paidFen) return { ...about, money: 'paid', status: 'TRADE_SUCCESS' }
  return { ...about, money: 'paid', status: 'TRADE_CLOSED', refund: { totalFen, outRequestNo: undefined } }
}

/** FNV-1a: the same number for the same words. */
function hashOf(words: string): number {
  let hash = 2_166_136_261
  for (let at = 0; at < words.length; at += 1) hash = Math.imul(hash ^ words.charCodeAt(at), 16_777_619) >>> 0
  return hash
}
