import { beforeAll, describe, expect, it } from 'vitest'
import { type TestApp, testApp } from '../../platform/testing.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { houseRoutes } from '../houses/routes.ts'
import { searchRoutes } from '../search/routes.ts'
import { pageRoutes } from './page-routes.ts'

let shop: TestApp
let houseId: number
const ENGLISH = { cookie: 'lang=en' }

beforeAll(async () => {
  shop = await testApp({ features: { api: [houseRoutes, searchRoutes], root: [pageRoutes] } })
  const host = await givenUser(shop.deps.db, { name: '周姐' })
  houseId = (await givenHouse(shop.deps.db, { hostId: host.id, title: '槐树下的小院' })).id
})

const open = (url: string, headers: Record<string, string> = {}) => shop.request({ method: 'GET', url, headers })

describe('the language of a page', () => {
  it.each(['/', '/search', '/detail/1'])(
    'of %s is Chinese, or English by the cookie, also when it is kept',
    async (url) => {
      const address = url === '/detail/1' ? `/detail/${houseId}` : url
      for (const _time of ['made', 'kept']) {
        const chinese = await open(address)
        expect(chinese.body).toContain('<html lang="zh-CN">')
        const english = await open(address, ENGLISH)
        expect(english.body).toContain('<html lang="en">')
        expect([chinese, english].map(({ headers }) => headers['content-language'])).toEqual(['zh-CN', 'en'])
        expect(english.body).toMatch(/<title>([^<]* · )?iHome<\/title>/)
        expect(chinese.body).not.toContain('iHome</title>')
      }
    },
  )

  it('leaves what people wrote as it is', async () => {
    const { body } = await open(`/detail/${houseId}`, ENGLISH)
    expect(body).toContain('槐树下的小院')
    expect(body).toContain('What it costs')
  })

  it('brings the English words with the page, and only to those who read them', async () => {
    const file = /href="(\/assets\/english-[^"]+\.js)"/
    expect((await open('/', ENGLISH)).body).toMatch(file)
    expect((await open('/')).body).not.toMatch(file)
  })

  it.each(['fr', '', 'english', 'EN'])('takes the cookie %j for none', async (value) => {
    expect((await open('/', { cookie: `lang=${value}` })).body).toContain('<html lang="zh-CN">')
  })

  it('also speaks where nothing can be rendered', async () => {
    const broken = await testApp({
      features: {
        root: [
          async (app, options) => {
            await pageRoutes(app, options)
            app.addHook('preHandler', async () => {
              throw new Error('the renderer is broken')
            })
          },
        ],
      },
    })
    const answer = await broken.request({ method: 'GET', url: '/', headers: ENGLISH })
    expect(answer.statusCode).toBe(500)
    expect(answer.body).toContain('<html lang="en">')
    expect(answer.body).toContain('Something went wrong')
  })
})

describe('the switch of the language', () => {
  it('keeps the choice for a year and leads back to where it was made', async () => {
    const answer = await open(`/language?to=en&next=${encodeURIComponent('/search?sk=price-inc&aname=%E4%B8%9C')}`)
    expect(answer.statusCode).toBe(303)
    expect(answer.headers.location).toBe('/search?sk=price-inc&aname=%E4%B8%9C')
    expect(answer.cookies.find(({ name }) => name === 'lang')).toMatchObject({
      value: 'en',
      path: '/',
      sameSite: 'Lax',
      maxAge: 31_536_000,
    })
  })

  it('stands at the foot of the home page as a link', async () => {
    expect((await open('/')).body).toContain('href="/language?to=en&amp;next=%2F"')
    expect((await open('/', ENGLISH)).body).toContain('href="/language?to=zh&amp;next=%2F"')
  })

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '/a\r\nset-cookie: a=b',
    '/东',
  ])('does not lead to %j', async (next) => {
    const answer = await open(`/language?to=en&next=${encodeURIComponent(next)}`)
    expect(answer.statusCode).toBe(303)
    expect(answer.headers.location).toBe('/')
  })

  it('takes any other language for Chinese', async () => {
    const answer = await open('/language?to=xx')
    expect(answer.cookies.find(({ name }) => name === 'lang')?.value).toBe('zh')
  })
})
