import { expect, test } from 'vitest'
import { writtenText } from './text.ts'

test.each([
  ['  很好 \n', 500, '很好'],
  ['', 500, undefined],
  [' \u3000\t\n', 500, undefined],
  ['x'.repeat(200), 200, 'x'.repeat(200)],
  ['x'.repeat(201), 200, undefined],
  [` ${'x'.repeat(200)} `, 200, 'x'.repeat(200)],
  ['😀'.repeat(200), 200, '😀'.repeat(200)],
  ['👨‍👩‍👧‍👦'.repeat(100), 200, undefined],
  ['坏\0字', 200, undefined],
  ['<b>&amp;', 200, '<b>&amp;'],
])('%j within %i characters is %j', (text, longest, written) => {
  expect(writtenText(text, longest)).toBe(written)
})
