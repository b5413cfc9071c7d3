import { beforeAll, describe, expect, test } from 'vitest'
import { deskUserRoutes } from '../features/accounts/desk-user-routes.ts'
import { contentRoutes } from '../features/houses/content-routes.ts'
import { hostingRoutes } from '../features/houses/hosting-routes.ts'
import { operatorHeaders } from '../features/operators/testing-operators.ts'
import { type TestApp, testApp } from './testing.ts'
import { givenUser } from './testing-builders.ts'

describe('text that no database keeps', () => {
  let shop: TestApp
  let host: Record<string, string>
  let desk: Record<string, string>

  beforeAll(async () => {
    shop = await testApp({ features: { api: [hostingRoutes, deskUserRoutes, contentRoutes] } })
    host = (await shop.signIn((await givenUser(shop.deps.db, { verified: true })).phone)).headers
    desk = await operatorHeaders(shop, { login: 'chief', role: 'admin' })
  })

  const ask = async (as: 'host' | 'desk', method: 'GET' | 'POST', path: string, payload?: object) => {
    const headers = as === 'desk' ? desk : host
    const url = `/api/v1.0${path}`
    const answer = await shop.request({ method, url, headers, ...(payload ? { payload } : {}) })
    return { status: answer.statusCode, problem: answer.json().problem, data: answer.json().data }
  }

  test.each([
    ['a zero character in an address', 'host', 'GET', '/image_codes/%00', undefined, 'image_code_id'],
    ['one in a query', 'desk', 'GET', '/operator/users?q=%00', undefined, 'q'],
    [
      'one deep in a body',
      'host',
      'POST',
      '/users/house-drafts',
      { step: 1, content: { title: 'a\0' } },
      'content.title',
    ],
    ['half a character', 'desk', 'POST', '/operator/areas', { name: '\ud800区' }, 'name'],
  ] as const)('%s is refused by name and no defect', async (_title, as, method, path, body, field) => {
    expect(await ask(as, method, path, body)).toMatchObject({
      status: 400,
      problem: 'input_invalid',
      data: { fields: [{ field, reason: 'holds a character that is none' }] },
    })
  })

  test('whole characters of two halves are text like any other', async () => {
    expect(await ask('desk', 'POST', '/operator/areas', { name: '𠮷田区' })).toMatchObject({ problem: null })
  })
})
