import { createHmac } from 'node:crypto'
import { CAPTCHA_ALPHABET } from './glyphs.ts'

const LENGTH = 4

export type CaptchaKind = 'picture' | 'question'

/** A sum for people who cannot see the picture; the page asks it in words. */
export interface Question {
  readonly operation: 'plus' | 'minus'
  readonly numbers: readonly [number, number]
}

/** What follows from a captcha's id and our secret, and from nothing that is kept. */
export interface CaptchaText {
  readonly text: string
  readonly question: Question
  /** For the drawing. */
  readonly seed: Buffer
}

export function captchaText(secret: string, id: string): CaptchaText {
  const bytes = createHmac('sha512', secret).update(`captcha:${id}`).digest()
  const number = (place: number, below: number) => bytes.readUInt32BE(place * 4) % below
  const text = Array.from({ length: LENGTH }, (_, place) => CAPTCHA_ALPHABET[number(place, CAPTCHA_ALPHABET.length)])
  const [low, high] = [1 + number(4, 9), 1 + number(5, 9)].sort((one, other) => one - other)
  const isSum = number(6, 2) === 0
  return {
    text: text.join(''),
    question: { operation: isSum ? 'plus' : 'minus', numbers: [high ?? 0, low ?? 0] },
    seed: createHmac('sha512', secret).update(`drawing:${id}`).digest(),
  }
}

/** Whether what was typed is the answer: any case, and digits of a full-width keyboard too. */
export function isAnswer(kind: CaptchaKind, { text, question }: CaptchaText, typed: string): boolean {
  const plain = typed.normalize('NFKC').trim().toLowerCase()
  if (kind === 'picture') return plain === text
  const [first, second] = question.numbers
  return plain === String(question.operation === 'plus' ? first + second : first - second)
}
