import fc from 'fast-check'
import { expect, test } from 'vitest'
import { paySubject } from './pay-subject.ts'

test('ALI-7 any title becomes a subject that Alipay takes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (title) => {
      const subject = paySubject(title)
      expect(subject).toMatch(/^爱家租房/)
      expect([...subject].length).toBeLessThanOrEqual(120)
      expect(subject).not.toMatch(/[/=&,\p{Cc}\p{Cs}]/u)
    }),
  )
  expect(paySubject('A&B/C=D, 胡同\n小院')).toBe('爱家租房 A B C D 胡同 小院')
})
