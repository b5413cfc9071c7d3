const CHINESE: Readonly<Record<string, string>> = {
  〇: '0',
  零: '0',
  一: '1',
  幺: '1',
  壹: '1',
  二: '2',
  贰: '2',
  两: '2',
  三: '3',
  叁: '3',
  四: '4',
  肆: '4',
  五: '5',
  伍: '5',
  六: '6',
  陆: '6',
  七: '7',
  柒: '7',
  八: '8',
  捌: '8',
  九: '9',
  玖: '9',
}

/** Fewer digits reach nobody; a number of a phone at home has seven or eight. */
const FEWEST = 7
/** So many signs may stand between two digits of one number. */
const WIDEST_GAP = 3
const MASK = '***'

/** What may stand between the digits of one number: anything that is neither a letter nor a digit. */
const isBetween = (sign: string): boolean => !/[\p{L}\p{N}]/u.test(sign)

/** The digit that a sign stands for in any script or shape, full-width, circled and Chinese ones too. */
function digitOf(sign: string): string | undefined {
  const chinese = CHINESE[sign]
  if (chinese !== undefined) return chinese
  const plain = sign.normalize('NFKC')
  if (/^\d+$/.test(plain)) return plain
  if (!/^\p{Nd}$/u.test(plain)) return undefined
  // Decimal digits of every script stand ten in a row, from zero on.
  const code = plain.codePointAt(0) ?? 0
  let zero = code
  while (zero > code - 9 && /^\p{Nd}$/u.test(String.fromCodePoint(zero - 1))) zero -= 1
  return String((code - zero) % 10)
}

/** Dates and times that people write about a stay; they have many digits and are no secret. */
const DAY = '20\\d{2}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\\d|3[01])'
const TIME = '(?:[01]?\\d|2[0-4])[:：][0-5]\\d'
const WHENS = new RegExp(`^(?:${DAY}|${TIME})(?:[^\\p{L}\\p{N}]{1,3}(?:${DAY}|${TIME}))*$`, 'u')

export interface Masked {
  readonly text: string
  /** Something was taken out. */
  readonly masked: boolean
}

/**
 * Takes out of a text every number by which people could reach each other past us: seven digits or more in a row, in
 * whatever script, with spaces, dots or dashes between them. A number that is spread over several texts stays.
 */
export function maskNumbers(text: string): Masked {
  const signs = [...text]
  const out: string[] = []
  let masked = false
  for (let at = 0; at < signs.length; ) {
    const run = readRun(signs, at)
    if (!run) {
      out.push(signs[at] ?? '')
      at += 1
      continue
    }
    const words = signs.slice(at, run.end).join('')
    if (run.digits >= FEWEST && !WHENS.test(words.normalize('NFKC'))) {
      out.push(MASK)
      masked = true
    } else out.push(words)
    at = run.end
  }
  return { text: out.join(''), masked }
}

/** The longest run of digits from `start` on, gaps included; it ends behind its last digit. */
function readRun(
  signs: readonly string[],
  start: number,
): { readonly end: number; readonly digits: number } | undefined {
  let digits = 0
  let end = start
  for (let at = start; at < signs.length && at - end <= WIDEST_GAP; at += 1) {
    const sign = signs[at] ?? ''
    const digit = digitOf(sign)
    if (digit !== undefined) {
      digits += digit.length
      end = at + 1
    } else if (digits === 0 || !isBetween(sign)) break
  }
  return digits > 0 ? { end, digits } : undefined
}
