import { html, safeHref } from '../html.ts'
import type { CheckoutView } from '../port.ts'
import { qrCode } from '../qr-code.ts'
import { deadlineRow } from './deadline.ts'
import { heading, type Page, slip, subjectRow } from './layout.ts'

/** How soon a page that waits for the phone asks again. */
const ASK_AGAIN_SECONDS = 2

/** Where the phone goes on: the same checkout, at its login. */
export const phoneHref = (view: Pick<CheckoutView, 'id'>, origin: string): string =>
  `${origin}/cashier/${view.id}/phone`

/**
 * What a merchant's page holds in its frame: the QR code of a phone cashier for the same checkout. It has no form, so
 * being framed can do no harm, and it asks again by itself until the phone has finished.
 */
export async function scanPage(view: CheckoutView, origin: string, framed: boolean): Promise<Page> {
  const phone = phoneHref(view, origin)
  const code = await qrCode(phone, `手机收银台的二维码：${phone}`)
  const again = { href: `/cashier/${view.id}/scan`, afterSeconds: ASK_AGAIN_SECONDS }
  const done = ended(view, framed)
  if (done) return done
  if (view.qrPayMode === '3' || view.qrPayMode === '4') {
    const side = view.qrPayMode === '3' ? 75 : (view.qrcodeWidth ?? 100)
    const head = html`<h1 class="unseen">扫码付款</h1>`
    const body = html`<svg class="sole" width="${side}" height="${side}" viewBox="0 0 100 100">${code}</svg>`
    return { title: '扫码付款', sole: true, framing: true, onward: again, head, body }
  }
  return {
    title: '扫码付款',
    framing: true,
    onward: again,
    head: heading('用手机扫码付款', 'Scan with a phone to pay'),
    slip: slip(view, [subjectRow(view), deadlineRow(view)]),
    body: html`<div class="scan">${code}</div>
${
  view.state === 'confirm'
    ? html`<div class="note"><p>已扫码，请在手机上确认付款。 <span lang="en">Scanned. Confirm on the phone.</span></p></div>`
    : html`<p class="centre soft">扫码打开的是这个沙箱的手机收银台，不是支付宝。手机要能访问上面的地址。 <span lang="en">The code opens this sandbox’s own phone cashier, not Alipay.</span></p>`
}
<a class="button second" href="/cashier/${view.id}/login" target="_top">在电脑上登录付款</a>`,
  }
}

/** The phone is done, or nobody can pay any more: out of the frame, or back to the merchant by itself. */
function ended(view: CheckoutView, framed: boolean): Page | undefined {
  if (view.state === 'login' || view.state === 'confirm') return undefined
  const paid = view.state === 'paid'
  const href = safeHref(paid ? view.returnHref : view.quitHref)
  return {
    framing: true,
    title: paid ? '付款成功' : '不能付款了',
    ...(paid && href !== undefined && !framed ? { onward: { href, afterSeconds: 0 } } : {}),
    head: paid ? heading('付款成功', 'Paid') : heading('这里不能再付款', 'This can no longer be paid'),
    body: html`${href === undefined ? html`<p>可以关掉这个页面了。</p>` : html`<a class="button" href="${href}" target="_top">返回商户</a>`}`,
  }
}
