import { type Html, html } from '../../cashier/html.ts'
import type { RequestView } from '../../control/views.ts'
import type { ConsolePage, Visit } from '../page.ts'
import type { PageContext } from '../pages.ts'
import { chip, empty, field, moment, select } from '../words.ts'

const PAGE = 50

/** What reached the gateway, and why what was refused was refused. */
export function requestsPage({ visit, control }: PageContext): ConsolePage {
  const { say, query } = visit
  const outTradeNo = query.get('out_trade_no')?.trim() ?? ''
  const refusedOnly = query.get('show') === 'refused'
  const requests = control
    .requests({ limit: 500, ...(outTradeNo !== '' && { outTradeNo }) })
    .filter(({ code }) => !refusedOnly || code !== '10000')
    .slice(0, PAGE)
  const shown = [
    { value: '', text: say('全部', 'All') },
    { value: 'refused', text: say('只看失败的', 'Only the refused') },
  ]
  return {
    title: say('请求', 'Requests'),
    place: 'requests',
    body: html`<h1>${say('到达网关的请求', 'Requests to the gateway')}</h1>
<p class="lead">${say('最近的请求和应答。验签失败的，沙箱会逐一试过常见的错法，直接说出最可能的原因。', 'The latest requests and what they were answered. Of a refused signature the usual mistakes are tried one by one, and the likely one is named.')}</p>
<form method="get" action="/_sandbox/requests" class="card" role="search"><div class="inline">${field('out-trade-no', say('商户订单号', 'out_trade_no'), html`<input id="out-trade-no" name="out_trade_no" value="${outTradeNo}" autocomplete="off">`)}
${field('show', say('显示', 'Show'), select('show', 'show', shown, refusedOnly ? 'refused' : ''))}
<button class="second">${say('查找', 'Find')}</button></div></form>
<div id="requests" data-live>${
      requests.length > 0
        ? html`<div class="card">${requests.map((request) => requestItem(request, visit))}</div>`
        : empty(
            say('没有请求', 'No requests'),
            say(
              '本次启动以来，还没有符合条件的请求到达 /gateway.do。',
              'Since this start nothing of the kind has reached /gateway.do.',
            ),
          )
    }</div>`,
  }
}

function requestItem(request: RequestView, visit: Visit): Html {
  const { say } = visit
  const { id, at, verb, params, outTradeNo, code, subCode, subMsg, fault, notes, signature, tookMs } = request
  const good = code === '10000'
  return html`<details class="line" id="r-${id}">
<summary><span class="mono">${params.method ?? '–'}</span> ${chip(good ? 'good' : 'bad', subCode ?? code)}${
    fault === undefined ? undefined : html` ${chip('wait', say('故障', 'fault'))}`
  }${notes.length > 0 && good ? html` ${chip('wait', say('提醒', 'note'))}` : undefined}${
    outTradeNo === undefined ? undefined : html` <span class="soft small mono">${outTradeNo}</span>`
  }<span class="when">${moment(at)}</span></summary>
${signature && cause(signature, id, visit)}
${notes.length > 0 ? html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>` : undefined}
<dl>
<dt>${say('应答', 'Answer')}</dt><dd><code>${code}</code> ${subCode === undefined ? undefined : html`<code>${subCode}</code>`}</dd>
${subMsg === undefined || signature ? undefined : html`<dt>sub_msg</dt><dd>${subMsg}</dd>`}
${fault === undefined ? undefined : html`<dt>${say('故障', 'Fault')}</dt><dd><code>${fault}</code></dd>`}
<dt>${say('方式', 'Verb')}</dt><dd>${verb} · ${tookMs < 1 ? '< 1' : Math.round(tookMs)} ms</dd>
</dl>
<div class="scroll" tabindex="0" role="region" aria-label="${say('收到的参数', 'Parameters received')}"><table class="pairs"><caption>${say('收到的参数（解码一次后）', 'Parameters received, decoded once')}</caption><thead><tr><th scope="col">${say('名', 'Name')}</th><th scope="col">${say('值', 'Value')}</th></tr></thead><tbody>${Object.entries(
    params,
  ).map(
    ([name, value]) => html`<tr><td><code>${name}</code></td><td><code>${value}</code></td></tr>`,
  )}</tbody></table></div>
</details>`
}

/** The mistake behind a refused signature, and the string to compare one's own with. */
function cause(signature: NonNullable<RequestView['signature']>, id: number, { say, language }: Visit): Html {
  return html`<div class="said bad"><p><strong>${say('最可能的原因', 'Most likely')}</strong> ${signature[language]}</p></div>
<h3>${say('网关的待签名串', 'What the gateway signs')}</h3>
<pre class="wrap" id="computed-${id}" tabindex="0">${signature.computed}</pre>
<button type="button" class="take" data-copy="computed-${id}" aria-label="${say('复制网关的待签名串', 'Copy what the gateway signs')}">${say('复制', 'Copy')}</button>`
}
