import type { PrivateSay } from '../../text/private-say.ts'
import type { InAppBrowser } from './in-app-browser.ts'

export const appName = (say: PrivateSay, app: InAppBrowser): string => say(`pay.app_${app}`)
