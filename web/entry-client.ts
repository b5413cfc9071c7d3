import './styles.ts'
import { createClient } from '@ihome/contract/client'
import { dayInShanghai } from '@ihome/core/calendar'
import { inject } from 'vue'
import { createPages } from './app.ts'
import { browserTransport } from './platform/browser-transport.ts'
import { lastPerson, rememberPerson } from './platform/last-person.ts'
import { createWebHistory } from './platform/page-history.ts'
import type { PageState } from './platform/page-state.ts'
import { RESOURCES } from './platform/use-resource.ts'
import { whenIdle } from './platform/when-idle.ts'
import { languageOf, TAGS } from './text/language.ts'
import { sayInChinese } from './text/say.ts'
import { speak } from './text/spoken.ts'

const sent = JSON.parse(document.getElementById('state')?.textContent ?? '{}') as PageState & {
  readonly rendered: boolean
  readonly offline: boolean
}
// The frame that the service worker keeps stands in for every page. It is as old as the program, so it knows neither
// the day nor the person, nor in which language they read.
const state = sent.offline
  ? {
      ...sent,
      today: dayInShanghai(new Date()),
      now: undefined,
      name: lastPerson(),
      lang: languageOf(/(?:^|; )lang=([^;]*)/.exec(document.cookie)?.[1]),
    }
  : sent
document.documentElement.lang = TAGS[state.lang]
// Without the English file, as long as there is no network, the page is better in Chinese than not there.
const english = state.lang === 'en' ? await import('./text/english.ts').catch(() => undefined) : undefined
if (english) speak(english.sayInEnglish)
const { app, router, session } = createPages({
  api: createClient(browserTransport),
  history: createWebHistory(),
  state,
  say: english?.sayInEnglish ?? sayInChinese,
  rendered: state.rendered,
})
if (!sent.offline) rememberPerson(session)

// The page's own script has not come. The frame that says so is always there, and knows where to try again.
await router.isReady().catch(() => {
  const { pathname, search } = location
  return router.replace({ path: '/offline', query: { next: pathname + search } })
})
app.mount('#app')

const resources = app.runWithContext(() => inject(RESOURCES))
void import('./platform/tell-tabs.ts').then(
  ({ tellTabs }) => resources && tellTabs({ session, resources, router, reload: () => location.reload() }),
  // Without it the other tabs learn at their next request.
  () => undefined,
)

if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  // A browser that refuses it, in a private window for one, works as before, with a network.
  whenIdle(() => void navigator.serviceWorker.register('/sw.js').catch(() => undefined))
}
