import { BILL_TYPES } from '../bills/bill.ts'
import { html } from '../cashier/html.ts'
import type { Control } from '../control/control.ts'
import type { MerchantFile } from '../merchant-files.ts'
import { parseCookies } from '../wire/cookies.ts'
import type { HttpAnswer } from '../wire/gateway.ts'
import type { ControlRequest, HttpStream } from '../wire/http-server.ts'
import { consoleAccess } from './access.ts'
import { ACTIONS, refusalText } from './actions.ts'
import { ownPath } from './form-input.ts'
import { assetAnswer, type Language, type Notice, pageAnswer, postForm, seeOther, type Visit } from './page.ts'
import { isPeriod } from './pages/bills-page.ts'
import { findPage } from './pages.ts'
import type { TestShop } from './test-shop.ts'
import { field } from './words.ts'

/** What a merchant needs to know of a running sandbox; known once it listens. */
export interface ConsoleFacts {
  readonly endpoint: string
  readonly gatewayUrl: string
  readonly appId: string
  readonly sellerId: string
  readonly alipayPublicKey: string
  /** Absent in memory: then the keys are nowhere but in the process. */
  readonly files: MerchantFile | undefined
  readonly allowReset: boolean
}

export interface ConsoleParts {
  readonly control: Control
  readonly shop: TestShop
  readonly facts: () => ConsoleFacts
  readonly token?: string
  /** Whether the Host of a request is one that this sandbox is reached by. */
  readonly isOurHost: (host: string | undefined) => boolean
}

export interface Console {
  /** Answers everything below `/_sandbox` but the control API. */
  handle(request: ControlRequest): Promise<HttpAnswer | HttpStream>
}

const LANGUAGE_COOKIE = 'sandbox_language'
const NOTICES_KEPT = 100
const HEARTBEAT_MS = 15_000

/** The pages a developer keeps open beside the editor. They work without JavaScript, and change things by forms only. */
export function createConsole(parts: ConsoleParts): Console {
  const access = consoleAccess(parts.token)
  const notices = new Map<string, Notice>()
  let serial = 0

  /** Keeps a notice for the page that the browser is sent to. */
  function remember(notice: Notice): string {
    serial += 1
    const id = String(serial)
    notices.set(id, notice)
    if (notices.size > NOTICES_KEPT) notices.delete(notices.keys().next().value ?? '')
    return id
  }

  function visitOf({ path, query, headers }: ControlRequest): Visit {
    const language = languageOf(headers)
    return {
      language,
      say: (zh, en) => (language === 'zh' ? zh : en),
      path,
      query,
      host: headers.host ?? '',
      csrf: access.csrf,
      notice: notices.get(query.get('said') ?? ''),
    }
  }

  async function show(request: ControlRequest): Promise<HttpAnswer> {
    const chosen = request.query.get('language')
    if (chosen === 'zh' || chosen === 'en') {
      const rest = new URLSearchParams(request.query)
      rest.delete('language')
      return seeOther(`${request.path}${rest.size > 0 ? `?${rest}` : ''}`, {
        'set-cookie': `${LANGUAGE_COOKIE}=${chosen}; Path=/_sandbox; Max-Age=31536000; HttpOnly; SameSite=Lax`,
      })
    }
    const visit = visitOf(request)
    const context = { visit, control: parts.control, facts: parts.facts(), shop: parts.shop }
    return pageAnswer(await findPage(context), visit, parts.control.clock())
  }

  async function act(request: ControlRequest, name: string): Promise<HttpAnswer> {
    const visit = visitOf(request)
    const { say } = visit
    const form = new URLSearchParams(request.body.toString('utf8'))
    const back = ownPath(form)
    if (!access.isOwnForm(request, form)) {
      const title = say('页面已过期', 'This page is out of date')
      const body = html`<h1>${title}</h1><p>${say('什么都没有改变。请重新打开页面再试。', 'Nothing was changed. Open the page again and retry.')}</p><p><a class="button" href="${back}">${say('重新打开', 'Open again')}</a></p>`
      return pageAnswer({ title, body, status: 403 }, visit, undefined)
    }
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
    if (!action) return notFound(visit)
    try {
      const facts = parts.facts()
      const origin = request.headers.origin ?? facts.endpoint
      const done = await action({ control: parts.control, shop: parts.shop, facts, form, visit, origin })
      if ('to' in done) return seeOther(done.to)
      return seeOther(withNotice(done.back ?? back, remember({ good: true, ...done })))
    } catch (error) {
      const text = refusalText(error, visit)
      if (text === undefined) throw error
      return seeOther(withNotice(back, remember({ good: false, text })))
    }
  }

  function askForToken(request: ControlRequest): HttpAnswer {
    // What was said to those who are in is not for those who are not.
    const visit = { ...visitOf(request), notice: undefined }
    const { say } = visit
    const form = new URLSearchParams(request.body.toString('utf8'))
    const given = request.query.get('token') ?? (request.path === '/_sandbox/do/enter' ? form.get('token') : null)
    const cookie = given === null ? undefined : access.enter(given.trim())
    if (cookie !== undefined) return seeOther('/_sandbox/', { 'set-cookie': cookie })
    const title = say('请输入令牌', 'Enter the token')
    const body = html`<h1>${title}</h1>
<p class="lead">${say('这个沙箱能从别的机器访问，所以要先出示启动时打印的令牌。', 'This sandbox can be reached from other machines, so it asks for the token that its start printed.')}</p>
${given === null ? undefined : html`<div class="said bad" role="alert"><p>${say('令牌不对。', 'That is not the token.')}</p></div>`}
<div class="card">${postForm(
      visit,
      'enter',
      html`${field('token', say('令牌', 'Token'), html`<input id="token" name="token" type="password" autocomplete="off" required>`)}<button>${say('进入', 'Enter')}</button>`,
    )}</div>`
    return pageAnswer({ title, body, status: 401 }, visit, undefined)
  }

  return {
    async handle(request) {
      const { method, path, headers } = request
      if (!parts.isOurHost(headers.host)) return plain(403, 'this Host is not served here')
      const asset = assetAnswer(path)
      if (asset) return asset
      // The sandbox itself is the sender here, and knows no token.
      if (method === 'POST' && path.startsWith('/_sandbox/shop/')) return parts.shop.receive(path, request.body)
      if (!access.isIn(headers)) return askForToken(request)
      // The address from the start print, opened once more: a token does not belong into the history of a browser.
      if (request.query.has('token')) return seeOther('/_sandbox/')
      if (path === '/_sandbox') return seeOther('/_sandbox/')
      if (path === '/_sandbox/live' && method === 'GET') return liveStream(parts.control)
      if (path === '/_sandbox/bill.zip' && method === 'GET') return billAnswer(parts.control, request.query)
      if (method === 'GET' || method === 'HEAD') return show(request)
      if (method === 'POST' && path.startsWith('/_sandbox/do/')) return act(request, path.slice('/_sandbox/do/'.length))
      return plain(405, 'method not allowed')
    },
  }

  function notFound(visit: Visit): HttpAnswer {
    const title = visit.say('没有这个页面', 'No such page')
    return pageAnswer({ title, body: html`<h1>${title}</h1>`, status: 404 }, visit, parts.control.clock())
  }
}

/** The file that a merchant would get, also before it is ready. */
async function billAnswer(control: Control, query: URLSearchParams): Promise<HttpAnswer> {
  const date = query.get('date') ?? ''
  if (!isPeriod(date)) return plain(404, 'no such bill')
  const type = BILL_TYPES.find((one) => one === query.get('type')) ?? 'trade'
  const { name, bytes } = await control.billFile({ date, type })
  const headers = {
    'content-type': 'application/zip',
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  }
  return { status: 200, headers, body: bytes }
}

/** Tells open pages that something happened, and no more: they ask for themselves again. */
function liveStream(control: Control): HttpStream {
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' },
    stream(write) {
      write('retry: 1000\n\n')
      const { stop } = control.watch(undefined, ({ type }) => write(`data: ${type}\n\n`))
      const heartbeat = setInterval(() => write(': still here\n\n'), HEARTBEAT_MS)
      heartbeat.unref()
      return () => {
        clearInterval(heartbeat)
        stop()
      }
    },
  }
}

/** The cookie first, then what the browser prefers; Chinese when it says nothing of either. */
function languageOf(headers: ControlRequest['headers']): Language {
  const kept = parseCookies(headers.cookie)[LANGUAGE_COOKIE]
  if (kept === 'zh' || kept === 'en') return kept
  const wanted = (headers['accept-language'] ?? '').split(',').map((one) => one.trim().slice(0, 2).toLowerCase())
  return wanted.find((one): one is Language => one === 'zh' || one === 'en') ?? 'zh'
}

function withNotice(path: string, id: string): string {
  const [place = '', hash] = path.split('#')
  return `${place}${place.includes('?') ? '&' : '?'}said=${id}${hash === undefined ? '' : `#${hash}`}`
}

const plain = (status: number, text: string): HttpAnswer => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: `${text}\n`,
})
