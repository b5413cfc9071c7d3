import { type SayFrom, sayFrom } from './say.ts'
import { zh } from './zh.ts'
import { zhHosting } from './zh-hosting.ts'
import { zhPrivate } from './zh-private.ts'

const catalogue = { ...zh, ...zhPrivate, ...zhHosting } as const

/** Says everything that `PrivateSay` does, and the words of the pages of hosts. */
export type HostingSay = SayFrom<typeof catalogue>

export const sayToHosts: HostingSay = sayFrom(catalogue)
