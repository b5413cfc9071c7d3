import type { Deps } from '../../platform/deps.ts'
import { type Packed, packed } from './packed.ts'

/** Pages that every visitor sees alike, kept until anything that could be on one of them changes. */
export interface PageMemory {
  /** The page under this key, made now if it is not kept. Visitors who come together wait for one making. */
  read(key: string, make: () => Promise<MadePage>): Promise<KeptPage>
  /** The page under this key if it stands ready. */
  peek(key: string): KeptPage | undefined
}

export interface MadePage {
  readonly status: number
  readonly html: string
}
export interface KeptPage {
  readonly status: number
  readonly html: Packed
}

/** At some 40 kB a page, packed twice, this is about 25 MB. */
const MOST_PAGES = 400

/** While changes made elsewhere may go unheard, every page is made afresh. */
export function createPageMemory({ events, changes }: Pick<Deps, 'events' | 'changes'>): PageMemory {
  let pages = new Map<string, KeptPage>()
  let making = new Map<string, Promise<KeptPage>>()
  events.subscribe((event) => {
    // Booked nights and talk are on no page that is kept.
    if (event.kind === 'calendar_changed' || event.kind === 'thread_changed') return
    // Whoever is making a page now puts it into the map that it began with, where nobody looks any more.
    pages = new Map()
    making = new Map()
  })

  return {
    peek: (key) => (changes?.hearing() ? pages.get(key) : undefined),
    async read(key, make) {
      const kept = this.peek(key) ?? making.get(key)
      if (kept) return kept
      const place = pages
      const list = making
      const work = make().then(({ status, html }) => ({ status, html: packed(Buffer.from(html), 'often') }))
      if (changes?.hearing()) list.set(key, work)
      try {
        const page = await work
        if (changes?.hearing() && page.status === 200) {
          if (place.size >= MOST_PAGES) place.clear()
          place.set(key, page)
        }
        return page
      } finally {
        list.delete(key)
      }
    },
  }
}
