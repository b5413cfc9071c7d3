import { openBrowser, openPhone, type Phone } from '@ihome/e2e/phone'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { FIELDS, unknownColumns } from './fields.ts'
import { PAYLOADS, type Payload, type Place } from './payloads.ts'
import { supplyFor } from './plant.ts'
import { strangeElements, watchMarkup } from './watch-markup.ts'

const ORIGIN = 'http://scratch.invalid'
/** That of the pages, without what they need for themselves. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'"

/** A page that puts the text where it does harm, as a program would that forgets to escape. */
const CARELESS: Readonly<Record<Place, (text: string) => string>> = {
  element: (text) => `<p>${text}</p>`,
  value: (text) => `<input value="${text}"><input value='${text}'>`,
  address: (text) => `<a href="${text}">x</a>`,
  decoded: (text) => `<p>${text.replace(/&lt;|&#0*60;|&#x3c;/gi, '<').replace(/&gt;|&#0*62;|&#x3e;/gi, '>')}</p>`,
  comment: (text) => `<!-- ${text} -->`,
  script: (text) => `<script type="application/ld+json">{"name":"${text}"}</script>`,
  style: (text) => `<style>p{color:${text}}</style>`,
  title: (text) => `<title>${text}</title>`,
  textarea: (text) => `<textarea>${text}</textarea>`,
}
const SIGNS: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => SIGNS[sign] ?? sign)

let browser: Browser
let phone: Phone
let html = ''
let headers: Record<string, string> = {}

beforeAll(async () => {
  browser = await openBrowser()
  phone = await openPhone(browser, { origins: [ORIGIN] })
  await watchMarkup(phone.context, phone.faults)
  await phone.context.route('**/*', (route) =>
    route.request().isNavigationRequest() && route.request().frame() === phone.page.mainFrame()
      ? route.fulfill({ contentType: 'text/html; charset=utf-8', headers, body: `<!doctype html>${html}` })
      : route.fulfill({ status: 404, body: '' }),
  )
}, 60_000)

afterEach(() => {
  phone.faults.length = 0
})

afterAll(() => browser?.close())

/** What the watch says of this document. */
async function tracesOf(body: string, policy: string | undefined): Promise<string[]> {
  html = body
  headers = policy === undefined ? {} : { 'content-security-policy': policy }
  await phone.page.goto(`${ORIGIN}/`, { waitUntil: 'domcontentloaded' })
  return [...(await strangeElements(phone.page)), ...phone.faults.splice(0)]
}

const named = ({ place, text }: Payload) => `${place}: ${text}`

describe('G34 the watch', () => {
  test('sees every payload where somebody forgot to escape, although the policy stops it', async () => {
    const missed: string[] = []
    for (const payload of PAYLOADS) {
      const traces = await tracesOf(CARELESS[payload.place](payload.text), POLICY)
      if (traces.length === 0) missed.push(named(payload))
    }
    expect(missed).toEqual([])
  }, 120_000)

  test('sees nothing where every text is escaped', async () => {
    const texts = PAYLOADS.map(({ text }) => escaped(text))
    const page = texts.map((text) => `<p title="${text}">${text}</p><textarea>${text}</textarea>`).join('')
    expect(await tracesOf(`<title>${texts.join()}</title>${page}`, POLICY)).toEqual([])
  })

  test.each([
    ['a handler', '<img src=x onerror=ran()>', /it ran/],
    ['a script', '<script>ran()</script>', /it ran/],
    ['a dialog', '<script>alert("here")</script>', /a dialog says here/],
    ['a request to somebody else', '<img src=//evil.invalid/x.png>', /request to http:\/\/evil\.invalid/],
  ])('hears of %s that runs', async (_case, text, trace) => {
    html = `<p>${text}</p>`
    headers = {}
    await phone.page.goto(`${ORIGIN}/`)
    await expect.poll(() => phone.faults.join('\n')).toMatch(trace)
  })

  test('sees what a script puts into the page as markup', async () => {
    await tracesOf('<p></p>', undefined)
    await phone.page.evaluate(() => document.querySelector('p')?.insertAdjacentHTML('beforeend', '<b onclick=ran()>'))
    expect(await strangeElements(phone.page)).toEqual(['<b onclick>'])
  })
})

describe('G34 the payloads', () => {
  test('are many, each once', () => {
    expect(PAYLOADS.length).toBeGreaterThanOrEqual(200)
    expect(new Set(PAYLOADS.map(({ text }) => text)).size).toBe(PAYLOADS.length)
  })

  test('fit into every field by the hundred, alone or several together', () => {
    const joined = (longest: number) => supplyFor(longest, 0).texts.join(' ')
    for (const { table, column, longest } of FIELDS) {
      const fitting = PAYLOADS.filter(({ text }) => text.trim().length <= longest)
      expect(fitting.length, `${table}.${column}`).toBeGreaterThanOrEqual(longest < 30 ? 100 : 200)
      for (const { text } of fitting) expect(joined(longest)).toContain(text.trim())
      for (const text of supplyFor(longest, 0).texts) expect(text.length).toBeLessThanOrEqual(longest)
    }
  })

  test('a column that nobody has thought of is a hole in the proof', () => {
    expect(unknownColumns([{ table: 'houses', column: 'title' }])).toEqual([])
    expect(unknownColumns([{ table: 'houses', column: 'motto' }])).toEqual(['houses.motto'])
  })
})
