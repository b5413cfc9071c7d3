import type { BuiltWeb, Language, RenderedPage } from './built-web.ts'

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escapeHtml = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign)

/** For the attribute `lang` and the header of the same meaning. */
export const TAGS: Readonly<Record<Language, string>> = { zh: 'zh-CN', en: 'en' }

/** JSON for a script element: no `<` can end it, whatever people wrote. */
const inlineJson = (value: object): string => JSON.stringify(value).replaceAll('<', '\\u003c')

/** What a page may load and run: our files, and the style that stands in it. No script of its own, no other origin. */
export const pagePolicy = (web: Pick<BuiltWeb, 'cssHash'>): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'sha256-${web.cssHash}'`,
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

const FRAME_HEAD = `<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content">
<meta name="theme-color" content="#ff6666" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#171412" media="(prefers-color-scheme: dark)">
<meta name="format-detection" content="telephone=no">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="apple-touch-icon" href="/icon-180.png">
<link rel="manifest" href="/site.webmanifest">`

/** The whole document of a rendered page. */
export function pageHtml(
  web: BuiltWeb,
  page: RenderedPage,
  lang: Language,
  address: { readonly origin: string; readonly path: string },
) {
  const { head } = page
  const words = web.words[lang]
  const title = escapeHtml(page.title)
  const description = escapeHtml(page.description)
  const image = head.image ? `<meta property="og:image" content="${escapeHtml(address.origin + head.image)}">` : ''
  const preload = head.preload
    ? `<link rel="preload" as="image" type="image/avif" imagesrcset="${escapeHtml(head.preload.srcset)}" imagesizes="${escapeHtml(head.preload.sizes)}" fetchpriority="high">`
    : ''
  // A block of data: browsers run nothing of it, so the policy on scripts does not concern it.
  const facts = head.facts
    ? `<script type="application/ld+json">${inlineJson(head.facts(address.origin))}</script>`
    : ''
  const scripts = web
    .scriptsOf(page.source, lang)
    .map((file) => `<link rel="modulepreload" href="${file}" fetchpriority="low">`)
    .join('')
  return `<!doctype html>
<html lang="${TAGS[lang]}"><head>${FRAME_HEAD}
<title>${title}</title>
<meta name="description" content="${description}">
<meta property="og:type" content="website"><meta property="og:site_name" content="${escapeHtml(words.product)}">
<meta property="og:title" content="${title}"><meta property="og:description" content="${description}">
<meta property="og:url" content="${escapeHtml(address.origin + address.path)}">${image}
${facts}${preload}<style>${web.css}</style>
<script type="module" src="${web.script}" fetchpriority="low"></script>${scripts}
</head><body><div id="app">${page.html || `<noscript class="panel">${escapeHtml(words.noScript)}</noscript>`}</div><script type="application/json" id="state">${inlineJson(page.state)}</script></body></html>`
}

/** What stands when a page cannot be rendered: no script, nothing that could fail a second time. */
export function brokenHtml({ css, words: all }: BuiltWeb, lang: Language, requestId: string, tryAgain: string): string {
  const words = all[lang]
  return `<!doctype html>
<html lang="${TAGS[lang]}"><head>${FRAME_HEAD}
<title>${escapeHtml(words.brokenTitle)}</title><style>${css}</style>
</head><body><main class="panel"><h1 class="text-22">${escapeHtml(words.broken)}</h1>
<p class="quiet">${escapeHtml(words.brokenHint)}</p>
<p class="quiet">${escapeHtml(words.brokenNumber(requestId))}</p>
<a class="button" href="${escapeHtml(tryAgain)}">${escapeHtml(words.retry)}</a>
<a class="link" href="/">${escapeHtml(words.home)}</a></main></body></html>`
}
