/** Where the old program's pages live now (product.md 4.1). The query goes along, except what became part of the path. */
interface Move {
  readonly to: string
  /** The parameter that became the path's last part. */
  readonly id?: string
}

const MOVES: Readonly<Record<string, Move>> = {
  '/index.html': { to: '/' },
  '/search.html': { to: '/search' },
  '/detail.html': { to: '/detail', id: 'id' },
  '/booking.html': { to: '/booking', id: 'hid' },
  '/orders.html': { to: '/orders' },
  '/lorders.html': { to: '/host-orders' },
  '/payComplete.html': { to: '/pay-complete' },
  '/login.html': { to: '/login' },
  '/register.html': { to: '/register' },
  '/my.html': { to: '/my' },
  '/profile.html': { to: '/profile' },
  '/auth.html': { to: '/auth' },
  '/myhouse.html': { to: '/my-houses' },
  '/newhouse.html': { to: '/new-house' },
}

export const OLD_PATHS: readonly string[] = Object.keys(MOVES)

/** The new address of an old one, `/detail.html?id=7&f=x` → `/detail/7?f=x`. Undefined when it is none of the old ones. */
export function newAddress(url: string): string | undefined {
  const cut = url.indexOf('?')
  const path = cut < 0 ? url : url.slice(0, cut)
  const query = cut < 0 ? '' : url.slice(cut + 1)
  const move = MOVES[path]
  if (!move) return undefined
  if (move.id === undefined) return move.to + (query === '' ? '' : `?${query}`)
  // Kept parts stay as they were written: what Alipay has signed must not be encoded anew.
  const parts = query.split('&').filter((part) => part !== '')
  const prefix = `${move.id}=`
  const id = parts.find((part) => part.startsWith(prefix))?.slice(prefix.length) ?? ''
  if (!/^\d{1,15}$/.test(id)) return '/search'
  const rest = parts.filter((part) => !part.startsWith(prefix)).join('&')
  return `${move.to}/${id}${rest === '' ? '' : `?${rest}`}`
}
