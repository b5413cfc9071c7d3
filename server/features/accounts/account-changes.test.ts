import { beforeEach, describe, expect, test } from 'vitest'
import { headersOf, type TestApp, testApp } from '../../platform/testing.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { lockGuest } from '../orders/lock-guest.ts'
import { hashPassword } from './passwords.ts'
import { API, type CodeDesk, codeDesk, type Headers } from './testing-accounts.ts'

const PASSWORD = 'correct horse battery'
const OTHER = 'another fine password'
const NEW_PHONE = '16612345678'
const hashed = hashPassword(PASSWORD)

describe('changes of an account', () => {
  let shop: TestApp
  let desk: CodeDesk
  let user: { id: number; phone: string }
  let mine: Headers

  beforeEach(async () => {
    shop = await testApp()
    desk = codeDesk(shop)
    user = await givenUser(shop.deps.db, { passwordHash: await hashed })
    mine = (await shop.signIn(user.phone)).headers
  })

  const get = async (headers: Headers, path: string) => (await shop.request({ url: API + path, headers })).json()
  const signIn = (headers: Headers, password: string, mobile = user.phone) =>
    desk.post(headers, '/sessions', { mobile, password })
  const steppedUp = async (headers = mine) =>
    headersOf(await desk.post(headers, '/session/step-up', { password: PASSWORD }))
  const problem = async (answer: Promise<{ json(): { problem: string | null } }>) => (await answer).json().problem
  const reasons = async () =>
    (await shop.deps.db.selectFrom('sessions').select('end_reason').where('end_reason', 'is not', null).execute()).map(
      (row) => row.end_reason,
    )

  test('a code signs in whoever holds the phone, with a new session', async () => {
    const visitor = await shop.visitor()
    const code = await desk.codeFor(visitor, user.phone, 'login')
    const answer = await desk.post(visitor, '/sessions/sms', { mobile: user.phone, sms_code: code })
    expect(answer.json().data).toEqual({ name: user.phone })
    expect((await get(headersOf(answer), '/session')).problem).toBe(null)
    expect(await problem(desk.post(visitor, '/sessions/sms', { mobile: user.phone, sms_code: code }))).toBe(
      'sms_code_expired',
    )
  })

  test('S8 asking for a login or reset code says nothing about the phone; a code of one purpose opens no other', async () => {
    const visitor = await shop.visitor()
    for (const purpose of ['login', 'reset']) {
      const [known, unknown] = [
        await desk.ask(visitor, user.phone, { purpose }),
        await desk.ask(visitor, NEW_PHONE, { purpose }),
      ]
      expect(Object.keys(known.json().data)).toEqual(Object.keys(unknown.json().data))
      await desk.deliver()
      const told = desk.letters.findLast((letter) => letter.phone === NEW_PHONE)
      expect(told).toEqual({ phone: NEW_PHONE, kind: 'no_account', params: [] })
      const code = desk.letters.findLast((letter) => letter.phone === user.phone)?.params[0] ?? ''
      const wrong = code === '000000' ? '111111' : '000000'
      const path = purpose === 'login' ? '/sessions/sms' : '/users/password/reset'
      const rest = purpose === 'login' ? {} : { password: OTHER, password2: OTHER }
      for (const mobile of [user.phone, NEW_PHONE]) {
        expect(await problem(desk.post(visitor, path, { mobile, sms_code: wrong, ...rest }))).toBe('sms_code_wrong')
      }
      const crossed = purpose === 'login' ? '/users/password/reset' : '/sessions/sms'
      const crossedRest = purpose === 'login' ? { password: OTHER, password2: OTHER } : {}
      const answer = desk.post(visitor, crossed, { mobile: user.phone, sms_code: code, ...crossedRest })
      expect(await problem(answer)).toMatch(/^sms_code_(expired|wrong)$/)
      shop.deps.clock.advance(61_000)
    }
  })

  test('S3 a reset by code changes the password, ends every session and tells the owner', async () => {
    const visitor = await shop.visitor()
    const code = await desk.codeFor(visitor, user.phone, 'reset')
    const wish = { mobile: user.phone, sms_code: code, password: OTHER, password2: OTHER }
    expect(await problem(desk.post(visitor, '/users/password/reset', { ...wish, password2: 'x'.repeat(9) }))).toBe(
      'input_invalid',
    )
    const answer = await desk.post(visitor, '/users/password/reset', wish)
    expect((await get(headersOf(answer), '/session')).problem).toBe(null)
    expect((await get(mine, '/session')).problem).toBe('sign_in_needed')
    expect(await problem(signIn(visitor, PASSWORD))).toBe('login_failed')
    expect(await problem(signIn(visitor, OTHER))).toBe(null)
    expect(await reasons()).toContain('password_change')
    await desk.deliver()
    expect(desk.letters.at(-1)).toEqual({ phone: user.phone, kind: 'password_changed', params: [] })
  })

  test('password, phone and account change only after a second look, which gives a new session and lasts 10 min', async () => {
    const wishes: [string, object][] = [
      ['/users/password', { password: OTHER, password2: OTHER }],
      ['/users/phone', { mobile: NEW_PHONE, sms_code: '123456' }],
      ['/users/deletion', {}],
    ]
    for (const [path, body] of wishes) expect(await problem(desk.post(mine, path, body))).toBe('step_up_needed')
    const up = await steppedUp()
    expect((await get(mine, '/session')).problem).toBe('sign_in_needed')
    shop.deps.clock.advance(600_000)
    for (const [path, body] of wishes) expect(await problem(desk.post(up, path, body))).toBe('step_up_needed')
  })

  test('of many wrong passwords at the second look five are looked at; a code works in their place', async () => {
    const guess = () => problem(desk.post(mine, '/session/step-up', { password: 'wrong' }))
    const answers = await Promise.all(Array.from({ length: 12 }, guess))
    expect(answers.filter((name) => name === 'login_failed')).toHaveLength(5)
    expect(answers.filter((name) => name === 'login_locked')).toHaveLength(7)
    expect(await problem(desk.post(mine, '/session/step-up', { password: PASSWORD }))).toBe('login_locked')
    expect(await problem(desk.ask(mine, NEW_PHONE, { purpose: 'step_up' }))).toBe('input_invalid')
    expect(await problem(desk.ask(await shop.visitor(), user.phone, { purpose: 'step_up' }))).toBe('sign_in_needed')
    const code = await desk.codeFor(mine, user.phone, 'step_up')
    expect(await problem(desk.post(mine, '/session/step-up', { password: 'x', sms_code: code }))).toBe('input_invalid')
    const up = headersOf(await desk.post(mine, '/session/step-up', { sms_code: code }))
    expect(await problem(desk.post(up, '/users/password', { password: OTHER, password2: OTHER }))).toBe(null)
  })

  test('S3 another password ends every other session and keeps this one', async () => {
    const other = (await shop.signIn(user.phone)).headers
    const up = await steppedUp()
    expect(await problem(desk.post(up, '/users/password', { password: 'short', password2: 'short' }))).toBe(
      'input_invalid',
    )
    expect(await problem(desk.post(up, '/users/password', { password: OTHER, password2: OTHER }))).toBe(null)
    expect((await get(up, '/session')).problem).toBe(null)
    expect((await get(other, '/session')).problem).toBe('sign_in_needed')
    expect(await problem(signIn(await shop.visitor(), OTHER))).toBe(null)
  })

  test('another phone needs its own code, takes the name along, ends other sessions and tells the one before', async () => {
    const other = (await shop.signIn(user.phone)).headers
    const up = await steppedUp()
    const code = await desk.codeFor(up, NEW_PHONE, 'phone_change')
    const answer = await desk.post(up, '/users/phone', { mobile: NEW_PHONE, sms_code: code })
    expect(answer.json().data).toEqual({ phone: NEW_PHONE })
    expect((await get(up, '/users/profile')).data).toEqual({ avatar: null, name: NEW_PHONE, phone: NEW_PHONE })
    expect((await get(other, '/session')).problem).toBe('sign_in_needed')
    await desk.deliver()
    expect(desk.letters.at(-1)).toEqual({ phone: user.phone, kind: 'phone_changed', params: [] })
    expect(await problem(signIn(await shop.visitor(), PASSWORD, NEW_PHONE))).toBe(null)
    expect(await reasons()).toContain('phone_change')
  })

  test('a phone that somebody registered meanwhile is refused, and nothing changes', async () => {
    const up = await steppedUp()
    const code = await desk.codeFor(up, NEW_PHONE, 'phone_change')
    await givenUser(shop.deps.db, { phone: NEW_PHONE })
    expect(await problem(desk.post(up, '/users/phone', { mobile: NEW_PHONE, sms_code: code }))).toBe('phone_taken')
    expect((await get(up, '/users/profile')).data.phone).toBe(user.phone)
  })

  test('R8.2 a free name is taken, one that is taken, blank, over-long or a foreign phone is refused', async () => {
    await givenUser(shop.deps.db, { name: '小王' })
    const rename = async (name: string) => (await desk.post(mine, '/users/name', { name })).json()
    expect((await rename(' 小  林 ')).data).toEqual({ name: '小 林' })
    expect((await get(mine, '/session')).data).toEqual({ name: '小 林' })
    expect(await rename('小王')).toMatchObject({ errno: '4003', problem: 'name_taken' })
    for (const name of ['', '   ', '长'.repeat(31), NEW_PHONE, '\u200b']) {
      expect(await rename(name)).toMatchObject({ errno: '4103', problem: 'input_invalid' })
    }
    expect((await rename(user.phone)).data).toEqual({ name: user.phone })
    expect((await rename('<img src=x onerror=alert(1)>')).data).toEqual({ name: '<img src=x onerror=alert(1)>' })
  })

  test('R8.3 a phone that is sent along with a name changes no phone', async () => {
    expect(await problem(desk.post(mine, '/users/name', { name: '小林', phone: NEW_PHONE }))).toBe('input_invalid')
    expect((await get(mine, '/users/profile')).data).toEqual({ avatar: null, name: user.phone, phone: user.phone })
  })

  test('the list of devices marks this one, and 退出其他设备 ends the others', async () => {
    const agent = 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36'
    const visitor = await shop.visitor()
    const answer = await shop.request({
      method: 'POST',
      url: `${API}/sessions`,
      headers: { ...visitor, 'user-agent': agent },
      payload: { mobile: user.phone, password: PASSWORD },
    })
    const phone = headersOf(answer)
    const { devices } = (await get(phone, '/users/sessions')).data
    expect(devices).toHaveLength(2)
    expect(devices.find((one: { current: boolean }) => one.current)).toMatchObject({ device: 'Chrome · Android' })
    const ended = await shop.request({ method: 'DELETE', url: `${API}/users/sessions/others`, headers: phone })
    expect(ended.json().data).toEqual({ ended: 1 })
    expect((await get(mine, '/session')).problem).toBe('sign_in_needed')
    expect((await get(phone, '/session')).problem).toBe(null)
    expect(await reasons()).toEqual(['ended_by_user'])
  })

  test('S11 deleting takes away what names a person, keeps the row, and frees the phone', async () => {
    await desk.post(mine, '/users/auth', { real_name: '张三', id_card: '11010519491231002X', consent: true })
    const { id: houseId } = await givenHouse(shop.deps.db, { hostId: user.id })
    const { id: fan } = await givenUser(shop.deps.db)
    const hearts = [user.id, fan].map((user_id) => ({ user_id, house_id: houseId, created_at: shop.deps.clock.now() }))
    await shop.deps.db.insertInto('favourites').values(hearts).execute()
    const up = await steppedUp()
    const answer = await desk.post(up, '/users/deletion', {})
    expect(answer.json().problem).toBe(null)
    const left = await shop.deps.db.selectFrom('favourites').select('user_id').where('house_id', '=', houseId).execute()
    expect(left).toEqual([{ user_id: fan }])
    const row = await shop.deps.db.selectFrom('users').selectAll().where('id', '=', user.id).executeTakeFirstOrThrow()
    expect(JSON.stringify(row)).not.toContain(user.phone)
    expect(row).toMatchObject({ id_card_sealed: null, id_card_digest: null, verified_at: null, avatar_key: null })
    const house = await shop.deps.db
      .selectFrom('houses')
      .select('listed')
      .where('id', '=', houseId)
      .executeTakeFirstOrThrow()
    expect(house.listed).toBe(false)
    expect((await get(up, '/session')).problem).toBe('sign_in_needed')
    const visitor = headersOf(answer)
    expect(await problem(signIn(visitor, PASSWORD))).toBe('login_failed')
    const code = await desk.codeFor(visitor, user.phone)
    const again = { mobile: user.phone, sms_code: code, password: PASSWORD, password2: PASSWORD }
    expect((await desk.post(visitor, '/users', again)).statusCode).toBe(201)
    const consents = await shop.deps.db.selectFrom('consents').selectAll().where('user_id', '=', user.id).execute()
    expect(consents).toHaveLength(1)
  })

  test('E36 an account with a live order, as guest or as host, stays, and says why', async () => {
    const { db, clock } = shop.deps
    const { id: houseId, hostId } = await givenHouse(db)
    await db
      .insertInto('orders')
      .values({
        guest_id: user.id,
        host_id: hostId,
        house_id: houseId,
        start_date: '2026-12-01',
        end_date: '2026-12-02',
        days: 1,
        guest_count: 1,
        house_price_fen: 10_000,
        amount_fen: 10_000,
        night_prices_fen: [10_000],
        status: 'WAIT_ACCEPT',
        version: 1,
        cancel_rule: JSON.stringify({ name: 'standard' }),
        accept_by: clock.now(),
        status_at: clock.now(),
        created_at: clock.now(),
        updated_at: clock.now(),
      })
      .execute()
    const answer = await desk.post(await steppedUp(), '/users/deletion', {})
    expect(answer.json()).toMatchObject({ problem: 'account_in_use', data: { reasons: ['orders'] } })
    const row = await db.selectFrom('users').select('deleted_at').where('id', '=', user.id).executeTakeFirstOrThrow()
    expect(row.deleted_at).toBeNull()
  })

  test('deleting waits for a booking of the same person that is under way', async () => {
    const up = await steppedUp()
    let ended = false
    let deleting: Promise<unknown> = Promise.resolve()
    await shop.deps.transact(async (tx) => {
      await lockGuest(tx, user.id)
      deleting = desk.post(up, '/users/deletion', {}).then(() => {
        ended = true
      })
      // Another request is answered in full meanwhile.
      await shop.visitor()
      expect(ended).toBe(false)
    })
    await deleting
    expect(ended).toBe(true)
  })
})
