import { describe, expect, test } from 'vitest'
import { deviceName } from './device-name.ts'
import { checkCharacterOf, idCardFault, maskIdCard, plainIdCard } from './id-card.ts'
import { nameFault, plainName } from './person-name.ts'
import { isPhone, maskPhone } from './phone.ts'
import { isRealName, maskRealName, plainRealName } from './real-name.ts'

const TODAY = '2026-11-23'
const whole = (seventeen: string) => seventeen + checkCharacterOf(seventeen)

describe('R10.3 an ID number', () => {
  test.each(['11010519491231002X', '440308199901101512', whole('83000019900101001')])('%s is one', (idCard) => {
    expect(idCardFault(idCard, TODAY)).toBeUndefined()
  })

  test.each([
    ['1101051949123100X', 'shape'],
    ['11010519491231002XX', 'shape'],
    ['x1010519491231002X', 'shape'],
    ['١١٠١٠٥١٩٤٩١٢٣١٠٠٢X', 'shape'],
    [whole('10010519491231002'), 'region'],
    [whole('11010519490230002'), 'birth_date'],
    [whole('11010519491331002'), 'birth_date'],
    [whole('11010520270101002'), 'birth_date'],
    [whole('11010518991231002'), 'birth_date'],
    ['110105194912310029', 'check_digit'],
  ])('%s is refused for its %s', (idCard, fault) => {
    expect(idCardFault(idCard, TODAY)).toBe(fault)
  })

  test('any single digit that is mistyped is found', () => {
    const right = '11010519491231002X'
    for (let place = 0; place < 17; place += 1) {
      for (const digit of '0123456789') {
        if (digit === right[place]) continue
        expect(idCardFault(right.slice(0, place) + digit + right.slice(place + 1), TODAY)).toBeDefined()
      }
    }
  })

  test('S9 somebody is of age on the eighteenth birthday and not a day before', () => {
    const idCard = whole('11010520081124001')
    expect(idCardFault(idCard, '2026-11-23')).toBe('underage')
    expect(idCardFault(idCard, '2026-11-24')).toBeUndefined()
    const leap = whole('11010520080229001')
    expect(idCardFault(leap, '2026-02-28')).toBe('underage')
    expect(idCardFault(leap, '2026-03-01')).toBeUndefined()
  })

  test('a lower-case x and spaces are taken, and what is shown names nobody', () => {
    expect(plainIdCard(' 110105 19491231 002x ')).toBe('11010519491231002X')
    expect(maskIdCard('11010519491231002X')).toBe('110***********002X')
  })
})

describe('a real name', () => {
  test.each(['张三', '欧阳修远', '买买提·吐尔逊', 'Anna-Maria O’Neill', '李 明'])('%s is one', (name) => {
    expect(isRealName(plainRealName(name))).toBe(true)
  })
  test.each(['', '张', '张3', '<b>张三</b>', '张三\u0000', '张\u202e三', '·张三', '张'.repeat(31)])(
    '%j is none',
    (name) => {
      expect(isRealName(plainRealName(name))).toBe(false)
    },
  )
  test('is shown by its first character', () => {
    expect(maskRealName('张三')).toBe('张*')
    expect(maskRealName('欧阳修远')).toBe('欧*')
  })
})

test.each(['16612345678', '19912345678', '13000000000'])('D-16 %s is a phone', (phone) => {
  expect(isPhone(phone)).toBe(true)
  expect(maskPhone(phone)).toMatch(/^\d{3}\*{4}\d{4}$/)
})
test.each(['12012345678', '1661234567', '166123456789', '16612345678a', '16612345678\n'])(
  'D-16 %j is none',
  (phone) => {
    expect(isPhone(phone)).toBe(false)
  },
)

describe('R8.2 a name that others see', () => {
  const OWN = '16612345678'
  test.each([
    ['', 'blank'],
    ['长'.repeat(31), 'too_long'],
    ['小\u200b林', 'not_shown'],
    ['小\u202e林', 'not_shown'],
    ['19912345678', 'a_phone'],
    ['199 1234 5678', 'a_phone'],
    ['１９９１２３４５６７８', 'a_phone'],
    ['+86 199-1234-5678', 'a_phone'],
  ])('%j is refused', (name, fault) => {
    expect(nameFault(name, OWN)).toBe(fault)
  })
  test.each(['小林', OWN, '长'.repeat(30), '<b>林</b>', "O'Neill & Söhne", '林🌸', '110'])('%j is fine', (name) => {
    expect(nameFault(plainName(name), OWN)).toBeUndefined()
  })
  test('space is put in order', () => expect(plainName('  小  林\n')).toBe('小 林'))
})

test.each([
  [
    'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36',
    'Chrome · Android',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605 Mobile MicroMessenger/8.0',
    'WeChat · iPhone',
  ],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131 Safari/537.36 Edg/131.0', 'Edge · Windows'],
  ['curl/8.5.0', undefined],
  ['<script>alert(1)</script>', undefined],
])('the device behind %s is %s', (userAgent, name) => {
  expect(deviceName(userAgent)).toBe(name)
})
