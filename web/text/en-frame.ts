import type { zhFrame } from './zh-frame.ts'

/** The English of `zhFrame`. */
export const enFrame = {
  'app.description':
    'Short stays in Beijing: hutongs, courtyards and a good bed. See the dates, the total and the refund rule before you book.',
  'app.noscript': 'This page needs JavaScript. Searching and looking at homes do not.',
  'broken.title': 'Something went wrong',
  'broken.hint': 'It was not your doing. You can try again.',
  'broken.number': 'Number {id}',
} satisfies Record<keyof typeof zhFrame, string>
