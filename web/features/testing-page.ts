import { type Api, ApiOutage, ApiRefusal, type ApiRequest, queryText } from '@ihome/contract/client'
import type { OrdersApi } from '@ihome/contract/orders-client'
import type { PaymentsApi } from '@ihome/contract/payments-client'
import { PROBLEMS, type Problem } from '@ihome/contract/problems'
import type { AnswerOrderBody, CancelOrderBody, OrderListQuery, PlaceOrderBody } from '@ihome/contract/schemas/orders'
import type { OpenPaymentBody } from '@ihome/contract/schemas/payments'
import { flushPromises, mount } from '@vue/test-utils'
import { type Component, type InjectionKey, nextTick } from 'vue'
import { ANNOUNCER, createAnnouncer } from '../platform/announcer.ts'
import { API } from '../platform/api.ts'
import { createMemoryHistory } from '../platform/page-history.ts'
import { createRouter, type Router } from '../platform/page-router.ts'
import { PAGE_STATE } from '../platform/page-state.ts'
import { createServerClock, SERVER_CLOCK } from '../platform/server-clock.ts'
import { createSession, SESSION } from '../platform/session.ts'
import { createResourceStore, RESOURCES } from '../platform/use-resource.ts'
import { SAY, sayInChinese } from '../text/say.ts'

/** The API as far as a test plays it; what it does not play fails loudly. */
export type PlayedApi = { [Part in Exclude<keyof Api, 'call' | 'query'>]?: Partial<Api[Part]> } & {
  readonly orders?: Partial<OrdersApi>
  readonly payments?: Partial<PaymentsApi>
  /** Plays the other parts of the API that have clients of their own. */
  readonly call?: (request: ApiRequest) => Promise<unknown>
}

const PARTS = ['session', 'houses'] as const

/** Which function plays a request about orders or payments, and with what. */
const PLAYED: readonly {
  readonly method: ApiRequest['method']
  readonly path: RegExp
  readonly play: (played: PlayedApi, id: number, request: ApiRequest) => Promise<unknown> | undefined
}[] = [
  {
    method: 'POST',
    path: /^\/orders$/,
    play: ({ orders }, _id, { json, idempotencyKey }) => orders?.place?.(json as PlaceOrderBody, idempotencyKey ?? ''),
  },
  {
    method: 'GET',
    path: /^\/user\/orders(?:\?|$)/,
    play: ({ orders }, _id, { path }) =>
      orders?.list?.(Object.fromEntries(new URLSearchParams(path.split('?')[1])) as unknown as OrderListQuery),
  },
  { method: 'GET', path: /^\/orders\/(\d+)$/, play: ({ orders }, id) => orders?.detail?.(id) },
  {
    method: 'PUT',
    path: /^\/orders\/(\d+)\/status$/,
    play: ({ orders }, id, { json }) => orders?.answer?.(id, json as AnswerOrderBody),
  },
  {
    method: 'POST',
    path: /^\/orders\/(\d+)\/cancel$/,
    play: ({ orders }, id, { json, idempotencyKey }) =>
      orders?.cancel?.(id, json as CancelOrderBody, idempotencyKey ?? ''),
  },
  { method: 'POST', path: /^\/orders\/(\d+)\/check-out$/, play: ({ orders }, id) => orders?.checkOut?.(id) },
  {
    method: 'POST',
    path: /^\/orders\/(\d+)\/payment$/,
    play: ({ payments }, id, { json, idempotencyKey }) => {
      const { way } = json as OpenPaymentBody
      return payments?.open?.(id, idempotencyKey ?? '', ...(way === undefined ? [] : [way]))
    },
  },
  { method: 'GET', path: /^\/pay-ways$/, play: ({ payments }) => payments?.ways?.() },
  {
    method: 'PUT',
    path: /^\/order\/payment$/,
    play: ({ payments }, _id, { form }) => payments?.report?.(form ?? ''),
  },
]

export function playedApi(played: PlayedApi): Api {
  const parts = PARTS.map((part) => [
    part,
    new Proxy(played[part] ?? {}, {
      get(target, name) {
        const call: unknown = Reflect.get(target, name)
        if (call) return call
        return () => Promise.reject(new Error(`${part}.${String(name)} was not expected`))
      },
    }),
  ])
  const call = (request: ApiRequest): Promise<unknown> => {
    const { method, path } = request
    for (const one of PLAYED) {
      const found = one.method === method ? one.path.exec(path) : null
      const answer = found && one.play(played, Number(found[1]), request)
      if (answer) return answer
    }
    return played.call?.(request) ?? Promise.reject(new Error(`${method} ${path} was not expected`))
  }
  return { ...Object.fromEntries(parts), call, query: queryText } as unknown as Api
}

/** What the API throws when it says no. */
export function refusal(problem: Problem, details: unknown = {}, retryAfterSeconds?: number): ApiRefusal {
  const { status, errno } = PROBLEMS[problem]
  const envelope = { errno, errmsg: '', data: details, problem, request_id: 'request-7' }
  return new ApiRefusal(
    problem,
    { status, body: envelope, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) },
    envelope,
  )
}

export const outage = () => new ApiOutage('no answer')

/** An answer that comes when the test says so. */
export function later<T>() {
  let answer: (value: T) => void = () => undefined
  let refuse: (error: unknown) => void = () => undefined
  const promise = new Promise<T>((resolve, reject) => {
    answer = resolve
    refuse = reject
  })
  return { promise, answer, refuse }
}

export interface MountedPage {
  readonly text: () => string
  readonly router: Router
  readonly announced: () => string
  readonly element: HTMLElement
  /** The button or link with these words, among those that can be seen. */
  button(words: string): HTMLElement
  buttons(): string[]
  press(words: string): Promise<void>
  type(label: string, text: string): Promise<void>
  unmount(): void
}

/** jsdom knows `<dialog>` but not how to open it. */
function openDialogsByAttribute(): void {
  HTMLDialogElement.prototype.showModal = function showModal() {
    this.setAttribute('open', '')
  }
  HTMLDialogElement.prototype.close = function close() {
    this.removeAttribute('open')
  }
}

const wordsOf = (element: Element): string => (element.textContent ?? '').replace(/\s+/g, ' ').trim()

/** Shows a page at an address, as the person named, with a clock of the server that may differ from the device's. */
export async function mountPage(
  page: Component,
  {
    api,
    path,
    pattern,
    name,
    props = {},
    now = '2026-11-23T04:00:00Z',
    provide = [],
  }: {
    readonly api: PlayedApi
    readonly path: string
    readonly pattern?: string
    /** The page's name in the table of routes, where it matters to the page. */
    readonly name?: string
    readonly props?: Record<string, unknown>
    readonly now?: string
    readonly provide?: readonly (readonly [InjectionKey<unknown>, unknown])[]
  },
): Promise<MountedPage> {
  openDialogsByAttribute()
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: pattern ?? path.replace(/\?.*/, ''), component: page, ...(name === undefined ? {} : { name }) },
      { path: '/:rest(.*)*', component: { render: () => null } },
    ],
  })
  await router.push(path)
  const announcer = createAnnouncer()
  const today = new Date(Date.parse(now) + 8 * 3_600_000).toISOString().slice(0, 10)
  const wrapper = mount(page, {
    props,
    attachTo: document.body,
    global: {
      plugins: [router],
      provide: Object.fromEntries([
        [API, playedApi(api)],
        [SAY, sayInChinese],
        [PAGE_STATE, { today, now, name: '小林', resources: {} }],
        [SESSION, createSession('小林')],
        [SERVER_CLOCK, createServerClock({ now, today })],
        [RESOURCES, createResourceStore({})],
        [ANNOUNCER, announcer],
        ...provide,
      ]),
    },
  })
  await flushPromises()
  const element: HTMLElement = wrapper.element.parentElement ?? document.body

  const pressable = () =>
    [...element.querySelectorAll<HTMLElement>('button, a')].filter(
      (candidate) => !candidate.closest('dialog:not([open])'),
    )
  function button(words: string): HTMLElement {
    // Of several, the one in the sheet that lies on top comes last.
    const found = pressable().findLast((candidate) => wordsOf(candidate) === words)
    if (!found) throw new Error(`no button says ${words}; there are: ${pressable().map(wordsOf).join(' | ')}`)
    return found
  }
  return {
    element,
    router,
    text: () => wordsOf(element),
    announced: () => announcer.text.value,
    button,
    buttons: () => pressable().map(wordsOf),
    async press(words) {
      button(words).click()
      await settle()
    },
    async type(label, text) {
      const field = [...element.querySelectorAll('label')].find((candidate) => wordsOf(candidate) === label)
      const box = field && element.querySelector<HTMLInputElement>(`[id="${field.htmlFor}"]`)
      if (!box) throw new Error(`no field is called ${label}`)
      box.value = text
      box.dispatchEvent(new Event('input', { bubbles: true }))
      await nextTick()
    },
    unmount: () => wrapper.unmount(),
  }
}

/** Waits for answers and for a step back in the history, which closes sheets. */
export async function settle(): Promise<void> {
  await flushPromises()
  await new Promise((resolve) => setTimeout(resolve, 0))
  await flushPromises()
  await new Promise((resolve) => setTimeout(resolve, 0))
  await flushPromises()
}

export const givenKey = <T>(key: InjectionKey<T>, value: T): readonly [InjectionKey<unknown>, unknown] => [
  key as InjectionKey<unknown>,
  value,
]
