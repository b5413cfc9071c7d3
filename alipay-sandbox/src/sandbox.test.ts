import { AlipaySdk } from 'alipay-sdk'
import { beforeAll, describe, expect, test } from 'vitest'
import { type SandboxKeys, startAlipaySandbox } from './index.ts'
import { sharedKeys } from './testing/keys.ts'
import { payUrl } from './testing/merchant.ts'
import { fieldsOf, startReceiver } from './testing/receiver.ts'

let keys: SandboxKeys
beforeAll(async () => {
  keys = await sharedKeys()
})

describe('the library', () => {
  test('SBX-74 SBX-75 a payment by sdkConfig is made, notified, queried and refunded', async () => {
    const receiver = await startReceiver()
    await using sandbox = await startAlipaySandbox({ port: 0, memory: true, keys })
    const sdk = new AlipaySdk(sandbox.sdkConfig)
    const url = sdk.pageExecute('alipay.trade.wap.pay', 'GET', {
      notify_url: receiver.url,
      return_url: 'http://127.0.0.1:1/return',
      bizContent: { out_trade_no: 'a1', total_amount: '4112.00', subject: '房 a+b', product_code: 'QUICK_WAP_WAY' },
    })
    const opened = await fetch(url, { redirect: 'manual' })
    expect(opened.status).toBe(302)
    expect(opened.headers.get('location')).toMatch(/^\/cashier\/[\w-]{24}$/)

    const payment = await sandbox.pay({ payUrl: url })
    expect(payment.trade).toMatchObject({ status: 'TRADE_SUCCESS', feeFen: 2467 })
    const delivery = await sandbox.waitForNotify({ outTradeNo: 'a1' })
    expect(delivery).toMatchObject({ verdict: 'acknowledged', httpStatus: 200 })
    expect(delivery.body).toBe(receiver.bodies[0])
    expect(sdk.checkNotifySignV2(fieldsOf(receiver.bodies[0] ?? ''))).toBe(true)

    const query = await sdk.exec('alipay.trade.query', { bizContent: { out_trade_no: 'a1' } }, { validateSign: true })
    expect(query).toMatchObject({ code: '10000', tradeStatus: 'TRADE_SUCCESS', totalAmount: '4112.00' })
    const wish = { bizContent: { out_trade_no: 'a1', refund_amount: '4112.00' } }
    const refund = await sdk.exec('alipay.trade.refund', wish, { validateSign: true })
    expect(refund).toMatchObject({ code: '10000', fundChange: 'Y', refundFee: '4112.00' })
    await sandbox.waitForNotify({ outTradeNo: 'a1', tradeStatus: 'TRADE_CLOSED' })
    expect(receiver.bodies).toHaveLength(2)
    expect(sandbox.control.state().sumFen).toBe(0)
    await receiver.stop()
  })

  test('SBX-18 the return address has the captured order and encoding and verifies in the SDK', async () => {
    await using sandbox = await startAlipaySandbox({ port: 0, memory: true, keys })
    const visited = await startReceiver()
    const pay = (no: string, returnUrl: string) =>
      sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: no }, { return_url: returnUrl }), return: 'follow' })
    const { returnUrl = '' } = await pay('a2', `${visited.url}?x=1`)
    expect(returnUrl.startsWith(`${visited.url}?x=1&charset=utf-8&out_trade_no=a2&method=`)).toBe(true)
    expect(visited.bodies).toHaveLength(1)
    const plain = new URL((await pay('a3', visited.url)).returnUrl ?? '')
    expect([...plain.searchParams.keys()].join()).toBe(
      'charset,out_trade_no,method,total_amount,sign,trade_no,auth_app_id,version,app_id,sign_type,seller_id,timestamp',
    )
    expect(plain.searchParams.get('method')).toBe('alipay.trade.wap.pay.return')
    expect(plain.search).toMatch(/timestamp=\d{4}-\d{2}-\d{2}\+\d{2}%3A\d{2}%3A\d{2}$/)
    expect(new AlipaySdk(sandbox.sdkConfig).checkNotifySignV2(Object.fromEntries(plain.searchParams))).toBe(true)
    expect((await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'a4' }) })).returnUrl).toBeUndefined()
    await visited.stop()
  })

  test('SBX-74 twenty sandboxes in one process know nothing of each other and stop for good', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => startAlipaySandbox({ port: 0, memory: true, keys })))
    const paid = await Promise.all(
      all.map((one, index) => one.pay({ payUrl: payUrl(one, { out_trade_no: 'same', total_amount: `${index + 1}` }) })),
    )
    expect(paid.map(({ trade }) => trade?.amountFen)).toEqual(all.map((_, index) => (index + 1) * 100))
    expect(new Set(paid.map(({ trade }) => trade?.tradeNo)).size).toBe(20)
    const waiting = all[0]?.waitForNotify({ outTradeNo: 'never' })
    await Promise.all(all.map((one) => one.stop()))
    await Promise.all(all.map((one) => one.stop()))
    await expect(waiting).rejects.toThrow('stopped')
    await expect(fetch(all[1]?.gatewayUrl ?? '')).rejects.toThrow()
  })

  test('SBX-74 waiting for a notify that does not come ends with a clear text', async () => {
    await using sandbox = await startAlipaySandbox({ port: 0, memory: true, keys })
    await expect(sandbox.waitForNotify({ outTradeNo: 'x', timeoutMs: 20 })).rejects.toThrow(
      'no acknowledged notify about x within 20 ms',
    )
  })

  test('SBX-27 more accounts can be given, and a seller has its own fee', async () => {
    const accounts = [
      { role: 'buyer', logonId: 'third@example.com', displayName: '第三位', balanceFen: 100_000 },
    ] as const
    await using sandbox = await startAlipaySandbox({ port: 0, memory: true, keys, accounts, appId: '9021000000000001' })
    expect(sandbox.merchant.appId).toBe('9021000000000001')
    expect(sandbox.control.accounts().map((account) => account.role)).toEqual(['seller', 'buyer', 'buyer', 'buyer'])
    const { trade } = await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'b1' }), buyer: 'third@example.com' })
    expect(trade?.feeFen).toBe(53)
    const cheap = await sandbox.control.createAccount({
      role: 'seller',
      logonId: 'cheap@example.com',
      displayName: '低费率',
      fee: { fee_rate: 0, fee_min_fen: 7 },
    })
    const app = await sandbox.control.createApp({ sellerId: cheap.id, publicKey: sandbox.merchant.appPublicKeyPem })
    const other = { ...sandbox, merchant: { ...sandbox.merchant, appId: app.id } }
    expect((await sandbox.pay({ payUrl: payUrl(other, { out_trade_no: 'b1' }) })).trade?.feeFen).toBe(7)
  })
})
