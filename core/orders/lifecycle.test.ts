import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Actor,
  canStillBePaid,
  LIFECYCLE,
  nextStatus,
  ORDER_STATUSES,
  type OrderStatus,
  type OrderStep,
  STAY_OF_STATUS,
  UNPAID_STATUSES,
} from './lifecycle.ts'

const STEPS = ['accept', 'reject', 'cancel', 'close', 'settle', 'pay', 'check_out', 'comment', 'complete'] as const
const ACTORS = ['guest', 'host', 'operator', 'system', 'gateway'] as const

/** Every move the specification allows, as from, step, actor, to (product.md 5.3). */
const ALLOWED = new Set([
  'WAIT_ACCEPT accept host WAIT_PAYMENT',
  'WAIT_ACCEPT reject host REJECTED',
  'WAIT_ACCEPT cancel guest CANCELED',
  'WAIT_ACCEPT cancel operator CANCELED',
  'WAIT_ACCEPT cancel system CANCELED',
  'WAIT_PAYMENT pay gateway PAID',
  ...(['guest', 'host', 'operator', 'system'] as const).flatMap((actor) => [
    `WAIT_PAYMENT close ${actor} CLOSING`,
    `WAIT_PAYMENT cancel ${actor} CANCELED`,
  ]),
  'CLOSING settle gateway CANCELED',
  'CLOSING settle system CANCELED',
  'CLOSING pay gateway PAID',
  'PAID check_out guest WAIT_COMMENT',
  'PAID check_out host WAIT_COMMENT',
  'PAID check_out system WAIT_COMMENT',
  'PAID cancel guest CANCELED',
  'PAID cancel host CANCELED',
  'PAID cancel operator CANCELED',
  'PAID cancel gateway CANCELED',
  'WAIT_COMMENT comment guest COMPLETE',
  'WAIT_COMMENT complete system COMPLETE',
])

describe('the lifecycle', () => {
  test('allows exactly the moves of the specification', () => {
    const found = ORDER_STATUSES.flatMap((from) =>
      STEPS.flatMap((step) =>
        ACTORS.flatMap((actor) => {
          const to = nextStatus(from, step, actor)
          return to ? [`${from} ${step} ${actor} ${to}`] : []
        }),
      ),
    )
    expect(new Set(found)).toEqual(ALLOWED)
  })

  test('reaches every status from WAIT_ACCEPT, and ends in COMPLETE, CANCELED or REJECTED alone', () => {
    const seen = new Set<OrderStatus>(['WAIT_ACCEPT'])
    for (const status of seen) for (const move of Object.values(LIFECYCLE[status])) seen.add(move.to)
    expect([...seen].sort()).toEqual([...ORDER_STATUSES].sort())
    const ends = ORDER_STATUSES.filter((status) => Object.keys(LIFECYCLE[status]).length === 0)
    expect(ends).toEqual(['COMPLETE', 'CANCELED', 'REJECTED'])
  })

  test('F1 only the gateway pays, never before the host has accepted', () => {
    const anyWalk = fc.array(fc.record({ step: fc.constantFrom(...STEPS), actor: fc.constantFrom(...ACTORS) }), {
      maxLength: 30,
    })
    fc.assert(
      fc.property(anyWalk, (walk) => {
        let status: OrderStatus = 'WAIT_ACCEPT'
        const taken: { step: OrderStep; actor: Actor }[] = []
        for (const move of walk) {
          const to = nextStatus(status, move.step, move.actor)
          if (!to) continue
          status = to
          taken.push(move)
        }
        const accepted = taken.findIndex(({ step }) => step === 'accept')
        const paid = taken.findIndex(({ step }) => step === 'pay')
        if (paid >= 0) {
          expect(taken[paid]?.actor).toBe('gateway')
          expect(accepted).toBeGreaterThanOrEqual(0)
          expect(accepted).toBeLessThan(paid)
        }
        if (['PAID', 'WAIT_COMMENT', 'COMPLETE'].includes(status)) expect(paid).toBeGreaterThanOrEqual(0)
        if (status === 'COMPLETE') expect(taken.some(({ step }) => step === 'check_out')).toBe(true)
      }),
    )
  })

  test('nights are held before the money, confirmed by it, and released at a dead end', () => {
    for (const status of UNPAID_STATUSES) expect(STAY_OF_STATUS[status]).toBe('held')
    for (const status of ['PAID', 'WAIT_COMMENT', 'COMPLETE'] as const) expect(STAY_OF_STATUS[status]).toBe('confirmed')
    for (const status of ['CANCELED', 'REJECTED'] as const) expect(STAY_OF_STATUS[status]).toBe('released')
  })

  test('E04 E05 late money counts while nobody closed the order on purpose', () => {
    expect(canStillBePaid('WAIT_PAYMENT', undefined)).toBe(true)
    expect(canStillBePaid('CLOSING', 'expired')).toBe(true)
    for (const reason of ['guest', 'host', 'system'] as const) expect(canStillBePaid('CLOSING', reason)).toBe(false)
    for (const status of ['WAIT_ACCEPT', 'PAID', 'CANCELED', 'REJECTED', 'COMPLETE'] as const) {
      expect(canStillBePaid(status, 'expired')).toBe(false)
    }
  })
})
