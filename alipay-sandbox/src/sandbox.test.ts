import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { AlipaySdk } from 'alipay-sdk'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type AlipaySandbox, generateKeys, type SandboxKeys, startAlipaySandbox } from './index.ts'

describe('a sandbox in memory, driven by alipay-sdk', () => {
  let keys: SandboxKeys
  let sandbox: AlipaySandbox
  let sdk: AlipaySdk
  beforeAll(async () => {
    keys = await generateKeys()
  })
  beforeEach(async () => {
    sandbox = await startAlipaySandbox({ port: 0, memory: true, keys })
    sdk = new AlipaySdk(sandbox.sdkConfig)
  })
  afterEach(() => sandbox.stop())

  test('SBX-74 SBX-75 a payment by sdkConfig is made, notified, queried and refunded', async () => {
    const bodies: string[] = []
    const server: Server = createServer((req, res) => {
      let body = ''
      req
        .on('data', (chunk) => (body += chunk))
        .on('end', () => {
          bodies.push(body)
          res.end('success')
        })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const notifyUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify`
    const payUrl = sdk.pageExecute('alipay.trade.wap.pay', 'GET', {
      notify_url: notifyUrl,
      return_url: 'http://127.0.0.1:1/return',
      bizContent: { out_trade_no: 'a1', total_amount: '4112.00', subject: '房 a+b', product_code: 'QUICK_WAP_WAY' },
    })
    const opened = await fetch(payUrl, { redirect: 'manual' })
    expect(opened.status).toBe(302)
    const payment = await sandbox.pay({ payUrl })
    expect(payment.trade?.status).toBe('TRADE_SUCCESS')
    const delivery = await sandbox.waitForNotify({ outTradeNo: 'a1' })
    expect(delivery.verdict).toBe('acknowledged')
    expect(sdk.checkNotifySignV2(Object.fromEntries(new URLSearchParams(bodies[0])))).toBe(true)
    expect(sdk.checkNotifySignV2(Object.fromEntries(new URL(payment.returnUrl ?? '').searchParams))).toBe(true)
    const query = await sdk.exec('alipay.trade.query', { bizContent: { out_trade_no: 'a1' } }, { validateSign: true })
    expect(query).toMatchObject({ code: '10000', tradeStatus: 'TRADE_SUCCESS', totalAmount: '4112.00' })
    const refund = await sdk.exec(
      'alipay.trade.refund',
      { bizContent: { out_trade_no: 'a1', refund_amount: '4112.00' } },
      { validateSign: true },
    )
    expect(refund).toMatchObject({ code: '10000', fundChange: 'Y', refundFee: '4112.00' })
    await sandbox.waitForNotify({ outTradeNo: 'a1', tradeStatus: 'TRADE_CLOSED' })
    expect(sandbox.control.state().sumFen).toBe(0)
    expect(bodies).toHaveLength(2)
    await new Promise((resolve) => server.close(resolve))
  })
})
