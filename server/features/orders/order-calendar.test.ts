import ical from 'ical.js'
import { describe, expect, test } from 'vitest'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { calendarOf } from './order-calendar.ts'
import { testOrderApp } from './testing-order-app.ts'
import { givenOrder } from './testing-orders.ts'

const STAY = {
  order_id: 7,
  title: '鼓楼边上的四合院，推窗见槐树；安静, 有\\院子',
  address: '东城区豆角胡同17号',
  start_date: '2026-11-27',
  end_date: '2026-11-29',
  url: 'https://ihome.test/orders/7',
}

describe('a stay as a calendar file', () => {
  test('is read by others from check-in to check-out, whatever stands in its title', () => {
    const text = calendarOf(STAY, new Date('2026-11-23T04:00:00Z'), 'zh')
    const [event] = new ical.Component(ical.parse(text)).getAllSubcomponents('vevent')
    if (!event) throw new Error('there is no event')
    const read = new ical.Event(event)
    expect(read.summary).toBe(`入住 ${STAY.title}`)
    expect(read.location).toBe(STAY.address)
    expect(read.startDate.toJSDate().toISOString()).toBe('2026-11-27T06:00:00.000Z')
    expect(read.endDate.toJSDate().toISOString()).toBe('2026-11-29T04:00:00.000Z')
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
  })

  test('is given to the guest and the host of the order, and to nobody else', async () => {
    const bed = await testOrderApp()
    const { db } = bed.deps
    const [guest, host, stranger] = [await givenUser(db), await givenUser(db), await givenUser(db)]
    const house = await givenHouse(db, { hostId: host.id })
    const { id } = await givenOrder(db, { house, guestId: guest.id, status: 'PAID', tradeNo: 't-1' })
    const get = async (phone: string, cookie = '') => {
      const { headers } = await bed.signIn(phone)
      const url = `/api/v1.0/orders/${id}/calendar.ics`
      return bed.request({ method: 'GET', url, headers: { ...headers, cookie: headers.cookie + cookie } })
    }
    for (const { phone } of [guest, host]) {
      const answer = await get(phone)
      expect(answer.statusCode).toBe(200)
      expect(answer.headers['content-type']).toBe('text/calendar; charset=utf-8')
      expect(answer.headers['content-disposition']).toBe(`attachment; filename="ihome-${id}.ics"`)
      expect(answer.body).toContain('SUMMARY:入住 ')
      expect((await get(phone, '; lang=en')).body).toContain('SUMMARY:Stay: ')
    }
    expect((await get(stranger.phone)).json()).toMatchObject({ problem: 'order_not_found' })
  })
})
