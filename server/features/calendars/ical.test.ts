import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { HouseCalendarView } from '@ihome/contract/schemas/calendars'
import type { HouseBookingView } from '@ihome/contract/schemas/houses'
import { addDays } from '@ihome/core/calendar'
import { afterAll, describe, expect, test } from 'vitest'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { hostingApp } from '../houses/testing-hosting.ts'
import { placeOrder } from '../orders/place-order.ts'
import { CalendarFault, fetchCalendar, isAskable, isPrivateAddress } from './fetch-calendar.ts'
import { NotACalendar, takenStretches } from './read-ical.ts'
import { importsJob } from './sync-imports.ts'
import { icalOf } from './write-ical.ts'

const TODAY = '2026-11-23'
const day = (offset: number) => addDays(TODAY, offset)
const compact = (date: string) => date.replaceAll('-', '')

const calendar = (...events: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Airbnb Inc//Hosting Calendar//EN', ...events, 'END:VCALENDAR', ''].join(
    '\r\n',
  )
const event = (start: string, end: string, more: readonly string[] = []) =>
  [
    'BEGIN:VEVENT',
    `UID:${start}@site`,
    `DTSTART;VALUE=DATE:${compact(start)}`,
    `DTEND;VALUE=DATE:${compact(end)}`,
    'SUMMARY:Reserved',
    ...more,
    'END:VEVENT',
  ].join('\r\n')
const read = (text: string) =>
  takenStretches(text, TODAY, day(700)).map(({ start_date, end_date }) => [start_date, end_date])

describe('reading iCalendar', () => {
  test('whole days, as Airbnb and Booking write them, are nights with the last day free', () => {
    expect(read(calendar(event(day(2), day(5)), event(day(9), day(10))))).toEqual([
      [day(2), day(5)],
      [day(9), day(10)],
    ])
  })

  test('what is over is left out and what has begun is cut at today; the far future is cut too', () => {
    expect(read(calendar(event(day(-9), day(-1)), event(day(-2), day(3)), event(day(690), day(900))))).toEqual([
      [TODAY, day(3)],
      [day(690), day(700)],
    ])
  })

  test('events called off or that leave the time free take no night', () => {
    expect(
      read(calendar(event(day(2), day(3), ['STATUS:CANCELLED']), event(day(4), day(5), ['TRANSP:TRANSPARENT']))),
    ).toEqual([])
  })

  test('times of day are read in Shanghai, in UTC and in zones that the file brings', () => {
    const timed = (start: string, end: string) => ['BEGIN:VEVENT', 'UID:t', start, end, 'END:VEVENT'].join('\r\n')
    expect(read(calendar(timed('DTSTART:20261125T060000Z', 'DTEND:20261127T040000Z')))).toEqual([
      ['2026-11-25', '2026-11-27'],
    ])
    expect(read(calendar(timed('DTSTART:20261125T180000Z', 'DTEND:20261125T200000Z')))).toEqual([
      ['2026-11-26', '2026-11-27'],
    ])
    const zone =
      'BEGIN:VTIMEZONE\r\nTZID:Home\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:-0800\r\nTZOFFSETTO:-0800\r\nEND:STANDARD\r\nEND:VTIMEZONE'
    expect(read(calendar(zone, timed('DTSTART;TZID=Home:20261125T120000', 'DTEND;TZID=Home:20261127T120000')))).toEqual(
      [['2026-11-26', '2026-11-28']],
    )
  })

  test('an event without an end takes one night, and one that repeats takes each', () => {
    expect(
      read(calendar(['BEGIN:VEVENT', 'UID:1', `DTSTART;VALUE=DATE:${compact(day(3))}`, 'END:VEVENT'].join('\r\n'))),
    ).toEqual([[day(3), day(4)]])
    expect(read(calendar(event(day(1), day(2), ['RRULE:FREQ=WEEKLY;COUNT=3'])))).toEqual(
      [1, 8, 15].map((n) => [day(n), day(n + 1)]),
    )
  })

  test('a rule that never ends comes to an end', () => {
    expect(read(calendar(event(day(1), day(2), ['RRULE:FREQ=DAILY']))).length).toBeLessThanOrEqual(1_000)
  })

  test.each([
    'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31',
    'RRULE:FREQ=DAILY;INTERVAL=7;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYMONTH=2;BYMONTHDAY=30',
    'RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=31',
    'RRULE:FREQ=DAILY;INTERVAL=999999999',
  ])('a rule that no day fits keeps nobody waiting: %s', (rule) => {
    const began = performance.now()
    expect(() => read(calendar(event(day(1), day(2), [rule])))).toThrow(NotACalendar)
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  test.each(['RRULE:FREQ=DAILY;UNTIL=garbage', 'RDATE:foo', 'RRULE:FREQ=FOO'])(
    'a repetition that cannot be read makes it no calendar: %s',
    (rule) => {
      expect(() => read(calendar(event(day(1), day(2), [rule])))).toThrow(NotACalendar)
    },
  )

  test("a zone that one host's file brings moves no other host's nights", () => {
    const zone =
      'BEGIN:VTIMEZONE\r\nTZID:UTC\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:-1200\r\nTZOFFSETTO:-1200\r\nEND:STANDARD\r\nEND:VTIMEZONE'
    const timed = ['BEGIN:VEVENT', 'UID:t', 'DTSTART;TZID=UTC:20261125T060000', 'DTEND;TZID=UTC:20261127T040000']
    const other = calendar([...timed, 'END:VEVENT'].join('\r\n'))
    const nights = read(other)
    read(calendar(zone, event(day(1), day(2))))
    expect(read(other)).toEqual(nights)
  })

  test.each(['', '<html>Not found</html>', 'BEGIN:VCARD\r\nEND:VCARD', 'BEGIN:VCALENDAR', '\0\0', '{}'])(
    '%j is no calendar',
    (text) => {
      expect(() => read(text)).toThrow(NotACalendar)
    },
  )

  test('what is written is read again as it was, with names of any length and sign', () => {
    const events = [{ uid: 'a@ihome', summary: '已预订', start_date: day(1), end_date: day(4) }]
    const text = icalOf(`${'很长的名字；'.repeat(12)},;\\\n`, events, new Date(0))
    expect(read(text)).toEqual([[day(1), day(4)]])
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
    expect(text).not.toMatch(/[^\r]\n/)
  })
})

describe('addresses of strangers', () => {
  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    'fd12::1',
    '::ffff:127.0.0.1',
    '::ffff:10.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001:db8::1',
    'ff02::1',
    'nonsense',
  ])('%s is private', (address) => {
    expect(isPrivateAddress(address)).toBe(true)
  })
  test.each(['8.8.8.8', '172.32.0.1', '1.1.1.1', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is not', (address) => {
    expect(isPrivateAddress(address)).toBe(false)
  })
  test.each([
    'http://example.com/a.ics',
    'https://example.com:8443/a.ics',
    'https://user:pw@example.com/',
    'https://127.0.0.1/a',
    'https://[::1]/a',
    'https://0x7f.1/a',
    'https://2130706433/a',
    'file:///etc/passwd',
    'ftp://example.com/',
    'nothing',
    'gopher://x',
    'data:text/calendar,x',
  ])('production does not ask %s', (url) => {
    expect(isAskable(url, { allowPrivate: false })).toBe(false)
  })
  test('a public https address may be asked', () => {
    expect(isAskable('https://www.airbnb.com/calendar/ical/1.ics?s=2', { allowPrivate: false })).toBe(true)
  })
  test('a name that leads to our own network is not followed', async () => {
    await expect(fetchCalendar('https://localhost/a.ics', { allowPrivate: false })).rejects.toMatchObject({
      fault: 'address',
    })
  })
})

describe('calendars of other sites', async () => {
  const { deps, person, app } = await hostingApp()
  const { db } = deps
  let answer: (request: http.IncomingMessage, response: http.ServerResponse) => void = () => undefined
  const site = http.createServer((request, response) => answer(request, response))
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
  afterAll(() => site.close())
  const origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
  const gives = (text: string) => {
    answer = (_request, response) => response.end(text)
  }
  const rules = { allowPrivate: true }

  async function given() {
    const host = await person()
    const house = await givenHouse(db, { hostId: host.id })
    const path = `/users/houses/${house.id}`
    let imports = 0
    const add = () => {
      imports += 1
      const json = { name: 'Airbnb', url: `${origin}/${house.id}-${imports}.ics` }
      return host.ask<HouseCalendarView>('POST', `${path}/calendar-imports`, { json })
    }
    const booked = async () => (await host.ask<HouseBookingView>('GET', `/order/house/${house.id}`)).data.house.booked
    return { host, house, path, add, booked }
  }
  const book = async (houseId: number, start: number, end: number) => {
    const guest = await givenUser(db)
    const wish = { guest_id: guest.id, house_id: houseId, guest_count: 1, start_date: day(start), end_date: day(end) }
    return deps.transact((tx) => placeOrder(tx, deps, wish))
  }

  test('imported nights block booking, and are free again once the other site frees them or is forgotten', async () => {
    const { host, house, path, add, booked } = await given()
    gives(calendar(event(day(2), day(5))))
    const { data } = await add()
    expect(data.imported).toEqual([{ name: 'Airbnb', start_date: day(2), end_date: day(5) }])
    expect(data.imports[0]).toMatchObject({ fault: null, last_success_at: deps.clock.now().toISOString() })
    await expect(book(house.id, 4, 6)).rejects.toMatchObject({ problem: 'dates_taken' })
    gives(calendar(event(day(3), day(5))))
    const sync = `${path}/calendar-imports/${data.imports[0]?.import_id}`
    await host.ask('POST', `${sync}/sync`, { json: {} })
    expect(await booked()).toEqual([{ start_date: day(3), end_date: day(5) }])
    await host.ask('DELETE', sync)
    expect(await booked()).toEqual([])
  })

  test('nights closed by hand stay closed when an import that covers them goes', async () => {
    const { host, path, add, booked } = await given()
    const changes = [{ start_date: day(3), end_date: day(4), closed: true }]
    await host.ask('PUT', `${path}/nights`, { json: { changes } })
    gives(calendar(event(day(2), day(5))))
    const { data } = await add()
    expect(await booked()).toEqual([{ start_date: day(2), end_date: day(5) }])
    await host.ask('DELETE', `${path}/calendar-imports/${data.imports[0]?.import_id}`)
    expect(await booked()).toEqual([{ start_date: day(3), end_date: day(4) }])
  })

  test('an import that overlaps an order leaves the order its nights, and the host sees the clash before accepting', async () => {
    const { host, house, add } = await given()
    const { order_id } = await book(house.id, 3, 5)
    gives(calendar(event(day(4), day(7))))
    expect((await add()).status).toBe(200)
    const clashes = await host.ask('GET', `/orders/${order_id}/clashes`)
    expect(clashes.data).toEqual({ clashes: [{ name: 'Airbnb', start_date: day(4), end_date: day(7) }] })
    await expect(book(house.id, 6, 7)).rejects.toMatchObject({ problem: 'dates_taken' })
    const stranger = await person()
    expect((await stranger.ask('GET', `/orders/${order_id}/clashes`)).problem).toBe('order_not_found')
  })

  test('a reading that fails keeps the last good one and says why and since when', async () => {
    const { host, path, add, booked } = await given()
    gives(calendar(event(day(2), day(5))))
    const { data } = await add()
    const good = data.imports[0]?.last_success_at
    const sync = `${path}/calendar-imports/${data.imports[0]?.import_id}/sync`
    const cases: [string, typeof answer][] = [
      ['status', (_request, response) => response.writeHead(404).end('no')],
      ['not_a_calendar', (_request, response) => response.end('<html>sign in</html>')],
      ['too_large', (_request, response) => response.end(Buffer.alloc(3 * 1_048_576, 'x'))],
      ['unreachable', (request) => request.socket.destroy()],
      ['status', (request, response) => response.writeHead(302, { location: request.url ?? '/' }).end()],
      ['address', (_request, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end()],
    ]
    for (const [fault, reaction] of cases) {
      answer = reaction
      deps.clock.advance(60_000)
      const { imports } = (await host.ask<HouseCalendarView>('POST', sync, { json: {} })).data
      expect(imports[0]).toMatchObject({ fault, last_success_at: good, last_tried_at: deps.clock.now().toISOString() })
      expect(await booked()).toEqual([{ start_date: day(2), end_date: day(5) }])
    }
  })

  test('the job reads what is due, each address once however many run at the same time', async () => {
    const { add, booked } = await given()
    gives(calendar(event(day(2), day(5))))
    await add()
    const asked: string[] = []
    answer = (request, response) => {
      asked.push(request.url ?? '')
      response.end(calendar(event(day(8), day(9))))
    }
    const signal = new AbortController().signal
    const job = importsJob(deps)
    await Promise.all([job.run(signal), job.run(signal)])
    expect(await booked()).toEqual([{ start_date: day(2), end_date: day(5) }])
    deps.clock.advance(31 * 60_000)
    while ((await Promise.all([job.run(signal), job.run(signal)])).some((count) => count > 0));
    expect(new Set(asked).size).toBe(asked.length)
    expect(await booked()).toEqual([{ start_date: day(8), end_date: day(9) }])
  })

  test('an address is taken once, five at most, and never one that is not an address', async () => {
    const { host, path, add } = await given()
    gives(calendar())
    for (let n = 0; n < 5; n += 1) expect((await add()).status).toBe(200)
    expect((await add()).status).toBe(400)
    for (const url of ['file:///etc/passwd', 'not an address', 'https://u:p@example.com/']) {
      expect((await host.ask('POST', `${path}/calendar-imports`, { json: { name: 'x', url } })).status).toBe(400)
    }
  })

  test('the export holds orders and closed nights, not what was imported, at a secret address that can be renewed', async () => {
    const { host, house, path, add } = await given()
    await book(house.id, 2, 4)
    await host.ask('PUT', `${path}/nights`, {
      json: { changes: [{ start_date: day(6), end_date: day(8), closed: true }] },
    })
    gives(calendar(event(day(10), day(12))))
    await add()
    const first =
      (await host.ask<HouseCalendarView>('POST', `${path}/calendar-export`, { json: {} })).data.export_url ?? ''
    const file = await app.request({ method: 'GET', url: new URL(first).pathname })
    expect(file.headers['content-type']).toBe('text/calendar; charset=utf-8')
    expect(read(file.body)).toEqual([
      [day(2), day(4)],
      [day(6), day(8)],
    ])
    expect(file.body).not.toMatch(/199\d{8}|199\*/)
    const second =
      (await host.ask<HouseCalendarView>('POST', `${path}/calendar-export`, { json: {} })).data.export_url ?? ''
    expect(second).not.toBe(first)
    expect(file.body).toContain('SUMMARY:已预订')
    const english = await app.request({ method: 'GET', url: `${new URL(second).pathname}?lang=en` })
    expect(english.body).toContain('SUMMARY:Not available')
    expect((await app.request({ method: 'GET', url: new URL(first).pathname })).statusCode).toBe(404)
    expect((await app.request({ method: 'GET', url: new URL(second).pathname })).statusCode).toBe(200)
    for (const name of ['x.ics', '..%2f..%2fetc', `${'a'.repeat(32)}.ics`]) {
      expect((await app.request({ method: 'GET', url: `/calendars/${name}` })).statusCode).toBe(404)
    }
  })

  test('a redirect is followed to a calendar, and a slow site is given up', async () => {
    answer = (request, response) =>
      request.url === '/to' ? response.end(calendar()) : response.writeHead(301, { location: '/to' }).end()
    expect(await fetchCalendar(`${origin}/from`, rules)).toContain('VCALENDAR')
    answer = () => undefined
    const soon = AbortSignal.timeout(50)
    await expect(fetchCalendar(`${origin}/slow`, rules, soon)).rejects.toBeInstanceOf(CalendarFault)
  })
})
