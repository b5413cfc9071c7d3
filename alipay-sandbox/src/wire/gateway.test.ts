import { createSign } from 'node:crypto'
import { createServer } from 'node:http'
import { AlipaySdk } from 'alipay-sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { formatBeijing } from '../engine/beijing.ts'
import { type AlipaySandbox, generateKeys, startAlipaySandbox } from '../index.ts'
import { sharedKeys } from '../testing/keys.ts'
import { callGateway, commonParams, payUrl, readAnswer, signRequest } from '../testing/merchant.ts'
import { sendRaw } from '../testing/raw-http.ts'

let sandbox: AlipaySandbox
let port: number
const paid = { out_trade_no: 'wire_1' }

beforeAll(async () => {
  sandbox = await startAlipaySandbox({ port: 0, memory: true, keys: await sharedKeys() })
  port = Number(new URL(sandbox.endpoint).port)
  await sandbox.pay({ payUrl: payUrl(sandbox, { ...paid, subject: 'a+b c%=&房😀' }) })
})
afterAll(() => sandbox.stop())

const pem = () => sandbox.merchant.alipayPublicKeyPem
const signedQuery = () => signRequest(commonParams(sandbox, 'alipay.trade.query', paid), sandbox.merchant.appPrivateKey)
const encoded = (params: Readonly<Record<string, string>>) => new URLSearchParams(params).toString()

describe('the ways a request may come (SBX-1)', () => {
  const FORM = 'Content-Type: application/x-www-form-urlencoded'

  function split(params: Readonly<Record<string, string>>) {
    const { biz_content = '', ...common } = params
    return { query: encoded(common), body: encoded({ biz_content }) }
  }

  function multipart(params: Readonly<Record<string, string>>, boundary: string): string {
    const parts = Object.entries(params).map(
      ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    )
    const file = `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="x.png"\r\nContent-Type: image/png\r\n\r\n\u0001\r\n`
    return `${parts.join('')}${file}--${boundary}--\r\n`
  }

  const post = (target: string, body: string, ...headers: string[]) =>
    [
      `POST ${target} HTTP/1.1`,
      'Host: x',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      ...headers,
      '',
      body,
    ].join('\r\n')

  const VARIANTS: Readonly<Record<string, () => string>> = {
    'A: common in the query, biz_content in the body': () => {
      const { query, body } = split(signedQuery())
      return post(`/gateway.do?${query}`, body, FORM)
    },
    'B: everything in the body': () => post('/gateway.do', encoded(signedQuery()), FORM),
    'B with ?charset=utf-8 twice': () => post('/gateway.do?charset=UTF-8', encoded(signedQuery()), FORM),
    'C: plain GET': () => `GET /gateway.do?${encoded(signedQuery())} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    'D: absolute-form target': () => {
      const { query, body } = split(signedQuery())
      return post(`http://127.0.0.1:${port}/gateway.do?${query}`, body, FORM)
    },
    'E: multipart with a file part': () => {
      const { biz_content = '', ...common } = signedQuery()
      const body = multipart({ biz_content }, 'XyZ')
      return post(`/gateway.do?${encoded(common)}`, body, 'Content-Type: multipart/form-data; boundary=XyZ')
    },
    'empty pairs': () => post(`/gateway.do?&`, `&&${encoded(signedQuery())}&`, FORM),
    'chunked body': () => {
      const body = encoded(signedQuery())
      const half = Math.floor(body.length / 2)
      const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
      const head = [
        'POST /gateway.do HTTP/1.1',
        'Host: x',
        'Transfer-Encoding: chunked',
        'Connection: close',
        FORM,
        '',
        '',
      ].join('\r\n')
      return `${head}${chunk(body.slice(0, half))}${chunk(body.slice(half))}0\r\n\r\n`
    },
    'Expect: 100-continue': () => post('/gateway.do', encoded(signedQuery()), FORM, 'Expect: 100-continue'),
  }

  test.each(Object.keys(VARIANTS))('SBX-1 %s', async (name) => {
    const answer = await sendRaw(port, VARIANTS[name]?.() ?? '')
    expect(answer.status).toBe(200)
    const { root, answer: object, verified } = readAnswer(answer.body, pem())
    expect({ root, verified, code: object.code, status: object.trade_status }).toEqual({
      root: 'alipay_trade_query_response',
      verified: true,
      code: '10000',
      status: 'TRADE_SUCCESS',
    })
  })

  test('SBX-1 two requests on one kept connection are both answered', async () => {
    const request = `GET /gateway.do?${encoded(signedQuery())} HTTP/1.1\r\nHost: x\r\n\r\n`
    const last = request.replace('Host: x', 'Host: x\r\nConnection: close')
    const { body } = await sendRaw(port, request + last)
    expect(body.match(/alipay_trade_query_response/g)).toHaveLength(2)
  })
})

describe('merging and checking', () => {
  test.each(['app_id', 'biz_content', 'notify_url', 'sign'])(
    'SBX-2 %s twice with different values is refused by name, whichever of them is the signed one',
    async (key) => {
      const body = new URLSearchParams({ ...signedQuery(), notify_url: 'http://127.0.0.1:1/' })
      const query = new URLSearchParams({ [key]: body.get(key) ?? '' })
      body.set(key, 'other')
      const response = await fetch(`${sandbox.gatewayUrl}?${query}`, { method: 'POST', body })
      const { answer, verified } = readAnswer(await response.text(), pem())
      expect(answer).toMatchObject({ code: '40002', sub_code: 'isv.invalid-parameter' })
      expect(answer.sub_msg).toContain(`参数 ${key} 重复`)
      expect(verified).toBe(true)
    },
  )

  test('SBX-3 a subject with blanks, %, =, &, Chinese and emoji opens through GET and POST', async () => {
    const url = payUrl(sandbox, { out_trade_no: 'wire_3', subject: 'a+b c%=&房😀' })
    expect((await fetch(url, { redirect: 'manual' })).status).toBe(302)
    const body = new URL(url).searchParams
    const posted = await fetch(sandbox.gatewayUrl, { method: 'POST', body, redirect: 'manual' })
    expect(posted.status).toBe(302)
    expect(sandbox.control.checkouts().filter((one) => one.subject === 'a+b c%=&房😀').length).toBeGreaterThanOrEqual(2)
  })

  type Change = (params: Record<string, string>) => Record<string, string>
  const without =
    (name: string): Change =>
    ({ [name]: _, ...rest }) =>
      rest
  const resigned =
    (more: Record<string, string>): Change =>
    (params) =>
      signRequest({ ...params, ...more }, sandbox.merchant.appPrivateKey)
  const KNOWN = 'alipay_trade_query_response'
  const TABLE: readonly [subCode: string, code: string, root: string, signed: boolean, change: Change][] = [
    ['isv.missing-app-id', '40001', KNOWN, false, without('app_id')],
    ['isv.invalid-app-id', '40002', KNOWN, false, (params) => ({ ...params, app_id: '9021000000000000' })],
    ['isv.missing-method', '40001', 'error_response', true, without('method')],
    ['isv.invalid-method', '40002', 'error_response', true, resigned({ method: 'alipay.no.such' })],
    ['isv.missing-signature-type', '40001', KNOWN, true, without('sign_type')],
    ['isv.invalid-signature-type', '40002', KNOWN, true, resigned({ sign_type: 'RSA' })],
    ['isv.invalid-charset', '40002', KNOWN, true, resigned({ charset: 'big5' })],
    ['isv.missing-version', '40001', KNOWN, true, without('version')],
    ['isv.missing-timestamp', '40001', KNOWN, true, without('timestamp')],
    ['isv.invalid-timestamp', '40002', KNOWN, true, resigned({ timestamp: '2026/11/23 10:00:00' })],
    ['isv.invalid-timestamp', '40002', KNOWN, true, resigned({ timestamp: '2026-02-30 10:00:00' })],
    ['isv.invalid-format', '40002', KNOWN, true, resigned({ format: 'xml' })],
    ['isv.missing-signature', '40001', KNOWN, true, without('sign')],
    ['isv.invalid-signature', '40002', KNOWN, true, (params) => ({ ...params, sign: 'AAAA' })],
    ['isv.invalid-signature', '40002', KNOWN, true, (params) => ({ ...params, version: '1.0', extra: 'unsigned' })],
    ['isv.illegal-json', '40002', KNOWN, true, resigned({ biz_content: '{' })],
    ['isv.illegal-json', '40002', KNOWN, true, resigned({ biz_content: '[]' })],
    ['ACQ.INVALID_PARAMETER', '40004', KNOWN, true, resigned({ biz_content: '{}' })],
    [
      'SANDBOX_NOT_SIMULATED',
      '40004',
      'alipay_trade_precreate_response',
      true,
      resigned({ method: 'alipay.trade.precreate' }),
    ],
  ]

  test.each(TABLE)(
    'SBX-5 SBX-7 SBX-14 %s answers %s in %s, signed: %s',
    async (subCode, code, root, signed, change) => {
      const called = await callGateway(sandbox, 'alipay.trade.query', paid, change)
      expect({ code: called.answer.code, subCode: called.answer.sub_code, root: called.root }).toEqual({
        code,
        subCode,
        root,
      })
      expect({ signed: called.signed, verified: called.verified }).toEqual({ signed, verified: signed })
    },
  )

  test('SBX-5 app, method and type are complained about before what comes later in the list', async () => {
    const everythingWrong = {
      app_id: sandbox.merchant.appId,
      method: 'alipay.no.such',
      sign_type: 'X',
      charset: 'X',
      version: '9',
    }
    const said: unknown[] = []
    for (const fix of [
      {},
      { method: 'alipay.trade.query' },
      { sign_type: 'RSA2' },
      { charset: 'utf-8' },
      { version: '1.0' },
    ]) {
      Object.assign(everythingWrong, fix)
      const response = await fetch(sandbox.gatewayUrl, { method: 'POST', body: new URLSearchParams(everythingWrong) })
      said.push(readAnswer(await response.text(), pem()).answer.sub_code)
    }
    expect(said).toEqual([
      'isv.invalid-method',
      'isv.invalid-signature-type',
      'isv.invalid-charset',
      'isv.invalid-parameter',
      'isv.missing-timestamp',
    ])
  })

  test('SBX-7 a wrong key is told the string that the gateway built, with &amp;', async () => {
    const { appPrivateKey } = await generateKeys()
    const called = await callGateway(sandbox, 'alipay.trade.query', paid, (params) =>
      signRequest(params, appPrivateKey),
    )
    expect(called.answer.sub_msg).toContain(`网关生成的验签字符串为：app_id=${sandbox.merchant.appId}&amp;biz_content=`)
    const sdk = new AlipaySdk({ ...sandbox.sdkConfig, privateKey: appPrivateKey })
    for (const validateSign of [true, false]) {
      const answer = await sdk.exec('alipay.trade.query', { bizContent: paid }, { validateSign })
      expect(answer).toMatchObject({ code: '40002', subCode: 'isv.invalid-signature' })
    }
  })

  test('SBX-9 sign_type=RSA is taken only where a setting allows it', async () => {
    const sha1: Change = (params) => {
      const { sign: _, ...rest }: Record<string, string> = { ...params, sign_type: 'RSA' }
      const text = Object.entries(rest)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]) => `${key}=${value}`)
        .join('&')
      return {
        ...rest,
        sign: createSign('RSA-SHA1').update(text, 'utf8').sign(sandbox.merchant.appPrivateKey, 'base64'),
      }
    }
    await sandbox.control.changeSettings({ allow_rsa1: true })
    expect((await callGateway(sandbox, 'alipay.trade.query', paid, sha1)).answer.code).toBe('10000')
    await sandbox.control.changeSettings({ allow_rsa1: false })
    const refused = await callGateway(sandbox, 'alipay.trade.query', paid, sha1)
    expect(refused.answer.sub_code).toBe('isv.invalid-signature-type')
  })
})

describe('answers', () => {
  test('SBX-6 status 200, the odd content type, a trace id, and canonical bytes', async () => {
    await sandbox.pay({ payUrl: payUrl(sandbox, { out_trade_no: 'wire_6', passback_params: 'a%2Fb/\u2028' }) })
    const body = new URLSearchParams(
      signRequest(
        commonParams(sandbox, 'alipay.trade.query', { out_trade_no: 'wire_6' }),
        sandbox.merchant.appPrivateKey,
      ),
    )
    const response = await fetch(sandbox.gatewayUrl, { method: 'POST', body })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/html;charset=utf-8')
    expect(response.headers.get('trace_id')).toMatch(/^\w{20,}$/)
    const raw = await response.text()
    expect(readAnswer(raw, pem()).verified).toBe(true)
    expect(raw).toContain('"passback_params":"a%2Fb\\/\\u2028"')
    expect(raw).not.toMatch(/[{,:] |\{\}|:\d+\.\d/)
    expect(raw.slice(raw.lastIndexOf('"sign"'))).not.toContain('\\')
  })

  test.each(['wap', 'page'] as const)(
    'SBX-8 a bad %s.pay address is answered with a GBK page that names the error',
    async (product) => {
      const url = payUrl(sandbox, { out_trade_no: 'wire_8', total_amount: '0' }, {}, product)
      const response = await fetch(url, { redirect: 'manual' })
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toBe('text/html;charset=GBK')
      const page = new TextDecoder('gbk', { fatal: true }).decode(await response.arrayBuffer())
      expect(page).toContain('ACQ.INVALID_PARAMETER')
      expect(page).toContain('调试错误')
      expect(page).toContain('离线沙箱，非支付宝官方页面')
      const forged = await fetch(url.replace('sign=', 'sign=x'))
      expect(new TextDecoder('gbk').decode(await forged.arrayBuffer())).toContain('isv.invalid-signature')
    },
  )
})

describe('limits (SBX-10)', () => {
  test('SBX-10 more than 1 MiB, more than 16 KiB of headers and more than 200 parameters are refused', async () => {
    const body = 'x='.padEnd(1024 * 1024 + 10, 'y')
    expect((await fetch(sandbox.gatewayUrl, { method: 'POST', body })).status).toBe(413)
    const header = await sendRaw(port, `GET / HTTP/1.1\r\nHost: x\r\nX-Big: ${'y'.repeat(17 * 1024)}\r\n\r\n`)
    expect(header.status).toBe(431)
    const many = Array.from({ length: 201 }, (_, index) => [`p${index}`, '1'])
    const called = await callGateway(sandbox, 'alipay.trade.query', paid, (params) => ({
      ...params,
      ...Object.fromEntries(many),
    }))
    expect(called.answer).toMatchObject({ code: '40002', sub_code: 'isv.invalid-parameter' })
  })

  test('SBX-10 raw garbage instead of HTTP is answered 400', async () => {
    expect((await sendRaw(port, 'garbage\r\n\r\n')).status).toBe(400)
  })
})

test('a port that is taken is reported and leaves nothing behind', async () => {
  const blocker = createServer()
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve))
  const address = blocker.address()
  const taken = typeof address === 'object' && address ? address.port : 0
  const { appPrivateKey, alipayPrivateKey } = await generateKeys()
  const starting = startAlipaySandbox({ port: taken, memory: true, keys: { appPrivateKey, alipayPrivateKey } })
  await expect(starting).rejects.toThrow('EADDRINUSE')
  await new Promise((resolve) => blocker.close(resolve))
})

describe('help with what was refused or let pass (SBX-11, SBX-12)', () => {
  const latest = () => sandbox.control.requests({ limit: 1 })[0]

  test('SBX-12 a refused request is kept with what was received, the computed string and the cause', async () => {
    const call = await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'x' }, (params) => ({
      ...params,
      notify_url: 'http://127.0.0.1/late',
    }))
    expect(call.answer.sub_code).toBe('isv.invalid-signature')
    expect(latest()).toMatchObject({
      params: { notify_url: 'http://127.0.0.1/late', method: 'alipay.trade.query' },
      subCode: 'isv.invalid-signature',
      signature: {
        cause: 'parameter_not_signed',
        zh: expect.stringContaining('notify_url'),
        en: expect.stringContaining('notify_url'),
        computed: expect.stringMatching(/^app_id=.*&notify_url=http:\/\/127\.0\.0\.1\/late&sign_type=RSA2&/),
      },
    })
  })

  test('SBX-12 an empty sign, as clients send it that could not read their key, is explained too', async () => {
    await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'x' }, (params) => ({ ...params, sign: '' }))
    expect(latest()).toMatchObject({ subCode: 'isv.missing-signature', signature: { cause: 'key_not_read' } })
  })

  test('SBX-12 a whole request that was encoded twice is refused for its timestamp, and explained', async () => {
    await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'x' }, (params) =>
      Object.fromEntries(
        Object.entries(params).map(([key, value]) => [key, key === 'sign' ? value : encodeURIComponent(value)]),
      ),
    )
    expect(latest()).toMatchObject({ subCode: 'isv.invalid-timestamp', signature: { cause: 'double_encoded' } })
  })

  test('SBX-12 a pay address that cannot be played is kept and explained as well', async () => {
    const url = payUrl(sandbox, { out_trade_no: 'helpless' }).replace('subject', 'sub_ject')
    await expect(sandbox.pay({ payUrl: `${url}&late=1` })).rejects.toThrow('isv.invalid-signature')
    expect(latest()).toMatchObject({ outTradeNo: 'helpless', subCode: 'isv.invalid-signature' })
    await expect(sandbox.pay({ payUrl: `${payUrl(sandbox, { out_trade_no: 'h2' })}&late=1` })).rejects.toThrow('isv.')
    expect(latest()).toMatchObject({ outTradeNo: 'h2', signature: { cause: 'parameter_not_signed' } })
  })

  test('SBX-12 a good request needs no help', async () => {
    await callGateway(sandbox, 'alipay.trade.query', { out_trade_no: 'x' })
    expect(latest()).toMatchObject({ subCode: 'ACQ.TRADE_NOT_EXIST' })
    expect(latest()).not.toHaveProperty('signature')
  })

  const sentLate = (minutes: number) => {
    const timestamp = formatBeijing(new Date(sandbox.clock.now().getTime() - minutes * 60_000))
    const common = { ...commonParams(sandbox, 'alipay.trade.query', { out_trade_no: 'x' }), timestamp }
    const signed = signRequest(common, sandbox.merchant.appPrivateKey)
    return callGateway(sandbox, 'alipay.trade.query', {}, () => signed)
  }

  test('SBX-11 a timestamp more than ten minutes off is accepted and flagged, eight hours with a guess', async () => {
    expect((await sentLate(9)).answer.sub_code).toBe('ACQ.TRADE_NOT_EXIST')
    expect(latest()?.notes).toEqual([])
    expect((await sentLate(11)).answer.sub_code).toBe('ACQ.TRADE_NOT_EXIST')
    expect(latest()?.notes).toEqual([expect.stringMatching(/^timestamp is 11 min off/)])
    await sentLate(480)
    expect(latest()?.notes).toEqual([expect.stringContaining('8 h off: local time instead of Beijing time?')])
    expect(sandbox.control.state().warnings.at(-1)?.text).toContain('8 h off')
  })

  test('SBX-11 a limit can be set', async () => {
    await sandbox.control.changeSettings({ timestamp_skew_minutes: 10 })
    expect((await sentLate(9)).answer.sub_code).toBe('ACQ.TRADE_NOT_EXIST')
    expect((await sentLate(11)).answer.sub_code).toBe('isv.invalid-timestamp')
    expect((await sentLate(-11)).answer.sub_code).toBe('isv.invalid-timestamp')
    expect(latest()).not.toHaveProperty('signature')
    await sandbox.control.changeSettings({ timestamp_skew_minutes: 0 })
  })
})
