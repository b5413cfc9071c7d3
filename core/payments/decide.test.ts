import { describe, expect, test } from 'vitest'
import {
  afterRefundRefusal,
  decidePaid,
  nextAskAt,
  nextLookAt,
  nextQueryAt,
  nextRefundTryAt,
  notExistCloses,
  notExistCounts,
  type PaidQuestion,
} from './decide.ts'

const HELD = { status: 'WAIT_PAYMENT', stayHeld: true } as const
const OPEN = { state: 'OPEN', amountFen: 411_200 } as const
const ask = (over: Partial<PaidQuestion>): PaidQuestion => ({
  attempt: OPEN,
  order: HELD,
  receivedFen: 411_200,
  ...over,
})

describe('decidePaid', () => {
  test.each([
    ['E01 money for an order that waits for it is applied', ask({}), 'apply'],
    ['E01 also when the URL was never seen to be given', ask({ attempt: { ...OPEN, state: 'NEW' } }), 'apply'],
    [
      'E04 applied while closing because time ran out',
      ask({ order: { ...HELD, status: 'CLOSING', closeReason: 'expired' } }),
      'apply',
    ],
    [
      'E05 sent back when the guest had cancelled',
      ask({ order: { ...HELD, status: 'CLOSING', closeReason: 'guest' } }),
      'surplus_and_settle',
    ],
    [
      'E06 sent back when the host had',
      ask({ order: { ...HELD, status: 'CLOSING', closeReason: 'host' } }),
      'surplus_and_settle',
    ],
    ['E03 a second payment is surplus', ask({ order: { status: 'PAID', stayHeld: false } }), 'surplus'],
    [
      'E07 a dead order stays dead',
      ask({ order: { status: 'CANCELED', closeReason: 'expired', stayHeld: false } }),
      'surplus',
    ],
    ['E07 so does a rejected one', ask({ order: { status: 'REJECTED', stayHeld: false } }), 'surplus'],
    ['P4 the same success again does nothing', ask({ attempt: { ...OPEN, state: 'SUCCEEDED' } }), 'nothing'],
    ['P7 nothing moves a mismatch', ask({ attempt: { ...OPEN, state: 'MISMATCH' }, receivedFen: 1 }), 'nothing'],
    ['E17 another amount is a mismatch', ask({ receivedFen: 411_199 }), 'mismatch'],
    ['E01 money past a closed attempt still counts', ask({ attempt: { ...OPEN, state: 'CLOSED' } }), 'apply'],
  ])('%s', (_title, question, decision) => {
    expect(decidePaid(question)).toBe(decision)
  })
})

const T = (text: string) => new Date(`2026-11-23T${text}Z`)
const EXPIRE = T('06:00:00')
const RULE = { timeExpire: EXPIRE, graceMs: 120_000, gapMs: 60_000 }

describe('when "no such trade" is believed', () => {
  test('E09 not before time_expire, and not the first time', () => {
    expect(notExistCounts(EXPIRE, EXPIRE)).toBe(false)
    expect(notExistCounts(EXPIRE, T('06:00:00.001'))).toBe(true)
    expect(notExistCloses({ ...RULE, now: T('09:00:00') })).toBe(false)
  })

  test.each([
    ['06:01:01', '06:01:59.999', false],
    ['06:00:01', '06:01:59.999', false],
    ['06:00:01', '06:02:00', true],
    ['06:01:30', '06:02:29.999', false],
    ['06:01:30', '06:02:30', true],
  ])('E09 first at %s, second at %s: %s', (first, second, closes) => {
    expect(notExistCloses({ ...RULE, notExistAt: T(first), now: T(second) })).toBe(closes)
  })
})

describe('when to ask next', () => {
  test('the schedule after the URL was given', () => {
    const opened = T('05:00:00')
    const asked: string[] = []
    let now = opened
    for (let next = nextQueryAt(opened, EXPIRE, now); next; next = nextQueryAt(opened, EXPIRE, now)) {
      asked.push(next.toISOString().slice(11, 19))
      now = next
    }
    expect(asked.slice(0, 7)).toEqual([
      '05:00:10',
      '05:00:30',
      '05:01:00',
      '05:02:00',
      '05:05:00',
      '05:10:00',
      '05:15:00',
    ])
    expect(asked.slice(asked.indexOf('06:00:00'), asked.indexOf('06:00:00') + 4)).toEqual([
      '06:00:00',
      '06:01:01',
      '06:02:02',
      '07:00:00',
    ])
    expect(now).toEqual(new Date('2026-11-24T06:00:00Z'))
  })

  test('the first "no such trade" that counts is followed by the one that closes', () => {
    const base = { ...RULE, openedAt: T('05:00:00'), answer: 'not_exist' } as const
    const next = nextAskAt({ ...base, now: T('06:00:00.500'), notExistAt: T('06:00:00.500') })
    expect(next).toEqual(T('06:01:01')) // the schedule comes first; the answer then does not close yet
    const last = nextAskAt({ ...base, now: T('09:00:00'), notExistAt: T('09:00:00') })
    expect(last).toEqual(T('09:01:00'))
    expect(notExistCloses({ ...RULE, now: last, notExistAt: T('09:00:00') })).toBe(true)
  })

  test('E12 silence is asked again within a minute, and never given up', () => {
    const base = { ...RULE, openedAt: T('05:00:00'), answer: 'unknown' } as const
    expect(nextAskAt({ ...base, now: T('05:30:00.100') })).toEqual(T('05:31:00.100'))
    expect(nextAskAt({ ...base, now: T('06:02:30') })).toEqual(T('06:03:30'))
    expect(nextAskAt({ ...base, now: new Date('2026-11-30T06:00:00Z') })).toEqual(new Date('2026-11-30T06:05:00Z'))
  })

  test('a closed attempt is looked at hourly for a day', () => {
    expect(nextLookAt(EXPIRE, T('06:02:00'))).toEqual(T('07:00:00'))
    expect(nextLookAt(EXPIRE, T('07:00:00'))).toEqual(T('08:00:00'))
    expect(nextLookAt(EXPIRE, new Date('2026-11-24T06:00:00Z'))).toBeUndefined()
  })
})

describe('refunds', () => {
  test.each([
    ['ACQ.SELLER_BALANCE_NOT_ENOUGH', 'wait_for_funds'],
    ['ACQ.TRADE_HAS_FINISHED', 'manual'],
    ['ACQ.BUYER_ENABLE_STATUS_FORBID', 'manual'],
    ['ACQ.BUYER_NOT_EXIST', 'manual'],
    ['ACQ.NOT_ALLOW_PARTIAL_REFUND', 'manual'],
    ['ACQ.TRADE_NOT_ALLOW_REFUND', 'manual'],
    ['ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND', 'manual'],
    ['ACQ.DISCORDANT_REPEAT_REQUEST', 'manual'],
    ['ACQ.TRADE_HAS_CLOSE', 'ask_first'],
    ['ACQ.REASON_TRADE_REFUND_FEE_ERR', 'ask_first'],
  ])('ALI-22 %s: %s', (code, next) => {
    expect(afterRefundRefusal(code)).toBe(next)
  })

  test('tries wait ten seconds at first and at most a quarter of an hour', () => {
    const now = T('05:00:00')
    expect(nextRefundTryAt(1, now)).toEqual(T('05:00:10'))
    expect(nextRefundTryAt(2, now)).toEqual(T('05:00:20'))
    expect(nextRefundTryAt(40, now)).toEqual(T('05:15:00'))
  })
})
