import { html } from '../cashier/html.ts'
import type { Control } from '../control/control.ts'
import type { ConsoleFacts } from './console.ts'
import type { ConsolePage, Visit } from './page.ts'
import { accountsPage } from './pages/accounts-page.ts'
import { billsPage } from './pages/bills-page.ts'
import { clockPage } from './pages/clock-page.ts'
import { faultsPage } from './pages/faults-page.ts'
import { linkPage } from './pages/link-page.ts'
import { notifiesPage } from './pages/notifies-page.ts'
import { requestsPage } from './pages/requests-page.ts'
import { returnPage } from './pages/return-page.ts'
import { settingsPage } from './pages/settings-page.ts'
import { startPage } from './pages/start-page.ts'
import { tradePage } from './pages/trade-page.ts'
import { tradesPage } from './pages/trades-page.ts'
import { transfersPage } from './pages/transfers-page.ts'
import { SHOP_RETURN, type TestShop } from './test-shop.ts'

/** What pages are drawn from. */
export interface PageContext {
  readonly visit: Visit
  readonly control: Control
  readonly facts: ConsoleFacts
  readonly shop: TestShop
}

const PAGES: Readonly<Record<string, (context: PageContext) => ConsolePage | Promise<ConsolePage>>> = {
  '/_sandbox/': startPage,
  '/_sandbox/trades': tradesPage,
  '/_sandbox/notifies': notifiesPage,
  '/_sandbox/requests': requestsPage,
  '/_sandbox/faults': faultsPage,
  '/_sandbox/accounts': accountsPage,
  '/_sandbox/bills': billsPage,
  '/_sandbox/transfers': transfersPage,
  '/_sandbox/clock': clockPage,
  '/_sandbox/settings': settingsPage,
  '/_sandbox/link': linkPage,
  [SHOP_RETURN]: returnPage,
}

/** The page of an address, or the one that says there is none. */
export async function findPage(context: PageContext): Promise<ConsolePage> {
  const { path } = context.visit
  const page = Object.hasOwn(PAGES, path) ? PAGES[path] : undefined
  if (page) return page(context)
  const trade = /^\/_sandbox\/trades\/(\w{1,64})$/.exec(path)?.[1]
  return (trade === undefined ? undefined : tradePage(context, trade)) ?? noSuchPage(context)
}

function noSuchPage({ visit: { say } }: PageContext): ConsolePage {
  const title = say('没有这个页面', 'No such page')
  return {
    title,
    status: 404,
    body: html`<h1>${title}</h1><p class="lead">${say('地址不完整，或者沙箱已经清空。', 'The address is not whole, or the sandbox has been reset since.')}</p><p><a class="button" href="/_sandbox/">${say('回到开始', 'Back to the start')}</a></p>`,
  }
}
