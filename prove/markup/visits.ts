import type { World } from '@ihome/e2e/world'

/** Whose pages are opened. */
export type Who = 'visitor' | 'guest' | 'host' | 'support' | 'content' | 'finance' | 'admin'

/** A page, by its address from the root, as somebody sees it. */
export interface Visit {
  readonly who: Who
  readonly path: string
}

const OPERATORS: readonly Who[] = ['support', 'content', 'finance', 'admin']
const EVERYBODY: readonly Who[] = ['visitor', 'guest', 'host', ...OPERATORS]

/** Every page with what is stored, as everybody who has it. `{house}` and the like stand for numbers of the demo data. */
export const PAGES: readonly { readonly name: string; readonly path: string; readonly by: readonly Who[] }[] = [
  { name: 'home', path: '/', by: EVERYBODY },
  { name: 'search', path: '/search', by: ['visitor', 'guest', 'host'] },
  { name: 'detail', path: '/detail/{house}', by: EVERYBODY },
  { name: 'reviews', path: '/detail/{house}/reviews', by: ['visitor', 'guest', 'host'] },
  { name: 'booking', path: '/booking/{house}', by: ['guest', 'host'] },
  { name: 'favourites', path: '/favourites', by: ['guest', 'host'] },
  { name: 'messages', path: '/messages', by: ['guest', 'host'] },
  { name: 'thread', path: '/messages/{talk}', by: ['guest', 'host'] },
  { name: 'orders', path: '/orders', by: ['guest', 'host'] },
  { name: 'order', path: '/orders/{order}', by: ['guest', 'host'] },
  { name: 'order', path: '/orders/{rejected}', by: ['guest', 'host'] },
  { name: 'order', path: '/orders/{canceled}', by: ['guest', 'host'] },
  { name: 'host-orders', path: '/host-orders', by: ['guest', 'host'] },
  { name: 'pay-complete', path: '/pay-complete', by: ['visitor', 'guest'] },
  { name: 'login', path: '/login', by: ['visitor'] },
  { name: 'register', path: '/register', by: ['visitor'] },
  { name: 'forgot', path: '/forgot', by: ['visitor'] },
  { name: 'profile', path: '/profile', by: ['guest', 'host'] },
  { name: 'auth', path: '/auth', by: ['guest', 'host'] },
  { name: 'my', path: '/my', by: ['guest', 'host'] },
  { name: 'my-houses', path: '/my-houses', by: ['guest', 'host'] },
  { name: 'edit-house', path: '/my-houses/{house}', by: ['guest', 'host'] },
  { name: 'house-calendar', path: '/my-houses/{house}/calendar', by: ['guest', 'host'] },
  { name: 'earnings', path: '/earnings', by: ['guest', 'host'] },
  { name: 'new-house', path: '/new-house', by: ['guest', 'host'] },
  { name: 'new-house', path: '/new-house?draft={draft}', by: ['host'] },
  { name: 'help', path: '/help', by: ['visitor'] },
  { name: 'offline', path: '/offline', by: ['visitor'] },
  { name: 'desk-login', path: '/operator/login', by: ['visitor'] },
  { name: 'desk-today', path: '/operator/today', by: OPERATORS },
  { name: 'desk-cases', path: '/operator/cases', by: OPERATORS },
  { name: 'desk-orders', path: '/operator/orders', by: OPERATORS },
  { name: 'desk-order', path: '/operator/orders/{order}', by: OPERATORS },
  { name: 'desk-order', path: '/operator/orders/{canceled}', by: ['admin'] },
  { name: 'desk-payments', path: '/operator/payments', by: OPERATORS },
  { name: 'desk-refunds', path: '/operator/refunds', by: OPERATORS },
  { name: 'desk-bills', path: '/operator/bills', by: ['finance', 'admin'] },
  { name: 'desk-bill', path: '/operator/bills/2026-01-01', by: ['finance', 'admin'] },
  { name: 'desk-outbox', path: '/operator/outbox', by: ['support', 'admin'] },
  { name: 'desk-payouts', path: '/operator/payouts', by: OPERATORS },
  { name: 'desk-ledger', path: '/operator/ledger', by: ['finance', 'admin'] },
  { name: 'desk-entries', path: '/operator/ledger/entries', by: ['finance', 'admin'] },
  { name: 'desk-houses', path: '/operator/houses', by: OPERATORS },
  { name: 'desk-reviews', path: '/operator/reviews', by: OPERATORS },
  { name: 'desk-reviews', path: '/operator/reviews?state=hidden', by: ['content'] },
  { name: 'desk-users', path: '/operator/users', by: OPERATORS },
  { name: 'desk-user', path: '/operator/users/{host}', by: OPERATORS },
  { name: 'desk-content', path: '/operator/content', by: OPERATORS },
  { name: 'desk-actions', path: '/operator/actions', by: OPERATORS },
  { name: 'gone', path: '/nowhere', by: ['visitor'] },
]

/** Addresses that carry a text of whoever wrote the link. */
const LINKS: readonly { readonly who: Who; readonly link: (text: string) => string }[] = [
  { who: 'visitor', link: (text) => `/search?aid=3&aname=${text}&sd=${text}&ed=${text}&sk=${text}&f=${text}` },
  { who: 'visitor', link: (text) => `/?aname=${text}&sd=${text}` },
  { who: 'visitor', link: (text) => `/nowhere/${text}` },
  { who: 'visitor', link: (text) => `/login?next=${text}` },
  { who: 'visitor', link: (text) => `/pay-complete?out_trade_no=${text}&order_id=${text}` },
  { who: 'guest', link: (text) => `/orders?status=${text}` },
  { who: 'guest', link: (text) => `/search?aname=${text}&q=${text}` },
  { who: 'host', link: (text) => `/new-house?draft=${text}&house=${text}` },
  { who: 'admin', link: (text) => `/operator/orders?q=${text}&status=${text}&from=${text}` },
  { who: 'admin', link: (text) => `/operator/users?q=${text}` },
  { who: 'admin', link: (text) => `/operator/actions?q=${text}` },
]

/** Pages with these texts in their addresses: every text in turn, at the next of the links. */
export const linksWith = (texts: readonly string[]): Visit[] =>
  texts.flatMap((text, at) => {
    const chosen = LINKS[at % LINKS.length]
    return chosen ? [{ who: chosen.who, path: chosen.link(encodeURIComponent(text)) }] : []
  })

/** Every page of {@link PAGES} as everybody of it, with numbers of things that these two have. */
export async function storedPages({ database }: World, guestPhone: string, hostPhone: string): Promise<Visit[]> {
  const number = async (text: string): Promise<string> => {
    const { rows } = await database.query<{ id: string }>(
      `with guest as (select id from users where phone = $1), host as (select id from users where phone = $2)
       ${text} limit 1`,
      [guestPhone, hostPhone],
    )
    if (!rows[0]) throw new Error(`the demo data have nothing for: ${text}`)
    return rows[0].id
  }
  const order = (status: string) =>
    number(`select o.id from orders o, guest where o.guest_id = guest.id and o.status = '${status}' order by o.id`)
  const numbers: Readonly<Record<string, string>> = {
    house: await number(
      `select h.id from houses h, host where h.user_id = host.id and h.listed order by h.review_count desc, h.id`,
    ),
    talk: await number(
      `select m.order_id as id from messages m join orders o on o.id = m.order_id, guest where o.guest_id = guest.id`,
    ),
    order: await order('PAID'),
    rejected: await order('REJECTED'),
    canceled: await number(
      `select o.id from orders o, guest where o.guest_id = guest.id and o.status = 'CANCELED' and o.cancel_note is not null`,
    ),
    draft: await number('select d.id from house_drafts d, host where d.user_id = host.id'),
    host: await number('select id from host'),
  }
  return PAGES.flatMap(({ path, by }) =>
    by.map((who) => ({ who, path: path.replace(/\{(\w+)\}/g, (_, name: string) => numbers[name] ?? '') })),
  )
}
