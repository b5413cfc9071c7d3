import { describe, expect, test } from 'vitest'
import { isPayeeAccount, maskPayeeAccount, payeeIdentity, plainPayeeAccount } from './payee-account.ts'

describe('an account at Alipay', () => {
  test.each([
    [' 138 0013 8000 ', '13800138000', 'ALIPAY_LOGON_ID', '138****8000'],
    ['１３８００１３８０００', '13800138000', 'ALIPAY_LOGON_ID', '138****8000'],
    ['Li.Si+1@Example.COM', 'li.si+1@example.com', 'ALIPAY_LOGON_ID', 'li***@example.com'],
    ['a@example.com', 'a@example.com', 'ALIPAY_LOGON_ID', 'a***@example.com'],
    ['2088123412341234', '2088123412341234', 'ALIPAY_USER_ID', '208****1234'],
  ])('%j is %s', (typed, plain, kind, mask) => {
    expect(plainPayeeAccount(typed)).toBe(plain)
    expect(isPayeeAccount(plain)).toBe(true)
    expect(payeeIdentity(plain)).toBe(kind)
    expect(maskPayeeAccount(plain)).toBe(mask)
  })

  test.each([
    '',
    '12345678901',
    '138001380001',
    '2089123412341234',
    'a@b',
    '@example.com',
    'a b@c.d\u0000',
    '张三@例子.中国',
  ])('%j is none', (typed) => {
    expect(isPayeeAccount(plainPayeeAccount(typed))).toBe(false)
  })
})
