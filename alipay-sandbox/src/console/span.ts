import type { Visit } from './page.ts'

const UNITS: readonly (readonly [number, string, string])[] = [
  [86_400_000, '天', 'd'],
  [3_600_000, '小时', 'h'],
  [60_000, '分', 'min'],
  [1000, '秒', 's'],
]

/** A span in its two largest units: `1 天 1 小时`, `4 min`. */
export function spanText(ms: number, { say }: Pick<Visit, 'say'>): string {
  const parts: string[] = []
  let rest = ms
  for (const [unit, zh, en] of UNITS) {
    const count = Math.floor(rest / unit)
    rest -= count * unit
    if (count > 0) parts.push(say(`${count} ${zh}`, `${count} ${en}`))
  }
  return parts.slice(0, 2).join(' ') || say('0 秒', '0 s')
}
