import { AlipaySdk } from 'alipay-sdk'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AlipaySandbox, type SandboxKeys, startAlipaySandbox } from './index.ts'
import { handClock } from './testing/bare-engine.ts'
import { sharedKeys } from './testing/keys.ts'
import { callGateway, payUrl } from './testing/merchant.ts'

let keys: SandboxKeys
let sandbox: AlipaySandbox
let base: ReturnType<typeof handClock>

beforeAll(async () => {
  keys = await sharedKeys()
})
beforeEach(async () => {
  base = handClock()
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys, clock: base })
})
afterEach(() => sandbox.stop())

const pay = (outTradeNo: string, biz: Readonly<Record<string, unknown>> = {}) =>
  sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: outTradeNo, ...biz }) })
const openOnly = (outTradeNo: string) =>
  sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: outTradeNo }, {}, 'page'), outcome: 'tab_closed' })
const call = async (method: string, biz: unknown) => (await callGateway(sandbox, `alipay.trade.${method}`, biz)).answer
const refund = (biz: Readonly<Record<string, unknown>>) => call('refund', biz)

describe('query', () => {
  test('SBX-43 a paid trade answers the core fields, by either number, trade_no first', async () => {
    const { trade } = await pay('q1', { passback_params: 'x%3D1', store_id: 's1' })
    await openOnly('q2')
    const byOut = await call('query', { out_trade_no: 'q1' })
    expect(byOut).toEqual({
      code: '10000',
      msg: 'Success',
      buyer_logon_id: 'ric***@example.com',
      buyer_pay_amount: '88.80',
      buyer_user_id: trade?.buyerId,
      buyer_user_type: 'PRIVATE',
      fund_bill_list: [{ amount: '88.80', fund_channel: 'ALIPAYACCOUNT' }],
      invoice_amount: '88.80',
      out_trade_no: 'q1',
      passback_params: 'x%3D1',
      point_amount: '0.00',
      receipt_amount: '88.80',
      send_pay_date: '2026-11-23 12:00:00',
      store_id: 's1',
      total_amount: '88.80',
      trade_no: trade?.tradeNo,
      trade_status: 'TRADE_SUCCESS',
    })
    expect(await call('query', { out_trade_no: 'q2', trade_no: trade?.tradeNo })).toEqual(byOut)
    const waiting = await call('query', { out_trade_no: 'q2' })
    expect(waiting).toMatchObject({ trade_status: 'WAIT_BUYER_PAY', receipt_amount: '0.00', total_amount: '88.80' })
    expect(waiting).not.toHaveProperty('send_pay_date')
  })

  test('SBX-44 a failure still carries the number and amounts of zero; the SDK reads it in camelCase', async () => {
    const called = await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'nothing' })
    expect(called.raw).toContain(
      '{"alipay_trade_query_response":{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST",' +
        '"sub_msg":"交易不存在","buyer_pay_amount":"0.00","invoice_amount":"0.00","out_trade_no":"nothing",' +
        '"point_amount":"0.00","receipt_amount":"0.00"},"sign":"',
    )
    const sdk = new AlipaySdk(sandbox.sdkConfig)
    const answer = await sdk.exec(
      'alipay.trade.query',
      { bizContent: { out_trade_no: 'nothing' } },
      { validateSign: true },
    )
    expect(answer).toMatchObject({ subCode: 'ACQ.TRADE_NOT_EXIST', receiptAmount: '0.00', outTradeNo: 'nothing' })
    await pay('q3')
    const paid = await sdk.exec('alipay.trade.query', { bizContent: { out_trade_no: 'q3' } }, { validateSign: true })
    expect(paid).toMatchObject({ tradeStatus: 'TRADE_SUCCESS', fundBillList: [{ fundChannel: 'ALIPAYACCOUNT' }] })
  })

  test('SBX-43 a trade of another seller does not exist, also by its trade_no', async () => {
    const { trade } = await pay('q4')
    const seller = await sandbox.control.createAccount({
      role: 'seller',
      logonId: 'other@example.com',
      displayName: '别家',
    })
    const { appPublicKeyPem } = sandbox.merchant
    const app = await sandbox.control.createApp({ sellerId: seller.id, publicKey: appPublicKeyPem })
    const other: AlipaySandbox = { ...sandbox, merchant: { ...sandbox.merchant, appId: app.id } }
    for (const biz of [{ out_trade_no: 'q4' }, { trade_no: trade?.tradeNo }]) {
      for (const method of ['query', 'close', 'refund', 'fastpay.refund.query']) {
        const more = { ...biz, refund_amount: '1', out_request_no: 'x' }
        const { answer } = await callGateway(other, `alipay.trade.${method}`, more)
        expect(answer.sub_code).toBe('ACQ.TRADE_NOT_EXIST')
      }
    }
    await sandbox.pay({ payUrl: payUrl(other, { out_trade_no: 'q4', total_amount: '5' }) })
    expect((await callGateway(other, 'alipay.trade.query', { out_trade_no: 'q4' })).answer.total_amount).toBe('5.00')
    expect((await call('query', { out_trade_no: 'q4' })).total_amount).toBe('88.80')
  })
})

describe('close', () => {
  test('SBX-48 a mere checkout is not closed and stays payable', async () => {
    const url = payUrl(sandbox, { out_trade_no: 'c1' })
    await sandbox.pay({ payUrl: url, outcome: 'tab_closed' })
    expect((await call('close', { out_trade_no: 'c1' })).sub_code).toBe('ACQ.TRADE_NOT_EXIST')
    expect((await call('query', { out_trade_no: 'c1' })).sub_code).toBe('ACQ.TRADE_NOT_EXIST')
    expect((await sandbox.pay({ payUrl: url })).trade?.status).toBe('TRADE_SUCCESS')
    await sandbox.control.changeSettings({ close_unknown: 'success' })
    expect((await call('close', { out_trade_no: 'c2' })).code).toBe('10000')
  })

  test('SBX-48 only a waiting trade is closed; a paid or closed one names the state', async () => {
    await openOnly('c3')
    expect(await call('close', { out_trade_no: 'c3' })).toMatchObject({ code: '10000', out_trade_no: 'c3' })
    expect((await call('query', { out_trade_no: 'c3' })).trade_status).toBe('TRADE_CLOSED')
    expect((await call('close', { out_trade_no: 'c3' })).sub_code).toBe('ACQ.REASON_TRADE_STATUS_INVALID')
    await pay('c4')
    await sandbox.control.changeSettings({ close_paid_error: 'ACQ.TRADE_STATUS_ERROR' })
    expect((await call('close', { out_trade_no: 'c4' })).sub_code).toBe('ACQ.TRADE_STATUS_ERROR')
    expect((await call('query', { out_trade_no: 'c4' })).trade_status).toBe('TRADE_SUCCESS')
    await expect(sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'c3' }, {}, 'page') })).rejects.toThrow(
      'TRADE_HAS_CLOSE',
    )
  })
})

describe('refund', () => {
  test('SBX-45 a repeat moves nothing, another amount under the same number is refused, refund_fee is cumulative', async () => {
    await pay('r1')
    const first = await refund({ out_trade_no: 'r1', refund_amount: '30.00', out_request_no: 'a' })
    expect(first).toMatchObject({ code: '10000', fund_change: 'Y', refund_fee: '30.00', out_trade_no: 'r1' })
    base.move(4000)
    expect(await refund({ out_trade_no: 'r1', refund_amount: '20.00', out_request_no: 'b' })).toMatchObject({
      fund_change: 'Y',
      refund_fee: '50.00',
    })
    const repeated = await refund({ out_trade_no: 'r1', refund_amount: '30.00', out_request_no: 'a' })
    expect(repeated).toMatchObject({ code: '10000', fund_change: 'N', refund_fee: '30.00' })
    await sandbox.control.changeSettings({ refund_replay: 'current' })
    expect((await refund({ out_trade_no: 'r1', refund_amount: '30', out_request_no: 'a' })).refund_fee).toBe('50.00')
    const other = await refund({ out_trade_no: 'r1', refund_amount: '31.00', out_request_no: 'a' })
    expect(other.sub_code).toBe('ACQ.DISCORDANT_REPEAT_REQUEST')
    expect(sandbox.control.trade('r1').refundedFen).toBe(5000)
    expect(sandbox.control.state().sumFen).toBe(0)
  })

  test('SBX-45 without a number the order number is the number', async () => {
    await pay('r2')
    await refund({ out_trade_no: 'r2', refund_amount: '88.80' })
    const again = await refund({ out_trade_no: 'r2', refund_amount: '88.80' })
    expect(again).toMatchObject({ code: '10000', fund_change: 'N' })
    const found = await call('fastpay.refund.query', { out_trade_no: 'r2', out_request_no: 'r2' })
    expect(found.refund_status).toBe('REFUND_SUCCESS')
  })

  test('SBX-45 of a hundred refunds of 60 % at once one succeeds', async () => {
    await pay('r3', { total_amount: '100.00' })
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        refund({ out_trade_no: 'r3', refund_amount: '60', out_request_no: `p${index}` }),
      ),
    )
    expect(answers.filter((answer) => answer.fund_change === 'Y')).toHaveLength(1)
    expect(answers.filter((answer) => answer.sub_code === 'ACQ.REASON_TRADE_REFUND_FEE_ERR')).toHaveLength(99)
  })

  test.each([0, '0', '0.00', '-1', -1, '1.001', 1.001, '1e1', '', null, {}, '１'])(
    'SBX-46 SBX-49 an amount of %j is ACQ.INVALID_PARAMETER',
    async (amount) => {
      const answer = await refund({ out_trade_no: 'any', refund_amount: amount, out_request_no: 'x' })
      expect(answer).toMatchObject({ code: '40004', sub_code: 'ACQ.INVALID_PARAMETER' })
    },
  )

  test.each(['1', '1.0', '1.00', 1, 1.0])('SBX-49 an amount of %j is echoed as 1.00', async (amount) => {
    await pay('r4')
    expect((await refund({ out_trade_no: 'r4', refund_amount: amount, out_request_no: 'x' })).refund_fee).toBe('1.00')
  })

  test('SBX-46 every refusal that the state of the trade can bring about', async () => {
    const subCode = async (outTradeNo: string, amount = '1') =>
      (await refund({ out_trade_no: outTradeNo, refund_amount: amount, out_request_no: `x${amount}` })).sub_code
    expect(await subCode('r5')).toBe('ACQ.TRADE_NOT_EXIST')
    await openOnly('r6')
    expect(await subCode('r6')).toBe('ACQ.TRADE_STATUS_ERROR')
    await call('close', { out_trade_no: 'r6' })
    expect(await subCode('r6')).toBe('ACQ.TRADE_HAS_CLOSE')
    await pay('r7')
    expect(await subCode('r7', '88.81')).toBe('ACQ.REASON_TRADE_REFUND_FEE_ERR')
    await pay('r8', { total_amount: '1000000' })
    await refund({ out_trade_no: 'r8', refund_amount: '1000000' })
    expect(await subCode('r8')).toBe('ACQ.TRADE_HAS_CLOSE')
    // Two large sales of which the fees were kept: what is left cannot pay the second back in full.
    const poor = await startAlipaySandbox({ port: 0, memory: true, keys, clock: base, settings: { fee_rate: 0.5 } })
    await poor.pay({ payUrl: payUrl(poor, { out_trade_no: 'r9', total_amount: '1000000.00' }) })
    const short = await callGateway(poor, 'alipay.trade.refund', { out_trade_no: 'r9', refund_amount: '1000000' })
    expect(short.answer.sub_code).toBe('ACQ.SELLER_BALANCE_NOT_ENOUGH')
    await poor.stop()
    await sandbox.clock.advance(365 * 86_400_000)
    expect(await subCode('r7')).toBe('ACQ.TRADE_HAS_FINISHED')
  })

  test('SBX-30 the fee is kept at first; proportional gives exactly the fee back over seven odd parts', async () => {
    await pay('r10', { total_amount: '1234.57' })
    await refund({ out_trade_no: 'r10', refund_amount: '1234.57' })
    expect(sandbox.control.trade('r10')).toMatchObject({ feeFen: 741, feeBackFen: 0 })
    await sandbox.control.changeSettings({ refund_fee_policy: 'proportional' })
    await pay('r11', { total_amount: '1234.57' })
    for (const [index, amount] of ['0.01', '100.10', '333.33', '7.77', '500.00', '200.00', '93.36'].entries()) {
      base.move(4000)
      await refund({ out_trade_no: 'r11', refund_amount: amount, out_request_no: `p${index}` })
    }
    expect(sandbox.control.trade('r11')).toMatchObject({ status: 'TRADE_CLOSED', feeFen: 741, feeBackFen: 741 })
    expect(sandbox.control.state()).toMatchObject({ sumFen: 0, feeFen: 741 })
  })
})

describe('refund query', () => {
  test('SBX-47 an unknown number answers 10000 without a status; a known one this refund and the whole amount', async () => {
    await pay('f1')
    await refund({ out_trade_no: 'f1', refund_amount: '30', out_request_no: 'a', refund_reason: '行程有变' })
    base.move(4000)
    await refund({ out_trade_no: 'f1', refund_amount: '20', out_request_no: 'b' })
    const ask = (no: string, options: string[] = []) =>
      call('fastpay.refund.query', { out_trade_no: 'f1', out_request_no: no, query_options: options })
    expect(await ask('zzz')).toEqual({ code: '10000', msg: 'Success' })
    const known = await ask('a')
    expect(known).toMatchObject({
      code: '10000',
      refund_status: 'REFUND_SUCCESS',
      refund_amount: '30.00',
      total_amount: '88.80',
      out_request_no: 'a',
      refund_reason: '行程有变',
    })
    expect(known).not.toHaveProperty('gmt_refund_pay')
    expect((await ask('b', ['gmt_refund_pay'])).gmt_refund_pay).toBe('2026-11-23 12:00:04')
    expect((await call('fastpay.refund.query', { out_trade_no: 'f1' })).sub_code).toBe('ACQ.INVALID_PARAMETER')
    const missing = await call('fastpay.refund.query', { out_trade_no: 'f9', out_request_no: 'a' })
    expect(missing.sub_code).toBe('ACQ.TRADE_NOT_EXIST')
  })

  test('SBX-47 two refunds within 3 s: warned at first, silent or refused by setting', async () => {
    await pay('f2')
    const next = (no: string) => refund({ out_trade_no: 'f2', refund_amount: '1', out_request_no: no })
    await next('a')
    expect((await next('b')).fund_change).toBe('Y')
    expect(sandbox.control.state().warnings.at(-1)?.text).toContain('within 3 s')
    await sandbox.control.changeSettings({ refund_interval: 'reject' })
    base.move(2999)
    expect((await next('c')).sub_code).toBe('ACQ.REFUND_FEE_ERROR')
    base.move(1)
    expect((await next('c')).fund_change).toBe('Y')
    await sandbox.control.changeSettings({ refund_interval: 'off' })
    const { length } = sandbox.control.state().warnings
    expect((await next('d')).fund_change).toBe('Y')
    expect(sandbox.control.state().warnings).toHaveLength(length)
  })
})

describe('opening a number', () => {
  test.each([
    [{ out_trade_no: '' }, 'ACQ.INVALID_PARAMETER'],
    [{ out_trade_no: 'a-b' }, 'ACQ.INVALID_PARAMETER'],
    [{ out_trade_no: 'x'.repeat(65) }, 'ACQ.INVALID_PARAMETER'],
    [{ subject: '' }, 'ACQ.INVALID_PARAMETER'],
    [{ subject: '房'.repeat(257) }, 'ACQ.INVALID_PARAMETER'],
    [{ total_amount: '0.00' }, 'ACQ.INVALID_PARAMETER'],
    [{ total_amount: '100000000.01' }, 'ACQ.TOTAL_FEE_EXCEED'],
    [{ product_code: 'FAST_INSTANT_TRADE_PAY' }, 'ACQ.INVALID_PARAMETER'],
    [{ time_expire: '2026-11-23' }, 'ACQ.INVALID_PARAMETER'],
    [{ time_expire: '2026-11-23 11:59:59' }, 'ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR'],
    [{ timeout_express: '30s' }, 'ACQ.INVALID_PARAMETER'],
    [{ timeout_express: '16d' }, 'ACQ.INVALID_PARAMETER'],
    [{ seller_id: '2088000000000000' }, 'ACQ.PARTNER_ERROR'],
  ])('SBX-8 %j is refused with %s and opens nothing', async (biz, code) => {
    await expect(sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'o1', ...biz }) })).rejects.toThrow(code)
    expect(sandbox.control.checkouts()).toEqual([])
  })

  test('SBX-19 the moment a trade is made can be set for each product', async () => {
    const opened = async (no: string, product: 'wap' | 'page') => {
      await fetch(payUrl(sandbox, { out_trade_no: no }, {}, product), { redirect: 'manual' })
      return (await call('query', { out_trade_no: no })).code
    }
    expect([await opened('o2', 'wap'), await opened('o3', 'page')]).toEqual(['40004', '40004'])
    await sandbox.control.changeSettings({ trade_created_at_wap: 'open', trade_created_at_page: 'open' })
    expect([await opened('o4', 'wap'), await opened('o5', 'page')]).toEqual(['10000', '10000'])
    expect((await pay('o4')).trade?.status).toBe('TRADE_SUCCESS')
  })

  test('SBX-20 re-opening: the same goes on, other data, paid and closed are refused on a cashier page', async () => {
    const open = async (biz: Readonly<Record<string, unknown>>) => {
      const response = await fetch(
        payUrl(sandbox, { out_trade_no: 'o6', ...biz }, { return_url: 'http://127.0.0.1:1/back' }, 'page'),
        {
          redirect: 'manual',
        },
      )
      return response.status === 302 ? 'opened' : ((await response.text()).match(/ACQ\.\w+/)?.[0] ?? '')
    }
    await openOnly('o6')
    expect([await open({}), await open({ total_amount: '88.81' })]).toEqual(['opened', 'ACQ.CONTEXT_INCONSISTENT'])
    await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'o6' }, {}, 'page') })
    expect(await open({})).toBe('ACQ.TRADE_HAS_SUCCESS')
    await refund({ out_trade_no: 'o6', refund_amount: '88.80' })
    expect(await open({})).toBe('ACQ.TRADE_HAS_CLOSE')
  })

  test('SBX-22 payable until the last millisecond before the expiry and not at it', async () => {
    const url = (no: string) => payUrl(sandbox, { out_trade_no: no, time_expire: '2026-11-23 12:30:00' })
    const late = url('o8')
    const { trade } = await sandbox.pay({ payUrl: url('o7'), outcome: 'last_millisecond' })
    expect(trade?.paidAt?.toISOString()).toBe('2026-11-23T04:29:59.999Z')
    base.move(1)
    await expect(sandbox.pay({ payUrl: late })).rejects.toThrow('ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR')
  })

  test('SBX-22 timeout_express: five minutes at least for wap from the confirmation, the end of the day, 15 days', async () => {
    const expiry = async (no: string, product: 'wap' | 'page', express?: string) => {
      const biz = { out_trade_no: no, ...(express && { timeout_express: express }) }
      const url = payUrl(sandbox, biz, {}, product)
      const { trade } = await sandbox.pay({ payUrl: url, outcome: 'wrong_password' })
      return trade?.expiresAt.toISOString()
    }
    expect(await expiry('t1', 'wap', '1m')).toBe('2026-11-23T04:05:00.000Z')
    expect(await expiry('t2', 'page', '1m')).toBe('2026-11-23T04:01:00.000Z')
    expect(await expiry('t3', 'wap', '2h')).toBe('2026-11-23T06:00:00.000Z')
    expect(await expiry('t4', 'page', '1c')).toBe('2026-11-23T16:00:00.000Z')
    expect(await expiry('t5', 'page')).toBe('2026-12-08T04:00:00.000Z')
  })

  test('SBX-68 the buyers that tests need: quitting, closing the tab, a wrong password, too late, and twice', async () => {
    const url = payUrl(sandbox, { out_trade_no: 'b1', time_expire: '2026-11-23 12:30:00' })
    expect((await sandbox.pay({ payUrl: url, outcome: 'quit' })).trade).toBeUndefined()
    expect((await sandbox.pay({ payUrl: url, outcome: 'tab_closed' })).trade).toBeUndefined()
    expect((await sandbox.pay({ payUrl: url, outcome: 'wrong_password' })).trade?.status).toBe('WAIT_BUYER_PAY')
    await expect(sandbox.pay({ payUrl: url, buyer: 'poor@example.com' })).rejects.toThrow('CONTEXT_INCONSISTENT')
    await sandbox.pay({ payUrl: url })
    await expect(sandbox.pay({ payUrl: url })).rejects.toThrow('ACQ.TRADE_HAS_SUCCESS')

    const other = payUrl(sandbox, { out_trade_no: 'b2', time_expire: '2026-11-23 12:30:00' })
    const { trade } = await sandbox.pay({ payUrl: other, outcome: 'after_expiry' })
    expect(trade?.status).toBe('TRADE_SUCCESS')
    expect(trade?.paidAt?.toISOString()).toBe('2026-11-23T04:30:01.000Z')
    await expect(
      sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'b3' }), buyer: 'poor@example.com' }),
    ).rejects.toThrow('fen short')
  })

  test('SBX-21 fifty payments of one number at once: one debit', async () => {
    const url = payUrl(sandbox, { out_trade_no: 'b4' })
    const results = await Promise.allSettled(Array.from({ length: 50 }, () => sandbox.pay({ payUrl: url })))
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
    expect(sandbox.control.accounts().find((one) => one.logonId === 'rich@example.com')?.balanceFen).toBe(
      10_000_000_000 - 8880,
    )
  })

  test('SBX-21 SBX-68 a payment forced through after the expiry takes nothing if another page has paid meanwhile', async () => {
    const url = payUrl(sandbox, { out_trade_no: 'b6', time_expire: '2026-11-23 12:30:00' })
    const [late, inTime] = await Promise.allSettled([
      sandbox.pay({ payUrl: url, outcome: 'after_expiry' }),
      sandbox.pay({ payUrl: url }),
    ])
    expect(inTime.status).toBe('fulfilled')
    expect(late).toMatchObject({ status: 'rejected', reason: { code: 'ACQ.TRADE_HAS_SUCCESS' } })
    expect(sandbox.control.accounts().find((one) => one.logonId === 'rich@example.com')?.balanceFen).toBe(
      10_000_000_000 - 8880,
    )
  })

  test('a misspelt product code is taken with a warning', async () => {
    await pay('b5', { product_code: 'QUICK_WAP_PAY' })
    expect(sandbox.control.state().warnings.at(-1)?.text).toContain('QUICK_WAP_PAY')
  })
})
