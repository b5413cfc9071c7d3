import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import Type from 'typebox'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { idempotent, idempotentAround } from './idempotency.ts'
import { Refusal } from './refusal.ts'
import { type SignedIn, type TestApp, testApp } from './testing.ts'
import { givenUser } from './testing-builders.ts'

const API = '/api/v1.0'
const KEY = 'key-0001'

describe.each(['one', 'around'] as const)('an Idempotency-Key on work in form "%s"', (form) => {
  let shop: TestApp
  let guest: SignedIn
  let other: SignedIn
  let runs: number
  let meet: Promise<void> | undefined

  const routes: FastifyPluginAsyncTypebox<{ deps: TestApp['deps'] }> = async (app, { deps }) => {
    const schema = (operationId: string) => ({
      tags: ['try'],
      operationId,
      summary: 'For the test',
      body: Type.Object({ what: Type.String() }),
      response: { 201: Type.Object({ run: Type.Integer() }) },
    })
    const config = { access: 'signed_in' } as const
    const work = async (what: string) => {
      runs += 1
      const run = runs
      await meet
      if (what === 'refused') throw new Refusal('step_refused')
      return { run }
    }
    for (const url of ['/try/wish', '/try/other']) {
      app.post(url, { config, schema: schema(url.replaceAll('/', '_')) }, (request, reply) => {
        const { what } = request.body
        return form === 'one'
          ? idempotent(deps, request, reply, 201, () => work(what))
          : idempotentAround(deps, request, reply, 201, () => work(what))
      })
    }
  }

  beforeAll(async () => {
    shop = await testApp({ features: { api: [routes as never] } })
    guest = await shop.signIn((await givenUser(shop.deps.db)).phone)
    other = await shop.signIn((await givenUser(shop.deps.db)).phone)
  })
  beforeEach(async () => {
    runs = 0
    meet = undefined
    await shop.deps.db.deleteFrom('idempotency_keys').execute()
  })

  const send = async (payload: object, { key = KEY, by = guest, url = '/try/wish' } = {}) => {
    const headers = { ...by.headers, ...(key === '' ? {} : { 'idempotency-key': key }) }
    const answer = await shop.request({ method: 'POST', url: API + url, headers, payload })
    return { status: answer.statusCode, problem: answer.json().problem, data: answer.json().data }
  }

  test('gives the first answer again, status included, and does the work once', async () => {
    const first = await send({ what: 'x' })
    expect(first).toEqual({ status: 201, problem: null, data: { run: 1 } })
    expect(await send({ what: 'x' })).toEqual(first)
    expect(runs).toBe(1)
  })

  test('is refused with another body and on another route', async () => {
    await send({ what: 'x' })
    expect(await send({ what: 'y' })).toMatchObject({ status: 422, problem: 'idempotency_key_reused' })
    expect(await send({ what: 'x' }, { url: '/try/other' })).toMatchObject({ problem: 'idempotency_key_reused' })
    expect(runs).toBe(1)
  })

  test('belongs to one person, and without a key each request is its own', async () => {
    await send({ what: 'x' })
    expect(await send({ what: 'x' }, { by: other })).toMatchObject({ data: { run: 2 } })
    expect(await send({ what: 'x' }, { key: '' })).toMatchObject({ data: { run: 3 } })
    expect(await send({ what: 'x' }, { key: '' })).toMatchObject({ data: { run: 4 } })
  })

  test('of two at once one works and the other hears that it is in flight', async () => {
    let release: () => void = () => undefined
    meet = new Promise((resolve) => {
      release = resolve
    })
    const first = send({ what: 'x' })
    await expect.poll(() => runs).toBe(1)
    expect(await send({ what: 'x' })).toMatchObject({ status: 409, problem: 'request_in_flight' })
    release()
    expect(await first).toMatchObject({ status: 201 })
    expect(await send({ what: 'x' })).toMatchObject({ status: 201, data: { run: 1 } })
    expect(runs).toBe(1)
  })

  test('does not keep a refusal: the same request may try again', async () => {
    expect(await send({ what: 'refused' })).toMatchObject({ status: 409, problem: 'step_refused' })
    expect(await send({ what: 'refused' })).toMatchObject({ status: 409, problem: 'step_refused' })
    expect(runs).toBe(2)
  })

  test('must be 8 to 128 visible characters', async () => {
    expect(await send({ what: 'x' }, { key: 'short' })).toMatchObject({ status: 400, problem: 'input_invalid' })
    expect(await send({ what: 'x' }, { key: 'k'.repeat(129) })).toMatchObject({ problem: 'input_invalid' })
    expect(runs).toBe(0)
  })

  if (form === 'around') {
    test('is taken over when the process that held it died', async () => {
      let release: () => void = () => undefined
      meet = new Promise((resolve) => {
        release = resolve
      })
      const first = send({ what: 'x' })
      await expect.poll(() => runs).toBe(1)
      shop.deps.clock.advance(61_000)
      meet = undefined
      expect(await send({ what: 'x' })).toMatchObject({ status: 201, data: { run: 2 } })
      release()
      await first
    })
  }
})
