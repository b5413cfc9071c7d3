import './styles.ts'
import { createClient } from '@ihome/contract/client'
import { createPages } from './app.ts'
import { browserTransport } from './platform/browser-transport.ts'
import { createWebHistory } from './platform/page-history.ts'
import type { PageState } from './platform/page-state.ts'

const state = JSON.parse(document.getElementById('state')?.textContent ?? '{}') as PageState & {
  readonly rendered: boolean
}
const { app, router } = createPages({
  api: createClient(browserTransport),
  history: createWebHistory(),
  state,
  rendered: state.rendered,
})

await router.isReady()
app.mount('#app')
