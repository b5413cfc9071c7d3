import type { ReviewListView } from '@ihome/contract/schemas/reviews'
import type { Deps } from '../../platform/deps.ts'
import type { ReadCache } from '../../platform/read-cache.ts'
import { inputInvalid, Refusal } from '../../platform/refusal.ts'
import { scoreOf, viewOfComment } from '../houses/views.ts'
import { findReviewedHouse, listReviews, type ReviewPlace } from './review-store.ts'

type Needs = Pick<Deps, 'db' | 'config'> & { readonly cache: ReadCache }

/** After which review a list goes on, opaque to clients: its instant, to the microsecond, and its order. */
const writePlace = ({ at, id }: ReviewPlace): string => Buffer.from(JSON.stringify([at, id])).toString('base64url')

const INSTANT = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d{1,6})?\+00$/

function readPlace(text: string): ReviewPlace {
  try {
    const [at, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[]
    const isOurs = typeof at === 'string' && INSTANT.test(at) && Number.isSafeInteger(id)
    if (isOurs && !Number.isNaN(Date.parse(at.replace(' ', 'T').replace('+00', 'Z')))) return { at, id: Number(id) }
  } catch {
    // Whatever it was, it was not written by us.
  }
  throw inputInvalid({ field: 'cursor', reason: 'is not ours' })
}

/** The reviews of a house with its means, a page at a time. Says no with `house_not_found` and `input_invalid`. */
export async function readReviews(
  { db, config, cache }: Needs,
  wish: { readonly houseId: number; readonly cursor?: string | undefined },
): Promise<ReviewListView> {
  const after = wish.cursor === undefined ? undefined : readPlace(wish.cursor)
  const size = config.limits.listPage
  return cache.read({
    topic: { houseId: wish.houseId },
    key: `reviews:${wish.houseId}:${after ? writePlace(after) : ''}`,
    ttlS: config.limits.cacheS,
    load: async () => {
      const house = await findReviewedHouse(db, wish.houseId)
      if (!house) throw new Refusal('house_not_found')
      const rows = await listReviews(db, wish.houseId, size + 1, after)
      const shown = rows.slice(0, size)
      const last = shown.at(-1)
      const { index_image_key: key } = house
      return {
        house: {
          hid: house.id,
          title: house.title,
          cover: key === null ? null : { key, caption: house.cover_caption ?? '' },
        },
        count: house.count,
        score: scoreOf(house),
        review_count: house.review_count,
        parts: house.parts,
        reviews: shown.map(viewOfComment),
        next_cursor: rows.length > size && last ? writePlace(last) : null,
      }
    },
  })
}
