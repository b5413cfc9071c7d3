import { toFen } from '@ihome/core/money'
import { describe, expect, test } from 'vitest'
import { planOf } from './plan.ts'
import { CORE_RULES, type Rules } from './rules.ts'
import { shrink } from './shrink.ts'
import { simulate } from './simulate.ts'

const SEEDS = Array.from({ length: 40 }, (_, index) => index + 1)
const { postings } = CORE_RULES

/** Which law lives by these rules break; looks until `wanted` is among them. */
async function brokenBy(damage: Partial<Rules>, wanted?: string): Promise<string[]> {
  const ids = new Set<string>()
  for (const seed of SEEDS) {
    const { violation } = await simulate(planOf(seed), { ...CORE_RULES, ...damage })
    if (violation) ids.add(violation.id)
    if (violation?.id === wanted) break
  }
  return [...ids]
}

test('G04 no law is broken in lives by the rules of core', async () => {
  expect(await brokenBy({})).toEqual([])
})

test('G04 the same seed is the same life, and another one is another', async () => {
  const hashes = await Promise.all([7, 7, 8].map(async (seed) => (await simulate(planOf(seed))).hash))
  expect(hashes[0]).toBe(hashes[1])
  expect(hashes[0]).not.toBe(hashes[2])
})

describe('a damaged rule is noticed:', () => {
  test.each<[string, string, Partial<Rules>]>([
    [
      'money for an order that is over makes it live again',
      'CRASH',
      {
        decidePaid: (question) =>
          CORE_RULES.decidePaid(question) === 'surplus' ? 'apply' : CORE_RULES.decidePaid(question),
      },
    ],
    [
      'money that was told before counts again',
      'V4',
      {
        decidePaid: ({ attempt, ...rest }) =>
          CORE_RULES.decidePaid({ ...rest, attempt: { ...attempt, state: 'OPEN' } }),
      },
    ],
    [
      'another amount is taken for the right one',
      'P10',
      {
        decidePaid: (question) => CORE_RULES.decidePaid({ ...question, receivedFen: question.attempt.amountFen }),
      },
    ],
    ['nobody ever believes that no trade will come', 'STUCK', { notExistCloses: () => false }],
    ['more is promised back than came in', 'R1', { mayPromise: () => true }],
    [
      'a cancelled order gives back what went back before',
      'R1',
      {
        refundIfCancelled: (paid, by, now) => CORE_RULES.refundIfCancelled({ ...paid, returned: toFen(0) }, by, now),
      },
    ],
    [
      'a refund that was refused for ever is tried for ever',
      'R12',
      { afterRefundRefusal: () => 'wait_for_funds', nextRefundTryAt: (_tries, now) => new Date(now.getTime() + 9e9) },
    ],
    [
      'a posting loses a fen',
      'L1',
      { postings: { ...postings, paySurplus: (owner, fen) => postings.paySurplus(owner, fen).slice(0, 1) } },
    ],
    [
      'a cancellation forgets what the host keeps',
      'L5b',
      {
        postings: {
          ...postings,
          cancelPaid: (order, host, refund, kept) =>
            postings.cancelPaid(order, host, refund, { ...kept, gross: toFen(0), net: toFen(0), gatewayFee: toFen(0) }),
        },
      },
    ],
    [
      'a host is promised what is not there',
      'T3',
      { planPayout: (earned) => ({ amount: toFen(earned * 2), netted: toFen(0) }) },
    ],
    [
      'an order that is paid stays as it was',
      'CRASH',
      { nextStatus: (status, step, by) => (step === 'pay' ? undefined : CORE_RULES.nextStatus(status, step, by)) },
    ],
    [
      'an order ends without waiting for its money',
      'HOLD',
      {
        nextStatus: (status, step, by) => CORE_RULES.nextStatus(status, step === 'close' ? 'cancel' : step, by),
      },
    ],
  ])('%s (%s)', async (_damage, id, damage) => {
    expect(await brokenBy(damage, id)).toContain(id)
  })
})

test('a broken life is told by its shortest list of events', async () => {
  const rules: Rules = { ...CORE_RULES, mayPromise: () => true }
  const breaks = async (plan: ReturnType<typeof planOf>) => (await simulate(plan, rules)).violation?.id === 'R1'
  const plans = SEEDS.map(planOf)
  const broken: ReturnType<typeof planOf>[] = []
  for (const plan of plans) if (broken.length === 0 && (await breaks(plan))) broken.push(plan)
  const [plan] = broken
  if (!plan) throw new Error('no life breaks it')
  const shortest = await shrink(plan, breaks)
  expect(await breaks(shortest)).toBe(true)
  // A stay that is asked for, perhaps accepted, paid at a page, and given back in parts.
  expect(shortest.events.map(({ deed }) => deed.do).filter((deed) => deed !== 'accept')).toEqual(
    expect.arrayContaining(['place', 'press', 'pay', 'part']),
  )
  expect(shortest.events.length).toBeLessThan(9)
})
