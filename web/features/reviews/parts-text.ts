import type { StarPartsView } from '@ihome/contract/schemas/houses'
import type { SayFrom } from '../../text/say.ts'
import type { zhDetail } from '../../text/zh-detail.ts'

/** The means of the parts in one line; nothing while there are none. */
export function partsText(
  say: SayFrom<typeof zhDetail>,
  { clean, accurate, location, host }: StarPartsView,
): string | undefined {
  if (clean === null && accurate === null && location === null && host === null) return undefined
  const mean = (value: number | null) => value?.toFixed(1) ?? '–'
  return say('review.parts', {
    clean: mean(clean),
    accurate: mean(accurate),
    location: mean(location),
    host: mean(host),
  })
}
