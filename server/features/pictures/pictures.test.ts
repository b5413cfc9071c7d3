import fs from 'node:fs/promises'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { houseApp } from '../houses/testing-houses.ts'

const KEY = '0123456789abcdef0123456789abcdef'

describe('stored pictures', async () => {
  const app = await houseApp()
  const { uploadDir } = app.deps.config
  await fs.mkdir(uploadDir, { recursive: true })
  await fs.writeFile(path.join(uploadDir, `${KEY}-640.avif`), 'avif bytes')
  await fs.writeFile(path.join(uploadDir, `${KEY}-640.webp`), 'webp bytes')
  await fs.writeFile(path.join(uploadDir, 'secret.txt'), 'secret')
  await fs.writeFile(path.join(uploadDir, '..', 'outside-640.webp'), 'outside')

  test.each([
    ['avif', 'image/avif'],
    ['webp', 'image/webp'],
  ])('are served as %s, to be kept for ever and never read as anything else', async (format, type) => {
    const answer = await app.get(`/uploads/${KEY}-640.${format}`)
    expect(answer.statusCode).toBe(200)
    expect(answer.body).toBe(`${format} bytes`)
    expect(answer.headers).toMatchObject({
      'content-type': type,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
    })
  })

  test.each([
    'secret.txt',
    '../outside-640.webp',
    '..%2foutside-640.webp',
    '%2e%2e%2foutside-640.webp',
    `${KEY}-641.webp`,
    `${KEY}-640.png`,
    `${KEY}-640.webp/`,
    `x/${KEY}-640.webp`,
    `${KEY.toUpperCase()}-640.webp`,
    `${KEY}-960.webp`,
    '',
    '.',
    '%',
  ])('answer 404 in JSON for %s, and nobody keeps that', async (name) => {
    const answer = await app.get(`/uploads/${name}`)
    expect(answer.statusCode).toBe(404)
    expect(answer.json()).toMatchObject({ errno: '4002', problem: 'not_found' })
    expect(answer.headers['cache-control']).toBe('no-store')
  })

  test('refuse a name that goes on behind its end, and nobody keeps that', async () => {
    const answer = await app.get(`/uploads/${KEY}-640.webp%00.png`)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ problem: 'input_invalid' })
    expect(answer.headers['cache-control']).toBe('no-store')
  })
})
