import type { SayFrom } from './say.ts'
import { zhDetail } from './zh-detail.ts'

/** What the server calls an account that has ended. */
const GONE = /^已注销用户 (\d+)$/

/** The name of a person as the reader's language writes it, where the server had to make one up. */
export function personName(
  say: SayFrom<Pick<typeof zhDetail, 'review.anonymous' | 'review.gone_person'>>,
  name: string,
): string {
  if (name === zhDetail['review.anonymous']) return say('review.anonymous')
  const number = GONE.exec(name)?.[1]
  return number === undefined ? name : say('review.gone_person', { number })
}
