import type { Browser, BrowserType, LaunchOptions } from 'playwright-core'

/** A browser for tests, with nothing installed but npm packages. */
export function launchBrowser(chromium: BrowserType, options?: LaunchOptions): Promise<Browser>
