import type { SayFrom } from './say.ts'
import { sayInBrowser } from './spoken.ts'
import { zh } from './zh.ts'
import { zhAccounts } from './zh-accounts.ts'
import { zhPrivate } from './zh-private.ts'

const catalogue = { ...zh, ...zhPrivate, ...zhAccounts } as const

/** Says everything that `PrivateSay` does, and the words of registering and of one's own account. */
export type AccountsSay = SayFrom<typeof catalogue>

export const sayOfAccounts: AccountsSay = sayInBrowser(catalogue)
