/**
 * Markup that is safe to send, so that a plain string can never pass for it. {@link html} makes it; calling the
 * constructor is for markup that holds no value at all from outside.
 */
export class Html {
  readonly #markup: string

  constructor(markup: string) {
    this.#markup = markup
  }

  get markup(): string {
    return this.#markup
  }
}

export type HtmlValue = string | number | Html | readonly Html[] | undefined

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/**
 * Builds markup from a template and escapes every value, for text and for quoted attributes alike.
 *
 * Only what this function returned goes in unescaped; `undefined` gives nothing. It knows no addresses: what stands in
 * an `href` has to come from {@link safeHref}.
 */
export function html(template: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const markup = template.reduce((built, piece, index) => built + written(values[index - 1]) + piece)
  return new Html(markup)
}

function written(value: HtmlValue): string {
  if (value === undefined) return ''
  if (value instanceof Html) return value.markup
  if (typeof value === 'object') return value.map(written).join('')
  return escapeText(String(value))
}

// A merchant may send control characters; in a page they would be drawn as nothing or upset the parser.
function escapeText(text: string): string {
  return text.replace(/[^\P{Cc}\t\n\r]/gu, '\ufffd').replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}

/**
 * An address of the merchant that a link or a `Refresh` header may carry: http or https, printable ASCII, otherwise
 * unchanged. A signed return address is ASCII already and passes byte for byte; `javascript:` and the like give nothing.
 */
export function safeHref(href: string | undefined): string | undefined {
  if (href === undefined || !/^https?:\/\//i.test(href) || !URL.canParse(href)) return undefined
  if (/\p{Cs}/u.test(href)) return undefined // half a character cannot be encoded
  return href.replace(/[^\x21-\x7e]+/gu, (raw) => encodeURIComponent(raw))
}
