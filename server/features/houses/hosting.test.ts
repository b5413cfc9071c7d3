import type { HostHousesView, OwnHouseView } from '@ihome/contract/schemas/hosting'
import type { HouseDetailView, HouseListView } from '@ihome/contract/schemas/houses'
import { describe, expect, test } from 'vitest'
import { StorageFault } from '../../platform/file-store.ts'
import { testDeps } from '../../platform/testing.ts'
import { givenHouse } from '../../platform/testing-builders.ts'
import { jpeg, oddPictures, png, webp } from '../pictures/testing-odd-pictures.ts'
import { checkRedundancy } from './check-redundancy.ts'
import { addPhoto } from './house-photos.ts'
import { hostingApp, houseInfo } from './testing-hosting.ts'

describe('publishing', async () => {
  const { deps, person } = await hostingApp()
  const host = await person()
  const { db } = deps

  const publish = async (facts: Parameters<typeof houseInfo>[0] = {}) =>
    host.ask<{ house_id: number; fields: { field: string }[] }>('POST', '/house/info', { json: houseInfo(facts) })
  const newHouse = async () => (await publish()).data.house_id
  const photo = async (houseId: number, bytes: Buffer, from = host) =>
    from.upload('/house/image', { field: 'house_image', bytes }, { house_id: String(houseId) })

  test('R11.1 D-29 somebody who is not verified is refused by the server', async () => {
    const stranger = await person({ verified: false })
    const own = await givenHouse(db, { hostId: stranger.id })
    const answers = [
      await stranger.ask('GET', '/users/houses'),
      await stranger.ask('POST', '/house/info', { json: houseInfo() }),
      await photo(own.id, await jpeg(), stranger),
      await stranger.ask('PUT', `/users/houses/${own.id}/listed`, { json: { listed: false } }),
    ]
    expect(answers.map(({ status, errno, problem }) => [status, errno, problem])).toEqual(
      answers.map(() => [403, '4104', 'not_verified']),
    )
  })

  test.each(Object.keys(houseInfo()))('R12.1 a house without %s is refused and the field named', async (field) => {
    const { [field]: _left, ...rest } = houseInfo()
    const { status, errno, data } = await host.ask<{ fields: { field: string }[] }>('POST', '/house/info', {
      json: rest,
    })
    expect([status, errno]).toEqual([400, '4103'])
    expect(data.fields.map((fault) => fault.field)).toContain(field)
  })

  test.each([
    ['title', '   '],
    ['title', '字'.repeat(65)],
    ['title', '\0'],
    ['address', '地'.repeat(513)],
    ['price', 0],
    ['price', -1],
    ['price', 1e9],
    ['price', 19.99],
    ['price', 'NaN'],
    ['price', null],
    ['price', '19.99'],
    ['deposit', -1],
    ['deposit', 10_000_000],
    ['room_count', 0],
    ['room_count', 101],
    ['acreage', 100_001],
    ['capacity', 0],
    ['min_days', 0],
    ['min_days', 366],
    ['max_days', 366],
    ['facility', [1, 99]],
    ['facility', 'all'],
    ['instant', 'yes'],
    ['cancel_policy', 'kind'],
    ['owner', 1],
  ])('R12.1 D-42 refuses %s %j by name', async (field, value) => {
    const { status, data } = await host.ask<{ fields: { field: string }[] }>('POST', '/house/info', {
      json: { ...houseInfo(), [field]: value },
    })
    expect(status).toBe(400)
    expect(data.fields.map((fault) => fault.field.split('.')[0])).toContain(field)
  })

  test('R12.1 D-42 0 is a value for deposit and most nights, as a number and in digits', async () => {
    for (const zero of [0, '0']) {
      const { status, data } = await publish({ deposit: zero, max_days: zero, price: '1', min_days: '1' })
      expect(status).toBe(201)
      const house = (await host.ask<OwnHouseView>('GET', `/users/houses/${data.house_id}`)).data
      expect([house.deposit, house.max_days, house.price]).toEqual([0, 0, 1])
    }
    const wrong = await publish({ min_days: 5, max_days: 4 })
    expect([wrong.status, wrong.data.fields[0]?.field]).toEqual([400, 'max_days'])
  })

  test('R12.1 D-40 no facility is fine, an unknown area is not', async () => {
    expect((await publish({ facility: [] })).status).toBe(201)
    expect((await publish({ facility: ['1', 1] })).status).toBe(201)
    for (const area_id of [999, '99999999999', 9_007_199_254_740_991]) {
      expect([400, 404]).toContain((await publish({ area_id })).status)
    }
    expect(await publish({ area_id: 999 })).toMatchObject({ errno: '4002', problem: 'area_not_found' })
  })

  test('R12.2 text makes the house, which is listed at once; the first photo is its cover', async () => {
    const houseId = await newHouse()
    const { houses } = (await host.ask<HouseListView>('GET', '/houses')).data
    expect(houses[0]).toMatchObject({ house_id: houseId, img_url: null })
    const first = await photo(houseId, await jpeg())
    expect(first.status).toBe(201)
    const { image_url: url } = first.data as { image_url: string }
    expect(url).toMatch(/^\/uploads\/[0-9a-f]{32}-960\.webp$/)
    await photo(houseId, await png())
    const { house } = (await host.ask<HouseDetailView>('GET', `/house/${houseId}`)).data
    expect(house.img_urls[0]).toBe(url)
    expect(house.img_urls).toHaveLength(2)
    const list = (await host.ask<HouseListView>('GET', '/houses')).data
    expect(list.houses[0]?.cover?.key).toBe(house.pictures[0]?.key)
    expect(await checkRedundancy(db, '2026-11-23')).toEqual([])
  })

  test('R12.2 D-27 nobody adds photos to another person’s house, edits it or takes it offline', async () => {
    const houseId = await newHouse()
    const other = await person()
    const key = ((await photo(houseId, await jpeg())).data as { key: string }).key
    const answers = [
      await photo(houseId, await jpeg(), other),
      await other.ask('GET', `/users/houses/${houseId}`),
      await other.ask('PUT', `/users/houses/${houseId}`, { json: houseInfo() }),
      await other.ask('PUT', `/users/houses/${houseId}/listed`, { json: { listed: false } }),
      await other.ask('PUT', `/users/houses/${houseId}/photos`, { json: { keys: [key] } }),
      await other.ask('DELETE', `/users/houses/${houseId}/photos/${key}`),
    ]
    expect(answers.map(({ status, errno, problem }) => [status, errno, problem])).toEqual(
      answers.map(() => [403, '4105', 'not_house_owner']),
    )
    expect(await photo(987_654, await jpeg())).toMatchObject({ status: 404, problem: 'house_not_found' })
  })

  test('R8.1 R12.2 takes JPEG, PNG and WebP, and says of anything else what is wrong with it', async () => {
    const houseId = await newHouse()
    for (const bytes of [await jpeg(), await png(), await webp()])
      expect((await photo(houseId, bytes)).status).toBe(201)
    for (const name of ['nothing at all', 'an SVG with a script', 'HTML named .jpg', 'a PNG of 30000 × 30000']) {
      const file = (await oddPictures()).find((odd) => odd.name === name)
      expect(await photo(houseId, file?.bytes ?? Buffer.alloc(0))).toMatchObject({
        status: 422,
        errno: '4103',
        problem: 'file_invalid',
        data: { reason: file?.outcome },
      })
    }
    const large = await photo(houseId, Buffer.concat([await jpeg(), Buffer.alloc(20 * 1_048_576)]))
    expect(large).toMatchObject({ status: 413, errno: '4103', problem: 'body_too_large' })
    const almost = await photo(houseId, Buffer.concat([await jpeg(), Buffer.alloc(10 * 1_048_576)]))
    expect(almost).toMatchObject({ status: 413, errno: '4103', problem: 'body_too_large' })
  })

  test('R12.2 a form without a file, with two, with a wrong field, or no form at all is refused', async () => {
    const houseId = await newHouse()
    const fields = { house_id: String(houseId) }
    const bytes = await jpeg()
    expect((await host.upload('/house/image', { field: 'picture', bytes }, fields)).status).toBe(400)
    expect((await host.upload('/house/image', { field: 'house_image', bytes }, {})).status).toBe(400)
    expect((await host.upload('/house/image', { field: 'house_image', bytes }, { house_id: '1e3' })).status).toBe(400)
    expect(await host.ask('POST', '/house/image', { json: fields })).toMatchObject({
      status: 415,
      problem: 'media_type_unsupported',
    })
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`field${index}`, 'x']))
    expect((await host.upload('/house/image', { field: 'house_image', bytes }, many)).status).toBe(400)
  })

  test('R12.2 a house has at most 20 photos, however many are sent at once', async () => {
    const houseId = await newHouse()
    const limited = { ...deps, config: { ...deps.config, limits: { ...deps.config.limits, photosPerHouse: 3 } } }
    const bytes = await jpeg()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 5 }, () => addPhoto(limited, { hostId: host.id, houseId, bytes })),
    )
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect(await addPhoto(limited, { hostId: host.id, houseId, bytes }).catch((error) => error)).toMatchObject({
      problem: 'file_invalid',
      details: { reason: 'too_many_photos' },
    })
  })

  test('the host orders photos, chooses the cover, and takes photos away but for the last', async () => {
    const houseId = await newHouse()
    for (let n = 0; n < 3; n += 1) await photo(houseId, await jpeg())
    const read = async () =>
      (await host.ask<OwnHouseView>('GET', `/users/houses/${houseId}`)).data.photos.map(({ key }) => key)
    const [a = '', b = '', c = ''] = await read()
    expect((await host.ask('PUT', `/users/houses/${houseId}/photos`, { json: { keys: [c, a, b] } })).status).toBe(200)
    expect(await read()).toEqual([c, a, b])
    expect((await host.ask<HouseListView>('GET', '/houses')).data.houses[0]?.cover?.key).toBe(c)
    for (const keys of [
      [a, b],
      [a, b, c, 'f'.repeat(32)],
      [a, a, b],
    ]) {
      const { status } = await host.ask('PUT', `/users/houses/${houseId}/photos`, { json: { keys } })
      expect([400, 409]).toContain(status)
    }
    expect((await host.ask('DELETE', `/users/houses/${houseId}/photos/${c}`)).status).toBe(200)
    expect(await read()).toEqual([a, b])
    expect((await host.ask('GET', `/uploads/${c}-640.webp`.replace('/api', ''))).status).toBe(404)
    expect((await host.ask<HouseListView>('GET', '/houses')).data.houses[0]?.cover?.key).toBe(a)
    await host.ask('DELETE', `/users/houses/${houseId}/photos/${a}`)
    expect(await host.ask('DELETE', `/users/houses/${houseId}/photos/${b}`)).toMatchObject({
      data: { reason: 'last_photo' },
    })
    expect(await checkRedundancy(db, '2026-11-23')).toEqual([])
  })

  test('D-28 with the storage down a photo is refused and the house keeps the ones it has', async () => {
    const houseId = await newHouse()
    await photo(houseId, await jpeg())
    const away = {
      ...deps,
      files: { ...deps.files, put: () => Promise.reject(new StorageFault('away')) },
    }
    await expect(addPhoto(away, { hostId: host.id, houseId, bytes: await jpeg() })).rejects.toMatchObject({
      problem: 'storage_unavailable',
    })
    expect((await host.ask<OwnHouseView>('GET', `/users/houses/${houseId}`)).data.photos).toHaveLength(1)
  })

  test('the same press twice makes one house', async () => {
    const headers = { 'idempotency-key': 'publish-once-1' }
    const json = houseInfo({ title: '只发布一次' })
    const [first, second] = [
      await host.ask<{ house_id: number }>('POST', '/house/info', { json, headers }),
      await host.ask<{ house_id: number }>('POST', '/house/info', { json, headers }),
    ]
    expect([first.status, second.status]).toEqual([201, 201])
    expect(first.data.house_id).toBe(second.data.house_id)
    expect(await host.ask('POST', '/house/info', { json: { ...json, price: 1 }, headers })).toMatchObject({
      problem: 'idempotency_key_reused',
    })
  })
})

describe('own houses', async () => {
  const { deps, person } = await hostingApp()
  const { db } = deps

  test('R11.2 lists own houses and nobody else’s, newest first, with their state and what stands', async () => {
    const host = await person()
    await givenHouse(db)
    const first = await givenHouse(db, { hostId: host.id })
    const second = await givenHouse(db, { hostId: host.id, listed: false })
    const { houses } = (await host.ask<HostHousesView>('GET', '/users/houses')).data
    expect(
      houses.map(({ house_id, state, open_orders, photo_count }) => [house_id, state, open_orders, photo_count]),
    ).toEqual([
      [second.id, 'unlisted', 0, 0],
      [first.id, 'listed', 0, 0],
    ])
  })

  test('offline means out of search, home and booking at the next request; online brings it back', async () => {
    const host = await person()
    const made = await host.ask<{ house_id: number }>('POST', '/house/info', { json: houseInfo() })
    const houseId = made.data.house_id
    await host.upload('/house/image', { field: 'house_image', bytes: await jpeg() }, { house_id: String(houseId) })
    const listed = async () => {
      const search = (await host.ask<HouseListView>('GET', '/houses')).data.houses
      const home = (await host.ask<{ hlist: { house_id: number }[] }>('GET', '/house/index')).data.hlist
      return [search, home].map((houses) => houses.some(({ house_id }) => house_id === houseId))
    }
    expect(await listed()).toEqual([true, true])
    const off = await host.ask('PUT', `/users/houses/${houseId}/listed`, { json: { listed: false } })
    expect(off.data).toEqual({ state: 'unlisted', open_orders: 0 })
    expect(await listed()).toEqual([false, false])
    expect((await host.ask('GET', `/order/house/${houseId}`)).problem).toBe('house_not_found')
    expect((await host.ask<HouseDetailView>('GET', `/house/${houseId}`)).data.house.listed).toBe(false)
    await host.ask('PUT', `/users/houses/${houseId}/listed`, { json: { listed: true } })
    expect(await listed()).toEqual([true, true])
  })

  test('what the platform took down the host cannot put back, and reads why', async () => {
    const host = await person()
    const house = await givenHouse(db, { hostId: host.id, listed: false })
    await db.updateTable('houses').set({ taken_down_reason: '照片不是这套房子' }).where('id', '=', house.id).execute()
    const { status, problem } = await host.ask('PUT', `/users/houses/${house.id}/listed`, { json: { listed: true } })
    expect([status, problem]).toEqual([409, 'step_refused'])
    const { houses } = (await host.ask<HostHousesView>('GET', '/users/houses')).data
    expect(houses[0]).toMatchObject({ state: 'taken_down', taken_down_reason: '照片不是这套房子' })
  })

  test('an edit shows at the next request and changes no price that was agreed', async () => {
    const host = await person()
    const { data } = await host.ask<{ house_id: number }>('POST', '/house/info', { json: houseInfo() })
    const json = houseInfo({ title: '新名字', price: 1_999, facility: [2], instant: true, cancel_policy: 'strict' })
    const edited = await host.ask<OwnHouseView>('PUT', `/users/houses/${data.house_id}`, { json })
    expect(edited.data).toMatchObject({
      title: '新名字',
      price: 1_999,
      facility: [2],
      instant: true,
      cancel_policy: 'strict',
    })
    const { house } = (await host.ask<HouseDetailView>('GET', `/house/${data.house_id}`)).data
    expect([house.title, house.price, house.facilities]).toEqual(['新名字', 1_999, [2]])
  })

  test('a draft is kept with its step, is its owner’s alone, and is gone once it became a house', async () => {
    const [host, other] = [await person(), await person()]
    const content = { title: '还没写', price: '38' }
    const begun = await host.ask<{ draft_id: number }>('POST', '/users/house-drafts', { json: { step: 2, content } })
    expect(begun.status).toBe(201)
    const path = `/users/house-drafts/${begun.data.draft_id}`
    await host.ask('PUT', path, { json: { step: 5, content: { ...content, facility: [1, 2] } } })
    expect((await host.ask('GET', path)).data).toMatchObject({
      step: 5,
      content: { title: '还没写', facility: [1, 2] },
    })
    expect((await other.ask('GET', path)).problem).toBe('not_found')
    expect((await other.ask('PUT', path, { json: { step: 1, content: {} } })).problem).toBe('not_found')
    await other.ask('DELETE', path)
    const { drafts } = (await host.ask<HostHousesView>('GET', '/users/houses')).data
    expect(drafts.map(({ draft_id, step }) => [draft_id, step])).toEqual([[begun.data.draft_id, 5]])
    await host.ask('POST', '/house/info', { json: { ...houseInfo(), draft_id: begun.data.draft_id } })
    expect((await host.ask('GET', path)).status).toBe(404)
  })

  test.each([
    [{ step: 0, content: {} }],
    [{ step: 8, content: {} }],
    [{ step: 1, content: { title: 'x'.repeat(201) } }],
    [{ step: 1, content: { owner: '1' } }],
    [{ step: 1, content: [] }],
  ])('refuses the draft %j', async (json) => {
    const host = await person()
    expect((await host.ask('POST', '/users/house-drafts', { json })).status).toBe(400)
  })

  test('one person keeps at most ten drafts', async () => {
    const host = await person()
    const statuses: number[] = []
    for (let n = 0; n < 11; n += 1) {
      statuses.push((await host.ask('POST', '/users/house-drafts', { json: { step: 1, content: {} } })).status)
    }
    expect(statuses).toEqual([...Array(10).fill(201), 400])
  })

  test('uploads of one person are limited by the hour', async () => {
    const limited = await hostingApp({ env: { UPLOADS_PER_HOUR: '2' } })
    const host = await limited.person()
    const { data } = await host.ask<{ house_id: number }>('POST', '/house/info', { json: houseInfo() })
    const statuses: number[] = []
    for (let n = 0; n < 3; n += 1) {
      const file = { field: 'house_image', bytes: await jpeg() }
      statuses.push((await host.upload('/house/image', file, { house_id: String(data.house_id) })).status)
    }
    expect(statuses).toEqual([201, 201, 429])
  })
})

test('X4 the configuration alone names the store', async () => {
  const { config } = await testDeps({
    env: { S3_ENDPOINT: 'http://127.0.0.1:9', S3_BUCKET: 'b', S3_ACCESS_KEY: 'a', S3_SECRET_KEY: 's' },
  })
  expect(config.s3).toMatchObject({ endpoint: 'http://127.0.0.1:9', bucket: 'b', region: 'us-east-1' })
})
