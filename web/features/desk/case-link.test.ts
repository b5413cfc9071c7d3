import { expect, it } from 'vitest'
import { caseLink } from './case-link.ts'

it.each([
  ['bill_difference', '2026-11-22', null, '/operator/bills/2026-11-22'],
  ['bill_late', '2026-11-22', null, '/operator/bills/2026-11-22'],
  ['mismatch', 'IH2026', 7, '/operator/orders/7'],
  ['unmatched', 'IH 2026&x', null, '/operator/payments?q=IH%202026%26x'],
])('a case of the kind %s leads to what it is about', (kind, subject, order_id, address) => {
  expect(caseLink({ kind, subject, order_id })).toBe(address)
})
