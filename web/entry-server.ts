import { createClient, type Transport } from '@ihome/contract/client'
import { renderToString } from 'vue/server-renderer'
import { createPages } from './app.ts'
import { PAGE_SOURCES } from './page-sources.ts'
import { createMemoryHistory } from './platform/page-history.ts'
import type { PageState } from './platform/page-state.ts'
import { HEAD_SINK, type Head, type HeadSink } from './platform/use-head.ts'
import { sayInEnglish } from './text/english.ts'
import type { Language } from './text/language.ts'
import { type AnySay, type SayFrom, sayFrom } from './text/say.ts'
import { zh } from './text/zh.ts'
import { zhFrame } from './text/zh-frame.ts'

const chinese = { ...zh, ...zhFrame } as const
type FrameSay = SayFrom<typeof chinese>
const SAYS: Readonly<Record<Language, FrameSay>> = { zh: sayFrom(chinese), en: sayInEnglish as AnySay & FrameSay }

export interface RenderInput {
  /** Path and query as the browser asked for them. */
  readonly url: string
  /** The way to the API inside the server's process. The client is made here, so that its errors are our own. */
  readonly transport: Transport
  readonly state: Omit<PageState, 'resources' | 'troubles'>
}

export interface RenderedPage {
  readonly status: number
  /** Where the page itself sends its visitor, such as to the login; the rest is empty then. */
  readonly redirect: string | undefined
  /** For the element `#app`; empty for pages that the browser renders. */
  readonly html: string
  readonly title: string
  readonly description: string
  readonly head: Head
  /** The source file of the page's component, under which the manifest knows its scripts. */
  readonly source: string | undefined
  readonly state: PageState & { readonly rendered: boolean; readonly offline: boolean }
}

/** Renders the page of an address, or only its head when it is one that the browser renders. */
export async function render({ url, transport, state: known }: RenderInput): Promise<RenderedPage> {
  const state: PageState = { ...known, resources: {}, troubles: {} }
  const say = SAYS[known.lang]
  const { app, router } = createPages({
    api: createClient(transport),
    history: createMemoryHistory(),
    state,
    say,
    rendered: true,
  })
  await router.push(url)
  await router.isReady()
  const { fullPath, meta, name } = router.currentRoute.value
  const rendered = meta.rendered === true
  const sink: HeadSink = { read: () => ({}) }
  app.provide(HEAD_SINK, sink)
  const html = rendered ? await renderToString(app) : ''
  const head = sink.read()
  return {
    status: head.status ?? 200,
    redirect: fullPath === router.resolve(url).fullPath ? undefined : fullPath,
    html,
    title: head.title === undefined ? say('app.name') : say('app.title', { page: head.title }),
    description: head.description ?? say('app.description'),
    head,
    source: name === undefined ? undefined : PAGE_SOURCES[name],
    state: { ...state, rendered, offline: name === 'offline' },
  }
}

/** What stands around and in place of a page, for the server. */
const wordsOf = (say: FrameSay) => ({
  product: say('app.name'),
  noScript: say('app.noscript'),
  home: say('act.home'),
  retry: say('act.retry'),
  brokenTitle: say('app.title', { page: say('broken.title') }),
  broken: say('broken.title'),
  brokenHint: say('broken.hint'),
  brokenNumber: (id: string) => say('broken.number', { id }),
})

export const words = { zh: wordsOf(SAYS.zh), en: wordsOf(SAYS.en) }
