import { html } from '../html.ts'
import { heading, type Page, wayBack } from './layout.ts'

/**
 * The gateway's own no, with its code for the developer and its text for the buyer. Inside a checkout it also leads back
 * to that, because another account may well be able to pay.
 */
export function refusalPage(code: string, text: string, returnHref: string | undefined, checkoutId?: string): Page {
  return {
    title: '不能付款',
    head: heading('不能付款', 'This payment cannot go on'),
    body: html`<div class="alarm"><p>${text}</p></div>
<p class="soft">错误码 <code>${code}</code></p>
${wayBack(returnHref)}
${checkoutId === undefined ? undefined : html`<a class="bare" href="/cashier/${checkoutId}">回到付款页面</a>`}`,
  }
}

/** An address no checkout has: mistyped, or from a sandbox that has been reset since. */
export function notFoundPage(): Page {
  return {
    title: '没有这个页面',
    head: heading('没有这个付款页面', 'No such payment page'),
    body: html`<p>链接不完整，或者沙箱已经重置。请回到商户页面重新付款。</p>`,
  }
}

/** A form without this page's token, or from another site. Nothing was done; going on from the address is safe. */
export function forgeryPage(id: string): Page {
  return {
    title: '页面已失效',
    head: heading('页面已失效', 'This page is out of date'),
    body: html`<p>刚才的操作没有提交，也没有扣款。请重新打开付款页面再试。</p>
<a class="button" href="/cashier/${id}">重新打开</a>`,
  }
}
