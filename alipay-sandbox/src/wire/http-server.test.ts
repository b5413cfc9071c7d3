import { EventEmitter, once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createHttpServer, type Parts } from './http-server.ts'
import { RequestLog } from './request-log.ts'

const SAID = { status: 200, headers: {}, body: 'said' }
const said = async () => SAID
const PARTS: Parts = {
  gateway: { handle: said, open: () => Promise.reject(new Error('not asked')), requests: new RequestLog() },
  v3: said,
  cashier: { handle: said, renderRefusal: () => SAID },
  bills: said,
  control: said,
  console: said,
  durable: async () => undefined,
  onDefect(error) {
    throw error
  },
}

async function listening(parts: Parts) {
  const server = createHttpServer(parts)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return { server, url: `http://127.0.0.1:${port}` }
}

test.each(['/gateway.do', '/v3/x', '/cashier/x', '/_sandbox/', '/_sandbox/api/v1/trades'])(
  'SBX-59 nothing leaves %s before what it may speak of is on disk, and nothing at all when the disk refuses',
  async (path) => {
    const disk = new EventEmitter()
    const durable = async () => {
      disk.emit('asked')
      await once(disk, 'written')
    }
    const kept = await listening({ ...PARTS, durable })
    const request = once(kept.server, 'request')
    const asked = once(disk, 'asked')
    const answer = fetch(`${kept.url}${path}`)
    const [[, response]] = await Promise.all([request, asked])
    // Whoever does not wait for the disk has answered a turn later.
    await new Promise(setImmediate)
    expect((response as ServerResponse).headersSent).toBe(false)
    disk.emit('written')
    expect(await (await answer).text()).toBe('said')
    kept.server.close()

    const told: unknown[] = []
    const refusal = new Error('no space left')
    const full = await listening({
      ...PARTS,
      durable: () => Promise.reject(refusal),
      onDefect: (one) => told.push(one),
    })
    const failed = await fetch(`${full.url}${path}`)
    expect([failed.status, await failed.text()]).toEqual([500, 'internal error\n'])
    expect(told).toEqual([refusal])
    full.server.close()
  },
)

test('SBX-10 whoever takes more than 30 s for a request or for its head is cut off', async () => {
  const { server } = await listening(PARTS)
  expect([server.requestTimeout, server.headersTimeout]).toEqual([30_000, 30_000])
  server.close()
})
