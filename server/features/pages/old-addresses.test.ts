import { expect, it } from 'vitest'
import { newAddress } from './old-addresses.ts'

it.each([
  ['/index.html', '/'],
  ['/detail.html?id=7', '/detail/7'],
  ['/detail.html?f=x&id=7&sd=2026-11-27', '/detail/7?f=x&sd=2026-11-27'],
  ['/detail.html', '/search'],
  ['/detail.html?id=//evil.example', '/search'],
  ['/booking.html?hid=12', '/booking/12'],
  ['/search.html?aid=1&aname=%E4%B8%9C%E5%9F%8E', '/search?aid=1&aname=%E4%B8%9C%E5%9F%8E'],
  ['/orders.html', '/orders'],
  ['/lorders.html', '/host-orders'],
  ['/payComplete.html?sign=a%2Bb%3D&total_amount=1.00', '/pay-complete?sign=a%2Bb%3D&total_amount=1.00'],
  ['/myhouse.html', '/my-houses'],
  ['/newhouse.html', '/new-house'],
  ['/login.html?next=%2Forders', '/login?next=%2Forders'],
])('the old address %s leads to %s', (old, address) => {
  expect(newAddress(old)).toBe(address)
})

it('knows no other old address', () => {
  expect(newAddress('/nothing.html')).toBeUndefined()
})
