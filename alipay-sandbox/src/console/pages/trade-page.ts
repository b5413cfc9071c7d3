import { type Html, html } from '../../cashier/html.ts'
import { NotFound } from '../../control/control.ts'
import type { TradeView } from '../../control/views.ts'
import { formatYuan } from '../../engine/money.ts'
import { type ConsolePage, postForm, type Visit } from '../page.ts'
import type { PageContext } from '../pages.ts'
import { empty, field, moment, tradeChip, yuan } from '../words.ts'
import { notifyList } from './notify-list.ts'

/** One trade by either of its numbers; nothing for a number that no trade has. */
export function tradePage({ visit, control }: PageContext, number: string): ConsolePage | undefined {
  const trade = existing(() => control.trade(number))
  if (!trade) return undefined
  const { say } = visit
  const notifies = control
    .deliveries({ outTradeNo: trade.outTradeNo, limit: 100 })
    .filter(({ tradeNo }) => tradeNo === trade.tradeNo)
  const buyer = control.accounts().find(({ id }) => id === trade.buyerId)
  return {
    title: trade.outTradeNo,
    place: 'trades',
    body: html`<div id="trade" data-live><p class="row">${tradeChip(trade.status)} <span class="soft">${trade.product === 'wap' ? say('手机网站支付', 'Mobile web') : say('电脑网站支付', 'Desktop web')}</span></p>
<p class="big">${yuan(trade.amountFen)}</p></div>
<h1 class="mono">${trade.outTradeNo}</h1>
<p class="lead"><bdi>${trade.subject}</bdi></p>
<div class="cards two">
<section class="card" aria-labelledby="course" id="course-card" data-live><h2 id="course">${say('经过', 'What happened')}</h2>${courseList(trade, visit)}</section>
<section class="card" aria-labelledby="money" id="money-card" data-live><h2 id="money">${say('钱', 'Money')}</h2>${amounts(trade, visit)}</section>
</div>
<section aria-labelledby="notifies-of"><h2 id="notifies-of">${say('通知', 'Notifies')}</h2><div id="trade-notifies" data-live>${
      notifies.length > 0
        ? notifyList(notifies, visit, true)
        : empty(
            say('没有通知', 'No notifies'),
            trade.notifyUrl === undefined
              ? say('商户没有给 notify_url。', 'The merchant gave no notify_url.')
              : say('还没有需要通知的事件。', 'Nothing to tell has happened yet.'),
          )
    }</div></section>
${actions(trade, visit)}
<section class="card" aria-labelledby="facts"><h2 id="facts">${say('详情', 'Details')}</h2><dl>
<dt>trade_no</dt><dd><code>${trade.tradeNo}</code></dd>
<dt>app_id</dt><dd><code>${trade.appId}</code></dd>
<dt>seller_id</dt><dd><code>${trade.sellerId}</code></dd>
<dt>${say('买家', 'Buyer')}</dt><dd>${buyer ? html`${buyer.displayName} <code>${buyer.logonId}</code>` : '–'}</dd>
${trade.body === undefined ? undefined : html`<dt>body</dt><dd><bdi>${trade.body}</bdi></dd>`}
<dt>notify_url</dt><dd>${trade.notifyUrl === undefined ? '–' : html`<code>${trade.notifyUrl}</code>`}</dd>
</dl></section>`,
  }
}

function existing<T>(find: () => T): T | undefined {
  try {
    return find()
  } catch (error) {
    if (error instanceof NotFound) return undefined
    throw error
  }
}

function courseList(trade: TradeView, { say }: Visit): Html {
  const steps: { at: Date; text: string; more?: Html }[] = [{ at: trade.createdAt, text: say('交易创建', 'Created') }]
  if (trade.paidAt) steps.push({ at: trade.paidAt, text: say('付款成功', 'Paid') })
  for (const { at, amountFen, outRequestNo, reason } of trade.refunds) {
    const more = html`<br><code>${outRequestNo}</code>${reason === undefined ? undefined : html` · <bdi>${reason}</bdi>`}`
    steps.push({ at, text: say(`退款 ${yuan(amountFen)}`, `Refund of ${yuan(amountFen)}`), more })
  }
  if (trade.closedAt) {
    const why = {
      expiry: say('超时关闭', 'Expired'),
      merchant: say('商户关闭', 'Closed by the merchant'),
      refund: say('全额退款，交易关闭', 'Refunded in full, closed'),
      console: say('在控制台关闭', 'Closed in the console'),
    }
    steps.push({ at: trade.closedAt, text: why[trade.closedBy ?? 'merchant'] })
  }
  const waiting =
    trade.status === 'WAIT_BUYER_PAY'
      ? html`<li><span>${say('付款截止', 'Payable until')}</span> ${moment(trade.expiresAt)}</li>`
      : undefined
  return html`<ol class="course">${steps.map(({ at, text, more }) => html`<li><span>${text}${more}</span> ${moment(at)}</li>`)}${waiting}</ol>`
}

function amounts(trade: TradeView, { say }: Visit): Html {
  const paid = trade.paidAt !== undefined
  const fee = trade.feeFen - trade.feeBackFen
  const row = (name: string, value: string, css?: string) =>
    html`<dt${css === undefined ? undefined : html` class="${css}"`}>${name}</dt><dd${css === undefined ? undefined : html` class="${css}"`}>${value}</dd>`
  return html`<dl class="amounts">
${row(say('订单金额', 'Amount'), yuan(trade.amountFen))}
${row(say('手续费', 'Fee'), yuan(-trade.feeFen))}
${trade.feeBackFen > 0 ? row(say('退回手续费', 'Fee returned'), yuan(trade.feeBackFen)) : undefined}
${row(say('已退款', 'Refunded'), yuan(-trade.refundedFen))}
${row(say('商户净得', 'Left to the merchant'), yuan(paid ? trade.amountFen - trade.refundedFen - fee : 0), 'sum')}
</dl>`
}

/** What the person behind the console can do to the trade without the merchant's asking: its program must cope. */
function actions(trade: TradeView, visit: Visit): Html | undefined {
  const { say } = visit
  const left = trade.amountFen - trade.refundedFen
  const number = html`<input type="hidden" name="trade_no" value="${trade.tradeNo}">`
  if (trade.status === 'WAIT_BUYER_PAY') {
    return html`<section class="card" aria-labelledby="act"><h2 id="act">${say('替商户之外的人动手', 'Act behind the merchant’s back')}</h2><p class="soft">${say('强制关闭，商户会收到它没有请求过的 TRADE_CLOSED。', 'A forced closing: the merchant is told TRADE_CLOSED, which it did not ask for.')}</p>${postForm(visit, 'close', html`${number}<button class="grave">${say('关闭交易', 'Close the trade')}</button>`)}</section>`
  }
  if (trade.status !== 'TRADE_SUCCESS') return undefined
  return html`<section class="card" aria-labelledby="act"><h2 id="act">${say('退款与完结', 'Refund and finish')}</h2><p class="soft">${say('像在商家后台操作一样：不经过接口，商户会收到它没有请求过的通知（out_biz_no 是它不认识的）。', 'As if done in the seller’s console: not through the API, so the merchant is notified of something it did not ask for, under an out_biz_no it does not know.')}</p>
${postForm(
  visit,
  'refund',
  html`${number}<div class="inline">${field('refund-amount', say('退款金额（元）', 'Refund (yuan)'), html`<input id="refund-amount" name="amount" inputmode="decimal" autocomplete="off" maxlength="12" required value="${formatYuan(left)}">`)}
${field('refund-reason', say('原因', 'Reason'), html`<input id="refund-reason" name="reason" autocomplete="off" maxlength="256" value="">`)}
<button>${say('退款', 'Refund')}</button></div>`,
)}
<p></p>${postForm(visit, 'finish', html`${number}<button class="second">${say('提前完结（不能再退款）', 'Finish now (no more refunds)')}</button>`)}</section>`
}
