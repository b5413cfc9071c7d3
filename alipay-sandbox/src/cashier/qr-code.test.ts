import { createRequire } from 'node:module'
import type JsQr from 'jsqr'
import { expect, it } from 'vitest'
import { createCashier } from './cashier.ts'
import { FakePort } from './port.fake.ts'
import { qrCode } from './qr-code.ts'

// A CommonJS module with a default of its own, which Node and its types unwrap differently.
const { default: jsQR }: typeof JsQr = createRequire(import.meta.url)('jsqr')

/** The text in a drawn code, as a scanner reads it: four pixels to a module. */
function scan(markup: string): string | undefined {
  const side = Number(/viewBox="0 0 (\d+) \1" shape/.exec(markup)?.[1])
  const scale = 4
  const pixels = new Uint8ClampedArray((side * scale) ** 2 * 4).fill(255)
  for (const [, x, y] of markup.matchAll(/M(\d+) (\d+)h1v1h-1z/g)) {
    for (let row = 0; row < scale; row += 1) {
      const from = ((Number(y) * scale + row) * side * scale + Number(x) * scale) * 4
      for (let column = 0; column < scale; column += 1) pixels.fill(0, from + column * 4, from + column * 4 + 3)
    }
  }
  return jsQR(pixels, side * scale, side * scale)?.data
}

async function opened(mode: '0' | '1' | '3' | '4', more: { readonly framed?: boolean } = {}) {
  const port = new FakePort()
  const cashier = createCashier(port, { csrfSecret: 'secret' })
  const id = port.open({ product: 'page', qrPayMode: mode, ...(mode === '4' && { qrcodeWidth: 160 }) })
  const ask = (path: string) =>
    cashier.handle({
      method: 'GET',
      path: `/cashier/${id}${path}`,
      query: new URLSearchParams(),
      headers: { host: '127.0.0.1:9021', ...(more.framed && { 'sec-fetch-dest': 'iframe' }) },
      cookies: {},
      form: new URLSearchParams(),
      origin: 'http://127.0.0.1:9021',
    })
  return { port, id, ask }
}

it('draws a code that reads back as the text', async () => {
  const text = 'http://192.168.1.20:9021/cashier/0123456789abcdefghijkl/phone'
  expect(scan((await qrCode(text, 'code')).markup)).toBe(text)
})

for (const mode of ['0', '1', '3', '4'] as const) {
  it(`SBX-16 qr_pay_mode ${mode} opens with a code of a phone cashier for the same checkout`, async () => {
    const { id, ask } = await opened(mode)
    const entry = await ask('')
    expect(entry.headers.location).toBe(`/cashier/${id}/scan`)
    const page = await ask('/scan')
    const phone = scan(page.body)
    expect(phone).toBe(`http://127.0.0.1:9021/cashier/${id}/phone`)
    expect((await ask('/phone')).headers.location).toBe(`/cashier/${id}/login`)
    expect((await ask('/login')).body).toContain('登录后付款')
  })
}

it('SBX-16 the page with the code waits for the phone and then leads back to the merchant', async () => {
  const { port, id, ask } = await opened('0')
  expect((await ask('/scan')).headers.refresh).toBe(`2; url=/cashier/${id}/scan`)
  await port.login(id, 'rich@sandbox.test', '111111')
  expect((await ask('/scan')).body).toContain('已扫码')
  await port.pay(id, '111111', 'browser')
  const done = await ask('/scan')
  expect(done.body).toContain('付款成功')
  expect(done.headers.refresh).toMatch(/^0; url=http:\/\/127\.0\.0\.1:8000\/pay-complete/)
})

it('SBX-16 inside a frame it offers the way back instead of loading the shop into the frame', async () => {
  const { port, id, ask } = await opened('1', { framed: true })
  await port.login(id, 'rich@sandbox.test', '111111')
  await port.pay(id, '111111', 'browser')
  const done = await ask('/scan')
  expect(done.headers.refresh).toBeUndefined()
  expect(done.body).toContain('target="_top">返回商户')
})

it('SBX-79 only the page with the code may be framed, and it holds no form', async () => {
  const { ask } = await opened('0')
  const page = await ask('/scan')
  expect(page.headers).not.toHaveProperty('x-frame-options')
  expect(page.headers['content-security-policy']).not.toContain('frame-ancestors')
  expect(page.body).not.toContain('<form')
  const login = await ask('/login')
  expect(login.headers['x-frame-options']).toBe('DENY')
  expect(login.headers['content-security-policy']).toContain("frame-ancestors 'none'")
})

it('SBX-16 without qr_pay_mode there is no such page', async () => {
  const port = new FakePort()
  const cashier = createCashier(port, { csrfSecret: 'secret' })
  const id = port.open({ product: 'page' })
  const answer = await cashier.handle({
    method: 'GET',
    path: `/cashier/${id}/scan`,
    query: new URLSearchParams(),
    headers: {},
    cookies: {},
    form: new URLSearchParams(),
    origin: 'http://127.0.0.1:9021',
  })
  expect(answer.headers.location).toBe(`/cashier/${id}/login`)
})
