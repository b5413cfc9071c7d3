import type { SayFrom } from './say.ts'
import { sayInBrowser } from './spoken.ts'
import { zh } from './zh.ts'
import { zhBills } from './zh-bills.ts'
import { zhDesk } from './zh-desk.ts'
import { zhPrivate } from './zh-private.ts'

const catalogue = { ...zh, ...zhPrivate, ...zhDesk, ...zhBills } as const

/** Says everything that `PrivateSay` does, and the words of the operator's desk. */
export type DeskSay = SayFrom<typeof catalogue>

export const sayAtDesk: DeskSay = sayInBrowser(catalogue)
