import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maskNumbers } from './mask-numbers.ts'

describe('O10 a number by which people could reach each other', () => {
  test.each([
    ['打我电话13812345678', '打我电话***'],
    ['138 1234 5678，谢谢', '***，谢谢'],
    ['138-1234-5678', '***'],
    ['+86 138 1234 5678', '+***'],
    ['１３８１２３４５６７８', '***'],
    ['①③⑧①②③④⑤⑥⑦⑧', '***'],
    ['一三八一二三四五六七八', '***'],
    ['幺三八 零零零零 五六七八 吧', '*** 吧'],
    ['1三8一2345六78', '***'],
    ['1.3.8.1.2.3.4.5.6.7.8', '***'],
    ['138 - 1234 - 5678', '***'],
    ['座机 010-65551234', '座机 ***'],
    ['٠١٣٨١٢٣٤٥٦', '***'],
    ['微信 wx13812345678', '微信 wx***'],
    ['138\u200b1234\u200b5678', '***'],
    ['2026-11-27 13812345678', '***'],
  ])('%s is taken out', (text, left) => {
    expect(maskNumbers(text)).toEqual({ text: left, masked: true })
  })

  test.each([
    '我们 3 个人，11月27日到，2 晚',
    '2026-11-27 到 2026-11-29',
    '2026-11-27 14:00',
    '14:00-16:00 之间到',
    '门锁密码 4821',
    '地铁 10 号线，步行 800 米，388 元',
    '二楼左手第三间',
    '',
  ])('%s stays as it is', (text) => {
    expect(maskNumbers(text)).toEqual({ text, masked: false })
  })

  test('is found wherever it stands, in whatever shape its digits are', () => {
    const shapes = (digit: number) => [
      String(digit),
      String.fromCodePoint(0xff10 + digit),
      '零一二三四五六七八九'[digit] ?? '',
      String.fromCodePoint(0x1d7ce + digit),
    ]
    const number = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 3 }), fc.constantFrom('', ' ', '-', '. ')),
      {
        minLength: 7,
        maxLength: 12,
      },
    )
    fc.assert(
      fc.property(number, fc.constantFrom('电话', 'a', ''), (digits, before) => {
        const written = digits.map(([digit, shape, gap]) => `${shapes(digit)[shape]}${gap}`).join('')
        const { text, masked } = maskNumbers(`${before}${written}号`)
        const isDate = !masked
        if (!isDate) expect(text.startsWith(`${before}***`)).toBe(true)
        else expect(written.replace(/[^0-9]/g, '').startsWith('20')).toBe(true)
      }),
    )
  })
})
