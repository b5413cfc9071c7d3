import type { Problem } from '@ihome/contract/problems'
import type { SayFrom } from './say.ts'
import { sayInBrowser } from './spoken.ts'
import { zh } from './zh.ts'
import { zhCalendar } from './zh-calendar.ts'
import { zhDetail } from './zh-detail.ts'
import { zhPrivate } from './zh-private.ts'
import { zhSearch } from './zh-search.ts'

const catalogue = { ...zh, ...zhCalendar, ...zhDetail, ...zhSearch, ...zhPrivate } as const

/** Says everything that `Say` does, and the words of the pages behind the login. */
export type PrivateSay = SayFrom<typeof catalogue>

export const sayPrivately: PrivateSay = sayInBrowser(catalogue)

/** Every problem of the API has its text in one of the two: one that is missing does not compile. */
type EveryProblemIsSaid = `problem.${Problem}` extends keyof typeof catalogue ? true : never
export const everyProblemIsSaid: EveryProblemIsSaid = true
