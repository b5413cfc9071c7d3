import { type Api, ApiRefusal, type ApiRequest, createClient } from '@ihome/contract/client'
import { type OrdersApi, ordersOf } from '@ihome/contract/orders-client'
import { type PaymentsApi, paymentsOf } from '@ihome/contract/payments-client'

/** A person without a browser: keeps cookies, sends the CSRF token, and speaks through the same client as the pages. */
export interface Visitor extends Api {
  readonly orders: OrdersApi
  readonly payments: PaymentsApi
  readonly cookies: ReadonlyMap<string, string>
  /** Any request, for what the client would never send. */
  send(request: ApiRequest & { readonly headers?: Record<string, string> }): Promise<{ status: number; body: unknown }>
  signIn(phone: string, password: string): Promise<void>
}

export function newVisitor(originOf: () => string): Visitor {
  const cookies = new Map<string, string>()

  async function send(request: ApiRequest & { readonly headers?: Record<string, string> }) {
    const answer = await fetch(`${originOf()}/api/v1.0${request.path}`, {
      method: request.method,
      redirect: 'manual',
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'x-csrftoken': cookies.get('csrf_token') ?? '',
        ...(request.json === undefined ? {} : { 'content-type': 'application/json' }),
        ...(request.form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(request.idempotencyKey ? { 'idempotency-key': request.idempotencyKey } : {}),
        ...request.headers,
      },
      ...(request.method === 'GET'
        ? {}
        : { body: request.parts ?? request.form ?? (request.json === undefined ? '' : JSON.stringify(request.json)) }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const cut = pair.indexOf('=')
      const value = pair.slice(cut + 1)
      if (value === '' || /max-age=0/i.test(line)) cookies.delete(pair.slice(0, cut))
      else cookies.set(pair.slice(0, cut), value)
    }
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) }
  }

  const api = createClient(send)
  return {
    ...api,
    orders: ordersOf(api),
    payments: paymentsOf(api),
    cookies,
    send,
    async signIn(phone, password) {
      await api.session.csrf()
      await api.session.signIn({ mobile: phone, password })
    },
  }
}

/** The name of the refusal that `work` meets, or `none` when it succeeds. Anything else is thrown on. */
export async function problemOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'none'
  } catch (error) {
    if (error instanceof ApiRefusal) return error.problem
    throw error
  }
}
