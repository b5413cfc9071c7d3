/** One request as a browser makes it, whatever carries it. */
export interface BrowserRequest {
  readonly method: string
  /** With its query; starts with a slash. */
  readonly path: string
  readonly cookies: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
  readonly form: URLSearchParams
}

export interface BrowserPage {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Where the page was found, with its query. */
  readonly at: string
}

export interface PageForm {
  readonly action: string
  readonly fields: URLSearchParams
}

export interface ScriptlessBrowser {
  readonly cookies: Record<string, string>
  page(): BrowserPage
  /** One request without following anything. */
  send(
    method: string,
    path: string,
    form?: URLSearchParams,
    headers?: Readonly<Record<string, string>>,
  ): Promise<BrowserPage>
  open(path: string): Promise<BrowserPage>
  /** The first form on the page whose action ends in `action`, with the values the page gave it. */
  form(action: string): PageForm
  /** Fills `fields` into that form, sends it and follows. */
  submit(
    action: string,
    fields?: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<BrowserPage>
}

/** A browser with JavaScript off, for tests: keeps cookies, reads forms from the page, follows redirects. */
export function scriptlessBrowser(
  carry: (request: BrowserRequest) => Promise<Omit<BrowserPage, 'at'>>,
): ScriptlessBrowser {
  const cookies: Record<string, string> = {}
  let page: BrowserPage = { status: 0, headers: {}, body: '', at: '' }

  async function send(
    method: string,
    path: string,
    form = new URLSearchParams(),
    headers: Readonly<Record<string, string>> = {},
  ): Promise<BrowserPage> {
    const answer = await carry({ method, path, cookies, headers, form })
    const [, name, value] = /^(\w+)=(\w+);/.exec(answer.headers['set-cookie'] ?? '') ?? []
    if (name && value) cookies[name] = value
    page = { ...answer, at: path }
    return page
  }

  async function follow(): Promise<BrowserPage> {
    while (page.status === 302 || page.status === 303) await send('GET', page.headers.location ?? '')
    return page
  }

  const form = (action: string) => formIn(page.body, action)

  return {
    cookies,
    page: () => page,
    send,
    async open(path) {
      await send('GET', path)
      return follow()
    },
    form,
    async submit(action, fields = {}, headers = {}) {
      const filled = form(action)
      for (const [name, value] of Object.entries(fields)) filled.fields.set(name, value)
      await send('POST', filled.action, filled.fields, headers)
      return follow()
    },
  }
}

function formIn(body: string, action: string): PageForm {
  const found = [...body.matchAll(/<form method="post" action="([^"]+)">([\s\S]*?)<\/form>/g)].find((match) =>
    match[1]?.endsWith(`/${action}`),
  )
  if (!found) throw new Error(`no form ${action} on this page:\n${body.slice(body.indexOf('<main'))}`)
  const fields = new URLSearchParams()
  for (const [tag] of (found[2] ?? '').matchAll(/<input[^>]*>/g)) {
    const name = /name="([^"]+)"/.exec(tag)?.[1]
    if (name) fields.set(name, /value="([^"]*)"/.exec(tag)?.[1] ?? '')
  }
  return { action: found[1] ?? '', fields }
}
