import type { OperatorRole } from '@ihome/contract/schemas/operators'
import { Secret, TOTP } from 'otpauth'
import { headersOf, type TestApp } from '../../platform/testing.ts'
import { hashPassword } from '../accounts/passwords.ts'

export const OPERATOR_PASSWORD = 'a long enough password'
const hashed = hashPassword(OPERATOR_PASSWORD)

/** Somebody who works at the desk, without an authenticator yet. */
export async function givenOperator(
  { deps }: TestApp,
  { login = 'desk', role = 'support' }: { readonly login?: string; readonly role?: OperatorRole } = {},
): Promise<{ readonly id: number; readonly login: string }> {
  const { id } = await deps.database.owner
    .insertInto('operators')
    .values({ login, role, password_hash: await hashed, created_at: deps.clock.now() })
    .returning('id')
    .executeTakeFirstOrThrow()
  return { id, login }
}

let lastAddress = 0

/** Asks for an operator's session, each time from another address, since failures of one address close it. */
export async function askToSignIn(shop: TestApp, payload: object) {
  lastAddress += 1
  const remoteAddress = `10.0.${Math.floor(lastAddress / 250)}.${lastAddress % 250}`
  return shop.request({
    method: 'POST',
    url: '/api/v1.0/operator/sessions',
    headers: await shop.visitor(),
    remoteAddress,
    payload,
  })
}

/** The code that an authenticator with this address shows now. */
export function codeOf({ deps }: TestApp, otpauthUrl: string): string {
  const secret = Secret.fromBase32(new URL(otpauthUrl).searchParams.get('secret') ?? '')
  return new TOTP({ secret }).generate({ timestamp: deps.clock.now().getTime() })
}

/** The headers of somebody who has signed in with both factors. */
export async function operatorHeaders(
  shop: TestApp,
  wish: { readonly login?: string; readonly role?: OperatorRole } = {},
) {
  const { login } = await givenOperator(shop, wish)
  const first = await askToSignIn(shop, { login, password: OPERATOR_PASSWORD })
  const code = codeOf(shop, first.json().data.otpauth_url)
  return operatorHeadersOf(await askToSignIn(shop, { login, password: OPERATOR_PASSWORD, code }))
}

export function operatorHeadersOf(answer: Awaited<ReturnType<typeof askToSignIn>>) {
  const { cookie } = headersOf(answer)
  const token = answer.cookies.find(({ name }) => name === 'operator_csrf')
  return { cookie, 'x-csrftoken': token?.value ?? '' }
}
