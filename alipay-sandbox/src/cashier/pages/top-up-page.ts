import { formatYuan } from '../../engine/money.ts'
import { html } from '../html.ts'
import type { CheckoutBuyer } from '../port.ts'
import { alarm, heading, type Page, type PageContext, postForm } from './layout.ts'

/** Play money for the buyer; the field already holds what is lacking. */
export function topUpPage(context: PageContext, buyer: CheckoutBuyer): Page {
  const { view } = context
  const unclear = context.notice === 'amount_unclear'
  const lackingFen = Math.max(view.amountFen - buyer.balanceFen, 1)
  return {
    title: unclear ? '金额不对' : '充值',
    step: 'confirm',
    head: heading('充值', 'Top up with play money'),
    body: html`<p>给 <bdi>${buyer.displayName}</bdi> 加沙箱里的钱，不是真的。现在余额 ￥${formatYuan(buyer.balanceFen)}，要付 ￥${formatYuan(view.amountFen)}。</p>
${unclear ? alarm('请填 0.01 到 100000000 之间的金额，最多两位小数。', 'An amount from 0.01, two decimals at most.') : undefined}
${postForm(
  context,
  'top-up',
  html`<input type="hidden" name="balance" value="${buyer.balanceFen}">
<label for="amount">充值金额（元）</label>
<input id="amount" name="amount" inputmode="decimal" autocomplete="off" maxlength="12" required value="${formatYuan(lackingFen)}"${
    unclear ? html` aria-invalid="true" aria-describedby="alarm"` : undefined
  }>
<button>充值</button>`,
)}
<a class="bare" href="/cashier/${view.id}/confirm">不充了</a>`,
  }
}
