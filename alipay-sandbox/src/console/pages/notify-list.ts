import { type Html, html } from '../../cashier/html.ts'
import type { DeliveryView, NotifyView } from '../../control/views.ts'
import { postForm, type Visit } from '../page.ts'
import { spanText } from '../span.ts'
import { kindText, moment, notifyChip, verdictChip } from '../words.ts'

/** Events with their deliveries, each folded to a line; the first one is open if asked. */
export function notifyList(notifies: readonly NotifyView[], visit: Visit, openFirst = false): Html {
  return html`<div class="card">${notifies.map((notify, index) => notifyItem(notify, visit, openFirst && index === 0))}</div>`
}

function notifyItem(notify: NotifyView, visit: Visit, open: boolean): Html {
  const { say } = visit
  const scheduled = notify.deliveries.filter(({ resend }) => !resend).length
  const byHand = notify.deliveries.length - scheduled
  const counted =
    say(`计划内 ${scheduled} 次`, `${scheduled} scheduled`) +
    (byHand > 0 ? say(`，手动 ${byHand} 次`, `, ${byHand} by hand`) : '')
  return html`<details class="line" id="n-${notify.notifyId}"${open ? html` open` : undefined}>
<summary><strong>${kindText(notify.kind, visit)}</strong> <span class="mono">${notify.outTradeNo}</span> ${notifyChip(notify, visit)} <span class="soft small">${counted}</span><span class="when">${moment(notify.createdAt)}</span></summary>
<dl>
<dt>notify_id</dt><dd><code>${notify.notifyId}</code></dd>
<dt>notify_url</dt><dd><code>${notify.url}</code></dd>
<dt>trade_status</dt><dd><code>${notify.tradeStatus}</code> · <a href="/_sandbox/trades/${notify.tradeNo}">${say('看交易', 'see the trade')}</a></dd>
${notify.nextAt && html`<dt>${say('下次重试', 'Next retry')}</dt><dd>${moment(notify.nextAt)}</dd>`}
</dl>
<div class="row">${postForm(visit, 'resend', html`<input type="hidden" name="notify_id" value="${notify.notifyId}"><button class="second" id="resend-${notify.notifyId}">${say('再发一次', 'Send again')}</button>`)}
${notify.nextAt && postForm(visit, 'cancel-notify', html`<input type="hidden" name="notify_id" value="${notify.notifyId}"><button class="second" id="cancel-${notify.notifyId}">${say('不再重试', 'Stop retrying')}</button>`)}</div>
<ol class="deliveries" aria-label="${say('投递记录', 'Deliveries')}">${deliveries(notify, visit)}</ol>
</details>`
}

function deliveries(notify: NotifyView, visit: Visit): Html[] {
  let scheduled = 0
  let last: Date | undefined
  return notify.deliveries.map((delivery, index) => {
    if (!delivery.resend) scheduled += 1
    const name = delivery.resend
      ? visit.say('手动重发', 'Sent by hand')
      : visit.say(`第 ${scheduled} 次`, `No. ${scheduled}`)
    const waited = last && !delivery.resend ? delivery.at.getTime() - last.getTime() : undefined
    if (!delivery.resend) last = delivery.at
    return deliveryItem(delivery, visit, { id: `${notify.notifyId}-${index}`, name, waited })
  })
}

function deliveryItem(
  delivery: DeliveryView,
  visit: Visit,
  { id, name, waited }: { id: string; name: string; waited: number | undefined },
): Html {
  const { say } = visit
  const { at, realAt, httpStatus, answer, detail, body } = delivery
  return html`<li class="${delivery.resend ? 'delivery by-hand' : 'delivery'}"><details class="line" id="d-${id}">
<summary><span class="name">${name}</span> ${verdictChip(delivery, visit)} ${httpStatus === undefined ? undefined : html`<span class="soft small">HTTP ${httpStatus}</span>`} ${waited === undefined ? undefined : html`<span class="soft small">+${spanText(waited, visit)}</span>`}<span class="when">${moment(at)}</span></summary>
<dl>
<dt>${say('真实时间', 'Real time')}</dt><dd>${moment(realAt)}</dd>
${detail === undefined ? undefined : html`<dt>${say('说明', 'Detail')}</dt><dd>${detail}</dd>`}
<dt>${say('商户应答', 'Answer')}</dt><dd>${answer === undefined || answer === '' ? html`<span class="soft">${say('没有', 'none')}</span>` : html`<code>${answer}</code>`}</dd>
</dl>
${body === undefined ? undefined : bodyParts(body, id, visit)}
</details></li>`
}

/** What was posted: field by field for reading, and byte by byte for copying. */
function bodyParts(body: string, id: string, { say }: Visit): Html {
  const fields = [...new URLSearchParams(body)]
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${say('通知的参数', 'Parameters of the notify')}"><table class="pairs"><caption>${say('参数（解码后）', 'Parameters, decoded')}</caption><thead><tr><th scope="col">${say('名', 'Name')}</th><th scope="col">${say('值', 'Value')}</th></tr></thead><tbody>${fields.map(([key, value]) => html`<tr><td><code>${key}</code></td><td><code>${value}</code></td></tr>`)}</tbody></table></div>
<h3>${say('发出的字节', 'Bytes that were sent')}</h3>
<pre class="wrap" id="b-${id}" tabindex="0">${body}</pre>
<button type="button" class="take" data-copy="b-${id}" aria-label="${say('复制发出的字节', 'Copy the bytes that were sent')}">${say('复制', 'Copy')}</button>`
}
