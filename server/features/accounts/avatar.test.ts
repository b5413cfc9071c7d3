import { beforeEach, describe, expect, test } from 'vitest'
import { StorageFault } from '../../platform/file-store.ts'
import { type TestApp, testApp, testDeps } from '../../platform/testing.ts'
import { givenUser } from '../../platform/testing-builders.ts'
import { pictureRoutes } from '../pictures/routes.ts'
import { jpeg, jpegWithPlace, png, webp } from '../pictures/testing-odd-pictures.ts'
import { API, type Headers } from './testing-accounts.ts'

describe('the picture of a person', () => {
  let shop: TestApp
  let mine: Headers
  let isStorageDown = false

  beforeEach(async () => {
    isStorageDown = false
    const deps = await testDeps()
    const files = {
      ...deps.files,
      async put(...wish: Parameters<typeof deps.files.put>) {
        if (isStorageDown) throw new StorageFault('down')
        await deps.files.put(...wish)
      },
      open: (name: string) => deps.files.open(name),
      remove: (name: string) => deps.files.remove(name),
    }
    shop = await testApp({ deps: { ...deps, files }, features: { root: [pictureRoutes] } })
    mine = (await shop.signIn((await givenUser(deps.db)).phone)).headers
  })

  const send = (bytes: Buffer, { name = 'me.jpg', field = 'avatar', type = 'image/jpeg' } = {}) => {
    const head = `--x\r\ncontent-disposition: form-data; name="${field}"; filename="${name}"\r\ncontent-type: ${type}\r\n\r\n`
    return shop.request({
      method: 'POST',
      url: `${API}/users/avatar`,
      headers: { ...mine, 'content-type': 'multipart/form-data; boundary=x' },
      payload: Buffer.concat([Buffer.from(head), bytes, Buffer.from('\r\n--x--\r\n')]),
    })
  }
  const profile = async () => (await shop.request({ url: `${API}/users/profile`, headers: mine })).json().data

  test('R8.1 R8.4 JPEG, PNG and WebP are drawn anew and shown; the name stays, and the one before is gone', async () => {
    const { name } = await profile()
    let before: string | undefined
    for (const bytes of [await jpeg(), await png(), await webp(), await jpegWithPlace(6)]) {
      const answer = await send(bytes)
      expect(answer.json()).toMatchObject({ errno: '0' })
      const url = answer.json().data.avatar_url
      expect(await profile()).toMatchObject({ avatar: url, name })
      const shown = await shop.request({ url })
      expect([shown.statusCode, shown.headers['content-type']]).toEqual([200, 'image/webp'])
      expect(shown.rawPayload.includes('SECRET-PLACE')).toBe(false)
      if (before) expect((await shop.request({ url: before })).statusCode).toBe(404)
      before = url
    }
  })

  test('as dear to draw as any photo, it counts among the uploads of an hour', async () => {
    const deps = await testDeps({ env: { UPLOADS_PER_HOUR: '2' } })
    shop = await testApp({ deps, features: { root: [pictureRoutes] } })
    mine = (await shop.signIn((await givenUser(deps.db)).phone)).headers
    const bytes = await png()
    expect([(await send(bytes)).statusCode, (await send(bytes)).statusCode]).toEqual([200, 200])
    const third = await send(bytes)
    expect([third.statusCode, third.json().problem]).toEqual([429, 'rate_limited'])
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0)
  })

  test.each([
    ['an SVG named .jpg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
    ['HTML named .jpg', Buffer.from('<html><script>alert(1)</script></html>')],
    ['a program named .jpg', Buffer.from('MZ\u0090\u0000\u0003', 'latin1')],
    ['nothing', Buffer.alloc(0)],
  ])('R8.1 %s is refused with 4103', async (_kind, bytes) => {
    const answer = await send(bytes)
    expect(answer.json()).toMatchObject({ errno: '4103', problem: 'file_invalid' })
    expect((await profile()).avatar).toBeNull()
  })

  test('R8.1 more than 5 MiB, another field and another kind of body are refused with 4103', async () => {
    expect((await send(Buffer.alloc(5 * 1_048_576 + 1))).json()).toMatchObject({
      errno: '4103',
      problem: 'body_too_large',
    })
    expect((await send(await png(), { field: 'picture' })).json()).toMatchObject({ problem: 'input_invalid' })
    const json = await shop.request({
      method: 'POST',
      url: `${API}/users/avatar`,
      headers: mine,
      payload: { avatar: 'x' },
    })
    expect(json.json()).toMatchObject({ errno: '4103', problem: 'media_type_unsupported' })
  })

  test('R8.1 while the storage is down the old picture stays, and the answer is 4301', async () => {
    const url = (await send(await png())).json().data.avatar_url
    isStorageDown = true
    expect((await send(await jpeg())).json()).toMatchObject({ errno: '4301', problem: 'storage_unavailable' })
    expect((await profile()).avatar).toBe(url)
    expect((await shop.request({ url })).statusCode).toBe(200)
  })
})
