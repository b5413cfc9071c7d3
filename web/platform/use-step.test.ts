import { flushPromises } from '@vue/test-utils'
import { beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { later, mountPage, outage, refusal } from '../features/testing-page.ts'
import { type Step, useStep } from './use-step.ts'

beforeEach(() => sessionStorage.clear())

/** A page whose only purpose is one step. */
async function pageWith(send: (wish: { nights: number }, key: string) => Promise<string>, name = 'book:7') {
  let step: Step<{ nights: number }, string> | undefined
  const page = defineComponent(() => {
    step = useStep(name, send)
    return () => h('p')
  })
  const mounted = await mountPage(page, { api: {}, path: '/booking/7' })
  if (!step) throw new Error('the page has no step')
  return { step, mounted }
}

it('is busy from the tap to the answer, and a second tap sends nothing', async () => {
  const answer = later<string>()
  const send = vi.fn((_wish: { nights: number }, _key: string) => answer.promise)
  const { step } = await pageWith(send)
  const first = step.run({ nights: 2 })
  expect(step.busy.value).toBe(true)
  expect(await step.run({ nights: 2 })).toBeUndefined()
  answer.answer('done')
  expect(await first).toBe('done')
  expect(step.busy.value).toBe(false)
  expect(send).toHaveBeenCalledTimes(1)
})

it('sends the same wish under the same key after a lost answer, also from a page that was reloaded', async () => {
  const keys: string[] = []
  const send = vi.fn(async (_wish: { nights: number }, key: string) => {
    keys.push(key)
    if (keys.length < 3) throw outage()
    return 'done'
  })
  const { step, mounted } = await pageWith(send)
  await step.run({ nights: 2 })
  expect(step.trouble.value).toEqual({ kind: 'outage' })
  await step.run({ nights: 2 })
  mounted.unmount()
  const reloaded = await pageWith(send)
  expect(await reloaded.step.run({ nights: 2 })).toBe('done')
  expect(new Set(keys).size).toBe(1)
})

it('takes a new key for another wish, and for the same wish once it was answered', async () => {
  const keys: string[] = []
  const send = vi.fn(async (_wish: { nights: number }, key: string) => {
    keys.push(key)
    if (keys.length === 1) throw outage()
    return 'done'
  })
  const { step } = await pageWith(send)
  await step.run({ nights: 2 })
  await step.run({ nights: 3 })
  await step.run({ nights: 3 })
  expect(new Set(keys).size).toBe(3)
})

it('takes a new key after a refusal, and shows it', async () => {
  const keys: string[] = []
  const { step } = await pageWith(async (_wish, key) => {
    keys.push(key)
    throw refusal('dates_taken')
  })
  await step.run({ nights: 2 })
  await step.run({ nights: 2 })
  expect(step.trouble.value).toMatchObject({ kind: 'refusal', problem: 'dates_taken' })
  expect(new Set(keys).size).toBe(2)
})

it('keeps the key while the server is down, as the order may have been made', async () => {
  const keys: string[] = []
  const { step } = await pageWith(async (_wish, key) => {
    keys.push(key)
    throw refusal('database_unavailable')
  })
  await step.run({ nights: 2 })
  await step.run({ nights: 2 })
  expect(new Set(keys).size).toBe(1)
})

it('answers a key that was used for something else with a new one, unseen', async () => {
  const keys: string[] = []
  const { step } = await pageWith(async (_wish, key) => {
    keys.push(key)
    if (keys.length === 1) throw refusal('idempotency_key_reused')
    return 'done'
  })
  expect(await step.run({ nights: 2 })).toBe('done')
  expect(step.trouble.value).toBeUndefined()
  expect(new Set(keys).size).toBe(2)
})

it('asks again under the same key while the first request is still being worked on', async () => {
  vi.useFakeTimers()
  try {
    const keys: string[] = []
    const { step } = await pageWith(async (_wish, key) => {
      keys.push(key)
      if (keys.length < 3) throw refusal('request_in_flight', {}, 1)
      return 'done'
    })
    const running = step.run({ nights: 2 })
    await vi.advanceTimersByTimeAsync(2_500)
    expect(await running).toBe('done')
    expect(new Set(keys).size).toBe(1)
  } finally {
    vi.useRealTimers()
  }
})

it('leads to the login and back when the session has ended', async () => {
  const { step, mounted } = await pageWith(async (_wish, _key) => {
    throw refusal('sign_in_needed')
  })
  await step.run({ nights: 2 })
  await flushPromises()
  expect(mounted.router.currentRoute.value.fullPath).toBe('/login?next=/booking/7')
})

it('writes nothing down of a wish that goes out without a key', async () => {
  const send = async (_wish: { nights: number }) => 'done'
  const { step } = await pageWith(send, 'sign-in')
  await step.run({ nights: 2 })
  expect(sessionStorage.length).toBe(0)
})
