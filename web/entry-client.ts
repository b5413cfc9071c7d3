import './styles.ts'
import { createClient } from '@ihome/contract/client'
import { createWebHistory } from 'vue-router'
import { createPages } from './app.ts'
import { browserTransport } from './platform/browser-transport.ts'
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

// A new version has replaced the chunks that this page knows: the next page is loaded whole.
router.onError((error: unknown, to) => {
  if (error instanceof TypeError) location.assign(to.fullPath)
})

await router.isReady()
app.mount('#app')
