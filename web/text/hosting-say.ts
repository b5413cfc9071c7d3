import type { SayFrom } from './say.ts'
import { sayInBrowser } from './spoken.ts'
import { zh } from './zh.ts'
import { zhCalendar } from './zh-calendar.ts'
import { zhDetail } from './zh-detail.ts'
import { zhHosting } from './zh-hosting.ts'
import { zhPrivate } from './zh-private.ts'

const catalogue = { ...zh, ...zhCalendar, ...zhDetail, ...zhPrivate, ...zhHosting } as const

/** Says everything that `PrivateSay` does, and the words of the pages of hosts. */
export type HostingSay = SayFrom<typeof catalogue>

export const sayToHosts: HostingSay = sayInBrowser(catalogue)
