import { type Html, html } from '../../cashier/html.ts'
import type { TradeFilter } from '../../control/control.ts'
import type { TradeView } from '../../control/views.ts'
import type { TradeStatus } from '../../engine/model.ts'
import type { ConsolePage, Visit } from '../page.ts'
import type { PageContext } from '../pages.ts'
import { chip, empty, field, moment, select, tradeChip, yuan } from '../words.ts'

const STATUSES: readonly TradeStatus[] = ['WAIT_BUYER_PAY', 'TRADE_SUCCESS', 'TRADE_FINISHED', 'TRADE_CLOSED']
const PAGE = 50

export function tradesPage({ visit, control }: PageContext): ConsolePage {
  const { say, query } = visit
  const words = query.get('text')?.trim() ?? ''
  const status = STATUSES.find((one) => one === query.get('status'))
  const before = query.get('before') ?? undefined
  const filter: TradeFilter = {
    limit: PAGE,
    ...(words !== '' && { text: words }),
    ...(status && { status }),
    ...(before !== undefined && { before }),
  }
  const trades = control.trades(filter)
  const filtered = words !== '' || status !== undefined || before !== undefined
  const next = new URLSearchParams({ ...(words !== '' && { text: words }), ...(status && { status }) })
  next.set('before', trades.at(-1)?.tradeNo ?? '')
  return {
    title: say('交易', 'Trades'),
    place: 'trades',
    body: html`<h1>${say('交易', 'Trades')}</h1>
<p class="lead">${say('交易在买家动手之后才存在：手机网站是输完支付密码，电脑网站是登录。之前只有打开的收银台。', 'A trade exists only once the buyer has acted: with the pay password on mobile pages, with the login on desktop pages. Before that there is only an open cashier.')}</p>
<form method="get" action="/_sandbox/trades" class="card" role="search"><div class="inline">${field('text', say('号码或商品', 'Number or subject'), html`<input id="text" name="text" value="${words}" autocomplete="off">`)}
${field('status', say('状态', 'Status'), select('status', 'status', [{ value: '', text: say('全部', 'All') }, ...STATUSES.map((value) => ({ value, text: value }))], status))}
<button class="second">${say('查找', 'Find')}</button></div></form>
<div id="trades" data-live>${
      trades.length > 0
        ? html`<div class="card">${tradeTable(trades, visit)}</div>${trades.length === PAGE ? html`<p><a class="button second" href="/_sandbox/trades?${next.toString()}">${say('更早的', 'Earlier')}</a></p>` : undefined}`
        : filtered
          ? empty(say('没有符合的交易', 'No trade fits'), say('换个条件，或', 'Look for something else, or'), {
              href: '/_sandbox/trades',
              text: say('看全部', 'see all'),
            })
          : empty(say('还没有交易', 'No trades yet'), say('先', 'First'), {
              href: '/_sandbox/',
              text: say('付一笔测试单', 'pay a test order'),
            })
    }</div>
${checkoutsCard({ control, visit })}`,
  }
}

/** Trades as rows; what is less wanted is left out on a phone. */
export function tradeTable(trades: readonly TradeView[], visit: Visit): Html {
  const { say } = visit
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${say('交易列表', 'List of trades')}"><table>
<thead><tr><th scope="col">${say('商户订单号', 'out_trade_no')}</th><th scope="col" class="wide">${say('商品', 'Subject')}</th><th scope="col">${say('状态', 'Status')}</th><th scope="col" class="num">${say('金额', 'Amount')}</th><th scope="col" class="num wide">${say('已退', 'Refunded')}</th><th scope="col" class="wide">${say('创建', 'Created')}</th></tr></thead>
<tbody>${trades.map(
    (trade) =>
      html`<tr><td><a class="mono" href="/_sandbox/trades/${trade.tradeNo}">${trade.outTradeNo}</a></td><td class="wide"><bdi>${trade.subject}</bdi></td><td>${tradeChip(trade.status)}</td><td class="num">${yuan(trade.amountFen)}</td><td class="num wide">${trade.refundedFen > 0 ? yuan(trade.refundedFen) : '–'}</td><td class="wide">${moment(trade.createdAt)}</td></tr>`,
  )}</tbody></table></div>`
}

/** Pages that buyers have open: no trade yet, but money can still come. */
function checkoutsCard({ control, visit: { say } }: Pick<PageContext, 'control' | 'visit'>): Html {
  const open = control
    .checkouts({ limit: 20 })
    .filter(({ tradeNo, state }) => tradeNo === undefined && state !== 'expired')
  return html`<section id="checkouts" data-live>${
    open.length > 0
      ? html`<h2>${say('打开过、还没有交易的收银台', 'Cashiers that were opened, without a trade')}</h2><div class="card"><div class="scroll" tabindex="0" role="region" aria-label="${say('收银台列表', 'List of cashiers')}"><table><thead><tr><th scope="col">${say('商户订单号', 'out_trade_no')}</th><th scope="col">${say('状态', 'State')}</th><th scope="col" class="num">${say('金额', 'Amount')}</th><th scope="col" class="wide">${say('付款截止', 'Payable until')}</th></tr></thead><tbody>${open.map(
          (one) =>
            html`<tr><td><a class="mono" href="${one.path}">${one.outTradeNo}</a></td><td>${chip(one.state === 'quit' ? 'dull' : 'wait', one.state)}</td><td class="num">${yuan(one.amountFen)}</td><td class="wide">${moment(one.expiresAt)}</td></tr>`,
        )}</tbody></table></div></div>`
      : undefined
  }</section>`
}
