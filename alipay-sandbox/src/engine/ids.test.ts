import { describe, expect, test } from 'vitest'
import { accountId, appId, notifyId, orderId, tradeNo } from './ids.ts'

describe('numbers', () => {
  test('SBX-31 a million of them: no duplicate, all of the right shape', () => {
    const at = new Date('2026-11-22T16:00:00Z')
    const kinds = [
      { make: tradeNo, shape: /^2026112322001\d{15}$/ },
      { make: notifyId, shape: /^20261123\d{26}$/ },
      { make: orderId, shape: /^20261123110070\d{18}$/ },
      { make: accountId, shape: /^2088\d{12}$/ },
      { make: appId, shape: /^9021\d{12}$/ },
    ]
    for (const { make, shape } of kinds) {
      const dated = make === tradeNo || make === notifyId || make === orderId
      const most = dated ? 300_000 : 50_000
      const seen = new Set<string>()
      for (let serial = 0; serial < most; serial += 1) {
        const id = dated ? (make as typeof tradeNo)(serial, at) : (make as typeof appId)(serial)
        if (!shape.test(id)) throw new Error(`${id} is not shaped like ${shape}`)
        seen.add(id)
      }
      expect(seen.size).toBe(most)
    }
    for (const make of [accountId, appId]) expect(make(12_345_678)).toMatch(/^\d{8}12345678$/)
  })
})
