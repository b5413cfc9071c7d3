import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { type TestApp, testApp } from '../../platform/testing.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { houseRoutes } from '../houses/routes.ts'
import { searchRoutes } from '../search/routes.ts'
import { pageRoutes } from './page-routes.ts'

let shop: TestApp
let houseId: number
const TITLE = '槐树下的小院 <script>alert("1")</script>'

beforeAll(async () => {
  shop = await testApp({ features: { api: [houseRoutes, searchRoutes], root: [pageRoutes] } })
  const host = await givenUser(shop.deps.db, { name: '周姐' })
  const house = await givenHouse(shop.deps.db, { hostId: host.id, title: TITLE, priceFen: 38_850 })
  houseId = house.id
})

const open = (url: string, headers: Record<string, string> = {}) => shop.request({ method: 'GET', url, headers })

describe('a rendered page', () => {
  it('shows the house with title, price and description in its first HTML, as text', async () => {
    const answer = await open(`/detail/${houseId}`)
    expect(answer.statusCode).toBe(200)
    expect(answer.body).toContain('￥388.50')
    expect(answer.body).toContain('槐树下的小院 &lt;script&gt;')
    expect(answer.body).not.toContain('<script>alert')
    expect(answer.body).toMatch(/<meta property="og:title" content="槐树下的小院 [^"]*">/)
    expect(answer.body).toMatch(/<meta name="description" content="[^"]*￥388\.50\/晚[^"]*">/)
  })

  it('is not stored by browsers and allows no script and no style but its own', async () => {
    const answer = await open('/')
    const policy = String(answer.headers['content-security-policy'])
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toContain('unsafe')
    const style = /<style>(.*?)<\/style>/s.exec(answer.body)?.[1] ?? ''
    expect(policy).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`)
    expect(style).toContain('--brand:')
    expect(style).toContain('.finder')
    expect(answer.body).not.toMatch(/ style="/)
    expect(answer.body).not.toMatch(/ on\w+="/)
  })

  it('gives a visitor a session and a readable CSRF token', async () => {
    const answer = await open('/')
    expect(answer.cookies.map(({ name }) => name)).toEqual(expect.arrayContaining(['ihome_session', 'csrf_token']))
    expect(answer.cookies.find(({ name }) => name === 'csrf_token')?.httpOnly).toBeFalsy()
  })

  it('comes packed for browsers that take it', async () => {
    const answer = await open('/', { 'accept-encoding': 'gzip' })
    expect(answer.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(answer.rawPayload).toString()).toContain('大家常住的房子')
  })

  it('names the person who is signed in, and nobody else sees that name', async () => {
    const person = await givenUser(shop.deps.db, { name: '只有我看得见' })
    const { headers } = await shop.signIn(person.phone)
    expect((await open('/', { cookie: headers.cookie })).body).toContain('只有我看得见')
    expect((await open('/')).body).not.toContain('只有我看得见')
  })

  it('works without scripts: the form leads to the search, and sorting is a link', async () => {
    const home = await open('/')
    expect(home.body).toMatch(/<form [^>]*action="\/search" method="get"/)
    expect(home.body).toContain('<select name="aid"')
    expect(home.body).toContain('type="date" name="sd"')
    const search = await open('/search?sk=price-inc')
    expect(search.body).toContain(`href="/detail/${houseId}"`)
    expect(search.body).toContain('href="/search?sk=price-des"')
  })

  it.each(['sd=2020-01-01&ed=2020-01-03', 'aid=9999', 'p=-1', 'p=abc', 'p=99999', 'aid=x&sk=y&cursor=z', 'sd=&ed='])(
    'takes %s in an old link without an error',
    async (query) => {
      const answer = await open(`/search?${query}`)
      expect(answer.statusCode).toBe(200)
    },
  )
})

describe('an address that leads nowhere', () => {
  it.each(['/nothing', '/detail/999999', '/detail/abc', '/nowhere', '/detail/x'])(
    '%s is a page with 404',
    async (url) => {
      const answer = await open(url)
      expect(answer.statusCode).toBe(404)
      expect(answer.headers['content-type']).toContain('text/html')
      expect(answer.body).toMatch(/(action|href)="\/search"/)
    },
  )

  it.each(['/api/v1.0/nothing', '/assets/nothing.js'])('%s is answered by JSON', async (url) => {
    const answer = await open(url)
    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toMatchObject({ problem: 'not_found' })
  })
})

it('sends a visitor of a private page to the login and back', async () => {
  const answer = await open('/booking/7?sd=2026-11-27&ed=2026-11-29')
  expect(answer.statusCode).toBe(302)
  expect(answer.headers.location).toBe('/login?next=/booking/7%3Fsd%3D2026-11-27%26ed%3D2026-11-29')
})

it('leads every old address to its new one for good', async () => {
  const answer = await open('/payComplete.html?sign=a%2Bb')
  expect(answer.statusCode).toBe(301)
  expect(answer.headers.location).toBe('/pay-complete?sign=a%2Bb')
})

it('serves the scripts under hashed names for ever, packed', async () => {
  const script = /src="(\/assets\/[^"]+\.js)"/.exec((await open('/')).body)?.[1] ?? ''
  const answer = await open(script, { 'accept-encoding': 'br, gzip' })
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['cache-control']).toContain('immutable')
  expect(answer.headers['content-encoding']).toBe('br')
})

it('shows a page with the number of the request when it cannot be rendered', async () => {
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
  const answer = await broken.request({ method: 'GET', url: '/' })
  expect(answer.statusCode).toBe(500)
  expect(answer.body).toContain(String(answer.headers['x-request-id']))
  expect(answer.body).not.toContain('renderer is broken')
})

describe('what search engines read', () => {
  it('names the pages they may not ask for, and where all houses are', async () => {
    const answer = await open('/robots.txt')
    expect(answer.headers['content-type']).toContain('text/plain')
    expect(answer.body).toContain('Disallow: /orders\n')
    expect(answer.body).toContain(`Sitemap: ${shop.deps.config.publicOrigin}/sitemap.xml\n`)
    expect(answer.body).not.toMatch(/Disallow: \/(search|detail)?\n/)
  })

  it('lists every house that is offered, and none that is not', async () => {
    const { db } = shop.deps
    const away = await givenHouse(db, { hostId: (await givenUser(db)).id })
    await db.updateTable('houses').set({ listed: false }).where('id', '=', away.id).execute()
    const index = await open('/sitemap.xml')
    expect(index.headers['content-type']).toContain('application/xml')
    const parts = [...index.body.matchAll(/<loc>[^<]*?(\/sitemaps\/[^<]+)<\/loc>/g)].map((match) => match[1] ?? '')
    expect(parts).toEqual(['/sitemaps/pages.xml', '/sitemaps/houses-1.xml'])
    const houses = await open('/sitemaps/houses-1.xml')
    expect(houses.body).toContain(`<loc>${shop.deps.config.publicOrigin}/detail/${houseId}</loc><lastmod>`)
    expect(houses.body).not.toContain(`/detail/${away.id}<`)
    expect((await open('/sitemaps/houses-2.xml')).statusCode).toBe(404)
    expect((await open('/sitemaps/pages.xml')).body).toContain('/search</loc>')
  })

  it('describes a house as data that no title can break out of', async () => {
    const answer = await open(`/detail/${houseId}`)
    const facts = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(answer.body)?.[1] ?? ''
    expect(JSON.parse(facts)).toMatchObject({
      '@type': 'VacationRental',
      name: TITLE,
      url: `${shop.deps.config.publicOrigin}/detail/${houseId}`,
      makesOffer: { priceSpecification: { price: '388.50', priceCurrency: 'CNY' } },
    })
    expect((await open('/')).body).not.toContain('ld+json')
  })
})
