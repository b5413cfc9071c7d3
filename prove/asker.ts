import { setTimeout as pause } from 'node:timers/promises'

/** An answer as it came, for goals that look at what the typed client hides: pages, files, headers, refusals. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The name of the refusal; undefined where there is none, or no envelope. */
  readonly problem: string | undefined
}

export interface Wish {
  readonly json?: unknown
  readonly form?: string
  readonly parts?: FormData
  readonly headers?: Readonly<Record<string, string>>
}

/** Somebody with a cookie jar who can send anything at all. */
export interface Asker {
  readonly cookies: Map<string, string>
  /** `path` from the root of the site. Asks again later when the shop says that it is overloaded. */
  ask(method: string, path: string, wish?: Wish): Promise<Answer>
}

export const API = '/api/v1.0'

/** `csrfCookie` names the cookie whose value is shown as the token; operators have one of their own. */
export function newAsker(originOf: () => string, csrfCookie = 'csrf_token'): Asker {
  const cookies = new Map<string, string>()
  const ask: Asker['ask'] = async (method, path, wish) => {
    for (;;) {
      const answer = await once(method, path, wish)
      if (answer.problem !== 'overloaded') return answer
      await pause(Number(answer.headers.get('retry-after') ?? 1) * 1_000)
    }
  }
  const once: Asker['ask'] = async (method, path, { json, form, parts, headers } = {}) => {
    const answer = await fetch(originOf() + path, {
      method,
      redirect: 'manual',
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'x-csrftoken': cookies.get(csrfCookie) ?? '',
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(method === 'GET' ? {} : { body: parts ?? form ?? (json === undefined ? null : JSON.stringify(json)) }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const cut = pair.indexOf('=')
      const value = pair.slice(cut + 1)
      if (value === '' || /max-age=0/i.test(line)) cookies.delete(pair.slice(0, cut))
      else cookies.set(pair.slice(0, cut), value)
    }
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, text, problem: problemIn(text) }
  }
  return { cookies, ask }
}

function problemIn(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined
  const { problem } = JSON.parse(text) as { problem?: unknown }
  return typeof problem === 'string' ? problem : undefined
}

/** What the answer holds, for a caller who cannot go on without. Throws when it is a refusal. */
export function dataOf<Data>(answer: Answer): Data {
  if (answer.status >= 300) throw new Error(`refused with ${answer.status}: ${answer.text.slice(0, 300)}`)
  return (JSON.parse(answer.text) as { data: Data }).data
}
