import { beforeEach, describe, expect, test } from 'vitest'
import { headersOf, type TestApp, testApp } from '../../platform/testing.ts'
import { givenUser } from '../../platform/testing-builders.ts'
import { captchaText } from '../captcha/captcha-text.ts'
import { API, type CodeDesk, codeDesk, type Headers } from './testing-accounts.ts'

const PHONE = '16612345678'
const PASSWORD = 'correct horse battery'

describe('registering', () => {
  let shop: TestApp
  let desk: CodeDesk
  let visitor: Headers

  beforeEach(async () => {
    shop = await testApp({ env: { TRUST_PROXY: '127.0.0.1' } })
    desk = codeDesk(shop)
    visitor = await shop.visitor()
  })

  const problemOf = (answer: { json(): { problem: string | null } }) => answer.json().problem
  const register = (code: string, wish: Partial<Record<'mobile' | 'password' | 'password2', string>> = {}) =>
    desk.post(visitor, '/users', { mobile: PHONE, sms_code: code, password: PASSWORD, password2: PASSWORD, ...wish })
  const codeRow = () => shop.deps.db.selectFrom('sms_codes').selectAll().orderBy('id', 'desc').executeTakeFirstOrThrow()
  const wrong = (code: string) => (code === '000000' ? '000001' : '000000')

  test('R2.1 the new account is named by its phone and signed in at once', async () => {
    const answer = await register(await desk.codeFor(visitor, PHONE))
    expect(answer.statusCode).toBe(201)
    expect(answer.json()).toMatchObject({ errno: '0', data: { name: PHONE } })
    const inside = headersOf(answer)
    const profile = await shop.request({ url: `${API}/users/profile`, headers: inside })
    expect(profile.json().data).toEqual({ avatar: null, name: PHONE, phone: PHONE })
    expect(inside.cookie).not.toContain(visitor.cookie)
    const { id } = await shop.deps.db.selectFrom('users').select('id').executeTakeFirstOrThrow()
    expect(answer.json().data.user_id).toBe(id)
  })

  test('R2.1 a number that got an account meanwhile is refused with 4003, after the right code only', async () => {
    const code = await desk.codeFor(visitor, PHONE)
    await givenUser(shop.deps.db, { phone: PHONE })
    expect(problemOf(await register(wrong(code)))).toBe('sms_code_wrong')
    const answer = await register(code)
    expect([answer.statusCode, answer.json().errno, problemOf(answer)]).toEqual([409, '4003', 'phone_taken'])
  })

  test('D-14 a registered phone gets the same answers, and its message carries no code', async () => {
    await givenUser(shop.deps.db, { phone: PHONE })
    const other = '16612345679'
    const [known, unknown] = [await desk.ask(visitor, PHONE), await desk.ask(visitor, other)]
    const shapeOf = (answer: typeof known) => [answer.statusCode, Object.keys(answer.json().data), problemOf(answer)]
    expect(shapeOf(known)).toEqual(shapeOf(unknown))
    expect(await desk.deliver()).toBe(2)
    expect(desk.letters.find((letter) => letter.phone === PHONE)).toEqual({
      phone: PHONE,
      kind: 'account_exists',
      params: [],
    })
    for (const mobile of [PHONE, other]) {
      const state = mobile === PHONE ? known : unknown
      const url = `${API}/sms_requests/${state.json().data.sms_request_id}`
      expect((await shop.request({ url, headers: visitor })).json().data).toEqual({ state: 'sent' })
      for (let guess = 1; guess <= 5; guess += 1)
        expect(problemOf(await register('000000', { mobile }))).toBe('sms_code_wrong')
      expect(problemOf(await register('000000', { mobile }))).toBe('sms_code_expired')
    }
  })

  test('R2.2 a wrong captcha is used up, and nothing is sent', async () => {
    const seen = await desk.captcha(visitor)
    const answer = await desk.post(visitor, `/sms_codes/${PHONE}`, { ...seen, image_code: 'zzzz' })
    expect([answer.statusCode, answer.json().errno, problemOf(answer)]).toEqual([422, '4004', 'captcha_wrong'])
    expect(problemOf(await desk.post(visitor, `/sms_codes/${PHONE}`, seen))).toBe('captcha_expired')
    expect(await desk.deliver()).toBe(0)
  })

  test('R2.2 a captcha is good once, in any case, for 180 s, and brings exactly one message', async () => {
    const seen = await desk.captcha(visitor)
    const loud = { ...seen, image_code: seen.image_code.toUpperCase() }
    expect((await desk.post(visitor, `/sms_codes/${PHONE}`, loud)).statusCode).toBe(202)
    expect(problemOf(await desk.post(visitor, `/sms_codes/${PHONE}`, loud))).toBe('captcha_expired')
    expect([await desk.deliver(), await desk.deliver()]).toEqual([1, 0])
    const late = await desk.captcha(visitor)
    shop.deps.clock.advance(180_000)
    expect(problemOf(await desk.post(visitor, `/sms_codes/${PHONE}`, late))).toBe('captcha_expired')
  })

  test('R2.3 of twenty wishes at once one is sent, the others are refused with 4201; after 61 s the next', async () => {
    const captchas = []
    for (let each = 1; each <= 20; each += 1) captchas.push(await desk.captcha(visitor))
    const answers = await Promise.all(captchas.map((seen) => desk.post(visitor, `/sms_codes/${PHONE}`, seen)))
    expect(answers.filter((answer) => answer.statusCode === 202)).toHaveLength(1)
    const refused = answers.filter((answer) => answer.statusCode !== 202)
    expect(new Set(refused.map((answer) => `${answer.json().errno} ${problemOf(answer)}`))).toEqual(
      new Set(['4201 sms_too_soon']),
    )
    expect(refused[0]?.headers['retry-after']).toBe('60')
    expect(await desk.deliver()).toBe(1)
    shop.deps.clock.advance(61_000)
    expect((await desk.ask(visitor, PHONE)).statusCode).toBe(202)
  })

  test('S6 five messages an hour, ten a day and thirty an hour from one address, and refused wishes count for nothing', async () => {
    const send = async (phone = PHONE, from?: string) => {
      shop.deps.clock.advance(61_000)
      return desk.ask(visitor, phone, from ? { from } : {})
    }
    for (let each = 1; each <= 5; each += 1) expect((await send()).statusCode).toBe(202)
    const sixth = await send()
    expect([sixth.statusCode, problemOf(sixth)]).toEqual([429, 'sms_limit_reached'])
    shop.deps.clock.advance(3_600_000)
    for (let each = 6; each <= 10; each += 1) expect((await send()).statusCode).toBe(202)
    shop.deps.clock.advance(3_600_000)
    expect(problemOf(await send())).toBe('sms_limit_reached')
    shop.deps.clock.advance(86_400_000)
    visitor = await shop.visitor()
    expect((await send()).statusCode).toBe(202)
    shop.deps.clock.advance(3_600_000)
    for (let each = 1; each <= 30; each += 1) {
      expect((await desk.ask(visitor, `1660000${1_000 + each}`, { from: '203.0.113.9' })).statusCode).toBe(202)
      shop.deps.clock.advance(10_000)
    }
    const other = await desk.ask(visitor, '16600002000', { from: '203.0.113.9' })
    expect(problemOf(other)).toBe('sms_limit_reached')
    expect((await desk.ask(visitor, '16600002000', { from: '198.51.100.1' })).statusCode).toBe(202)
  })

  test('S5 of many guesses at once five are looked at, and then the right code is of no use either', async () => {
    const code = await desk.codeFor(visitor, PHONE)
    const guesses = await Promise.all(Array.from({ length: 40 }, () => register(wrong(code))))
    expect(guesses.filter((answer) => problemOf(answer) === 'sms_code_wrong')).toHaveLength(5)
    expect(guesses.filter((answer) => problemOf(answer) === 'sms_code_expired')).toHaveLength(35)
    expect(problemOf(await register(code))).toBe('sms_code_expired')
    expect((await codeRow()).tries).toBe(5)
  })

  test('S5 the fifth try may be the right one; a code is good once, for 300 s, and until there is a newer one', async () => {
    const first = await desk.codeFor(visitor, PHONE)
    shop.deps.clock.advance(61_000)
    const second = await desk.codeFor(visitor, PHONE)
    if (first !== second) expect(problemOf(await register(first))).toBe('sms_code_wrong')
    shop.deps.clock.advance(300_000)
    expect(problemOf(await register(second))).toBe('sms_code_expired')
    const third = await desk.codeFor(visitor, PHONE)
    for (let guess = 1; guess <= 4; guess += 1) await register(wrong(third))
    expect((await register(third)).statusCode).toBe(201)
    expect(problemOf(await register(third))).toBe('sms_code_expired')
  })

  test('D-19 a short, long or differing password is named and does not use the code up', async () => {
    const code = await desk.codeFor(visitor, PHONE)
    const fieldOf = async (wish: object) => (await register(code, wish)).json().data.fields
    expect(await fieldOf({ password: '1234567', password2: '1234567' })).toEqual([
      { field: 'password', reason: 'too_short' },
    ])
    expect(await fieldOf({ password2: 'another password' })).toEqual([{ field: 'password2', reason: 'differs' }])
    expect((await register(code, { password: 'x'.repeat(129) })).json().errno).toBe('4103')
    expect((await codeRow()).tries).toBe(0)
    const long = '长'.repeat(128)
    expect((await register(code, { password: long, password2: long })).statusCode).toBe(201)
  })

  test('X3 while the service is down the answer comes at once, the job tries again, and says failed at last', async () => {
    const asked = await desk.ask(visitor, PHONE)
    const url = `${API}/sms_requests/${asked.json().data.sms_request_id}`
    const state = async (headers: Headers = visitor) => (await shop.request({ url, headers })).json()
    expect((await state()).data).toEqual({ state: 'queued' })
    expect((await state(await shop.visitor())).problem).toBe('not_found')
    for (const pauseMs of [0, 2_000, 4_000, 8_000]) {
      shop.deps.clock.advance(pauseMs)
      expect(await desk.deliver({ broken: true })).toBe(0)
      expect((await state()).data).toEqual({ state: 'queued' })
    }
    shop.deps.clock.advance(16_000)
    await desk.deliver({ broken: true })
    expect((await state()).data).toEqual({ state: 'failed' })
    expect((await codeRow()).voided_at).not.toBeNull()
    // The button is free again at once, and what failed is never sent later.
    expect((await desk.ask(visitor, PHONE)).statusCode).toBe(202)
    expect(await desk.deliver()).toBe(1)
    expect(desk.letters).toHaveLength(1)
  })

  test('X3 a service that comes back gets the one message', async () => {
    await desk.ask(visitor, PHONE)
    await desk.deliver({ broken: true })
    expect(await desk.deliver()).toBe(0)
    shop.deps.clock.advance(2_000)
    expect([await desk.deliver(), await desk.deliver()]).toEqual([1, 0])
    expect((await register(desk.letters[0]?.params[0] ?? '')).statusCode).toBe(201)
  })

  test('S10 neither code nor phone stands readable in any table that the sending passes', async () => {
    const code = await desk.codeFor(visitor, PHONE)
    shop.deps.clock.advance(61_000)
    await desk.ask(visitor, PHONE)
    for (const table of ['sms_codes', 'outbox', 'rate_counters', 'captchas'] as const) {
      const kept = JSON.stringify(await shop.deps.db.selectFrom(table).selectAll().execute())
      expect(kept).not.toContain(PHONE)
      expect(kept).not.toContain(code)
    }
    expect(desk.letters[0]?.params).toEqual([code, '5'])
    expect(code).toMatch(/^\d{6}$/)
    const view = await shop.deps.database.owner.selectFrom('audit.sms_codes').selectAll().execute()
    expect(view[0]).toMatchObject({ phone_mask: '166****5678', purpose: 'register', tries: 0 })
  })

  test('D-17 captcha ids come from the server, twenty a minute for an address; fewer questions', async () => {
    const make = (query = '') => shop.request({ method: 'POST', url: `${API}/image_codes${query}`, headers: visitor })
    for (let each = 1; each <= 20; each += 1) expect((await make()).statusCode).toBe(201)
    const more = await make()
    expect([more.statusCode, problemOf(more)]).toEqual([429, 'rate_limited'])
    for (let each = 1; each <= 5; each += 1) expect((await make('?kind=question')).statusCode).toBe(201)
    expect((await make('?kind=question')).statusCode).toBe(429)
    shop.deps.clock.advance(60_000)
    expect((await make()).statusCode).toBe(201)
  })

  test('a picture is a PNG that nothing keeps, the same each time, shown five times and not after its use', async () => {
    const { image_code_id: id, image_code } = await desk.captcha(visitor)
    const show = () => shop.request({ url: `${API}/image_codes/${id}` })
    const first = await show()
    expect(first.statusCode, first.body).toBe(200)
    expect(first.headers).toMatchObject({ 'content-type': 'image/png', 'cache-control': 'no-store' })
    expect(first.rawPayload.subarray(1, 4).toString()).toBe('PNG')
    expect((await show()).rawPayload).toEqual(first.rawPayload)
    expect(image_code).toMatch(/^[a-z3-9]{4}$/)
    await desk.post(visitor, `/sms_codes/${PHONE}`, { image_code_id: id, image_code })
    expect((await show()).statusCode).toBe(404)
    const { image_code_id: other } = await desk.captcha(visitor)
    for (let each = 1; each <= 5; each += 1)
      expect((await shop.request({ url: `${API}/image_codes/${other}` })).statusCode).toBe(200)
    expect((await shop.request({ url: `${API}/image_codes/${other}` })).statusCode).toBe(404)
  })

  test('a question can be answered in its place, with digits of any keyboard', async () => {
    const answer = await shop.request({ method: 'POST', url: `${API}/image_codes?kind=question`, headers: visitor })
    const { image_code_id: id, question } = answer.json().data
    expect(question).toEqual(captchaText(shop.deps.config.sessionSecrets[0] ?? '', id).question)
    const [one, two] = question.numbers
    const sum = question.operation === 'plus' ? one + two : one - two
    const wide = String(sum).replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit)))
    const passed = await desk.post(visitor, `/sms_codes/${PHONE}`, { image_code_id: id, image_code: wide })
    expect(passed.statusCode).toBe(202)
  })

  test('D-16 a phone that is none and a wish without a token are refused', async () => {
    for (const phone of ['1661234567a', '26612345678', '166123456789']) {
      expect((await desk.ask(visitor, phone)).json().errno).toBe('4103')
    }
    const seen = await desk.captcha(visitor)
    expect(problemOf(await desk.post({ ...visitor, 'x-csrftoken': '' }, `/sms_codes/${PHONE}`, seen))).toBe(
      'csrf_invalid',
    )
  })
})
