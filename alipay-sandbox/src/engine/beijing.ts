/**
 * Beijing wall-clock time. China has kept UTC+8 without daylight saving time since 1991, so a fixed offset is exact and
 * the result never depends on the zone of the process.
 */
const OFFSET_MS = 8 * 3_600_000
const DAY_MS = 86_400_000

/** `yyyy-MM-dd HH:mm:ss`. */
export function formatBeijing(instant: Date): string {
  return new Date(instant.getTime() + OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ')
}

/** `yyyy-MM-dd HH:mm:ss.SSS`, the form that `gmt_refund` may take. */
export function formatBeijingMs(instant: Date): string {
  return new Date(instant.getTime() + OFFSET_MS).toISOString().slice(0, 23).replace('T', ' ')
}

let latestDay = { day: Number.NaN, text: '' }

/** `yyyyMMdd`. Asked for with every number that is given out, nearly always about the same day. */
export function beijingDay(instant: Date): string {
  const day = Math.floor((instant.getTime() + OFFSET_MS) / DAY_MS)
  if (day !== latestDay.day) latestDay = { day, text: formatBeijing(instant).slice(0, 10).replaceAll('-', '') }
  return latestDay.text
}

/** Reads `yyyy-MM-dd HH:mm:ss`; nothing for any other form and for days that no calendar has. */
export function parseBeijing(text: string): Date | undefined {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return undefined
  const instant = new Date(`${text.replace(' ', 'T')}+08:00`)
  if (Number.isNaN(instant.getTime()) || formatBeijing(instant) !== text) return undefined
  return instant
}

/** The next midnight in Beijing strictly after `instant`. */
export function nextBeijingMidnight(instant: Date): Date {
  const day = Math.floor((instant.getTime() + OFFSET_MS) / DAY_MS)
  return new Date((day + 1) * DAY_MS - OFFSET_MS)
}
