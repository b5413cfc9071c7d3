import { expect, it } from 'vitest'
import { sayInEnglish } from './english.ts'
import { personName } from './person-say.ts'
import { sayFrom } from './say.ts'
import { zhDetail } from './zh-detail.ts'

const english = sayInEnglish as Parameters<typeof personName>[0]

it.each([
  ['已注销用户 12', 'Deleted account 12', '已注销用户 12'],
  ['匿名用户', 'A guest', '匿名用户'],
  ['小林', '小林', '小林'],
  ['已注销用户', '已注销用户', '已注销用户'],
])('calls %s %s in English and %s in Chinese', (name, inEnglish, inChinese) => {
  expect(personName(english, name)).toBe(inEnglish)
  expect(personName(sayFrom(zhDetail), name)).toBe(inChinese)
})
