import type { PrivateSay } from './private-say.ts'

/** How long it is until `instant`: `1 小时 12 分`, `2 天 3 小时`. Nothing is left at and after it. */
export function restText(say: PrivateSay, instant: Date, now: Date): string | undefined {
  const leftMs = instant.getTime() - now.getTime()
  if (leftMs <= 0) return undefined
  const minutes = Math.floor(leftMs / 60_000)
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)
  if (days >= 1)
    return hours % 24 === 0 ? say('rest.days', { days }) : say('rest.days_hours', { days, hours: hours % 24 })
  if (hours >= 1) return say('rest.hours_minutes', { hours, minutes: minutes % 60 })
  return minutes >= 1 ? say('rest.minutes', { minutes }) : say('rest.under_minute')
}
