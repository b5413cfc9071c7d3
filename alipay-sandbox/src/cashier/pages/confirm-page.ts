import { formatYuan } from '../../engine/money.ts'
import { html } from '../html.ts'
import type { CheckoutBuyer, CheckoutView } from '../port.ts'
import { deadlineRow } from './deadline.ts'
import {
  alarm,
  heading,
  numberRow,
  type Page,
  type PageContext,
  postForm,
  quitForm,
  type SlipRow,
  slip,
  subjectRow,
} from './layout.ts'
import { lockedAlarm } from './locked-alarm.ts'

/** Everything the buyer agrees to, before the password is asked for. */
export function confirmPage(context: PageContext, buyer: CheckoutBuyer): Page {
  const { view } = context
  const shortFen = view.amountFen - buyer.balanceFen
  return {
    title: shortFen > 0 ? '余额不足' : '确认付款',
    step: 'confirm',
    head: heading('确认付款', 'Confirm the payment'),
    slip: slip(view, [
      subjectRow(view),
      ...noteRow(view),
      numberRow(view),
      deadlineRow(view),
      accountRow(buyer),
      balanceRow(buyer, shortFen),
    ]),
    body: html`${lockedAlarm(view)}
${shortFen > 0 ? shortage(context, shortFen) : undefined}
${
  view.appOnly
    ? html`<div class="note"><p>官方沙箱的手机网站支付只能用 App 付款。<span lang="en">The official sandbox takes wap payments in its app only.</span></p></div>`
    : postForm(context, 'confirm', html`<button${shortFen > 0 ? html` class="second"` : undefined}>确认付款</button>`)
}
<a class="button${view.appOnly ? '' : ' second'}" href="/cashier/${view.id}/app">在 App 中支付（模拟）</a>
<a class="bare" href="/cashier/${view.id}/account">换一个账户</a>
${quitForm(context)}`,
  }
}

const noteRow = (view: CheckoutView): SlipRow[] =>
  view.body === undefined ? [] : [{ name: '说明', value: html`<bdi>${view.body}</bdi>` }]

const accountRow = (buyer: CheckoutBuyer): SlipRow => ({
  name: '付款账户',
  value: html`<bdi>${buyer.displayName}</bdi><br>${buyer.logonIdMasked}`,
})

const balanceRow = (buyer: CheckoutBuyer, shortFen: number): SlipRow => ({
  name: '账户余额',
  value:
    shortFen > 0
      ? html`<span class="lacking">￥${formatYuan(buyer.balanceFen)}，不足</span>`
      : html`￥${formatYuan(buyer.balanceFen)}`,
})

function shortage(context: PageContext, shortFen: number) {
  const text = `余额不足，还差 ￥${formatYuan(shortFen)}。`
  return html`${
    context.notice === 'balance_short'
      ? alarm(`没有付款：${text}`, 'Not paid: the balance is too small.')
      : html`<div class="note"><p>${text} <span lang="en">The balance is too small.</span></p></div>`
  }
<a class="button" href="/cashier/${context.view.id}/top-up">充值</a>`
}
