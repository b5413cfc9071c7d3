import type { HouseCountQuery } from '@ihome/contract/schemas/houses'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type MountedPage, mountPage, outage, settle } from '../testing-page.ts'
import FilterSheet from './FilterSheet.vue'

let page: MountedPage | undefined
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true, advanceTimeDelta: 50 })
  history.replaceState(null, '', '/search')
})
afterEach(() => {
  page?.unmount()
  page = undefined
  vi.useRealTimers()
})

const FACILITIES = [
  { id: 1, name: '无线网络', icon: 'wifi' },
  { id: 2, name: '热水淋浴', icon: 'shower' },
  { id: 16, name: '允许做饭', icon: 'cooking' },
]
async function open(count: (query: HouseCountQuery) => Promise<{ count: number; more: boolean }>, chosen = vi.fn()) {
  page = await mountPage(FilterSheet, {
    path: '/search',
    props: { open: true, wishes: { g: '2' }, around: { aid: '3' }, onChoose: chosen },
    api: { houses: { facilities: async () => FACILITIES, count } },
  })
  return page
}

describe('the filter sheet', () => {
  test('says on its button how many houses are left, of what is chosen now', async () => {
    const count = vi.fn(async ({ f }: HouseCountQuery) =>
      f ? { count: 1_000, more: true } : { count: 128, more: false },
    )
    const sheet = await open(count)
    expect(count.mock.calls[0]?.[0]).toEqual({ aid: '3', g: '2' })
    expect(sheet.buttons()).toContain('查看 128 套')
    await sheet.press('允许做饭')
    await vi.advanceTimersByTimeAsync(200)
    await settle()
    expect(count.mock.lastCall?.[0]).toEqual({ aid: '3', g: '2', f: '16' })
    expect(sheet.buttons()).toContain('查看 1000+ 套')
  })

  test('gives what was chosen once it has left the history', async () => {
    const chosen = vi.fn()
    const sheet = await open(async () => ({ count: 3, more: false }), chosen)
    await sheet.press('速订，不用等房东接单')
    await sheet.type('最高（元）', '400')
    await sheet.press('查看 3 套')
    await vi.advanceTimersByTimeAsync(200)
    await settle()
    expect(chosen).toHaveBeenCalledWith({ g: '2', pmax: '400', fast: '1' })
  })

  test('leads to the list also when the number cannot be read', async () => {
    const sheet = await open(async () => Promise.reject(outage()))
    expect(sheet.buttons()).toContain('查看房源')
  })

  test('shows the six facilities that are asked for most first', async () => {
    const sheet = await open(async () => ({ count: 0, more: false }))
    const names = sheet.buttons().filter((words) => FACILITIES.some(({ name }) => name === words))
    expect(names).toEqual(['无线网络', '允许做饭', '热水淋浴'])
    expect(sheet.buttons()).toContain('没有符合条件的房源')
  })
})
