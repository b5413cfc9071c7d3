import { toFen } from '@ihome/core/money'
import { transferRefusal } from '@ihome/core/payouts/payout-plan'
import { startAlipaySandbox } from 'alipay-sandbox'
import { afterAll, describe, expect, test } from 'vitest'
import { movableClock } from '../../platform/testing.ts'
import { createAlipayPayouts } from '../payments/alipay/alipay-payouts.ts'
import { NO_TRANSFER_RECORD, type PayoutProvider, type TransferWish } from './provider.ts'
import { createFakePayouts, type Taking } from './testing-fake-payouts.ts'

const OWNER = '李四'
const ACCOUNT = 'payee@example.com'
const UNDER_WAY_MS = 60_000
const BALANCE_FEN = 200_000_000

interface Contestant {
  readonly provider: PayoutProvider
  /** What has arrived at the account so far. */
  arrived(): number
  /** How the account takes what is sent from now on. */
  take(how: Taking): Promise<void>
  loseNextAnswer(): Promise<void>
  pass(ms: number): Promise<void>
}

async function fake(): Promise<Contestant> {
  const clock = movableClock()
  const accounts = { [ACCOUNT]: OWNER }
  const provider = createFakePayouts({ clock, accounts, balanceFen: BALANCE_FEN, underWayMs: UNDER_WAY_MS })
  return {
    provider,
    arrived: () => provider.arrivedAt(ACCOUNT),
    take: async (how) => provider.take(ACCOUNT, how),
    loseNextAnswer: async () => provider.loseNextAnswer(),
    pass: async (ms) => clock.advance(ms),
  }
}

async function alipay(): Promise<Contestant> {
  const clock = movableClock()
  const sandbox = await startAlipaySandbox({
    port: 0,
    memory: true,
    clock,
    accounts: [{ role: 'payee', logonId: ACCOUNT, displayName: OWNER, balanceFen: 0 }],
  })
  afterAll(() => sandbox.stop())
  const { merchant, control, gatewayUrl: gateway } = sandbox
  const certificates = await sandbox.certificates()
  const { appId, appPrivateKey } = merchant
  const timeouts = { query: 500, change: 500 }
  const account = () => control.accounts().find(({ logonId }) => logonId === ACCOUNT)
  const outcomes = { at_once: 'success', later: 'dealing_then_success', later_not: 'dealing_then_fail' } as const
  return {
    provider: createAlipayPayouts({ gateway, appId, appPrivateKey, certificates, clock, timeouts }),
    arrived: () => account()?.balanceFen ?? 0,
    async take(how) {
      await control.setReceiveRule(account()?.id ?? '', { outcome: outcomes[how], afterMs: UNDER_WAY_MS })
    },
    async loseNextAnswer() {
      await sandbox.faults.add({ kind: 'no_answer_after', method: 'alipay.fund.trans.uni.transfer', times: 1 })
    },
    async pass(ms) {
      clock.advance(ms)
      await sandbox.clock.settle()
    },
  }
}

let count = 0
const wish = (over: Partial<TransferWish> = {}): TransferWish => {
  count += 1
  return {
    outBizNo: `contract_p20261123_${String(count).padStart(6, '0')}`,
    amount: toFen(10_010),
    payee: { identity: ACCOUNT, kind: 'ALIPAY_LOGON_ID', name: OWNER },
    title: '爱家租房房租结算',
    ...over,
  }
}

describe.each([
  ['the provider in memory', fake],
  ['Alipay', alipay],
] as const)('ALI-28 what every payout provider promises: %s', async (_name, start) => {
  const { provider, arrived, take, loseNextAnswer, pass } = await start()
  /** What arrived at the account by this. */
  async function moved(work: () => Promise<unknown>): Promise<number> {
    const before = arrived()
    await work()
    return arrived() - before
  }

  test('of a number that was never sent it says that it knows none, and no more than that', async () => {
    expect(await provider.queryTransfer(wish().outBizNo)).toMatchObject({
      kind: 'unknown',
      reason: NO_TRANSFER_RECORD,
    })
  })

  test('the same wish is one movement, however often it is sent', async () => {
    const sent = wish()
    const fact = { outBizNo: sent.outBizNo, state: 'succeeded', gatewayNo: expect.any(String) }
    const [first, second] = [await provider.transfer(sent), await provider.transfer(sent)]
    expect(first).toMatchObject({ kind: 'fact', fact, raw: expect.stringContaining(sent.outBizNo) })
    expect(second).toMatchObject({ kind: 'fact', fact: first.kind === 'fact' ? first.fact : {} })
    expect(await moved(() => provider.transfer(sent))).toBe(0)
    expect(await moved(() => provider.transfer(wish()))).toBe(10_010)
    const asked = await provider.queryTransfer(sent.outBizNo)
    expect(asked).toMatchObject({ kind: 'fact', fact })
    expect(asked.kind === 'fact' && (asked.fact.amountFen ?? sent.amount)).toBe(sent.amount)
  })

  test('another wish under the same number is refused and moves nothing', async () => {
    const sent = wish()
    await provider.transfer(sent)
    const others = [{ amount: toFen(10_011) }, { payee: { ...sent.payee, name: '张三' } }]
    const answers = await Promise.all(others.map((other) => provider.transfer({ ...sent, ...other })))
    for (const answer of answers) expect(answer).toMatchObject({ kind: 'refused' })
    expect(await provider.queryTransfer(sent.outBizNo)).toMatchObject({ kind: 'fact', fact: { state: 'succeeded' } })
  })

  test('an answer that is lost is unknown, and the question tells that it happened', async () => {
    const sent = wish()
    await loseNextAnswer()
    expect(await moved(async () => expect(await provider.transfer(sent)).toMatchObject({ kind: 'unknown' }))).toBe(
      10_010,
    )
    expect(await provider.queryTransfer(sent.outBizNo)).toMatchObject({ kind: 'fact', fact: { state: 'succeeded' } })
    expect(await moved(() => provider.transfer(sent))).toBe(0)
  })

  test('what is under way is neither done nor failed until it has arrived', async () => {
    await take('later')
    const sent = wish()
    const dealing = { kind: 'fact', fact: { outBizNo: sent.outBizNo, state: 'dealing' } }
    expect(await moved(async () => expect(await provider.transfer(sent)).toMatchObject(dealing))).toBe(0)
    expect(await provider.queryTransfer(sent.outBizNo)).toMatchObject(dealing)
    expect(await moved(() => pass(UNDER_WAY_MS))).toBe(10_010)
    expect(await provider.queryTransfer(sent.outBizNo)).toMatchObject({ kind: 'fact', fact: { state: 'succeeded' } })
    await take('at_once')
  })

  test('what fails after a while says so with a code that names whose account it is, and moves nothing', async () => {
    await take('later_not')
    const sent = wish()
    expect(
      await moved(async () => {
        await provider.transfer(sent)
        await pass(UNDER_WAY_MS)
      }),
    ).toBe(0)
    const asked = await provider.queryTransfer(sent.outBizNo)
    expect(asked).toMatchObject({ kind: 'fact', fact: { state: 'failed', code: expect.any(String) } })
    expect(asked.kind === 'fact' && transferRefusal(asked.fact.code ?? '')).toBe('payee')
    await take('at_once')
  })

  test.each([
    ['payee', { payee: { identity: 'nobody@example.com', kind: 'ALIPAY_LOGON_ID', name: OWNER } }],
    ['payee', { payee: { identity: ACCOUNT, kind: 'ALIPAY_LOGON_ID', name: '张三' } }],
    ['funds', { amount: toFen(BALANCE_FEN * 2) }],
  ] as const)('a no is signed, names its reason (%s), and moves nothing', async (reason, over) => {
    const sent = wish(over)
    const before = arrived()
    const answer = await provider.transfer(sent)
    expect(answer).toMatchObject({ kind: 'refused', code: expect.any(String) })
    expect(answer.kind === 'refused' && transferRefusal(answer.code)).toBe(reason)
    expect(arrived()).toBe(before)
    expect(await provider.queryTransfer(sent.outBizNo)).toMatchObject({ kind: 'unknown', reason: NO_TRANSFER_RECORD })
  })
})
