import { formatBeijing, parseBeijing } from '../engine/beijing.ts'
import type { Instant } from '../engine/model.ts'
import type { Settings } from '../settings.ts'

/** One Beijing day or month that a bill is about. */
export interface Period {
  /** `yyyy-MM-dd` or `yyyy-MM`, as it was asked for. */
  readonly text: string
  readonly kind: 'day' | 'month'
  /** A movement belongs to it when `from <= at < to`. */
  readonly from: Instant
  readonly to: Instant
}

/** Reads `bill_date`; nothing for any other form and for days that no calendar has. */
export function parsePeriod(text: string): Period | undefined {
  const month = /^(\d{4})-(\d{2})$/.exec(text)
  const from = parseBeijing(`${month ? `${text}-01` : text} 00:00:00`)
  if (!from) return undefined
  const to = month ? startOfNextMonth(Number(month[1]), Number(month[2])) : new Date(from.getTime() + DAY_MS)
  return { text, kind: month ? 'month' : 'day', from: from.getTime(), to: to.getTime() }
}

export const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

function startOfNextMonth(year: number, month: number): Date {
  const [nextYear, nextMonth] = month === 12 ? [year + 1, 1] : [year, month + 1]
  const text = `${String(nextYear).padStart(4, '0')}-${String(nextMonth).padStart(2, '0')}-01 00:00:00`
  return parseBeijing(text) ?? new Date(Number.NaN)
}

/** The virtual instant from which its bill can be fetched. */
export function readyAt(period: Period, settings: Settings): Instant {
  const [hours = 0, minutes = 0] = settings.bill_ready_at.split(':').map(Number)
  const days = period.kind === 'day' ? 0 : settings.bill_month_ready_day - 1
  return period.to + days * DAY_MS + (hours * 60 + minutes) * MINUTE_MS
}

/** `20260916`, or `202609` for a month: as in the names of bill files. */
export const compactPeriod = (period: Period) => period.text.replaceAll('-', '')

/** `2026年09月16日 00:00:00`, the way in which bill files write an instant. */
export function chineseTime(at: Instant): string {
  return formatBeijing(new Date(at)).replace(/^(\d+)-(\d+)-(\d+)/, '$1年$2月$3日')
}
