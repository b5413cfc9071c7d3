import { beforeEach, describe, expect, it, vi } from 'vitest'
import { main as operatorCommand } from '../../operator.ts'
import { type TestApp, testApp } from '../../platform/testing.ts'
import { givenUser } from '../../platform/testing-builders.ts'
import {
  askToSignIn,
  codeOf,
  givenOperator,
  OPERATOR_PASSWORD,
  operatorHeaders,
  operatorHeadersOf,
} from './testing-operators.ts'

let shop: TestApp
beforeEach(async () => {
  shop = await testApp()
})

const whoAmI = (headers: Record<string, string>) => shop.request({ url: '/api/v1.0/operator/session', headers })
const signOut = (headers: Record<string, string>) =>
  shop.request({ method: 'DELETE', url: '/api/v1.0/operator/session', headers })

describe("an operator's way in", () => {
  it('asks for a password and a code, and shows what to scan until the first code was right', async () => {
    const { login } = await givenOperator(shop, { role: 'finance' })
    const password = OPERATOR_PASSWORD
    const first = await askToSignIn(shop, { login, password })
    expect(first.json()).toMatchObject({ problem: 'second_factor_needed' })
    const { otpauth_url: url, qr_svg: picture } = first.json().data
    expect(url).toMatch(/^otpauth:\/\/totp\/iHome:desk\?/)
    expect(picture).toMatch(/^<svg/)
    expect((await askToSignIn(shop, { login, password })).json().data.otpauth_url).toBe(url)

    const entered = await askToSignIn(shop, { login, password, code: codeOf(shop, url) })
    expect(entered.json().data).toEqual({ login, role: 'finance' })
    expect((await whoAmI(operatorHeadersOf(entered))).json().data).toEqual({ login, role: 'finance' })
    expect(entered.cookies.find(({ name }) => name === 'ihome_operator')).toMatchObject({
      httpOnly: true,
      sameSite: 'Strict',
    })
    expect((await askToSignIn(shop, { login, password })).json().data).toBeUndefined()
  })

  it('takes no code twice, and none that is old', async () => {
    const { login } = await givenOperator(shop)
    const password = OPERATOR_PASSWORD
    const url = (await askToSignIn(shop, { login, password })).json().data.otpauth_url
    const code = codeOf(shop, url)
    expect((await askToSignIn(shop, { login, password, code })).statusCode).toBe(200)
    expect((await askToSignIn(shop, { login, password, code })).json().problem).toBe('second_factor_wrong')
    const later = codeOf(shop, url)
    shop.deps.clock.advance(120_000)
    expect((await askToSignIn(shop, { login, password, code: later })).json().problem).toBe('second_factor_wrong')
    expect((await askToSignIn(shop, { login, password, code: codeOf(shop, url) })).statusCode).toBe(200)
  })

  it('lets one of two in who show the same code at once', async () => {
    const { login } = await givenOperator(shop)
    const password = OPERATOR_PASSWORD
    const url = (await askToSignIn(shop, { login, password })).json().data.otpauth_url
    const code = codeOf(shop, url)
    const answers = await Promise.all([1, 2, 3].map(() => askToSignIn(shop, { login, password, code })))
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 422, 422])
  })

  it('answers an unknown login, a wrong password and a disabled operator alike', async () => {
    const { login, id } = await givenOperator(shop)
    const wrong = await askToSignIn(shop, { login, password: 'wrong' })
    const unknown = await askToSignIn(shop, { login: 'nobody', password: OPERATOR_PASSWORD })
    await shop.deps.database.owner
      .updateTable('operators')
      .set({ disabled_at: shop.deps.clock.now() })
      .where('id', '=', id)
      .execute()
    const disabled = await askToSignIn(shop, { login, password: OPERATOR_PASSWORD })
    for (const answer of [wrong, unknown, disabled]) {
      expect([answer.statusCode, answer.json().problem]).toEqual([401, 'login_failed'])
    }
  })

  it('locks an account whose codes are guessed, also when the password is right each time', async () => {
    const { login } = await givenOperator(shop)
    const password = OPERATOR_PASSWORD
    await askToSignIn(shop, { login, password })
    const most = shop.deps.config.limits.loginFailuresPerAccount
    let answer = await askToSignIn(shop, { login, password, code: '000000' })
    for (let tries = 2; tries <= most && answer.statusCode !== 429; tries += 1) {
      if (tries % 3 === 0) await askToSignIn(shop, { login, password })
      answer = await askToSignIn(shop, { login, password, code: '000000' })
    }
    expect(answer.json().problem).toBe('login_locked')
  })
})

describe('guesses at the door of operators', () => {
  it('looks at no more codes than the account allows, however many come at once', async () => {
    const { login } = await givenOperator(shop)
    const password = OPERATOR_PASSWORD
    await askToSignIn(shop, { login, password })
    const most = shop.deps.config.limits.loginFailuresPerAccount
    const guesses = Array.from({ length: 2 * most }, () => askToSignIn(shop, { login, password, code: '000000' }))
    const problems = (await Promise.all(guesses)).map((answer) => answer.json().problem)
    expect(problems.filter((problem) => problem === 'second_factor_wrong').length).toBe(most - 1)
    expect(problems.filter((problem) => problem === 'login_locked').length).toBe(most + 1)
  })
})

describe("an operator's session", () => {
  it("is none of a user's, and a user's is none of it", async () => {
    const { phone } = await givenUser(shop.deps.db)
    const user = await shop.signIn(phone)
    expect((await whoAmI(user.headers)).json().problem).toBe('sign_in_needed')
    const operator = await operatorHeaders(shop)
    const profile = await shop.request({ url: '/api/v1.0/users/profile', headers: operator })
    expect(profile.json().problem).toBe('sign_in_needed')
  })

  it('changes nothing without its own token', async () => {
    const operator = await operatorHeaders(shop)
    const visitor = await shop.visitor()
    for (const token of [undefined, '', visitor['x-csrftoken']]) {
      const answer = await signOut({
        cookie: operator.cookie,
        ...(token === undefined ? {} : { 'x-csrftoken': token }),
      })
      expect(answer.json().problem).toBe('csrf_invalid')
    }
    expect((await signOut(operator)).statusCode).toBe(200)
    expect((await whoAmI(operator)).json().problem).toBe('sign_in_needed')
  })

  it('ends after half an hour without a sign of life, and after twelve hours in any case', async () => {
    const operator = await operatorHeaders(shop)
    shop.deps.clock.advance(29 * 60_000)
    expect((await whoAmI(operator)).statusCode).toBe(200)
    shop.deps.clock.advance(29 * 60_000)
    expect((await whoAmI(operator)).statusCode).toBe(200)
    shop.deps.clock.advance(31 * 60_000)
    expect((await whoAmI(operator)).statusCode).toBe(401)
    const other = await operatorHeaders(shop, { login: 'other' })
    for (let quarters = 0; quarters < 48; quarters += 1) {
      shop.deps.clock.advance(15 * 60_000)
      await whoAmI(other)
    }
    expect((await whoAmI(other)).statusCode).toBe(401)
  })

  it('is written down, and what is written down stays', async () => {
    await operatorHeaders(shop)
    const kinds = await shop.deps.db.selectFrom('operator_actions').select(['kind']).execute()
    expect(kinds).toEqual([{ kind: 'signed_in' }])
    await expect(shop.deps.db.deleteFrom('operator_actions').execute()).rejects.toThrow(/permission denied/)
    await expect(shop.deps.db.updateTable('operator_actions').set({ kind: 'nothing' }).execute()).rejects.toThrow(
      /permission denied/,
    )
  })
})

describe('npm run operator:add', () => {
  /** What the command printed, and its exit code. */
  async function run(...words: string[]) {
    const printed: string[] = []
    const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      printed.push(String(text))
      return true
    })
    const code = await operatorCommand(words, { DATABASE_URL: shop.deps.database.ownerUrl }).finally(() =>
      spy.mockRestore(),
    )
    return { code, printed: printed.length > 0 ? JSON.parse(printed.join('')) : undefined }
  }

  it('makes an operator who signs in with the printed password and a new authenticator', async () => {
    const { code, printed } = await run('--login', 'zhou', '--role', 'finance')
    expect([code, printed.new]).toEqual([0, true])
    const first = await askToSignIn(shop, { login: 'zhou', password: printed.password })
    expect(first.json().data.otpauth_url).toMatch(/^otpauth:/)
  })

  it('lets somebody in again who has lost a phone, and ends what was open', async () => {
    const before = await operatorHeaders(shop, { login: 'lost' })
    const { printed } = await run('--login', 'lost', '--role', 'admin')
    expect(printed.new).toBe(false)
    expect((await whoAmI(before)).statusCode).toBe(401)
    expect((await askToSignIn(shop, { login: 'lost', password: OPERATOR_PASSWORD })).json().problem).toBe(
      'login_failed',
    )
    const again = await askToSignIn(shop, { login: 'lost', password: printed.password })
    expect(again.json().data.otpauth_url).toMatch(/^otpauth:/)
  })

  it('refuses a role that does not exist', async () => {
    const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    expect((await run('--login', 'x', '--role', 'king')).code).toBe(2)
    stderr.mockRestore()
  })
})
