import { parseYuan } from '../engine/money.ts'
import type { Visit } from './page.ts'

/** Something in the form that cannot be; the text is for the person who filled it in. */
export class Unclear extends Error {
  override readonly name = 'Unclear'
}

/** What was typed, without the blanks around it; nothing for an empty field. */
export function text(form: URLSearchParams, name: string): string | undefined {
  const given = form.get(name)?.trim()
  return given === '' ? undefined : given
}

export function amountOf(form: URLSearchParams, name: string, { say }: Visit): number {
  const fen = parseYuan(text(form, name)?.replace(/[,，￥¥]/g, ''))
  if (fen === undefined || fen === 0 || fen > 10_000_000_000)
    throw new Unclear(
      say(
        '金额在 0.01 到 100000000 元之间，最多两位小数。',
        'An amount from 0.01 to 100000000 yuan with two decimals at most.',
      ),
    )
  return fen
}

/** The page that a form stood on: only an address of this console is ever gone back to. */
export function ownPath(form: URLSearchParams): string {
  const back = form.get('back') ?? ''
  return /^\/_sandbox\/[\w\-./?=&%+*]*$/.test(back) && !back.includes('//') ? back : '/_sandbox/'
}
