import { formatBeijing } from '../../engine/beijing.ts'
import { type Html, html, safeHref } from '../html.ts'
import type { CheckoutView } from '../port.ts'
import { heading, numberRow, type Page, type PageContext, slip, subjectRow, wayBack } from './layout.ts'

const RETURN_AFTER_SECONDS = 3

/** The end of a checkout, whichever it was. Drawn from the state alone: reloading or coming back shows it again. */
export function resultPage(context: PageContext): Page {
  const { view } = context
  switch (view.state) {
    case 'paid':
      return paidPage(context)
    case 'quit':
      return quitPage(view)
    case 'expired':
      return stoppedPage(
        view,
        ['付款时间已过', 'Too late to pay'],
        `这笔付款的截止时间是 ${formatBeijing(view.timeExpire)}，现在不能再付。没有扣款。`,
      )
    default:
      return view.closedBecause === 'paid_elsewhere'
        ? stoppedPage(view, ['这笔订单已经付过款', 'Already paid'], '它在另一个页面付过款了，这里没有再次扣款。')
        : stoppedPage(view, ['交易已关闭', 'This trade is closed'], '这笔交易已经关闭，不能再付款。')
  }
}

function paidPage({ view, stay }: PageContext): Page {
  const href = safeHref(view.returnHref)
  const returnsAlone = href !== undefined && view.paidVia === 'browser' && !stay
  return {
    title: '付款成功',
    step: 'result',
    ...(returnsAlone ? { onward: { href, afterSeconds: RETURN_AFTER_SECONDS } } : {}),
    head: sealed(PAID_SEAL, '付款成功', 'Paid'),
    slip: slip(view, [subjectRow(view), numberRow(view)]),
    body: afterPaying(view, href, stay),
  }
}

function afterPaying(view: CheckoutView, href: string | undefined, stay: boolean): Html {
  if (view.paidVia === 'app_ios')
    return html`<div class="note"><p>模拟 iPhone：App 付完款不会带你回到浏览器。请自己切回商户的页面，这里没有返回链接。 <span lang="en">Like an iPhone: nothing leads back. Switch to the merchant’s page yourself.</span></p></div>`
  if (href === undefined)
    return html`<p class="centre">商户没有给返回地址，可以关掉这个页面了。 <span lang="en">The merchant gave no return address; you may close this page.</span></p>`
  if (view.paidVia === 'app_android')
    return html`<div class="note"><p>模拟 Android：商户页面在新标签页打开，那里可能没有登录。 <span lang="en">Like Android: the merchant’s page opens in a new tab.</span></p></div>
<a class="button" href="${href}" target="_blank" rel="noopener">在新标签页返回商户</a>`
  if (stay) return html`<a class="button" href="${href}">返回商户</a>`
  return html`<p class="centre">${RETURN_AFTER_SECONDS} 秒后自动返回商户。 <span lang="en">You are taken back in ${RETURN_AFTER_SECONDS} seconds.</span></p>
<a class="button" href="${href}">返回商户</a>
<a class="bare" href="/cashier/${view.id}/result?stay=1">留在此页</a>`
}

// At once, for then browsers leave this page out of the history and the back button is no trap.
function quitPage(view: CheckoutView): Page {
  const href = safeHref(view.quitHref)
  return {
    title: '已放弃付款',
    ...(href === undefined ? {} : { onward: { href, afterSeconds: 0 } }),
    head: sealed(STOPPED_SEAL, '已放弃付款', 'You left without paying'),
    body: html`<p class="centre">没有扣款。${href === undefined ? '可以关掉这个页面了。' : undefined}</p>
${wayBack(href)}`,
  }
}

function stoppedPage(view: CheckoutView, title: readonly [string, string], text: string): Page {
  return {
    title: title[0],
    head: sealed(STOPPED_SEAL, ...title),
    body: html`<p class="centre">${text}</p>
${slip(view, [subjectRow(view), numberRow(view)])}
${wayBack(view.quitHref)}`,
  }
}

const sealed = (seal: Html, chinese: string, english: string): Html =>
  html`<div class="centre">${seal}${heading(chinese, english)}</div>`

const PAID_SEAL = html`<svg class="seal" viewBox="0 0 64 64" aria-hidden="true"><path d="M19 33l9 9 18-20" fill="none" stroke="currentColor" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"/></svg>`
const STOPPED_SEAL = html`<svg class="seal stopped" viewBox="0 0 64 64" aria-hidden="true"><path d="M22 32h20" fill="none" stroke="currentColor" stroke-width="5" stroke-linecap="round"/></svg>`
