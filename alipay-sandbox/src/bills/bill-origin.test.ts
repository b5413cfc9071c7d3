import { request } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AlipaySandbox, startAlipaySandbox } from '../index.ts'
import { handClock } from '../testing/bare-engine.ts'
import { sharedKeys } from '../testing/keys.ts'
import { commonParams, readAnswer, signRequest } from '../testing/merchant.ts'

let sandbox: AlipaySandbox
beforeAll(async () => {
  const tls = { port: 0, hosts: ['openapi.alipay.com'] }
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys: await sharedKeys(), clock: handClock(), tls })
})
afterAll(() => sandbox.stop())

/** The origin of the address that is answered to a caller who came with this Host. */
function originFor(host: string, over: 'http' | 'tls' = 'http'): Promise<string> {
  const call = { bill_type: 'trade', bill_date: '2026-11-22' }
  const params = commonParams(sandbox, 'alipay.data.dataservice.bill.downloadurl.query', call)
  const body = new URLSearchParams(signRequest(params, sandbox.merchant.appPrivateKey)).toString()
  const headers = { host, 'content-type': 'application/x-www-form-urlencoded', 'content-length': body.length }
  const port = over === 'tls' ? sandbox.tls?.port : new URL(sandbox.endpoint).port
  const options = { host: '127.0.0.1', port, path: '/gateway.do', method: 'POST', headers, agent: false }
  return new Promise((resolve, reject) => {
    const asked =
      over === 'tls' ? tlsRequest({ ...options, servername: host, ca: sandbox.tls?.caCert }) : request(options)
    asked.on('error', reject)
    asked.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () => {
        const { answer } = readAnswer(text, sandbox.merchant.alipayPublicKeyPem)
        resolve(new URL(String(answer.bill_download_url)).origin)
      })
    })
    asked.end(body)
  })
}

test('SBX-54 the address begins as the caller reached the gateway, also by the name of a container and over TLS', async () => {
  expect(await originFor(new URL(sandbox.endpoint).host)).toBe(sandbox.endpoint)
  expect(await originFor('sandbox:9021')).toBe('http://sandbox:9021')
  expect(await originFor('[::1]:9021')).toBe('http://[::1]:9021')
  expect(await originFor('openapi.alipay.com', 'tls')).toBe('https://openapi.alipay.com')
})

test('SBX-54 a Host that is none is not believed', async () => {
  for (const host of ['', 'a@b', 'a/b', 'a b', '"x"']) expect(await originFor(host)).toBe(sandbox.endpoint)
})
