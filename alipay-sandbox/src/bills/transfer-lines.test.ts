import { expect, test } from 'vitest'
import { createAccount } from '../engine/accounts.ts'
import { bareEngine } from '../testing/bare-engine.ts'
import { makeTransfer } from '../transfers/transfers.ts'
import { accountLines } from './bill-lines.ts'
import { parsePeriod } from './period.ts'

const HOUR = 3_600_000

test('SBX-53 the account bill has transfers, names the payee of one that is on its way, and shows its return', () => {
  const { engine, clock, app } = bareEngine()
  const payee = createAccount(engine, { role: 'payee', logonId: 'payee@example.com', displayName: '李四' })
  const send = (outBizNo: string) =>
    makeTransfer(
      engine,
      { appId: app.id, sellerId: app.sellerId },
      {
        outBizNo,
        amountFen: 10_000,
        productCode: 'TRANS_ACCOUNT_NO_PWD',
        bizScene: 'DIRECT_TRANSFER',
        identity: payee.id,
        identityType: 'ALIPAY_USER_ID',
        title: '房租结算',
        remark: '十一月',
      },
      engine.settledNow(),
    )
  send('p1')
  const rule = { outcome: 'dealing_then_fail', afterMs: HOUR } as const
  engine.store.commit({ type: 'receive_rule_set', at: engine.settledNow(), accountId: payee.id, rule })
  send('p2')
  clock.move(HOUR)
  engine.settledNow()

  const period = parsePeriod('2026-11-23')
  if (!period) throw new Error('no period')
  const shown = accountLines(engine.state, app.sellerId, period).slice(1)
  expect(shown.map((line) => [line.kind, line.outTradeNo, line.amountFen, line.balanceFen])).toEqual([
    ['transfer', 'p1', -10_000, 9_990_000],
    ['transfer', 'p2', -10_000, 9_980_000],
    ['transfer_returned', 'p2', 10_000, 9_990_000],
  ])
  for (const line of shown) {
    expect(line).toMatchObject({ counterpart: '*四(pay***@example.com)', subject: '房租结算', body: '十一月' })
  }
})
