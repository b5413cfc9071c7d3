import { type Html, html } from '../../cashier/html.ts'
import { RECEIVE_OUTCOMES, type ReceiveOutcome } from '../../transfers/transfer.ts'
import type { TransferView } from '../../transfers/transfer-view.ts'
import { type ConsolePage, postForm, type Visit } from '../page.ts'
import type { PageContext } from '../pages.ts'
import { chip, empty, field, moment, select, yuan } from '../words.ts'

/** Money that was sent out, and what is to become of money sent to an account. */
export function transfersPage({ visit, control }: PageContext): ConsolePage {
  const { say } = visit
  const transfers = control.transfers({ limit: 100 })
  const receivers = control.accounts().filter(({ role }) => role !== 'seller')
  return {
    title: say('转账', 'Transfers'),
    place: 'transfers',
    body: html`<h1>${say('转账', 'Transfers')}</h1>
<p class="lead">${say('alipay.fund.trans.uni.transfer 只接受证书模式的应用。状态 DEALING 的结果，在虚拟时间里到来。', 'alipay.fund.trans.uni.transfer takes apps in certificate mode only. What becomes of a DEALING one is known when virtual time gets there.')}</p>
<div id="transfers" data-live>${transfers.length > 0 ? transferTable(transfers, visit) : empty(say('还没有转账', 'No transfers yet'), say('用证书模式调用 uni.transfer，它会出现在这里。', 'Call uni.transfer in certificate mode and it appears here.'))}</div>
<section class="card" aria-labelledby="rule"><h2 id="rule">${say('转给某个账户会怎样', 'What becomes of money sent to an account')}</h2>${postForm(
      visit,
      'receive-rule',
      html`<div class="inline">${field(
        'payee',
        say('收款账户', 'Payee'),
        select(
          'account_id',
          'payee',
          receivers.map(({ id, displayName, logonId }) => ({ value: id, text: `${displayName} ${logonId}` })),
        ),
      )}
${field(
  'outcome',
  say('结果', 'Outcome'),
  select(
    'outcome',
    'outcome',
    RECEIVE_OUTCOMES.map((value) => ({ value, text: outcomeText(value, visit) })),
  ),
)}
${field('after', say('处理中多久', 'Dealing for'), html`<input id="after" name="after" autocomplete="off" value="1h">`)}
<button class="second">${say('设定', 'Set')}</button></div>`,
    )}</section>`,
  }
}

function outcomeText(outcome: ReceiveOutcome, { say }: Visit): string {
  if (outcome === 'success') return say('马上到账', 'arrives at once')
  if (outcome === 'dealing_then_success') return say('先处理中，后到账', 'DEALING, then it arrives')
  if (outcome === 'dealing_then_fail') return say('先处理中，后失败', 'DEALING, then it fails')
  return outcome
}

const TONES = { SUCCESS: 'good', DEALING: 'wait', FAIL: 'bad' } as const

function transferTable(transfers: readonly TransferView[], { say }: Visit): Html {
  return html`<div class="card"><div class="scroll" tabindex="0" role="region" aria-label="${say('转账列表', 'List of transfers')}"><table><thead><tr><th scope="col">out_biz_no</th><th scope="col">${say('状态', 'Status')}</th><th scope="col" class="wide">${say('收款方', 'Payee')}</th><th scope="col" class="num">${say('金额', 'Amount')}</th><th scope="col" class="wide">${say('时间', 'Time')}</th></tr></thead><tbody>${transfers.map(
    (one) =>
      html`<tr><td><code>${one.outBizNo}</code><br><span class="soft small mono">${one.orderId}</span></td><td>${chip(TONES[one.status], one.status)}${one.failCode === undefined ? undefined : html`<br><code class="small">${one.failCode}</code>`}${one.settlesAt && html`<br><span class="soft small">${say('有结果：', 'ends ')}${moment(one.settlesAt)}</span>`}</td><td class="wide"><code>${one.payeeLogonId}</code></td><td class="num">${yuan(one.amountFen)}</td><td class="wide">${moment(one.createdAt)}</td></tr>`,
  )}</tbody></table></div></div>`
}
