// Pictures of every page, for eyes: `npm run screens` writes them to .screens/, light and dark. With --docs small ones
// are written to docs/screens/ as well, and docs/pages.md, which shows them to readers.
import { PAGE_SOURCES } from '@ihome/web/page-sources'
import type { Browser, Page } from 'playwright-core'
import { openAlbum } from './album.ts'
import { openBrowser, openPhone } from './phone.ts'
import { drawDesk } from './screens-desk.ts'
import { drawGuest } from './screens-guest.ts'
import { drawHost } from './screens-host.ts'
import { startWorld } from './world.ts'

const album = openAlbum(process.argv.includes('--docs'))
const [world, browser] = await Promise.all([startWorld(), openBrowser()])
try {
  const stage = { world, album, open: (options = {}) => openAt(browser, options) }
  await drawGuest(stage)
  await drawHost(stage)
  await drawDesk(stage)
  await album.close()
  const missing = Object.keys(PAGE_SOURCES).filter((page) => !album.names().has(page))
  if (missing.length > 0) throw new Error(`there is no picture of ${missing.join(', ')}`)
} finally {
  await browser.close()
  await world.stop()
}

async function openAt(opener: Browser, options: object): Promise<Page> {
  const { page } = await openPhone(opener, { origins: [world.origin, world.sandbox.endpoint], ...options })
  return page
}
