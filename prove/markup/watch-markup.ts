import type { BrowserContext, Page } from 'playwright-core'

/** Elements that no page of ours holds, and what payloads mark. */
const STRANGE = '[ran], x-ran, iframe, frame, object, embed, base, math, marquee, meta[http-equiv]'

/** Written by the page itself whenever something ran or the policy kept it from running; part of what is looked for. */
const WORD = 'markup came alive'

/**
 * Lets every page of the context tell when a payload calls `ran()`, opens a dialog, or is stopped by the policy. What
 * happens is added to `traces`, which is empty as long as payloads are nothing but texts.
 */
export async function watchMarkup(context: BrowserContext, traces: string[]): Promise<void> {
  // As text: what compiles this file may wrap functions in names of its own that no browser knows.
  const content = `
    window.ran = () => console.error('${WORD}: it ran')
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error('${WORD}: ' + event.violatedDirective + ' stopped ' + event.blockedURI + ' ' + event.sample))`
  await context.addInitScript({ content })
  context.on('console', (message) => {
    if (message.text().startsWith(WORD)) traces.push(`${message.text()} at ${message.page()?.url()}`)
  })
  context.on('dialog', (dialog) => {
    traces.push(`a dialog says ${dialog.message()}`)
    void dialog.dismiss()
  })
}

/** What stands in the page that can only have come from a text: strange elements, handlers, addresses that run. */
export const strangeElements = (page: Page): Promise<string[]> =>
  page.evaluate((strange) => {
    const RUNS = /^(javascript|vbscript|data):/
    const found: string[] = []
    for (const element of document.querySelectorAll('*')) {
      const { localName } = element
      if (element.matches(strange)) found.push(`<${localName}>`)
      if (localName === 'script' && !element.matches('[src^="/assets/"], [type$="json"]')) found.push('<script>')
      for (const { name, value } of element.attributes) {
        if (name.startsWith('on')) found.push(`<${localName} ${name}>`)
        if (!/^(href|action|formaction|xlink:href|background)$/.test(name)) continue
        // As the browser reads it: white space and control characters inside do not count.
        const { protocol } = new URL(value, document.baseURI)
        if (RUNS.test(protocol)) found.push(`<${localName} ${name}=${protocol}>`)
      }
    }
    return found
  }, STRANGE)
