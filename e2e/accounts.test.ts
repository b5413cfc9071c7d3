import { createHash } from 'node:crypto'
import { addDays } from '@ihome/core/calendar'
import { checkCharacterOf } from '@ihome/core/identity/id-card'
import { captchaText } from '@ihome/server/features/captcha/captcha-text'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { DEMO_PASSWORD } from './demo.ts'
import { addPeopleAndHouses } from './fixture.ts'
import { type MessageService, startMessageService } from './message-service.ts'
import { openBrowser, openPhone, type Phone, takeScreen } from './phone.ts'
import { button, eventually, fillLogin, sheet, signInAt, todayIn } from './shop-steps.ts'
import { startWorld, type World } from './world.ts'

const SECRET = 'a-secret-that-this-test-shares-with-the-shop'
const NEW_PHONE = '16612345678'
const PASSWORD = 'correct horse battery'
/** A red dot, 1 by 1. */
const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  'base64',
)

let world: World
let texts: MessageService
let browser: Browser
let phone: Phone
let people: readonly string[]

beforeAll(async () => {
  texts = await startMessageService()
  const env = { SESSION_SECRET: SECRET, SMS_URL: texts.url, SMS_TOKEN: texts.token }
  ;[world, browser] = await Promise.all([startWorld({ env }), openBrowser()])
  people = (await addPeopleAndHouses(world, { guests: 6, houses: 0 })).guests
  phone = await open()
})

afterEach(() => expect(phone.faults.splice(0)).toEqual([]))

afterAll(async () => {
  await browser?.close()
  await world?.stop()
  await texts?.stop()
})

const open = () => openPhone(browser, { origins: [world.origin] })
const seen = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor()
const person = (index: number): string => people[index] ?? ''
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true })
/** The words at a field that is wrong. */
const errorAt = (page: Page, label: string, text: string) =>
  eventually(() =>
    field(page, label).evaluate((box) =>
      (box.getAttribute('aria-describedby') ?? '')
        .split(' ')
        .map((id) => document.getElementById(id)?.textContent ?? '')
        .join(' '),
    ),
  ).toContain(text)

/** What a person reads off the picture that stands there. */
async function readCaptcha(page: Page): Promise<{ id: string; text: string }> {
  const picture = page.locator('.captcha__picture img')
  await picture.waitFor()
  const id = (await picture.getAttribute('src'))?.split('/').pop() ?? ''
  return { id, text: captchaText(SECRET, id).text }
}

async function askForCode(page: Page, to: string): Promise<string> {
  const before = texts.taken.length
  await field(page, '图片验证码').fill((await readCaptcha(page)).text)
  await button(page, '获取验证码').click()
  await eventually(() => texts.codeFor(to, before)).toMatch(/^\d{6}$/)
  return texts.codeFor(to, before) ?? ''
}

it('R2.4 says what is wrong at each field, and renews the captcha after each refusal', async () => {
  const { page } = phone
  await page.goto(`${world.origin}/register`)
  await readCaptcha(page)
  await button(page, '立即注册').click()
  await errorAt(page, '手机号', '请输入手机号')
  await errorAt(page, '短信验证码', '请输入短信验证码')
  await errorAt(page, '设置密码', '密码至少 8 个字符')
  await field(page, '手机号').fill('1661234')
  await button(page, '获取验证码').click()
  await errorAt(page, '手机号', '手机号应是 1 开头的 11 位数字')
  await field(page, '手机号').fill(NEW_PHONE)
  await button(page, '获取验证码').click()
  await errorAt(page, '图片验证码', '请输入验证码')
  const first = await readCaptcha(page)
  await field(page, '图片验证码').fill('zzzz')
  await button(page, '获取验证码').click()
  await errorAt(page, '图片验证码', '图片验证码不对，已换一张')
  await eventually(async () => (await readCaptcha(page)).id).not.toBe(first.id)
  const second = await readCaptcha(page)
  await page.locator('.captcha__picture').click()
  await eventually(async () => (await readCaptcha(page)).id).not.toBe(second.id)
  await field(page, '短信验证码').fill('12')
  await field(page, '设置密码').fill('short')
  await field(page, '再输一次密码').fill('other')
  await button(page, '立即注册').click()
  await errorAt(page, '短信验证码', '短信验证码是 6 位数字')
  await errorAt(page, '设置密码', '密码至少 8 个字符')
  await errorAt(page, '再输一次密码', '两次输入的密码不一样')
  await takeScreen(page, 'accounts/1-register-errors')
})

it('a question in words stands in for the picture', async () => {
  const { page } = phone
  await page.goto(`${world.origin}/register`)
  await button(page, '改用文字题').click()
  await page
    .getByText(/\d+ (加|减) \d+ 等于几/)
    .first()
    .waitFor()
  await field(page, '验证问题').fill('99')
  await field(page, '手机号').fill('16600000009')
  await button(page, '获取验证码').click()
  await errorAt(page, '验证问题', '答案不对，已换一题')
  // Until the next question has come, its place says that it is on its way.
  const question = page.locator('.captcha__question', { hasText: /\d/ })
  const asked = (await question.textContent()) ?? ''
  const [, one, sign, two] = /(\d+) (加|减) (\d+)/.exec(asked) ?? []
  await field(page, '验证问题').fill(String(sign === '加' ? Number(one) + Number(two) : Number(one) - Number(two)))
  await button(page, '获取验证码').click()
  await button(page, /^重新获取（\d+）$/).waitFor()
})

it('R2.1 R2.2 R2.3 R1.2 registers: one message, a count that a reload keeps, and the number as the name', async () => {
  const { page } = phone
  await page.evaluate(() => sessionStorage.clear())
  await page.goto(world.origin)
  await page.getByRole('link', { name: '登录', exact: true }).first().waitFor()
  await page.getByRole('link', { name: '注册', exact: true }).first().click()
  await page.waitForURL(`${world.origin}/register`)
  // UX14: whoever wanted to book registers on the way and is back at the same dates and people.
  const { rows } = await world.database.query<{ id: string; sd: string }>(
    'select id, ($1::date + 40)::text as sd from houses where listed order by id limit 1',
    [todayIn(world)],
  )
  const wish = `/booking/${rows[0]?.id}?sd=${rows[0]?.sd}&ed=${addDays(rows[0]?.sd ?? '', 2)}&g=1`
  await page.goto(world.origin + wish)
  await page.waitForURL(/\/login\?next=/)
  await page.getByRole('link', { name: /注册/ }).click()
  await page.waitForURL(/\/register\?next=/)
  await field(page, '手机号').fill(NEW_PHONE)
  const before = texts.taken.length
  const code = await askForCode(page, NEW_PHONE)
  await button(page, /^重新获取（(60|5\d)）$/).waitFor()
  await seen(page, '短信已发送，5 分钟内有效')
  await button(page, /^重新获取/).click({ force: true })
  await page.reload()
  await button(page, /^重新获取（\d+）$/).waitFor()
  expect(await field(page, '手机号').inputValue()).toBe(NEW_PHONE)
  expect(texts.taken.length).toBe(before + 1)
  await takeScreen(page, 'accounts/2-register-counting')

  await field(page, '短信验证码').fill(code === '000000' ? '111111' : '000000')
  await field(page, '设置密码').fill(PASSWORD)
  await field(page, '再输一次密码').fill(PASSWORD)
  await button(page, '立即注册').click()
  await errorAt(page, '短信验证码', '短信验证码不对')
  await field(page, '短信验证码').fill(code)
  await button(page, '立即注册').click()
  await page.waitForURL(world.origin + wish)
  await page.goto(world.origin)
  await page.getByRole('link', { name: NEW_PHONE }).click()
  await page.waitForURL(`${world.origin}/my`)
  await seen(page, NEW_PHONE)
})

it('R7.1–R7.7 the personal page leads to each of its pages, and each of them asks a visitor to sign in', async () => {
  const { page } = phone
  await seen(page, '未认证，发布房源前需要')
  await takeScreen(page, 'accounts/3-my')
  for (const [words, path] of [
    ['修改', '/profile'],
    ['我的订单', '/orders'],
    ['实名认证', '/auth'],
    ['我的房源', '/my-houses'],
    ['客户订单', '/host-orders'],
  ] as const) {
    await page.goto(`${world.origin}/my`)
    await page
      .getByRole('main')
      .getByRole('link', { name: new RegExp(`^${words}`) })
      .click()
    await page.waitForURL(world.origin + path)
    await page.goBack()
    await page.waitForURL(`${world.origin}/my`)
  }
  const stranger = await open()
  for (const path of ['/profile', '/orders', '/auth', '/my-houses', '/host-orders', '/my']) {
    await stranger.page.goto(world.origin + path)
    await stranger.page.waitForURL(/\/login\?next=/)
  }
  expect(stranger.faults).toEqual([])
  await stranger.close()
})

it('R10.1 R10.2 R10.3 R11.1 an unverified host is led to the real name, gives it once and comes back', async () => {
  const { page } = phone
  await page.goto(`${world.origin}/my-houses`)
  await page.getByRole('link', { name: '去实名认证' }).click()
  await page.waitForURL(/\/auth/)
  await button(page, '提交认证').click()
  await errorAt(page, '真实姓名', '请输入真实姓名')
  await errorAt(page, '身份证号', '请输入身份证号')
  await field(page, '真实姓名').fill('张三丰')
  await field(page, '身份证号').fill('110105194912310021')
  await field(page, '真实姓名').focus()
  await errorAt(page, '身份证号', '最后一位校验码不对')
  await field(page, '身份证号').fill('11010519491331002X')
  await field(page, '真实姓名').focus()
  await errorAt(page, '身份证号', '不是有效的出生日期')
  await takeScreen(page, 'accounts/4-auth')

  const { rows } = await world.database.query<{ id: string }>('select id from users where phone = $1', [NEW_PHONE])
  const seventeen = '11010119900307123'
  await field(page, '身份证号').fill(seventeen + checkCharacterOf(seventeen).toLowerCase())
  await button(page, '提交认证').click()
  await seen(page, '请先勾选同意')
  await page.getByRole('checkbox').check()
  await button(page, '提交认证').click()
  await page.waitForURL(/\/(my-houses|new-house)/)
  await page.goto(`${world.origin}/auth`)
  await seen(page, '你已完成实名认证，信息不能修改')
  expect(await field(page, '真实姓名').inputValue()).toBe('张*')
  expect(await field(page, '身份证号').inputValue()).toMatch(/^110\*{11}123[\dX]$/)
  expect(await field(page, '身份证号').isDisabled()).toBe(true)
  expect(await button(page, '提交认证').count()).toBe(0)
  expect(await page.content()).not.toContain(seventeen)
  await takeScreen(page, 'accounts/5-auth-done')
  const kept = await world.database.query('select verified_by from users where id = $1', [rows[0]?.id])
  expect(kept.rows).toEqual([{ verified_by: 'offline' }])
})

it('R8.1 R8.5 the new picture is there without a reload, a refused one leaves it', async () => {
  const { page } = phone
  await page.goto(`${world.origin}/profile`)
  const picture = page.locator('.avatar img')
  await button(page, '上传头像').waitFor()
  expect(await picture.count()).toBe(0)
  const upload = (name: string, mimeType: string, buffer: Buffer) =>
    page.locator('input[type=file]').setInputFiles({ name, mimeType, buffer })
  await upload('me.png', 'image/png', DOT)
  await picture.waitFor()
  const address = await picture.getAttribute('src')
  expect(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBeGreaterThan(0)
  await upload(
    'me.jpg',
    'image/jpeg',
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
  )
  await seen(page, '只支持 JPEG、PNG、WebP')
  expect(await picture.getAttribute('src')).toBe(address)
})

it('R8.2 R8.3 R8.4 R1.2 the name is saved apart and shown everywhere at once; one that is taken says so', async () => {
  const { page } = phone
  await field(page, '用户名').fill('   ')
  await button(page, '保存用户名').click()
  await errorAt(page, '用户名', '请输入用户名')
  const { rows } = await world.database.query<{ name: string }>("select name from users where phone = '17000000002'")
  await field(page, '用户名').fill(rows[0]?.name ?? '')
  await button(page, '保存用户名').click()
  await errorAt(page, '用户名', '这个名字有人用了')
  const picture = await page.locator('.avatar img').getAttribute('src')
  await field(page, '用户名').fill('<b>小林</b>')
  await button(page, '保存用户名').click()
  await seen(page, '用户名已保存')
  expect(await page.locator('.avatar img').getAttribute('src')).toBe(picture)
  expect(await page.locator('input[name=mobile]').count()).toBe(0)
  await takeScreen(page, 'accounts/6-profile')
  await page.getByRole('link', { name: '返回' }).click()
  await page.getByRole('heading', { name: '<b>小林</b>' }).waitFor()
  await page.goto(world.origin)
  await page.getByRole('link', { name: '<b>小林</b>' }).waitFor()
})

it('lists the devices, and signs out all others', async () => {
  const other = await open()
  await other.page.goto(`${world.origin}/login`)
  await fillLogin(other.page, NEW_PHONE, PASSWORD)
  await other.page.waitForURL(`${world.origin}/`)
  const { page } = phone
  await page.goto(`${world.origin}/profile`)
  await seen(page, '当前设备')
  await button(page, '退出其他设备').click()
  await seen(page, '只在这台设备上登录')
  await other.page.goto(`${world.origin}/my`)
  await other.page.waitForURL(/\/login\?next=/)
  await other.close()
})

it('R14.1 a sign-out in one tab is known in the other, and signing in again works at once', async () => {
  const own = await open()
  await signInAt(own.page, world.origin, '/my', person(0))
  const second = await own.context.newPage()
  await second.goto(`${world.origin}/profile`)
  await button(second, '保存用户名').waitFor()
  await button(own.page, '退出').click()
  await own.page.waitForURL(`${world.origin}/`)
  await second.waitForURL(/\/login\?next=/)
  await fillLogin(second, person(0))
  await second.waitForURL(`${world.origin}/profile`)
  await own.page.getByRole('link', { name: person(0) }).waitFor()
  expect(own.faults).toEqual([])
  await own.close()
})

it('signs in by a code, and a forgotten password is set anew by one', async () => {
  const own = await open()
  const { page } = own
  await page.goto(`${world.origin}/login?next=/my`)
  await page.getByRole('link', { name: '验证码登录' }).click()
  await field(page, '图片验证码').waitFor()
  await field(page, '手机号').fill(person(1))
  const code = await askForCode(page, person(1))
  await page.reload()
  await field(page, '短信验证码').fill(code)
  await button(page, '登录').click()
  await page.waitForURL(`${world.origin}/my`)
  await button(page, '退出').click()
  await page.waitForURL(`${world.origin}/`)

  await world.advance(61_000)
  await page.evaluate(() => sessionStorage.clear())
  await page.goto(`${world.origin}/login?next=/my`)
  await page.getByRole('link', { name: '忘记密码' }).click()
  // The page before it has a field of the same name, and stays until this one is loaded.
  await button(page, '设置新密码并登录').waitFor()
  await field(page, '手机号').fill(person(1))
  const second = await askForCode(page, person(1))
  await field(page, '短信验证码').fill(second)
  await field(page, '设置密码').fill(PASSWORD)
  await field(page, '再输一次密码').fill(PASSWORD)
  await button(page, '设置新密码并登录').click()
  await page.waitForURL(`${world.origin}/my`)
  await eventually(() => texts.taken.at(-1)?.template).toBe('password_changed')
  expect(own.faults).toEqual([])
  await own.close()
})

it('R3.2 after many wrong passwords for an account the page asks for a captcha, and goes on with it', async () => {
  const account = createHash('sha256')
    .update(`login:${person(2)}`)
    .digest('hex')
  await world.database.query(
    "insert into rate_counters (key, window_start, count, expires_at) values ($1, to_timestamp(0), 20, $2::timestamptz + interval '15 min')",
    [`login:account:${account}`, world.now()],
  )
  const own = await open()
  await own.page.goto(`${world.origin}/login?next=/my`)
  await fillLogin(own.page, person(2), 'wrong password')
  await errorAt(own.page, '图片验证码', '请先输入图片验证码')
  await field(own.page, '图片验证码').fill((await readCaptcha(own.page)).text)
  await button(own.page, '登录').click()
  await errorAt(own.page, '密码', '手机号或密码不对')
  await field(own.page, '密码').fill(DEMO_PASSWORD)
  await eventually(() => field(own.page, '图片验证码').inputValue()).toBe('')
  await field(own.page, '图片验证码').fill((await readCaptcha(own.page)).text)
  await takeScreen(own.page, 'accounts/7-login-captcha')
  await button(own.page, '登录').click()
  await own.page.waitForURL(`${world.origin}/my`)
  expect(own.faults).toEqual([])
  await own.close()
})

it('changes password and phone after the current password was given', async () => {
  const own = await open()
  const { page } = own
  await signInAt(page, world.origin, '/profile', person(3))
  await button(page, '修改密码').click()
  const form = sheet(page, '修改密码')
  await form.getByLabel('当前密码').fill('not this one')
  await form.getByLabel('设置密码', { exact: true }).fill(PASSWORD)
  await form.getByLabel('再输一次密码').fill(PASSWORD)
  await button(form, '确认修改密码').click()
  await form.getByText('当前密码不对').waitFor()
  await form.getByLabel('当前密码').fill(DEMO_PASSWORD)
  await takeScreen(page, 'accounts/8-password')
  await button(form, '确认修改密码').click()
  await form.waitFor({ state: 'hidden' })
  await seen(page, '密码已修改')

  const other = '16687654321'
  await button(page, '更换手机号').click()
  const phoneForm = sheet(page, '更换手机号')
  await phoneForm.getByLabel('当前密码').fill(PASSWORD)
  await phoneForm.getByLabel('新手机号').fill(other)
  const code = await askForCode(page, other)
  await phoneForm.getByLabel('短信验证码').fill(code)
  await button(phoneForm, '确认更换手机号').click()
  await phoneForm.waitFor({ state: 'hidden' })
  await page.locator('.profile__phone', { hasText: other }).waitFor()
  await eventually(() => texts.taken.at(-1)).toMatchObject({ phone: person(3), template: 'phone_changed' })
  expect(own.faults).toEqual([])
  await own.close()
})

it('E36 S11 an account with open orders stays and says why; one without ends, and is a visitor at once', async () => {
  const busy = await open()
  await signInAt(busy.page, world.origin, '/profile', '17000000001')
  const attempt = async (page: Page) => {
    await button(page, '注销账号').click()
    const form = sheet(page, '注销账号')
    await form.getByLabel('当前密码').fill(DEMO_PASSWORD)
    await button(form, '注销账号').click()
    await form.getByText('请先勾选').waitFor()
    await form.getByRole('checkbox').check()
    await takeScreen(page, 'accounts/9-delete')
    await button(form, '注销账号').click()
  }
  await attempt(busy.page)
  await seen(busy.page, /现在不能注销：还有进行中的订单/)
  expect(busy.faults).toEqual([])
  await busy.close()

  const own = await open()
  await signInAt(own.page, world.origin, '/profile', person(4))
  await attempt(own.page)
  await own.page.waitForURL(`${world.origin}/`)
  await own.page.getByRole('link', { name: '登录', exact: true }).first().waitFor()
  const { rows } = await world.database.query('select count(*)::int as left from users where phone = $1', [person(4)])
  expect(rows).toEqual([{ left: 0 }])
  expect(own.faults).toEqual([])
  await own.close()
})

it('X3 a message that cannot be sent says so, and the button is free again', async () => {
  texts.setUp(false)
  const own = await open()
  const { page } = own
  await page.goto(`${world.origin}/register`)
  await field(page, '手机号').fill('16600001111')
  await field(page, '图片验证码').fill((await readCaptcha(page)).text)
  await button(page, '获取验证码').click()
  await seen(page, '短信正在发送')
  for (let tries = 1; tries <= 5; tries += 1) {
    await eventually(async () => {
      const { rows } = await world.database.query<{ tries: number }>(
        "select tries from outbox where topic = 'sms' order by id desc limit 1",
      )
      return rows[0]?.tries
    }).toBeGreaterThanOrEqual(tries)
    await world.advanceShop(17_000)
  }
  await seen(page, '短信没有发出去，请再试')
  texts.setUp(true)
  await field(page, '图片验证码').fill((await readCaptcha(page)).text)
  await button(page, '获取验证码').click()
  await seen(page, '短信已发送，5 分钟内有效')
  expect(own.faults).toEqual([])
  await own.close()
})
