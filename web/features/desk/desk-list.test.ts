import type { ApiRequest } from '@ihome/contract/client'
import type { DeskHouse } from '@ihome/contract/schemas/operator-desk'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type MountedPage, mountPage, settle } from '../testing-page.ts'
import DeskHousesPage from './DeskHousesPage.vue'
import DeskOrdersPage from './DeskOrdersPage.vue'

const HOUSE: DeskHouse = {
  house_id: 7,
  title: '海边小屋',
  area_name: '思明区',
  price: 30_050,
  host_id: 3,
  host_name: '王明',
  state: 'listed',
  taken_down_reason: null,
  order_count: 12,
  score: 4.8,
  created_at: '2026-11-20T04:00:00Z',
}
const OTHER: DeskHouse = {
  ...HOUSE,
  house_id: 8,
  title: '山里小屋',
  state: 'taken_down',
  taken_down_reason: '照片不符',
}

let page: MountedPage | undefined
let asked: string[]
let sent: ApiRequest[]
beforeEach(() => {
  asked = []
  sent = []
  HTMLElement.prototype.scrollIntoView = () => undefined
})
afterEach(() => {
  page?.unmount()
  page = undefined
})

const call = async (request: ApiRequest): Promise<unknown> => {
  if (request.path === '/operator/session') return { login: '运营', role: 'content' }
  if (request.method !== 'GET') sent.push(request)
  else asked.push(request.path)
  return { rows: [HOUSE, OTHER], total: 2, current_page: 1, total_page: 1 }
}
const openHouses = (path = '/operator/houses') =>
  mountPage(DeskHousesPage, { path, name: 'desk-houses', api: { call } })
const cells = () =>
  [...(page?.element.querySelectorAll('tbody tr') ?? [])].map((row) =>
    [...row.querySelectorAll('td')].map((cell) => cell.textContent?.trim()),
  )
const key = (name: string) => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }))

describe('a list at the desk', () => {
  test('shows in each column what the column says, under its own words', async () => {
    page = await openHouses()
    const heads = [...page.element.querySelectorAll('th')].map((head) => head.textContent?.replace(/[▲▼]/, ''))
    expect(heads).toEqual(['编号', '标题', '城区', '房东', '每晚', '完成订单', '评分', '状态', '操作'])
    expect(cells()).toEqual([
      ['7', '海边小屋', '思明区', '王明', '￥300.50', '12', '4.8', '已上线', '下架海边小屋'],
      ['8', '山里小屋照片不符', '思明区', '王明', '￥300.50', '12', '4.8', '平台下架', '解除山里小屋'],
    ])
  })

  test('asks for what the address says, and leaves out what it cannot know', async () => {
    page = await openHouses('/operator/houses?q=海&state=listed&p=2&sort=-price')
    expect(new URLSearchParams(asked[0]?.split('?')[1])).toEqual(
      new URLSearchParams('q=海&state=listed&p=2&sort=-price'),
    )
    const state = page.element.querySelector<HTMLSelectElement>('select[name=state]')
    expect(state?.value).toBe('listed')
    page.unmount()
    page = await openHouses('/operator/houses?state=burnt')
    expect(asked[1]).toBe('/operator/houses')
    expect(page.element.querySelector<HTMLSelectElement>('select[name=state]')?.value).toBe('')
  })

  test('another filter stands in the address and begins at the first page', async () => {
    page = await openHouses('/operator/houses?p=2&q=海')
    const state = page.element.querySelector<HTMLSelectElement>('select[name=state]')
    if (!state) throw new Error('there is no filter')
    state.value = 'unlisted'
    state.dispatchEvent(new Event('change'))
    await settle()
    expect(page.router.currentRoute.value.query).toEqual({ q: '海', state: 'unlisted' })
    expect(new URLSearchParams(asked.at(-1)?.split('?')[1])).toEqual(new URLSearchParams('q=海&state=unlisted'))
  })

  test('days of an order stand in the address too', async () => {
    page = await mountPage(DeskOrdersPage, {
      path: '/operator/orders?from=2026-11-01',
      name: 'desk-orders',
      api: {
        call: async (request) => {
          asked.push(request.path)
          return { rows: [], total: 0, current_page: 1, total_page: 0 }
        },
      },
    })
    expect(asked).toContain('/operator/orders?from=2026-11-01')
    expect(page.element.querySelector<HTMLInputElement>('input[name=from]')?.value).toBe('2026-11-01')
  })

  test('j, k and Enter walk the rows and open one', async () => {
    page = await openHouses()
    for (const name of ['j', 'j', 'k']) key(name)
    await settle()
    expect(page.element.querySelector('tr[data-current]')?.querySelector('td')?.textContent).toBe('7')
    key('Enter')
    await settle()
    expect(page.router.currentRoute.value.fullPath).toBe('/detail/7')
  })

  test('what is done to a row goes out with its reason, and the list is read again', async () => {
    page = await openHouses()
    await page.press('下架海边小屋')
    expect(page.text()).toContain('下架房源 7')
    await page.type('原因', '照片与房屋不符')
    await page.press('下架')
    expect(sent).toMatchObject([{ path: '/operator/houses/7/take-down', json: { reason: '照片与房屋不符' } }])
    expect(asked).toHaveLength(2)
    await page.press('解除山里小屋')
    expect(page.text()).toContain('解除下架：房源 8')
  })
})
