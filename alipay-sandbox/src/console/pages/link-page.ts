import { html } from '../../cashier/html.ts'
import type { ConsolePage } from '../page.ts'
import type { PageContext } from '../pages.ts'

/** A signed pay address to copy, open or take apart. */
export function linkPage({ visit }: PageContext): ConsolePage {
  const { say } = visit
  const url = visit.query.get('url') ?? ''
  const title = say('付款链接', 'Pay address')
  // Only addresses of this very gateway are shown as links.
  if (!isPayAddress(url, visit.host)) {
    return {
      title,
      place: 'start',
      status: 404,
      body: html`<h1>${say('没有链接', 'No address')}</h1><p><a class="button" href="/_sandbox/">${say('生成一个', 'Make one')}</a></p>`,
    }
  }
  const params = [...new URL(url).searchParams]
  return {
    title,
    place: 'start',
    body: html`<h1>${title}</h1>
<p class="lead">${say('商户服务器不请求网关：它在本地签好这个地址，交给买家的浏览器打开。', 'The merchant’s server does not call the gateway: it signs this address by itself and hands it to the buyer’s browser.')}</p>
<div class="card"><label for="pay-url">${say('完整地址', 'Whole address')}</label><textarea id="pay-url" rows="6" readonly class="mono">${url}</textarea>
<p></p><div class="row"><a class="button" href="${url}">${say('打开收银台', 'Open the cashier')}</a><button type="button" class="take" data-copy="pay-url">${say('复制', 'Copy')}</button></div>
<p class="hint soft small">${say('没有浏览器也能付：', 'Without a browser: ')}<code>npx alipay-sandbox pay "…"</code></p></div>
<section class="card" aria-labelledby="inside"><h2 id="inside">${say('里面有什么', 'What is in it')}</h2><div class="scroll" tabindex="0" role="region" aria-labelledby="inside"><table class="pairs"><thead><tr><th scope="col">${say('参数', 'Parameter')}</th><th scope="col">${say('值', 'Value')}</th></tr></thead><tbody>${params.map(([name, value]) => html`<tr><td><code>${name}</code></td><td><code>${value}</code></td></tr>`)}</tbody></table></div></section>`,
  }
}

function isPayAddress(text: string, host: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return /^https?:$/.test(url.protocol) && url.host === host && url.pathname === '/gateway.do'
}
