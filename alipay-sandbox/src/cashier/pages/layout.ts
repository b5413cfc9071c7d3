import { formatBeijing } from '../../engine/beijing.ts'
import { formatYuan } from '../../engine/money.ts'
import { Html, html, safeHref } from '../html.ts'
import type { CashierResponse, CheckoutView } from '../port.ts'
import { ICON, STYLE, STYLE_HASH } from '../style.ts'

/** The steps a person sees, in order, with the word that names each. */
const STEPS = { login: '登录', confirm: '确认', password: '密码', result: '完成' } as const
export type Step = keyof typeof STEPS

/** What went wrong with the form sent before; the only thing a page takes from its address, and only by these names. */
const NOTICES = ['wrong_login', 'wrong_password', 'six_digits', 'stale', 'balance_short', 'amount_unclear'] as const
export type Notice = (typeof NOTICES)[number]

export const readNotice = (text: string | null): Notice | undefined => NOTICES.find((notice) => notice === text)

/** Everything a step's page is drawn from. */
export interface PageContext {
  readonly view: CheckoutView
  readonly csrf: string
  readonly notice: Notice | undefined
  /** The buyer asked to stay on the success page. */
  readonly stay: boolean
}

export interface Page {
  readonly title: string
  readonly step?: Step
  readonly head: Html
  /** Stands beside the rest where page.pay has the room of a desk. */
  readonly slip?: Html
  readonly body: Html
  /** Stands in a frame of the merchant's page; only for pages without a form. */
  readonly framing?: true
  /** Nothing but `body`, for a frame that has room for nothing else. */
  readonly sole?: true
  readonly onward?: { readonly href: string; readonly afterSeconds: number }
}

/**
 * Headers of every answer. Nothing is loaded but the icon, nothing runs, nobody may frame the page, and nothing is kept,
 * so that the back button asks again and meets the step the state allows. The referrer stays for our own forms, because
 * browsers send `Origin: null` with a form when there is none at all.
 */
const GUARDS = {
  'content-security-policy': `default-src 'none'; style-src ${STYLE_HASH}; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
} as const

/** Without the two headers that forbid frames; what is left of the policy stays. */
const FRAMED = Object.fromEntries(
  Object.entries(GUARDS)
    .filter(([name]) => name !== 'x-frame-options')
    .map(([name, value]) => [name, value.replace("; frame-ancestors 'none'", '')]),
)

export function redirectTo(location: string, headers: Readonly<Record<string, string>> = {}): CashierResponse {
  return { status: 303, headers: { ...GUARDS, ...headers, location }, body: '' }
}

export function iconResponse(): CashierResponse {
  return { status: 200, headers: { ...GUARDS, 'content-type': 'image/svg+xml' }, body: ICON }
}

/** A whole answer around a page. `now` is the virtual clock, shown so that nobody wonders about the deadlines. */
export function pageResponse(
  status: number,
  page: Page,
  about: { readonly now: Date; readonly product: CheckoutView['product'] },
  headers: Readonly<Record<string, string>> = {},
): CashierResponse {
  // The header and not `<meta http-equiv>`: the effect is the same without JavaScript, and the page that leaves in
  // three seconds offers a way to stay, which accessibility checkers cannot see from the meta tag.
  const refresh: Record<string, string> = page.onward
    ? { refresh: `${page.onward.afterSeconds}; url=${page.onward.href}` }
    : {}
  return {
    status,
    headers: {
      ...(page.framing ? FRAMED : GUARDS),
      'content-type': 'text/html; charset=utf-8',
      ...refresh,
      ...headers,
    },
    body: `<!doctype html>\n${document(page, about.now, about.product).markup}\n`,
  }
}

function document(page: Page, now: Date, product: CheckoutView['product']): Html {
  return html`<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>${page.title} · 离线沙箱收银台</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="alipay-sandbox, an offline test gateway; not Alipay">
<meta name="robots" content="noindex, nofollow">
<meta name="theme-color" content="#ffd60a">
<link rel="icon" href="/cashier/icon.svg">
${STYLE_ELEMENT}
</head>
<body class="${page.sole ? 'sole' : product}">
<header class="tape"><p>离线沙箱，非支付宝官方页面 <span lang="en">Offline sandbox, not an Alipay page</span></p></header>
<main class="${page.slip ? 'two' : 'one'}">
${page.step && stepList(page.step)}
${page.head}
${page.slip ? html`<div class="columns">${page.slip}<div>${page.body}</div></div>` : page.body}
</main>
<footer><p>沙箱时钟 ${formatBeijing(now)}（北京时间）</p></footer>
</body>
</html>`
}

// Nothing from outside is in the style, and any escaping would break the hash that the policy lets in.
const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`)

function stepList(current: Step): Html {
  const names = Object.keys(STEPS) as Step[]
  const at = names.indexOf(current)
  return html`<ol class="steps" aria-label="付款步骤">${names.map((name, index) =>
    index === at
      ? html`<li aria-current="step">${STEPS[name]}</li>`
      : html`<li${index < at ? html` class="past"` : undefined}>${STEPS[name]}</li>`,
  )}</ol>`
}

/** A heading with its small English line. */
export function heading(chinese: string, english: string): Html {
  return html`<h1>${chinese} <span lang="en">${english}</span></h1>`
}

/** A form of this checkout, with its CSRF token; `action` is the last part of the address. */
export function postForm(context: PageContext, action: string, fields: Html): Html {
  return html`<form method="post" action="/cashier/${context.view.id}/${action}">
<input type="hidden" name="csrf" value="${context.csrf}">
${fields}
</form>`
}

/** Something went wrong with what was just sent; read out at once by screen readers. */
export function alarm(chinese: string, english: string): Html {
  return html`<div class="alarm" id="alarm" role="alert"><p>${chinese} <span lang="en">${english}</span></p></div>`
}

export interface SlipRow {
  readonly name: string
  readonly value: Html
}

/** The slip that names payee, amount and whatever rows the step adds. The merchant's words are isolated from ours. */
export function slip(view: CheckoutView, rows: readonly SlipRow[]): Html {
  return html`<section class="slip" aria-label="付款信息">
<p class="payee">付给 <bdi>${view.payeeName}</bdi></p>
<p class="amount">￥${formatYuan(view.amountFen)}</p>
<dl>${rows.map((row) => html`<dt>${row.name}</dt><dd>${row.value}</dd>`)}</dl>
</section>`
}

export const subjectRow = (view: CheckoutView): SlipRow => ({ name: '商品', value: html`<bdi>${view.subject}</bdi>` })
export const numberRow = (view: CheckoutView): SlipRow => ({ name: '商户订单号', value: html`${view.outTradeNo}` })

/** Giving up is a POST, so that a prefetching browser or a picture in some page cannot do it. */
export function quitForm(context: PageContext): Html {
  return postForm(context, 'quit', html`<button class="bare">放弃付款，返回商户</button>`)
}

/** The way back to the merchant for a buyer who has not paid; nothing when the merchant gave no usable address. */
export function wayBack(href: string | undefined): Html | undefined {
  const safe = safeHref(href)
  return safe === undefined ? undefined : html`<a class="button" href="${safe}">返回商户</a>`
}
