import type { Say } from '../../text/say.ts'

/** What is seen on a cover, in its own words if it has some. */
export const coverAlt = (
  say: Say,
  house: { readonly title: string; readonly cover: { readonly caption: string } | null },
) => house.cover?.caption || say('house.cover_of', { title: house.title })
