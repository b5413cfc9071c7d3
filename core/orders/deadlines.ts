import { type CivilDate, instantInShanghai } from '../calendar.ts'

export interface Windows {
  readonly acceptHours: number
  readonly payMinutes: number
}

const earlier = (one: Date, other: Date): Date => (one < other ? one : other)
/** No window outlives the day of arrival. */
const endOfFirstDay = (start: CivilDate): Date => instantInShanghai(start, 24)

/** Until when the host may answer an order placed at `now`. */
export const acceptBy = (now: Date, start: CivilDate, windows: Windows): Date =>
  earlier(new Date(now.getTime() + windows.acceptHours * 3_600_000), endOfFirstDay(start))

/** Until when the guest may pay an order accepted at `now`. */
export const payBy = (now: Date, start: CivilDate, windows: Windows): Date =>
  earlier(new Date(now.getTime() + windows.payMinutes * 60_000), endOfFirstDay(start))
