import { beforeAll, describe, expect, test } from 'vitest'
import { headersOf, type TestApp, testApp } from '../../platform/testing.ts'
import { givenUser } from '../../platform/testing-builders.ts'
import { hashPassword } from './passwords.ts'

const API = '/api/v1.0'
const PASSWORD = 'correct horse battery'

describe('sessions', () => {
  let shop: TestApp
  let phone: string

  beforeAll(async () => {
    shop = await testApp()
    phone = (await givenUser(shop.deps.db, { name: '林小溪', passwordHash: await hashPassword(PASSWORD) })).phone
  })

  const signIn = async (headers: { cookie: string; 'x-csrftoken': string }, password = PASSWORD, mobile = phone) =>
    shop.request({ method: 'POST', url: `${API}/sessions`, headers, payload: { mobile, password } })

  test('R3.1 the right password signs in and GET /session gives the name', async () => {
    const answer = await signIn(await shop.visitor())
    expect(answer.json()).toMatchObject({ errno: '0', problem: null, data: { name: '林小溪' } })
    const session = await shop.request({ url: `${API}/session`, headers: headersOf(answer) })
    expect(session.json().data).toEqual({ name: '林小溪' })
  })
})
