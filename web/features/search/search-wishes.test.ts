import { describe, expect, test } from 'vitest'
import { countWishes, facilitiesOf, wishesOf, without } from './search-wishes.ts'

describe('the wishes of an address', () => {
  test('are read as the API takes them, whatever way a form wrote them', () => {
    expect(wishesOf({ g: '2', pmin: '200', pmax: '400', rooms: '1', f: ['16', '1,3'], fast: '1', score: '4' })).toEqual(
      {
        g: '2',
        pmin: '200',
        pmax: '400',
        rooms: '1',
        f: '1,3,16',
        fast: '1',
        score: '4',
      },
    )
  })

  test('leave out what makes no sense', () => {
    expect(wishesOf({ g: '0', pmin: '-1', pmax: '1e3', rooms: '', f: '<b>', fast: 'yes', score: '6' })).toEqual({})
    expect(facilitiesOf(undefined)).toEqual([])
  })

  test('count a price range once and every facility', () => {
    expect(countWishes({})).toBe(0)
    expect(countWishes({ pmin: '1', pmax: '2', f: '1,16', fast: '1' })).toBe(4)
  })

  test('lose one of them alone', () => {
    const wishes = { f: '1,16', pmin: '1', g: '2' }
    expect(without(wishes, { wish: 'f', facility: 16, count: 1 })).toEqual({ f: '1' })
    expect(without({ f: '16' }, { wish: 'f', facility: 16, count: 1 })).toEqual({ f: undefined })
    expect(without(wishes, { wish: 'price', count: 1 })).toEqual({ pmin: undefined, pmax: undefined })
    expect(without(wishes, { wish: 'g', count: 1 })).toEqual({ g: undefined })
    expect(without(wishes, { wish: 'dates', count: 1 })).toEqual({ sd: undefined, ed: undefined })
  })
})
