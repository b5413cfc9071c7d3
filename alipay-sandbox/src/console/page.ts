import { createHash } from 'node:crypto'
import { Html, html } from '../cashier/html.ts'
import type { ClockView } from '../control/control.ts'
import { formatBeijing } from '../engine/beijing.ts'
import type { HttpAnswer } from '../wire/gateway.ts'
import { browserScript } from './browser-script.ts'
import { ICONS, MARK } from './icons.ts'
import { CONSOLE_STYLE } from './style.ts'

export type Language = 'zh' | 'en'

/** What became of the form that was sent before; shown once, above the page. */
export interface Notice {
  readonly good: boolean
  readonly text: string
  readonly link?: { readonly href: string; readonly text: string }
}

/** Everything of the visit, and nothing of the sandbox's state, that pages are drawn with. */
export interface Visit {
  readonly language: Language
  /** The words in the language of this visit. */
  say(zh: string, en: string): string
  readonly path: string
  readonly query: URLSearchParams
  /** By which name and port this browser reaches the sandbox. */
  readonly host: string
  /** Guards every form; the same for the life of the process. */
  readonly csrf: string
  readonly notice: Notice | undefined
}

export interface ConsolePage {
  readonly title: string
  /** The entry of the navigation that this page belongs to. */
  readonly place?: Place
  readonly body: Html
  readonly status?: number
}

/** The navigation, in its order. */
const PLACES = {
  start: { href: '/_sandbox/', zh: '开始', en: 'Start' },
  trades: { href: '/_sandbox/trades', zh: '交易', en: 'Trades' },
  notifies: { href: '/_sandbox/notifies', zh: '通知', en: 'Notifies' },
  requests: { href: '/_sandbox/requests', zh: '请求', en: 'Requests' },
  faults: { href: '/_sandbox/faults', zh: '故障', en: 'Faults' },
  accounts: { href: '/_sandbox/accounts', zh: '账户', en: 'Accounts' },
  bills: { href: '/_sandbox/bills', zh: '账单', en: 'Bills' },
  transfers: { href: '/_sandbox/transfers', zh: '转账', en: 'Transfers' },
  clock: { href: '/_sandbox/clock', zh: '时钟', en: 'Clock' },
  settings: { href: '/_sandbox/settings', zh: '设置', en: 'Settings' },
} as const
export type Place = keyof typeof PLACES

const SCRIPT = `(${browserScript.toString()})()\n`
const fingerprint = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12)
const ASSETS: ReadonlyMap<string, { readonly type: string; readonly text: string }> = new Map([
  [`/_sandbox/assets/${fingerprint(CONSOLE_STYLE)}.css`, { type: 'text/css; charset=utf-8', text: CONSOLE_STYLE }],
  [`/_sandbox/assets/${fingerprint(SCRIPT)}.js`, { type: 'text/javascript; charset=utf-8', text: SCRIPT }],
  ['/_sandbox/assets/icon.svg', { type: 'image/svg+xml', text: MARK }],
])
const [STYLE_HREF = '', SCRIPT_HREF = ''] = ASSETS.keys()

/** Everything comes from here, nothing runs but the one script, and no other page may frame this one. */
const GUARDS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
} as const

export function assetAnswer(path: string): HttpAnswer | undefined {
  const asset = ASSETS.get(path)
  const forEver = path.endsWith('.svg') ? {} : { 'cache-control': 'public, max-age=31536000, immutable' }
  return asset && { status: 200, headers: { ...GUARDS, ...forEver, 'content-type': asset.type }, body: asset.text }
}

export function seeOther(location: string, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return { status: 303, headers: { ...GUARDS, ...headers, location }, body: '' }
}

/** A whole answer around a page; without a clock (before the token was given) there is no navigation either. */
export function pageAnswer(page: ConsolePage, visit: Visit, clock: ClockView | undefined): HttpAnswer {
  return {
    status: page.status ?? 200,
    headers: { ...GUARDS, 'content-type': 'text/html; charset=utf-8', 'content-language': htmlLanguage(visit) },
    body: `<!doctype html>\n${document(page, visit, clock).markup}\n`,
  }
}

const htmlLanguage = ({ language }: Visit) => (language === 'zh' ? 'zh-CN' : 'en')

function document(page: ConsolePage, visit: Visit, clock: ClockView | undefined): Html {
  const { say } = visit
  return html`<html lang="${htmlLanguage(visit)}" class="no-script">
<head>
<meta charset="utf-8">
<title>${page.title} · alipay-sandbox</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="alipay-sandbox, an offline test gateway; not Alipay">
<meta name="robots" content="noindex, nofollow">
<meta name="theme-color" content="#ffd60a">
<link rel="icon" href="/_sandbox/assets/icon.svg">
<link rel="stylesheet" href="${STYLE_HREF}">
<script src="${SCRIPT_HREF}" defer></script>
</head>
<body data-copied="${say('已复制', 'Copied')}">
<a class="skip" href="#main">${say('跳到内容', 'Skip to content')}</a>
<div class="tape"><p>离线沙箱，非支付宝官方页面 <span lang="en">Offline sandbox, not an Alipay page</span></p></div>
<div class="frame">
<header class="side">
<div class="brand"><a href="/_sandbox/">${MARK_ELEMENT}<span class="mono">alipay-sandbox</span></a></div>
${clock ? navigation(page, visit) : undefined}
${languageSwitch(visit)}
</header>
<div class="body">
${clock ? clockBar(clock, visit) : undefined}
<main id="main" tabindex="-1">
${visit.notice ? noticeBox(visit.notice) : undefined}
${page.body}
</main>
<footer><p>${say('与支付宝、蚂蚁集团没有任何关系。里面的钱都是假的。', 'Not affiliated with Alipay or Ant Group. The money in it is not real.')} <a href="/_sandbox/api/v1/openapi.json">OpenAPI</a></p></footer>
</div>
</div>
</body>
</html>`
}

const MARK_ELEMENT = new Html(MARK.replace('<svg ', '<svg aria-hidden="true" '))

function languageSwitch({ language, path, query }: Visit): Html {
  const other = language === 'zh' ? 'en' : 'zh'
  const rest = new URLSearchParams(query)
  rest.delete('said')
  rest.set('language', other)
  const [label, lang] = other === 'en' ? ['English', 'en'] : ['中文', 'zh-CN']
  return html`<a class="tongue" href="${path}?${rest.toString()}" lang="${lang}" hreflang="${lang}">${label}</a>`
}

function navigation(page: ConsolePage, { say }: Visit): Html {
  return html`<nav aria-label="${say('主导航', 'Main')}"><ul>${Object.entries(PLACES).map(
    ([name, { href, zh, en }]) =>
      html`<li><a href="${href}"${name === page.place ? html` aria-current="page"` : undefined}>${new Html(ICONS[name as Place])}${say(zh, en)}</a></li>`,
  )}</ul></nav>`
}

const noticeBox = ({ good, text, link }: Notice): Html =>
  html`<div class="${good ? 'said' : 'said bad'}" role="${good ? 'status' : 'alert'}"><p>${text}${
    link && html` <a href="${link.href}">${link.text}</a>`
  }</p></div>`

/** Time stands on every page, because moving it is what one comes back for. */
function clockBar(clock: ClockView, visit: Visit): Html {
  const { say } = visit
  const jump = (value: string, zh: string, en: string) =>
    html`<button class="second small" name="jump" value="${value}">${say(zh, en)}</button>`
  return html`<section class="clock" aria-label="${say('沙箱时钟', 'Sandbox clock')}">
<p class="time" id="time" data-live data-rate="${clock.rate}">${say('沙箱时钟（北京时间）', 'Sandbox clock (Beijing)')} · ${rateText(clock, visit)}<time datetime="${clock.now.toISOString()}">${formatBeijing(clock.now)}</time></p>
${postForm(
  visit,
  'clock',
  html`${jump('10m', '+10 分', '+10 min')}${jump('1h', '+1 时', '+1 h')}${jump('1d', '+1 天', '+1 d')}${jump('25h', '+25 时', '+25 h')}${jump('next', '下一事件', 'Next event')}${
    clock.rate === 0 ? jump('run', '继续走', 'Run') : jump('freeze', '停住', 'Freeze')
  }`,
)}
</section>`
}

export function rateText({ rate }: ClockView, { say }: Visit): string {
  if (rate === 0) return say('已停住', 'frozen')
  return rate === 1 ? say('正常速度', 'normal speed') : say(`${rate} 倍速`, `${rate} × speed`)
}

/** A form that changes something; `action` names what. It comes back to the page it stands on unless `back` says where. */
export function postForm(
  visit: Visit,
  action: string,
  fields: Html,
  more: { back?: string; label?: string } = {},
): Html {
  const kept = new URLSearchParams(visit.query)
  kept.delete('said')
  const back = more.back ?? `${visit.path}${kept.size > 0 ? `?${kept}` : ''}`
  return html`<form method="post" action="/_sandbox/do/${action}"${more.label === undefined ? undefined : html` aria-label="${more.label}"`}>
<input type="hidden" name="csrf" value="${visit.csrf}"><input type="hidden" name="back" value="${back}">
${fields}</form>`
}
