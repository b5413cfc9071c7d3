import type { LineView, ThreadDetailView, ThreadListView } from '@ihome/contract/schemas/messages'
import { beforeAll, describe, expect, test } from 'vitest'
import { startChangeFeed } from '../../platform/change-feed.ts'
import { createEvents } from '../../platform/events.ts'
import { silentLog } from '../../platform/log.ts'
import { type TestApp, testApp } from '../../platform/testing.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { checkRedundancy } from '../houses/check-redundancy.ts'
import { givenOrder, type OrderFacts } from '../orders/testing-orders.ts'
import { messageRoutes } from './routes.ts'
import { createStreams } from './streams.ts'

let bed: TestApp
beforeAll(async () => {
  bed = await testApp({ features: { api: [messageRoutes] } })
})

interface Answer {
  readonly status: number
  readonly problem: string | null
  readonly data: unknown
}
type Send = (method: 'GET' | 'POST' | 'PUT', path: string, body?: object) => Promise<Answer>
async function as({ phone }: { readonly phone: string }): Promise<Send> {
  const { headers } = await bed.signIn(phone)
  return async (method, path, body) => {
    const answer = await bed.request({ method, url: `/api/v1.0${path}`, headers, ...(body ? { payload: body } : {}) })
    return { status: answer.statusCode, ...answer.json<{ problem: string | null; data: unknown }>() }
  }
}

let lines = 0
async function orderOf(facts: OrderFacts = {}) {
  const { db } = bed.deps
  const [hostUser, guestUser] = [await givenUser(db, { name: `房东${lines++}` }), await givenUser(db)]
  const house = await givenHouse(db, { hostId: hostUser.id })
  const { id } = await givenOrder(db, { ...facts, house, guestId: guestUser.id })
  const [guest, host] = [await as(guestUser), await as(hostUser)]
  const write = (send: Send, text: string, client_id = `line-${lines++}-${id}`) =>
    send('POST', `/messages/${id}`, { text, client_id })
  const read = async (send: Send, query = '') => (await send('GET', `/messages/${id}${query}`)).data as ThreadDetailView
  const unread = async (send: Send) => (await send('GET', '/messages/unread')).data
  const threads = async (send: Send) => ((await send('GET', '/messages')).data as ThreadListView).threads
  return { id, guest, host, guestUser, hostUser, write, read, unread, threads }
}

describe('the thread of an order', () => {
  test('shows each person their own lines and the other’s, with what happened to the order', async () => {
    const { id, guest, host, write, read, threads } = await orderOf()
    expect(await read(guest)).toMatchObject({ lines: [], has_older: false, history: [{ to: 'WAIT_ACCEPT' }] })
    expect(await threads(guest)).toEqual([])
    expect(await write(guest, ' 可以早一点到吗？ ')).toMatchObject({
      status: 201,
      data: { mine: true, text: '可以早一点到吗？' },
    })
    await write(host, '可以的')
    expect((await read(guest)).lines.map(({ mine, text }) => [mine, text])).toEqual([
      [true, '可以早一点到吗？'],
      [false, '可以的'],
    ])
    expect((await read(host)).order).toMatchObject({ order_id: id, viewer: 'host', is_paid: false })
    expect(await threads(host)).toMatchObject([{ order_id: id, text: '可以的', mine: true, viewer: 'host' }])
  })

  test('G33 is closed to everybody else, as if it were not there', async () => {
    const { id, guest, write } = await orderOf()
    await write(guest, '你好')
    const stranger = await as(await givenUser(bed.deps.db))
    expect(await stranger('GET', `/messages/${id}`)).toMatchObject({ status: 404, problem: 'order_not_found' })
    expect(await write(stranger, '我也在')).toMatchObject({ problem: 'order_not_found' })
    expect(await stranger('GET', '/messages/999999')).toMatchObject({ problem: 'order_not_found' })
    expect(await stranger('PUT', `/messages/${id}/read`, { up_to: 1 })).toMatchObject({ data: { unread: 0 } })
    expect((await bed.request({ method: 'GET', url: '/api/v1.0/messages' })).statusCode).toBe(401)
  })

  test('is unread for the other person until they have read that far', async () => {
    const { id, guest, host, write, unread, threads } = await orderOf()
    await write(guest, '一')
    const { data } = await write(guest, '二')
    expect([await unread(host), await unread(guest)]).toEqual([{ unread: 1 }, { unread: 0 }])
    const { id: last } = data as LineView
    expect(await host('PUT', `/messages/${id}/read`, { up_to: last - 1 })).toMatchObject({ data: { unread: 1 } })
    expect(await host('PUT', `/messages/${id}/read`, { up_to: last + 1_000 })).toMatchObject({ data: { unread: 0 } })
    expect((await threads(host))[0]).toMatchObject({ unread: false })
    await write(guest, '三')
    expect(await unread(host)).toEqual({ unread: 1 })
  })

  test('holds a line once, however often it is sent', async () => {
    const { guest, write, read } = await orderOf()
    const sent = await Promise.all(Array.from({ length: 5 }, () => write(guest, '只说一次', 'the-same-line')))
    expect(new Set(sent.map(({ data }) => (data as LineView).id)).size).toBe(1)
    expect((await read(guest)).lines).toHaveLength(1)
  })

  test('goes back line by line to its beginning', async () => {
    const { guest, host, write, read } = await orderOf()
    for (let count = 0; count < 28; count += 1) await write(guest, `问${count}`)
    for (let count = 0; count < 28; count += 1) await write(host, `答${count}`)
    const newest = await read(guest)
    expect([newest.lines.length, newest.has_older]).toEqual([50, true])
    const older = await read(guest, `?before=${newest.lines[0]?.id}`)
    expect([...older.lines, ...newest.lines].map(({ text }) => text)).toEqual([
      ...Array.from({ length: 28 }, (_, n) => `问${n}`),
      ...Array.from({ length: 28 }, (_, n) => `答${n}`),
    ])
    expect(older.has_older).toBe(false)
  })

  test.each([
    ['nothing', ''],
    ['blanks', '   '],
    ['501 characters', '长'.repeat(501)],
  ])('takes no line of %s', async (_case, text) => {
    const { guest, write } = await orderOf()
    expect(await write(guest, text)).toMatchObject({ status: 400, problem: 'input_invalid' })
  })

  test('refuses whoever writes faster than people do', async () => {
    const { guest, write } = await orderOf()
    const statuses: number[] = []
    for (let count = 0; count < 31; count += 1) statuses.push((await write(guest, `${count}`)).status)
    expect(statuses.slice(0, 30)).toEqual(Array(30).fill(201))
    expect(statuses[30]).toBe(429)
    bed.deps.clock.advance(61_000)
    expect((await write(guest, '又来')).status).toBe(201)
  })
})

describe('O10 numbers', () => {
  test('are taken out for the other person until the stay is paid, and the line says so', async () => {
    const { guest, host, write, read, threads } = await orderOf()
    await write(guest, '我的电话 １３８ 1234 5678')
    expect((await read(host)).lines).toMatchObject([{ text: '我的电话 ***', masked: true }])
    expect((await read(guest)).lines).toMatchObject([{ text: '我的电话 １３８ 1234 5678', masked: true }])
    expect(await threads(host)).toMatchObject([{ text: '我的电话 ***' }])
  })

  test('are whole once it is paid, those written before too', async () => {
    const { guest, host, write, read, threads } = await orderOf({
      status: 'PAID',
      startDate: '2026-11-27',
      tradeNo: 't-1',
    })
    await write(guest, '我的电话 13812345678')
    expect((await read(host)).lines).toMatchObject([{ text: '我的电话 13812345678', masked: false }])
    expect(await threads(host)).toMatchObject([{ text: '我的电话 13812345678' }])
  })
})

describe('listening', () => {
  const always = async () => true

  test('a person hears of a line that another instance has written, and a stranger does not', async () => {
    const { id, guest, write, guestUser, hostUser } = await orderOf()
    // A second instance: its own events, joined to the first by the database alone.
    const events = createEvents(() => undefined)
    const feed = await startChangeFeed({ url: bed.deps.database.url, events, log: silentLog })
    const streams = createStreams(events)
    const heard: string[] = []
    const listen = (person: number, name: string) =>
      streams.open(person, always)?.on('data', (words) => heard.push(`${name} ${words}`))
    for (const [person, name] of [
      [hostUser.id, 'host'],
      [guestUser.id, 'guest'],
      [999_999, 'stranger'],
    ] as const)
      listen(person, name)
    await write(guest, '在吗')
    await expect
      .poll(() =>
        heard
          .filter((words) => words.includes(`{"order_id":${id}}`))
          .map((words) => words.split(' ')[0])
          .sort(),
      )
      .toEqual(['guest', 'host'])
    streams.end()
    await feed.stop()
  })

  test('a person has few streams at once, and an ended one makes room', async () => {
    const streams = createStreams(createEvents(() => undefined))
    const open = Array.from({ length: 6 }, () => streams.open(1, always))
    expect(open.every(Boolean)).toBe(true)
    expect(streams.open(1, always)).toBeUndefined()
    expect(streams.open(2, always)).toBeDefined()
    open[0]?.destroy()
    await expect.poll(() => streams.open(1, always)).toBeDefined()
    streams.end()
  })

  test('S1 a session that has ended hears nothing more, although its stream was open', async () => {
    const { id, guest, write, hostUser } = await orderOf()
    const { headers } = await bed.signIn(hostUser.phone)
    const other = await bed.signIn(hostUser.phone)
    const listen = async (as: Record<string, string>) => {
      const answer = await bed.app.inject({
        url: '/api/v1.0/messages/stream',
        headers: { ...as, accept: 'text/event-stream' },
        payloadAsStream: true,
      })
      const heard = { words: '', ended: false }
      answer
        .stream()
        .on('data', (words) => {
          heard.words += words
        })
        .on('end', () => {
          heard.ended = true
        })
      return heard
    }
    const [left, stayed] = [await listen(headers), await listen(other.headers)]
    expect((await bed.request({ method: 'DELETE', url: '/api/v1.0/session', headers })).statusCode).toBe(200)
    await write(guest, '还在吗')
    await expect.poll(() => stayed.words).toContain(`{"order_id":${id}}`)
    await expect.poll(() => left.ended).toBe(true)
    expect(left.words).not.toContain('order_id')
    expect(stayed.ended).toBe(false)
  })

  test('is refused to whoever does not ask for a stream', async () => {
    const { guest } = await orderOf()
    expect(await guest('GET', '/messages/stream')).toMatchObject({ status: 400, problem: 'input_invalid' })
  })
})

test('F16 what threads say of their lines is what the lines say', async () => {
  const differences = await checkRedundancy(bed.deps.db, '2026-11-23')
  expect(differences.filter(({ column }) => column.startsWith('threads'))).toEqual([])
})
