import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { parseYuan } from '../engine/money.ts'
import { confirmPage } from './pages/confirm-page.ts'
import { iconResponse, type Page, type PageContext, pageResponse, readNotice, redirectTo } from './pages/layout.ts'
import { loginPage, switchAccountPage } from './pages/login-page.ts'
import { appPage, passwordPage } from './pages/password-page.ts'
import { forgeryPage, notFoundPage, refusalPage } from './pages/refusal-page.ts'
import { resultPage } from './pages/result-page.ts'
import { scanPage } from './pages/scan-page.ts'
import { topUpPage } from './pages/top-up-page.ts'
import type { CashierOutcome, CashierPort, CashierRequest, CashierResponse, CheckoutView, PaidVia } from './port.ts'

export interface CashierOptions {
  /** Keys the CSRF tokens. A new one at every start only makes open pages ask to be reloaded. */
  readonly csrfSecret: string | Uint8Array
  /** The value of a new browser's cookie, 32 hexadecimal digits; random unless a test says otherwise. */
  readonly newCookie?: () => string
}

export interface Cashier {
  /** Answers everything below `/cashier/`. It never throws for anything a browser can send. */
  handle(request: CashierRequest): Promise<CashierResponse>
  /** A page for a number that may not be opened (SBX-20): `text` in Chinese, 返回商户 to `returnHref`. */
  renderRefusal(code: string, text: string, returnHref?: string): CashierResponse
}

const COOKIE = 'sandbox_cashier'
const TOP_UP_MAX_FEN = 10_000_000_000

/** The pages each state allows; the first is where everything else is sent. */
const PAGES_OF_STATE: Readonly<Record<CheckoutView['state'], readonly string[]>> = {
  login: ['login'],
  confirm: ['confirm', 'password', 'app', 'top-up', 'account'],
  paid: ['result'],
  quit: ['result'],
  expired: ['result'],
  closed: ['result'],
}

/**
 * The browser side of a payment: pages and forms that work without JavaScript, drawn from the port and from nothing
 * else. Every POST is answered by a redirect, and every GET shows the step the state allows.
 */
export function createCashier(port: CashierPort, options: CashierOptions): Cashier {
  const newCookie = options.newCookie ?? (() => randomBytes(16).toString('hex'))

  function respond(status: number, page: Page, view?: CheckoutView, headers: Readonly<Record<string, string>> = {}) {
    return pageResponse(status, page, { now: port.now(), product: view?.product ?? 'wap' }, headers)
  }

  function tokenFor(cookie: string, id: string): string {
    return createHmac('sha256', options.csrfSecret).update(`${cookie} ${id}`).digest('base64url')
  }

  async function show(view: CheckoutView, step: string, request: CashierRequest): Promise<CashierResponse> {
    if (view.qrPayMode && step === 'phone') return redirectTo(address(view, PAGES_OF_STATE[view.state][0]))
    if (view.qrPayMode && step === 'scan') {
      const framed = request.headers['sec-fetch-dest'] === 'iframe'
      return respond(200, await scanPage(view, request.origin, framed), view)
    }
    if (!PAGES_OF_STATE[view.state].includes(step)) return redirectTo(address(view))
    const known = knownCookie(request)
    const cookie = known ?? newCookie()
    const context: PageContext = {
      view,
      csrf: tokenFor(cookie, view.id),
      notice: readNotice(request.query.get('notice')),
      stay: request.query.get('stay') === '1',
    }
    // A browser arrives from the merchant's site and then sends no Strict cookie, even if it has one: so the page that
    // holds the form sets it. One per checkout, lest a second payment spoil the forms of the first.
    const setCookie: Record<string, string> = known
      ? {}
      : { 'set-cookie': `${COOKIE}=${cookie}; Path=/cashier/${view.id}; HttpOnly; SameSite=Strict` }
    return respond(200, pageOf(context, step), view, setCookie)
  }

  function pageOf(context: PageContext, step: string): Page {
    const { buyer } = context.view
    if (step === 'result') return resultPage(context)
    if (step === 'login' || buyer === undefined) return loginPage(context, port.demoBuyers())
    switch (step) {
      case 'password':
        return passwordPage(context)
      case 'app':
        return appPage(context)
      case 'top-up':
        return topUpPage(context, buyer)
      case 'account':
        return switchAccountPage(context, port.demoBuyers())
      default:
        return confirmPage(context, buyer)
    }
  }

  function isOurs(request: CashierRequest, id: string): boolean {
    if (comesFromElsewhere(request)) return false
    const cookie = knownCookie(request)
    const token = Buffer.from(request.form.get('csrf') ?? '')
    const expected = cookie === undefined ? undefined : Buffer.from(tokenFor(cookie, id))
    return expected !== undefined && token.length === expected.length && timingSafeEqual(token, expected)
  }

  async function act(view: CheckoutView, action: string, request: CashierRequest): Promise<CashierResponse> {
    const { form } = request
    const inConfirm = view.state === 'confirm'
    switch (action) {
      case 'login':
        return PAGES_OF_STATE[view.state].includes('login') || inConfirm
          ? answer(
              view,
              await port.login(view.id, field(form, 'account').trim(), field(form, 'login_password')),
              'login',
            )
          : redirectTo(address(view))
      case 'confirm':
        return inConfirm ? answer(view, await port.confirm(view.id), 'confirm', 'password') : redirectTo(address(view))
      case 'pay':
        return inConfirm ? pay(view, form) : redirectTo(address(view))
      case 'top-up':
        return inConfirm ? topUp(view, form) : redirectTo(address(view))
      case 'quit':
        return answer(view, await port.quit(view.id), 'confirm')
      default:
        return respond(404, notFoundPage())
    }
  }

  async function pay(view: CheckoutView, form: URLSearchParams): Promise<CashierResponse> {
    const step = form.get('from') === 'app' ? 'app' : 'password'
    const password = field(form, 'pay_password').trim()
    if (!/^\d{6}$/.test(password)) return redirectTo(address(view, step, 'six_digits'))
    // A form that was drawn before the last wrong try is a double tap or a second tab: it may not cost a try more.
    if (form.get('tries') !== String(view.triesLeft)) return redirectTo(address(view, step, 'stale'))
    return answer(view, await port.pay(view.id, password, readVia(form.get('via'))), step)
  }

  async function topUp(view: CheckoutView, form: URLSearchParams): Promise<CashierResponse> {
    const amountFen = parseYuan(field(form, 'amount').trim()) ?? 0
    if (amountFen < 1 || amountFen > TOP_UP_MAX_FEN) return redirectTo(address(view, 'top-up', 'amount_unclear'))
    // The balance the form was drawn with: a second tap finds another one and adds nothing.
    if (form.get('balance') !== String(view.buyer?.balanceFen)) return redirectTo(address(view))
    return answer(view, await port.topUp(view.id, amountFen), 'top-up')
  }

  /** Where an outcome leads: always to a page that can be reloaded without sending anything again. */
  function answer(view: CheckoutView, outcome: CashierOutcome, step: string, next?: string): CashierResponse {
    switch (outcome.kind) {
      case 'ok':
        return redirectTo(address(outcome.checkout, next))
      case 'wrong_login':
        return redirectTo(address(view, view.state === 'confirm' ? 'account' : 'login', 'wrong_login'))
      case 'wrong_password':
        return redirectTo(address(view, step, 'wrong_password'))
      case 'locked':
        return redirectTo(address(view, step))
      case 'balance_short':
        return redirectTo(address(view, 'confirm', 'balance_short'))
      case 'expired':
        return redirectTo(address(view, 'result'))
      case 'refused':
        return respond(409, refusalPage(outcome.code, outcome.text, outcome.returnHref ?? view.quitHref, view.id), view)
      case 'not_found':
        return respond(404, notFoundPage())
    }
  }

  return {
    async handle(request) {
      if (request.path === '/cashier/icon.svg') return iconResponse()
      const match = /^\/cashier\/([0-9A-Za-z_-]{1,128})(?:\/([a-z-]{1,20}))?$/.exec(request.path)
      const view = match?.[1] === undefined ? undefined : port.view(match[1])
      if (view === undefined) return respond(404, notFoundPage())
      const step = match?.[2] ?? ''
      if (request.method === 'GET' || request.method === 'HEAD') return show(view, step, request)
      if (request.method !== 'POST') return respond(405, notFoundPage(), view, { allow: 'GET, HEAD, POST' })
      return isOurs(request, view.id) ? act(view, step, request) : respond(403, forgeryPage(view.id), view)
    },
    renderRefusal: (code, text, returnHref) => respond(200, refusalPage(code, text, returnHref)),
  }
}

/** The address of a step this state allows, else of the state's own step. */
function address(view: CheckoutView, step?: string, notice?: string): string {
  const pages = PAGES_OF_STATE[view.state]
  // A merchant who asked for a QR code has a frame open for it, and the login is a step aside.
  const first = view.qrPayMode && view.state === 'login' ? 'scan' : pages[0]
  const page = step !== undefined && (pages.includes(step) || step === 'result') ? step : first
  return `/cashier/${view.id}/${page}${notice === undefined ? '' : `?notice=${notice}`}`
}

const field = (form: URLSearchParams, name: string): string => form.get(name) ?? ''

const readVia = (text: string | null): PaidVia => (text === 'app_ios' || text === 'app_android' ? text : 'browser')

function knownCookie(request: CashierRequest): string | undefined {
  const cookie = request.cookies[COOKIE]
  return cookie !== undefined && /^[0-9a-f]{32}$/.test(cookie) ? cookie : undefined
}

// The token decides; these headers, which no page can forge, refuse a hostile site even if it should know one.
function comesFromElsewhere({ headers }: CashierRequest): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return true
  const { origin, host } = headers
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host)
}
