import { flushPromises } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { later, mountPage, outage } from '../features/testing-page.ts'
import { type Resource, useResource } from './use-resource.ts'

/** A page that reads one thing as often as it is told to; `asked` holds the answers that are still to come. */
async function pageThatReads() {
  const asked: ReturnType<typeof later<string>>[] = []
  const load = () => {
    const next = later<string>()
    asked.push(next)
    return next.promise
  }
  let resource: Resource<string> | undefined
  const page = defineComponent(() => {
    resource = useResource('line', load)
    return () => h('p')
  })
  await mountPage(page, { api: {}, path: '/messages' })
  if (!resource) throw new Error('the page reads nothing')
  return { resource, asked }
}

it('asks anew when something changed while an older answer was on its way, and once for all who heard of it', async () => {
  const { resource, asked } = await pageThatReads()
  expect(asked).toHaveLength(1)
  const heard = [resource.reload(), resource.reload()]
  asked[0]?.answer('before')
  await flushPromises()
  expect(resource.data.value).toBe('before')
  expect(resource.busy.value).toBe(true)
  expect(asked).toHaveLength(2)
  asked[1]?.answer('after')
  await Promise.all(heard)
  expect(resource.data.value).toBe('after')
  expect(resource.busy.value).toBe(false)
})

it('asks anew also when the older answer does not come', async () => {
  const { resource, asked } = await pageThatReads()
  const heard = resource.reload()
  asked[0]?.refuse(outage())
  await flushPromises()
  asked[1]?.answer('after')
  await heard
  expect(resource.data.value).toBe('after')
  expect(resource.trouble.value).toBeUndefined()
})
