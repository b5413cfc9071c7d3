import type { SessionView } from '@ihome/contract/schemas/accounts'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createSession, SESSION } from '../../platform/session.ts'
import { createResourceStore, RESOURCES } from '../../platform/use-resource.ts'
import { givenKey, later, type MountedPage, mountPage, outage, refusal, settle } from '../testing-page.ts'
import LoginPage from './LoginPage.vue'
import { loginFaults, plainPhone } from './login-form.ts'
import MyPage from './MyPage.vue'

type SignIn = (body: { mobile: string; password: string }) => Promise<SessionView>

let page: MountedPage | undefined
beforeEach(() => sessionStorage.clear())
afterEach(() => {
  page?.unmount()
  page = undefined
})

const open = (signIn: SignIn, path = '/login') =>
  mountPage(LoginPage, { path, pattern: '/login', api: { session: { signIn } } })

async function fillIn(phone = '17000000001', password = 'aijia-demo-2026') {
  await page?.type('手机号', phone)
  await page?.type('密码', password)
}

describe('R3.1 signing in', () => {
  test('a double tap signs in once and comes back to where one was', async () => {
    const answer = later<SessionView>()
    const signIn = vi.fn<SignIn>(() => answer.promise)
    page = await open(signIn, '/login?next=/booking/7?sd=2026-11-27')
    await fillIn('170 0000-0001')
    const form = page.element.querySelector('form')
    form?.requestSubmit()
    form?.requestSubmit()
    answer.answer({ name: '小林' })
    await settle()
    expect(signIn).toHaveBeenCalledExactlyOnceWith({ mobile: '17000000001', password: 'aijia-demo-2026' })
    expect(page.router.currentRoute.value.fullPath).toBe('/booking/7?sd=2026-11-27')
  })

  test.each(['//evil.test', 'https://evil.test/', '/\\evil.test', 'javascript:alert(1)'])(
    'next=%s leads home, not away',
    async (next) => {
      page = await open(async () => ({ name: '小林' }), `/login?next=${encodeURIComponent(next)}`)
      await fillIn()
      page.element.querySelector('form')?.requestSubmit()
      await settle()
      expect(page.router.currentRoute.value.fullPath).toBe('/')
    },
  )

  test('nothing is sent before both fields hold something that can be right', async () => {
    const signIn = vi.fn<SignIn>(async () => ({ name: '小林' }))
    page = await open(signIn)
    page.element.querySelector('form')?.requestSubmit()
    await settle()
    expect(page.text()).toContain('请输入手机号')
    expect(page.text()).toContain('请输入密码')
    expect(document.activeElement?.getAttribute('name')).toBe('mobile')
    await fillIn('1234', 'x')
    expect(page.text()).toContain('手机号应是 1 开头的 11 位数字')
    expect(signIn).not.toHaveBeenCalled()
  })

  test('a wrong password is said at its field, and the phone stays', async () => {
    page = await open(async () => Promise.reject(refusal('login_failed')))
    await fillIn()
    page.element.querySelector('form')?.requestSubmit()
    await settle()
    expect(page.text()).toContain('手机号或密码不对')
    expect(document.activeElement?.getAttribute('name')).toBe('password')
    expect(page.element.querySelector<HTMLInputElement>('[name=mobile]')?.value).toBe('17000000001')
  })

  test('R3.2 a locked login says how many minutes are left', async () => {
    page = await open(async () => Promise.reject(refusal('login_locked', {}, 431)))
    await fillIn()
    page.element.querySelector('form')?.requestSubmit()
    await settle()
    expect(page.text()).toContain('尝试太多次，请 8 分钟后再试')
  })

  test('after silence the same can be sent again', async () => {
    const signIn = vi.fn<SignIn>().mockRejectedValueOnce(outage())
    signIn.mockResolvedValue({ name: '小林' })
    page = await open(signIn)
    await fillIn()
    page.element.querySelector('form')?.requestSubmit()
    await settle()
    expect(page.text()).toContain('网络不稳，没有收到结果')
    page.element.querySelector('form')?.requestSubmit()
    await settle()
    expect(page.router.currentRoute.value.path).toBe('/')
  })

  test('the password can be shown, and is written nowhere', async () => {
    page = await open(async () => Promise.reject(outage()))
    await fillIn()
    page.element.querySelector<HTMLElement>('.login__show')?.click()
    await settle()
    expect(page.element.querySelector('[name=password]')?.getAttribute('type')).toBe('text')
    page.element.querySelector('form')?.requestSubmit()
    await settle()
    expect(JSON.stringify({ ...sessionStorage })).not.toContain('aijia-demo-2026')
  })
})

test.each([
  ['17000000001', '17000000001'],
  ['170 0000 0001', '17000000001'],
  ['+86 170-0000-0001', '17000000001'],
  ['8617000000001', '17000000001'],
])('a phone written as %s is %s', (typed, phone) => {
  expect(plainPhone(typed)).toBe(phone)
  expect(loginFaults({ phone: typed, password: 'x' })).toEqual({ phone: undefined, password: undefined })
})

describe('/my', () => {
  const profile = async () => ({ avatar: null, name: '小林', phone: '17000000001' })
  const call = async () => ({ real_name: null, id_card: null })

  test('R7.1 shows name, phone and the first character as the picture; only entries that exist', async () => {
    page = await mountPage(MyPage, { path: '/my', api: { session: { profile }, call } })
    expect(page.text()).toContain('小林')
    expect(page.text()).toContain('17000000001')
    expect(page.element.querySelector('.avatar')?.textContent).toBe('小')
    const links = [...page.element.querySelectorAll('a')].map((link) => link.getAttribute('href'))
    expect(links).toEqual([
      '/profile',
      '/orders',
      '/orders?tab=todo',
      '/orders?tab=upcoming',
      '/orders?tab=done',
      '/orders?tab=closed',
      '/auth',
      '/my-houses',
      '/host-orders',
      '/earnings',
      '/help',
      '/language?to=en&next=%2Fmy',
    ])
    expect(page.text()).toContain('未认证，发布房源前需要')
  })

  test('R14.1 退出 leads home as a visitor, and nothing read before stays', async () => {
    const session = createSession('小林')
    const resources = createResourceStore({})
    page = await mountPage(MyPage, {
      path: '/my',
      api: { session: { profile, signOut: async () => undefined }, call },
      provide: [givenKey(SESSION, session), givenKey(RESOURCES, resources)],
    })
    await page.press('退出')
    expect(page.router.currentRoute.value.path).toBe('/')
    expect(session.name).toBeUndefined()
    expect(resources.kept.size).toBe(0)
  })

  test('a sign-out without an answer says so and stays signed in', async () => {
    const session = createSession('小林')
    page = await mountPage(MyPage, {
      path: '/my',
      api: { session: { profile, signOut: async () => Promise.reject(outage()) }, call },
      provide: [givenKey(SESSION, session)],
    })
    await page.press('退出')
    expect(page.text()).toContain('网络不稳，没有收到结果')
    expect(session.name).toBe('小林')
  })
})
