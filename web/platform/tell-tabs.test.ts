import { afterEach, describe, expect, test, vi } from 'vitest'
import { nextTick } from 'vue'
import { createMemoryHistory } from './page-history.ts'
import { createRouter } from './page-router.ts'
import { createSession } from './session.ts'
import { tellTabs } from './tell-tabs.ts'
import { createResourceStore } from './use-resource.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

async function tab(name: string | undefined, path: string) {
  const session = createSession(name)
  const resources = createResourceStore({})
  resources.kept.set('profile', { name })
  const page = { render: () => null }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/my', component: page, meta: { signedIn: true } },
      { path: '/:rest(.*)*', component: page },
    ],
  })
  await router.push(path)
  const reload = vi.fn()
  ends.push(tellTabs({ session, resources, router, reload }))
  return { session, resources, reload, path: () => router.currentRoute.value.fullPath }
}

const heard = async (check: () => void) => {
  await nextTick()
  await vi.waitFor(check)
}

describe('a sign-in or sign-out in one tab', () => {
  test('is known in the others, which then show nothing of the one before', async () => {
    const one = await tab(undefined, '/login')
    const other = await tab(undefined, '/')
    one.session.name = '小林'
    await heard(() => expect(other.session.name).toBe('小林'))
    expect(other.resources.kept.size).toBe(0)
    expect([other.path(), other.reload.mock.calls.length]).toEqual(['/', 0])
  })

  test('leads a private page of somebody who left to the login, and back', async () => {
    const one = await tab('小林', '/')
    const other = await tab('小林', '/my?tab=2')
    one.session.name = undefined
    await heard(() => expect(other.path()).toBe('/login?next=/my%3Ftab%3D2'))
  })

  test('loads a private page of somebody else anew', async () => {
    const one = await tab('小林', '/login')
    const other = await tab('小林', '/my')
    one.session.name = '小王'
    await heard(() => expect(other.reload).toHaveBeenCalledOnce())
  })

  test('is not told back and forth', async () => {
    const one = await tab('小林', '/')
    const other = await tab('小林', '/')
    one.session.name = undefined
    await heard(() => expect(other.session.name).toBeUndefined())
    one.session.name = '小王'
    await heard(() => expect(other.session.name).toBe('小王'))
    expect(one.session.name).toBe('小王')
  })
})
