import { html } from '../../cashier/html.ts'
import type { ConsolePage } from '../page.ts'
import type { PageContext } from '../pages.ts'
import { chip } from '../words.ts'

/** Where the test shop's buyer comes back to: what a merchant sees of the return, and that it proves nothing. */
export function returnPage({ visit, shop }: PageContext): ConsolePage {
  const { say, query } = visit
  const fields = new URLSearchParams(query)
  for (const own of ['said', 'language']) fields.delete(own)
  const genuine = shop.isSigned(fields)
  const number = fields.get('out_trade_no') ?? ''
  return {
    title: say('买家回来了', 'The buyer is back'),
    place: 'start',
    body: html`<h1>${say('买家回到了测试商户', 'The buyer is back at the test shop')}</h1>
<p class="row">${genuine ? chip('good', say('签名正确', 'signature holds')) : chip('bad', say('签名不对', 'signature does not hold'))}</p>
<p class="lead">${say('返回地址没有 trade_status，什么也证明不了：是否付款，要看验签通过的异步通知，或者主动查询。', 'A return address has no trade_status and proves nothing: whether it was paid is told by a verified notify, or by a query.')}</p>
${/^\w{1,64}$/.test(number) ? html`<p><a class="button" href="/_sandbox/trades/${number}">${say('看这笔交易和它的通知', 'See the trade and its notify')}</a> <a class="button second" href="/_sandbox/">${say('再付一笔', 'Pay another')}</a></p>` : undefined}
<section class="card" aria-labelledby="got"><h2 id="got">${say('商户收到的参数', 'What the merchant gets')}</h2><div class="scroll" tabindex="0" role="region" aria-labelledby="got"><table class="pairs"><thead><tr><th scope="col">${say('参数', 'Parameter')}</th><th scope="col">${say('值', 'Value')}</th></tr></thead><tbody>${[...fields].map(([name, value]) => html`<tr><td><code>${name}</code></td><td><code>${value}</code></td></tr>`)}</tbody></table></div></section>`,
  }
}
