import type { IncomingFact } from '@ihome/server/features/payments/apply-gateway-fact'
import type { Entrance } from '@ihome/server/features/payments/fact-store'
import type { TradeFact } from '@ihome/server/features/payments/provider'
import { APP_ID, SELLER_ID, type Trade } from '../fake-gateway.ts'
import type { Page, Stage } from './situations.ts'

/** What a message is about. */
interface About extends Page {
  readonly amountFen: number
}

/** One message of the gateway; the same one each time it is made for the same page. */
type Telling = (about: About) => IncomingFact

const trade =
  (event: string, entrance: Entrance, change: (about: About) => Partial<TradeFact>, to = APP_ID): Telling =>
  (about) => {
    const { outTradeNo, tradeNo, amountFen } = about
    const fact: TradeFact = {
      outTradeNo,
      tradeNo,
      amountFen,
      money: 'paid',
      status: 'TRADE_SUCCESS',
      finished: false,
      refund: undefined,
      ...change(about),
    }
    const noticeId = `${event}:${outTradeNo}`
    const says = { kind: 'trade', fact } as const
    if (entrance !== 'notify') return { entrance, noticeId, outTradeNo, says, raw: JSON.stringify(fact) }
    const addressed = { noticeId, appId: to, sellerId: SELLER_ID }
    return { entrance, outTradeNo, says, ...addressed, raw: JSON.stringify({ kind: 'genuine', ...addressed, fact }) }
  }

const silence =
  (event: string, entrance: Entrance, says: IncomingFact['says']): Telling =>
  ({ outTradeNo }) => ({ entrance, noticeId: `${event}:${outTradeNo}`, outTradeNo, says, raw: event })

/** Everything that the gateway may say, by the entrance at which it arrives. */
export const says = {
  paid: (entrance: Entrance) => trade(`paid by ${entrance}`, entrance, () => ({})),
  finished: (entrance: Entrance) =>
    trade(`finished by ${entrance}`, entrance, () => ({ status: 'TRADE_FINISHED', finished: true })),
  otherAmount: (entrance: Entrance, fen: number) =>
    trade(`${fen} by ${entrance}`, entrance, () => ({ amountFen: fen })),
  toAnotherApp: trade('paid to another app', 'notify', () => ({}), '2021000000000006'),
  waiting: trade('waiting', 'poll', () => ({ money: 'waiting', status: 'WAIT_BUYER_PAY' })),
  closed: (entrance: Entrance) =>
    trade(`closed by ${entrance}`, entrance, () => ({ money: 'closed', status: 'TRADE_CLOSED' })),
  /** Others sent part back; the gateway tells the running total. */
  partBack: (totalFen: number) =>
    trade(`${totalFen} back`, 'notify', () => ({ refund: { totalFen, outRequestNo: `console_${totalFen}` } })),
  /** All went back: a notification names the refund, an answer to a query does not. */
  allBack: (entrance: 'notify' | 'poll') =>
    trade(`all back by ${entrance}`, entrance, ({ amountFen, ownRefund }) => ({
      status: 'TRADE_CLOSED',
      refund: { totalFen: amountFen, outRequestNo: entrance === 'notify' ? (ownRefund ?? 'console_all') : undefined },
    })),
  notExist: silence('not exist', 'poll', { kind: 'not_exist' }),
  unknown: silence('unknown', 'return', { kind: 'unknown', reason: 'timeout' }),
  misconfigured: silence('misconfigured', 'poll', { kind: 'misconfigured', code: 'isv.invalid-signature' }),
} as const

/** Messages that can all be true of one payment, and what became of it in the end. */
export interface FactSet {
  readonly name: string
  /** How many messages there are. */
  readonly size: number
  readonly tell: (stage: Stage) => readonly IncomingFact[]
  readonly book: (stage: Stage) => readonly Trade[]
}

function about(stage: Stage, page: Page): About {
  return { ...page, amountFen: stage.amountFen }
}

/** About the first page only. */
function onePage(
  name: string,
  fate: Trade['fate'],
  tellings: readonly Telling[],
  { paidFen, backFen = () => 0 }: { paidFen?: number; backFen?: (stage: Stage) => number } = {},
): FactSet {
  return {
    name,
    size: tellings.length,
    tell: (stage) => tellings.map((telling) => telling(about(stage, stage.pages[0]))),
    book: (stage) => [
      {
        outTradeNo: stage.pages[0].outTradeNo,
        tradeNo: stage.pages[0].tradeNo,
        fate,
        amountFen: paidFen ?? stage.amountFen,
        refundedByOthersFen: backFen(stage),
      },
    ],
  }
}

export const LESS_FEN = 4_200
export const PART_FEN = 6_000
export const MORE_FEN = 9_000
const whole = ({ amountFen }: Stage): number => amountFen

export const gateway = {
  paid: onePage('paid', 'paid', [
    says.paid('notify'),
    says.paid('return'),
    says.paid('poll'),
    says.waiting,
    says.unknown,
    says.toAnotherApp,
  ]),
  finished: onePage('paid and past its refunds', 'finished', [
    says.paid('notify'),
    says.finished('notify'),
    says.finished('poll'),
    says.waiting,
    says.unknown,
    says.misconfigured,
  ]),
  partBack: onePage(
    'paid, and others sent parts back',
    'paid',
    [
      says.paid('notify'),
      says.partBack(PART_FEN),
      says.partBack(MORE_FEN),
      says.paid('poll'),
      says.waiting,
      says.unknown,
    ],
    { backFen: () => MORE_FEN },
  ),
  allBack: onePage(
    'paid, and others sent all of it back',
    'paid',
    [says.paid('notify'), says.allBack('notify'), says.allBack('poll'), says.waiting, says.unknown, says.toAnotherApp],
    { backFen: whole },
  ),
  ownRefund: onePage('our refund went through', 'paid', [
    says.paid('notify'),
    says.allBack('notify'),
    says.allBack('poll'),
    says.waiting,
    says.unknown,
  ]),
  otherAmount: onePage(
    'paid with another amount',
    'paid',
    [
      says.otherAmount('notify', LESS_FEN),
      says.otherAmount('poll', LESS_FEN),
      says.otherAmount('return', LESS_FEN),
      says.waiting,
      says.unknown,
      says.toAnotherApp,
    ],
    { paidFen: LESS_FEN },
  ),
  closed: onePage('closed unpaid', 'closed', [
    says.closed('notify'),
    says.closed('poll'),
    says.waiting,
    says.unknown,
    says.notExist,
    says.misconfigured,
  ]),
  none: onePage('nobody came to the cashier', 'none', [
    says.notExist,
    says.unknown,
    says.misconfigured,
    says.toAnotherApp,
  ]),
  bothPaid: {
    name: 'both pages paid',
    size: 6,
    tell: (stage) => {
      const [first, second] = stage.pages
      if (!second) throw new RangeError('this needs two pages')
      const [one, other] = [about(stage, first), about(stage, second)]
      return [
        says.paid('notify')(one),
        says.paid('poll')(one),
        says.paid('notify')(other),
        says.paid('return')(other),
        says.waiting(one),
        says.unknown(other),
      ]
    },
    book: (stage) =>
      stage.pages.map(({ outTradeNo, tradeNo }) => ({
        outTradeNo,
        tradeNo,
        fate: 'paid',
        amountFen: stage.amountFen,
        refundedByOthersFen: 0,
      })),
  },
} satisfies Record<string, FactSet>
