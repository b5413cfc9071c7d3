import { flushPromises, mount } from '@vue/test-utils'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { addressOf, patternOf } from './address.ts'
import { createMemoryHistory, createWebHistory } from './page-history.ts'
import { createRouter, RouterLink, type RouterOptions, RouterView, useRoute } from './page-router.ts'

const page = (name: string) =>
  defineComponent({
    name,
    setup() {
      const route = useRoute()
      return () => h('h1', `${name} ${route.params.id ?? ''}${JSON.stringify(route.query)}`)
    },
  })

const ROUTES: RouterOptions['routes'] = [
  { path: '/', name: 'home', component: page('home') },
  { path: '/detail/:id(\\d{1,15})', name: 'detail', component: () => Promise.resolve({ default: page('detail') }) },
  { path: '/my', component: page('my'), meta: { signedIn: true } },
  { path: '/login', component: page('login') },
  { path: '/:rest(.*)*', name: 'gone', component: page('gone') },
]

const routerOf = (options: Partial<RouterOptions> = {}) =>
  createRouter({ history: createMemoryHistory(), routes: ROUTES, ...options })

describe('an address', () => {
  it.each([
    ['/detail/7', { id: '7' }],
    ['/detail/7/', { id: '7' }],
  ])('%s is a house', (path, params) => {
    expect(patternOf('/detail/:id(\\d{1,15})').exec(path)?.groups).toEqual(params)
  })

  it.each(['/detail/x', '/detail/7/x', '/detail/', '/detail/1234567890123456'])('%s is not', (path) => {
    expect(patternOf('/detail/:id(\\d{1,15})').test(path)).toBe(false)
  })

  it('keeps what people type and encodes what would change its meaning', () => {
    const { fullPath } = addressOf(
      { path: '/login', query: { next: '/detail/7?sd=1&ed=2', q: '朝 阳', none: undefined } },
      '/',
    )
    expect(fullPath).toBe('/login?next=/detail/7%3Fsd%3D1%26ed%3D2&q=%E6%9C%9D%20%E9%98%B3')
    expect(addressOf(fullPath, '/').query).toEqual({ next: '/detail/7?sd=1&ed=2', q: '朝 阳' })
  })

  it('reads a repeated parameter as a list, and a hash apart', () => {
    expect(addressOf('/a?x=1&x=2#top', '/')).toMatchObject({ path: '/a', query: { x: ['1', '2'] }, hash: '#top' })
  })

  it('is read in one pass, whatever a stranger wrote into it', () => {
    expect(addressOf(`/?${'a=1&'.repeat(100_000)}`, '/').query.a).toHaveLength(100_000)
    expect(Object.entries(addressOf('/?__proto__=1&constructor=2', '/').query)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ])
  })
})

describe('the router', () => {
  it('shows the page of an address, loading it when it comes late', async () => {
    const router = routerOf()
    await router.push('/detail/7?sd=2026-11-27')
    const wrapper = mount(RouterView, { global: { plugins: [router] } })
    expect(wrapper.text()).toBe('detail 7{"sd":"2026-11-27"}')
    await router.replace({ query: {} })
    expect(wrapper.text()).toBe('detail 7{}')
    await router.push('/nothing/here')
    expect(wrapper.text()).toBe('gone {}')
  })

  it('leads elsewhere before a page is loaded', async () => {
    const router = routerOf({
      redirect: (to) => (to.meta.signedIn ? { path: '/login', query: { next: to.fullPath } } : undefined),
    })
    await router.push('/my')
    expect(router.currentRoute.value.fullPath).toBe('/login?next=/my')
  })

  it('goes where the last tap led when an earlier page comes later', async () => {
    let arrive: (module: { default: ReturnType<typeof page> }) => void = () => undefined
    const slow = new Promise<{ default: ReturnType<typeof page> }>((resolve) => {
      arrive = resolve
    })
    const router = routerOf({ routes: [{ path: '/slow', component: () => slow }, ...ROUTES] })
    const first = router.push('/slow')
    await router.push('/login')
    arrive({ default: page('slow') })
    await first
    expect(router.currentRoute.value.path).toBe('/login')
  })

  it('asks once for routes that come late, and knows no others in their place', async () => {
    const more = vi.fn(async () => ({
      routes: [
        { path: '/desk/orders', name: 'desk-orders', component: page('orders') },
        { path: '/desk/orders/:id(\\d+)', name: 'desk-order', component: page('order') },
      ],
    }))
    const router = routerOf({ routes: [{ path: '/desk/:rest(.*)', more }, ...ROUTES] })
    await router.push('/detail/7')
    expect(more).not.toHaveBeenCalled()
    await Promise.all([router.push('/desk/orders'), router.push('/desk/orders/7?tab=refunds')])
    expect(router.currentRoute.value).toMatchObject({
      name: 'desk-order',
      params: { id: '7' },
      query: { tab: 'refunds' },
    })
    expect(router.resolve('/desk/orders').name).toBe('desk-orders')
    await router.push('/desk/nowhere')
    expect(router.currentRoute.value.name).toBe('gone')
    await router.push('/desk/orders')
    expect(more.mock.calls.length).toBeLessThanOrEqual(2)
  })

  it('tells when a page cannot be loaded, and stays', async () => {
    const router = routerOf({
      routes: [{ path: '/bad', component: () => Promise.reject(new TypeError('away')) }, ...ROUTES],
    })
    await router.push('/')
    const heard = vi.fn()
    router.onError(heard)
    await expect(router.push('/bad')).rejects.toThrow('away')
    expect(heard).toHaveBeenCalledTimes(1)
    expect(router.currentRoute.value.path).toBe('/')
  })
})

describe('in a browser', () => {
  beforeEach(() => {
    history.replaceState(null, '', '/')
    vi.stubGlobal('scrollTo', vi.fn())
  })

  it('follows steps back, and leaves entries of the same address to their sheets', async () => {
    const arrived: string[] = []
    const router = routerOf({ history: createWebHistory() })
    router.afterEach((to) => arrived.push(to.fullPath))
    mount(RouterView, { global: { plugins: [router] } })
    await router.isReady()
    await router.push('/detail/7')
    expect(history.state).toMatchObject({ back: '/', position: 1 })
    history.pushState({ ...history.state, sheet: 'dates' }, '')
    history.back()
    await vi.waitFor(() => expect(history.state.sheet).toBeUndefined())
    expect(arrived).toEqual(['/', '/detail/7'])
    router.back()
    await vi.waitFor(() => expect(arrived).toEqual(['/', '/detail/7', '/']))
  })

  it('begins a new page at its top and returns to where an old one was left', async () => {
    const scroll = vi.fn((_to: unknown, _from: unknown, saved: { top: number } | undefined) => saved ?? { top: 0 })
    const router = routerOf({ history: createWebHistory(), scroll })
    mount(RouterView, { global: { plugins: [router] } })
    await router.isReady()
    vi.stubGlobal('scrollY', 640)
    await router.push('/detail/7')
    expect(scrollTo).toHaveBeenLastCalledWith(0, 0)
    router.back()
    await vi.waitFor(() => expect(scrollTo).toHaveBeenLastCalledWith(0, 640))
    vi.unstubAllGlobals()
  })
})

describe('a link', () => {
  async function link(to = '/detail/7') {
    const router = routerOf()
    await router.push('/')
    const wrapper = mount(RouterLink, { props: { to }, global: { plugins: [router] } })
    return { router, wrapper }
  }

  it('is a real link, and a tap changes the page without loading it anew', async () => {
    const { router, wrapper } = await link()
    expect(wrapper.attributes('href')).toBe('/detail/7')
    await wrapper.trigger('click')
    await flushPromises()
    expect(router.currentRoute.value.path).toBe('/detail/7')
  })

  it.each([{ ctrlKey: true }, { metaKey: true }, { shiftKey: true }, { button: 1 }])(
    'leaves a tap with %o to the browser',
    async (how) => {
      const { router, wrapper } = await link()
      await wrapper.trigger('click', how)
      await flushPromises()
      expect(router.currentRoute.value.path).toBe('/')
    },
  )

  it('says when it leads to the page that is shown', async () => {
    expect((await link('/')).wrapper.attributes('aria-current')).toBe('page')
    expect((await link()).wrapper.attributes('aria-current')).toBeUndefined()
  })
})
