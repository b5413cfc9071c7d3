import fs from 'node:fs/promises'
import net, { type AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import S3rver from 's3rver'
import { afterAll, describe, expect, test } from 'vitest'
import { hostingApp, houseInfo } from '../features/houses/testing-hosting.ts'
import { jpeg } from '../features/pictures/testing-odd-pictures.ts'
import { createDiskFiles } from './disk-files.ts'
import { type FileStore, StorageFault } from './file-store.ts'
import { createS3Files, type S3Settings } from './s3-files.ts'

const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'ihome-files-'))
const s3 = new S3rver({
  port: 0,
  address: '127.0.0.1',
  silent: true,
  directory: path.join(folder, 's3'),
  configureBuckets: [{ name: 'pictures', configs: [] }],
})
const { port } = (await s3.run()) as AddressInfo
const settings: S3Settings = {
  endpoint: `http://127.0.0.1:${port}`,
  region: 'us-east-1',
  bucket: 'pictures',
  accessKey: 'S3RVER',
  secretKey: 'S3RVER',
}
afterAll(async () => {
  await s3.close()
  await fs.rm(folder, { recursive: true, force: true })
})

const env = {
  S3_ENDPOINT: settings.endpoint,
  S3_BUCKET: settings.bucket,
  S3_ACCESS_KEY: settings.accessKey,
  S3_SECRET_KEY: settings.secretKey,
}

const STORES: readonly (readonly [string, FileStore])[] = [
  ['a folder', createDiskFiles(path.join(folder, 'disk'))],
  ['an S3-like service', createS3Files(settings)],
]

describe.each(STORES)('X4 files in %s', (_, files) => {
  test('are given back as they were kept, and are gone once removed', async () => {
    await files.put('a-360.webp', Buffer.from('first'), 'image/webp')
    const file = await files.open('a-360.webp')
    expect(file?.bytes).toBe(5)
    expect(file && (await text(file.body))).toBe('first')
    await files.remove('a-360.webp')
    expect(await files.open('a-360.webp')).toBeUndefined()
    await files.remove('a-360.webp')
  })

  test('D-25 are never overwritten', async () => {
    await files.put('b-360.webp', Buffer.from('first'), 'image/webp')
    await expect(files.put('b-360.webp', Buffer.from('second'), 'image/webp')).rejects.toBeInstanceOf(StorageFault)
    const file = await files.open('b-360.webp')
    expect(file && (await text(file.body))).toBe('first')
  })
})

describe('a place that cannot be reached', () => {
  test('the service away, its keys wrong, its bucket missing: each is a fault of the storage', async () => {
    const closed = net.createServer()
    const gone = await new Promise<number>((resolve) =>
      closed.listen(0, '127.0.0.1', () => resolve((closed.address() as AddressInfo).port)),
    )
    await new Promise((resolve) => closed.close(resolve))
    for (const wrong of [
      { endpoint: `http://127.0.0.1:${gone}` },
      { accessKey: 'nobody' },
      { bucket: 'no-such-bucket' },
    ]) {
      const files = createS3Files({ ...settings, ...wrong })
      await expect(files.put('c-360.webp', Buffer.from('x'), 'image/webp')).rejects.toBeInstanceOf(StorageFault)
    }
  })

  test('a folder that is a file is a fault of the storage', async () => {
    await fs.writeFile(path.join(folder, 'file'), '')
    const files = createDiskFiles(path.join(folder, 'file'))
    await expect(files.put('c-360.webp', Buffer.from('x'), 'image/webp')).rejects.toBeInstanceOf(StorageFault)
  })

  test('a name that is a path is a defect', async () => {
    const files = createDiskFiles(folder)
    for (const name of ['../x', '/etc/passwd', '.hidden', 'a/b'])
      await expect(files.open(name)).rejects.toThrow(RangeError)
  })
})

describe.each([
  ['a folder', {}],
  ['an S3-like service', env],
] as const)('X4 uploads kept in %s, by configuration alone', async (name, configured) => {
  const { app, deps, person } = await hostingApp({ env: configured })
  expect(deps.config.s3 === undefined).toBe(name === 'a folder')
  const host = await person()
  const made = await host.ask<{ house_id: number }>('POST', '/house/info', { json: houseInfo() })
  const send = async (bytes: Buffer) =>
    host.upload('/house/image', { field: 'house_image', bytes }, { house_id: String(made.data.house_id) })

  test('R8.1 R12.2 a photo is stored, served and of our own making', async () => {
    const { status, data } = await send(await jpeg(1_200, 800))
    expect(status).toBe(201)
    const { image_url: url } = data as { image_url: string }
    const answer = await app.request({ method: 'GET', url })
    expect([answer.statusCode, answer.headers['content-type'], answer.headers['x-content-type-options']]).toEqual([
      200,
      'image/webp',
      'nosniff',
    ])
    expect(answer.rawPayload.subarray(8, 12).toString()).toBe('WEBP')
    expect((await app.request({ method: 'GET', url: url.replace('.webp', '.avif') })).statusCode).toBe(200)
    expect((await app.request({ method: 'GET', url: `/uploads/${'0'.repeat(32)}-960.webp` })).statusCode).toBe(404)
  })

  test('R8.1 what is no picture is refused and leaves nothing', async () => {
    expect(await send(Buffer.from('<svg><script>alert(1)</script></svg>'))).toMatchObject({
      status: 422,
      problem: 'file_invalid',
    })
  })
})

test('D-28 with the storage down the answer is 503, and the house keeps what it has', async () => {
  const { person } = await hostingApp({ env: { ...env, S3_BUCKET: 'no-such-bucket' } })
  const host = await person()
  const made = await host.ask<{ house_id: number }>('POST', '/house/info', { json: houseInfo() })
  const file = { field: 'house_image', bytes: await jpeg() }
  const answer = await host.upload('/house/image', file, { house_id: String(made.data.house_id) })
  expect(answer).toMatchObject({ status: 503, errno: '4301', problem: 'storage_unavailable' })
  const own = await host.ask<{ photos: unknown[] }>('GET', `/users/houses/${made.data.house_id}`)
  expect(own.data.photos).toEqual([])
})
