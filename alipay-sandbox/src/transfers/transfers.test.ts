import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AlipaySdk } from 'alipay-sdk'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openIdOf } from '../engine/open-id.ts'
import { type AlipaySandbox, type SandboxKeys, startAlipaySandbox } from '../index.ts'
import { newPrivateKey, pkcs1 } from '../keys.ts'
import { handClock } from '../testing/bare-engine.ts'
import { callWithCertificates } from '../testing/cert-merchant.ts'
import { sharedKeys } from '../testing/keys.ts'
import { callGateway } from '../testing/merchant.ts'
import { PAYEE_REFUSALS } from './transfer.ts'

let keys: SandboxKeys
let sandbox: AlipaySandbox
beforeAll(async () => {
  const [pair, root] = await Promise.all([sharedKeys(), newPrivateKey()])
  keys = { ...pair, rootPrivateKey: pkcs1(root) }
})
beforeEach(async () => {
  sandbox = await startAlipaySandbox({
    port: 0,
    memory: true,
    keys,
    clock: handClock(),
    accounts: [{ role: 'payee', logonId: 'payee@example.com', displayName: '李四' }],
  })
})
afterEach(() => sandbox.stop())

const TRANSFER = 'alipay.fund.trans.uni.transfer'
const QUERY = 'alipay.fund.trans.common.query'
const PAYEE = { identity: 'payee@example.com', identity_type: 'ALIPAY_LOGON_ID', name: '李四' }

const order = (outBizNo: string, more: Readonly<Record<string, unknown>> = {}) => ({
  out_biz_no: outBizNo,
  trans_amount: '100.00',
  product_code: 'TRANS_ACCOUNT_NO_PWD',
  biz_scene: 'DIRECT_TRANSFER',
  order_title: '房租结算',
  payee_info: PAYEE,
  ...more,
})
const send = async (outBizNo: string, more: Readonly<Record<string, unknown>> = {}) =>
  (await callWithCertificates(sandbox, TRANSFER, order(outBizNo, more))).answer
const ask = async (biz: Readonly<Record<string, unknown>>) => (await callWithCertificates(sandbox, QUERY, biz)).answer
const byOwn = (outBizNo: string) => ({
  out_biz_no: outBizNo,
  product_code: 'TRANS_ACCOUNT_NO_PWD',
  biz_scene: 'DIRECT_TRANSFER',
})

function account(logonId: string) {
  const found = sandbox.control.accounts().find((one) => one.logonId === logonId)
  if (!found) throw new Error(`no account ${logonId}`)
  return found
}
const balance = (logonId: string) => account(logonId).balanceFen
const sum = () => sandbox.control.state().sumFen

describe('transfers', () => {
  test('SBX-57 the SDK in certificate mode sends money and reads how it stands; balances move', async () => {
    const sdk = new AlipaySdk(await sandbox.certSdkConfig())
    const sent = await sdk.exec(TRANSFER, { bizContent: order('t1') }, { validateSign: true })
    expect(sent).toMatchObject({
      code: '10000',
      outBizNo: 't1',
      status: 'SUCCESS',
      transDate: '2026-11-23 12:00:00',
      orderId: expect.stringMatching(/^20261123\d{24}$/),
      payFundOrderId: expect.stringMatching(/^20261123\d{24}$/),
    })
    expect([balance('seller@example.com'), balance('payee@example.com'), sum()]).toEqual([9_990_000, 10_000, 0])
    const { orderId, payFundOrderId } = sent
    const same = { status: 'SUCCESS', trans_amount: '100.00', pay_date: '2026-11-23 12:00:00', order_id: orderId }
    expect(await ask(byOwn('t1'))).toMatchObject(same)
    expect(await ask({ order_id: orderId })).toMatchObject(same)
    expect(await ask({ pay_fund_order_id: payFundOrderId })).toMatchObject(same)
  })

  test('SBX-57 callers in key mode are refused, and nothing moves', async () => {
    for (const [method, biz] of [
      [TRANSFER, order('k1')],
      [QUERY, byOwn('k1')],
    ] as const) {
      const { answer, verified } = await callGateway(sandbox, method, biz)
      expect(verified).toBe(true)
      expect(answer).toMatchObject({ code: '40006', sub_code: 'isv.insufficient-isv-permissions' })
    }
    expect(balance('seller@example.com')).toBe(10_000_000)
    expect(await ask(byOwn('k1'))).toMatchObject({ code: '40004', sub_code: 'ORDER_NOT_EXIST' })
  })

  test('SBX-57 the same number twice is one movement; with other data it is REP_INCONSISTENT', async () => {
    const first = await send('r1', { passback_params: 'p', transfer_scene_name: undefined })
    const second = await send('r1', { passback_params: 'p' })
    expect(second).toEqual(first)
    for (const change of [
      { trans_amount: '100.01' },
      { order_title: '别的' },
      { payee_info: { ...PAYEE, identity: 'rich@example.com', name: '沙箱买家' } },
      { passback_params: 'q' },
    ]) {
      const answer = await send('r1', { passback_params: 'p', ...change })
      expect(answer).toMatchObject({ code: '40004', sub_code: 'REP_INCONSISTENT' })
    }
    expect([balance('seller@example.com'), sum()]).toEqual([9_990_000, 0])
    expect((await ask(byOwn('r1'))).passback_params).toBe('p')
    const parallel = await Promise.all(Array.from({ length: 20 }, () => send('r2')))
    expect(new Set(parallel.map((answer) => answer.order_id)).size).toBe(1)
    expect(balance('seller@example.com')).toBe(9_980_000)
  })

  test('SBX-57 a poor seller is told so; the number may be used again once there is money', async () => {
    const poor = await send('p1', { trans_amount: '100000.01' })
    expect(poor).toMatchObject({ sub_code: 'BALANCE_IS_NOT_ENOUGH' })
    await sandbox.control.topUp(sandbox.merchant.sellerId, 1)
    expect(await send('p1', { trans_amount: '100000.01' })).toMatchObject({ code: '10000' })
    expect([balance('seller@example.com'), sum()]).toEqual([0, 0])
  })

  test('SBX-57 the payee is found by user id, open id or login, and its name is checked whenever it is given', async () => {
    const { id } = account('payee@example.com')
    const to = (payeeInfo: unknown) => send(`n${Math.random()}`.replace('.', ''), { payee_info: payeeInfo })
    expect(await to({ identity: id, identity_type: 'ALIPAY_USER_ID' })).toMatchObject({ code: '10000' })
    const openId = openIdOf(sandbox.merchant.appId, id)
    expect(await to({ identity: openId, identity_type: 'ALIPAY_OPEN_ID' })).toMatchObject({ code: '10000' })
    for (const [payee, code] of [
      [{ identity: id, identity_type: 'ALIPAY_USER_ID', name: '张三' }, 'PAYEE_USERINFO_ERROR'],
      [{ ...PAYEE, name: '张三' }, 'PAYEE_USERINFO_ERROR'],
      [{ ...PAYEE, name: undefined }, 'INVALID_PARAMETER'],
      [{ ...PAYEE, identity: 'nobody@example.com' }, 'PAYEE_NOT_EXIST'],
      [{ identity: '2088000000000000', identity_type: 'ALIPAY_USER_ID' }, 'PAYEE_NOT_EXIST'],
      [{ identity: openIdOf('9021000000000000', id), identity_type: 'ALIPAY_OPEN_ID' }, 'PAYEE_NOT_EXIST'],
      [{ ...PAYEE, identity: 'seller@example.com', name: '沙箱商家' }, 'PAYER_PAYEE_CANNOT_SAME'],
      [{ ...PAYEE, identity_type: 'BANKCARD_ACCOUNT' }, 'INVALID_PARAMETER'],
      [{ ...PAYEE, identity: '' }, 'INVALID_PARAMETER'],
      [undefined, 'INVALID_PARAMETER'],
      ['payee@example.com', 'INVALID_PARAMETER'],
    ] as const) {
      expect(await to(payee), JSON.stringify(payee)).toMatchObject({ code: '40004', sub_code: code })
    }
    expect([balance('payee@example.com'), sum()]).toEqual([20_000, 0])
  })

  test('SBX-57 every refusal that an account can be set to is answered by its published code', async () => {
    for (const outcome of Object.keys(PAYEE_REFUSALS) as (keyof typeof PAYEE_REFUSALS)[]) {
      await sandbox.control.setReceiveRule(account('payee@example.com').id, { outcome, afterMs: 0 })
      expect(await send('refused')).toMatchObject({
        code: '40004',
        sub_code: outcome,
        sub_msg: PAYEE_REFUSALS[outcome],
      })
    }
    await sandbox.control.setReceiveRule(account('payee@example.com').id, { outcome: 'success', afterMs: 0 })
    expect(await send('refused')).toMatchObject({ code: '10000', status: 'SUCCESS' })
  })

  test('SBX-57 limits: of one transfer, of a Beijing day and of a Beijing month', async () => {
    await sandbox.control.changeSettings({
      transfer_single_max_fen: 20_000,
      transfer_day_max_fen: 25_000,
      transfer_month_max_fen: 40_000,
    })
    const amount = async (no: string, yuan: string) => (await send(no, { trans_amount: yuan })).sub_code
    expect(await amount('l1', '0.09')).toBe('EXCEED_LIMIT_SM_MIN_AMOUNT')
    expect(await amount('l2', '200.01')).toBe('EXCEED_LIMIT_SM_AMOUNT')
    expect(await amount('l3', '200.00')).toBeUndefined()
    expect(await amount('l4', '50.01')).toBe('EXCEED_LIMIT_DM_AMOUNT')
    expect(await amount('l5', '50.00')).toBeUndefined()
    await sandbox.clock.advance(12 * 3_600_000 - 1)
    expect(await amount('l6', '0.10')).toBe('EXCEED_LIMIT_DM_AMOUNT')
    await sandbox.clock.advance(1)
    expect(await amount('l7', '150.01')).toBe('EXCEED_LIMIT_MM_AMOUNT')
    expect(await amount('l8', '150.00')).toBeUndefined()
    await sandbox.clock.advance(8 * 86_400_000)
    expect(await amount('l9', '150.00')).toBeUndefined()
  })

  test('SBX-57 malformed requests and scenes are refused by their codes', async () => {
    const info = [{ info_type: '结算款项名称', info_content: '房租' }]
    for (const [change, code] of [
      [{ out_biz_no: '' }, 'INVALID_PARAMETER'],
      [{ out_biz_no: 'x'.repeat(65) }, 'INVALID_PARAMETER'],
      [{ trans_amount: '1.001' }, 'INVALID_PARAMETER'],
      [{ trans_amount: '-1.00' }, 'INVALID_PARAMETER'],
      [{ product_code: 'TRANS_BANKCARD_NO_PWD' }, 'PRODUCT_NOT_SIGN'],
      [{ biz_scene: 'PERSONAL_COLLECTION' }, 'INVALID_PARAMETER'],
      [{ transfer_scene_name: '发红包', transfer_scene_report_infos: info }, 'TRANSFER_SCENE_NAME_ILLEGAL'],
      [{ transfer_scene_name: '业务结算' }, 'TRANSFER_SCENE_REPORT_INFO_ILLEGAL'],
      [{ transfer_scene_name: '业务结算', transfer_scene_report_infos: [{}] }, 'TRANSFER_SCENE_REPORT_INFO_ILLEGAL'],
    ] as const) {
      expect(await send('m1', change), JSON.stringify(change)).toMatchObject({ code: '40004', sub_code: code })
    }
    const scene = { transfer_scene_name: '业务结算', transfer_scene_report_infos: info }
    await sandbox.control.changeSettings({ transfer_scene: 'required' })
    expect(await send('m1')).toMatchObject({ sub_code: 'TRANSFER_SCENE_NAME_BLANK' })
    expect(await send('m1', scene)).toMatchObject({ code: '10000' })
    expect(await ask({ out_biz_no: 'm1' })).toMatchObject({ sub_code: 'INVALID_PARAMETER' })
    expect(await ask({})).toMatchObject({ sub_code: 'INVALID_PARAMETER' })
  })

  test('SBX-57 SBX-67 an answer that is lost after the money moved leaves one movement, and the repeat tells of it', async () => {
    await sandbox.faults.add({ kind: 'http_500', method: TRANSFER, outTradeNo: 'lost*', phase: 'after' })
    await expect(send('lost1')).rejects.toThrow('not a signed envelope')
    expect(await ask(byOwn('lost1'))).toMatchObject({ status: 'SUCCESS' })
    expect(await send('lost1')).toMatchObject({ code: '10000', status: 'SUCCESS' })
    expect([balance('payee@example.com'), sum()]).toEqual([10_000, 0])
  })

  test('SBX-57 SBX-62 reset forgets transfers and what was set for payees', async () => {
    const payee = account('payee@example.com')
    await sandbox.control.setReceiveRule(payee.id, { outcome: 'dealing_then_fail', afterMs: 1000 })
    await send('gone')
    await sandbox.control.reset()
    expect([sandbox.control.transfers(), sum()]).toEqual([[], 0])
    await sandbox.clock.advance(2000)
    expect(await send('gone')).toMatchObject({ status: 'SUCCESS' })
    expect([balance('seller@example.com'), balance('payee@example.com'), sum()]).toEqual([9_990_000, 10_000, 0])
  })

  test('SBX-57 SBX-43 another seller can neither see a transfer nor be disturbed by its number', async () => {
    await send('shared')
    const other = await sandbox.control.createAccount({
      role: 'seller',
      logonId: 'other@example.com',
      displayName: '另一商家',
      balanceFen: 20_000,
    })
    const { appPublicKeyPem } = sandbox.merchant
    const app = await sandbox.control.createApp({ sellerId: other.id, publicKey: appPublicKeyPem })
    const { appCertSn } = await sandbox.certificates(app.id)
    const asOther = (params: Record<string, string>) => ({ ...params, app_id: app.id, app_cert_sn: appCertSn })
    const { answer } = await callWithCertificates(sandbox, QUERY, byOwn('shared'), asOther)
    expect(answer).toMatchObject({ sub_code: 'ORDER_NOT_EXIST' })
    const [{ orderId } = { orderId: '' }] = sandbox.control.transfers()
    const byId = await callWithCertificates(sandbox, QUERY, { order_id: orderId }, asOther)
    expect(byId.answer).toMatchObject({ sub_code: 'ORDER_NOT_EXIST' })
    const own = await callWithCertificates(sandbox, TRANSFER, order('shared'), asOther)
    expect(own.answer).toMatchObject({ code: '10000' })
    expect([balance('other@example.com'), balance('payee@example.com'), sum()]).toEqual([10_000, 20_000, 0])
  })
})

describe('a transfer on its way', () => {
  const HOUR = 3_600_000

  test('SBX-58 DEALING becomes SUCCESS on the virtual clock, and the repeat of the number tells so', async () => {
    const payee = account('payee@example.com')
    await sandbox.control.setReceiveRule(payee.id, { outcome: 'dealing_then_success', afterMs: 2 * HOUR })
    expect(await send('d1')).toMatchObject({ code: '10000', status: 'DEALING' })
    expect([balance('seller@example.com'), balance('payee@example.com'), sum()]).toEqual([9_990_000, 0, 0])
    const waiting = await ask(byOwn('d1'))
    expect(waiting).toMatchObject({ code: '10000', status: 'DEALING' })
    expect(waiting).not.toHaveProperty('pay_date')
    await sandbox.clock.advance(2 * HOUR - 1)
    expect(await ask(byOwn('d1'))).toMatchObject({ status: 'DEALING' })
    await sandbox.clock.advance(1)
    expect(await ask(byOwn('d1'))).toMatchObject({ status: 'SUCCESS', pay_date: '2026-11-23 14:00:00' })
    expect(await send('d1')).toMatchObject({ status: 'SUCCESS', trans_date: '2026-11-23 12:00:00' })
    expect([balance('seller@example.com'), balance('payee@example.com'), sum()]).toEqual([9_990_000, 10_000, 0])
  })

  test('SBX-58 SBX-62 whoever watches the sandbox is told of a transfer and of its end', async () => {
    const told: unknown[] = []
    const { stop } = sandbox.control.watch(undefined, ({ type, orderId, outBizNo }) => {
      if (type.startsWith('transfer')) told.push({ type, orderId, outBizNo })
    })
    const payee = account('payee@example.com')
    await sandbox.control.setReceiveRule(payee.id, { outcome: 'dealing_then_fail', afterMs: HOUR })
    const { order_id: orderId } = await send('told')
    await sandbox.clock.advance(HOUR)
    stop()
    const about = { orderId, outBizNo: 'told' }
    expect(told).toEqual([
      { type: 'transfer_made', ...about },
      { type: 'transfer_settled', ...about },
    ])
  })

  test('SBX-58 FAIL restores the balance and says why', async () => {
    const payee = account('payee@example.com')
    await sandbox.control.setReceiveRule(payee.id, { outcome: 'dealing_then_fail', afterMs: HOUR })
    await send('d2')
    // What was set when the money left decides, not what is set later.
    await sandbox.control.setReceiveRule(payee.id, { outcome: 'success', afterMs: 0 })
    await sandbox.clock.advance(HOUR)
    const failed = await ask(byOwn('d2'))
    expect(failed).toMatchObject({ code: '10000', status: 'FAIL', error_code: 'PAYEE_ACCOUNT_STATUS_ERROR' })
    expect(failed.fail_reason).toBe(PAYEE_REFUSALS.PAYEE_ACCOUNT_STATUS_ERROR)
    expect([balance('seller@example.com'), balance('payee@example.com'), sum()]).toEqual([10_000_000, 0, 0])
    expect(await send('d2')).toMatchObject({ code: '10000', status: 'FAIL' })
  })

  test('SBX-58 SBX-59 a restart forgets neither a transfer on its way nor when it ends', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'alipay-sandbox-transfers-'))
    const clock = handClock()
    const start = () => startAlipaySandbox({ port: 0, dataDir: directory, keys, clock })
    await sandbox.stop()
    sandbox = await start()
    const { id } = account('rich@example.com')
    await sandbox.control.setReceiveRule(id, { outcome: 'dealing_then_fail', afterMs: HOUR })
    const payee = { payee_info: { identity: id, identity_type: 'ALIPAY_USER_ID' } }
    const sent = await send('kept', payee)
    await sandbox.stop()
    sandbox = await start()
    expect(await send('kept', payee)).toEqual(sent)
    expect([balance('seller@example.com'), sum()]).toEqual([9_990_000, 0])
    clock.move(HOUR)
    expect(await ask(byOwn('kept'))).toMatchObject({ status: 'FAIL', order_id: sent.order_id })
    await sandbox.stop()
    sandbox = await start()
    expect(await send('new', payee)).toMatchObject({ status: 'DEALING' })
    expect([balance('seller@example.com'), sum()]).toEqual([9_990_000, 0])
    await rm(directory, { recursive: true, force: true })
  })

  test('SBX-58 SBX-62 the control API lists transfers, shows one, and sets what becomes of them', async () => {
    const api = `${sandbox.endpoint}/_sandbox/api/v1`
    const call = async (path: string, body?: unknown) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
      const response = await fetch(api + path, body === undefined ? undefined : init)
      return { status: response.status, body: await response.json() }
    }
    const { id } = account('payee@example.com')
    const rule = { outcome: 'dealing_then_success', after: '30m' }
    const set = await call(`/accounts/${id}/transfer-outcome`, rule)
    expect(set).toEqual({ status: 200, body: { account_id: id, outcome: rule.outcome, after_ms: 1_800_000 } })
    expect((await call('/accounts')).body.find((one: { id: string }) => one.id === id)).toMatchObject({
      role: 'payee',
      receives: { outcome: rule.outcome, after_ms: 1_800_000 },
    })
    expect((await call(`/accounts/${id}/transfer-outcome`, { outcome: 'nope' })).status).toBe(400)
    expect((await call('/accounts/2088/transfer-outcome', rule)).status).toBe(404)
    await send('c1')
    await send('c2', { payee_info: { ...PAYEE, identity: 'rich@example.com', name: '沙箱买家' }, remark: '备注' })
    const list = await call('/transfers')
    expect(list.body).toMatchObject([
      { out_biz_no: 'c2', status: 'SUCCESS', payee_logon_id: 'rich@example.com', remark: '备注', amount_fen: 10_000 },
      { out_biz_no: 'c1', status: 'DEALING', settles_at: '2026-11-23T04:30:00.000Z', title: '房租结算' },
    ])
    expect((await call('/transfers?status=DEALING')).body).toHaveLength(1)
    expect((await call('/transfers?out_biz_no=c2')).body).toHaveLength(1)
    expect((await call(`/transfers?before=${list.body[0].order_id}`)).body).toMatchObject([{ out_biz_no: 'c1' }])
    expect((await call('/transfers/c1')).body).toEqual(list.body[1])
    expect((await call(`/transfers/${list.body[0].order_id}`)).body).toEqual(list.body[0])
    expect((await call('/transfers/none')).status).toBe(404)
  })
})
