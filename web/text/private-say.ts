import { type Say, type SayFrom, sayFrom } from './say.ts'
import { zh } from './zh.ts'
import { zhPrivate } from './zh-private.ts'

const catalogue = { ...zh, ...zhPrivate } as const

export type PrivateSay = SayFrom<typeof catalogue>
export const sayPrivately: PrivateSay = sayFrom(catalogue)
export const x: Say = sayPrivately
