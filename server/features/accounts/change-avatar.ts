import { avatarUrl } from '@ihome/contract/pictures'
import type { Deps } from '../../platform/deps.ts'
import { countUse } from '../../platform/rate-limits.ts'
import { Refusal } from '../../platform/refusal.ts'
import { dropPicture, keepPicture } from '../pictures/keep-picture.ts'
import { setAvatar } from './store.ts'

const HOUR_S = 3_600

/**
 * Another picture of a person; answers its address. Says no with `rate_limited`, `file_invalid` and
 * `storage_unavailable`: the one before then stays.
 */
export async function changeAvatar(deps: Deps, userId: number, bytes: Buffer): Promise<string> {
  // Drawing is dear whatever the picture is for, so all uploads of a person are counted together.
  const allowance = { key: `upload:${userId}`, limit: deps.config.limits.uploadsPerHour, windowS: HOUR_S }
  const { open, retryAfterS } = await countUse(deps.db, allowance, deps.clock.now())
  if (!open) throw new Refusal('rate_limited', {}, { retryAfterS })
  const key = await keepPicture(deps, bytes, 'avatar')
  let before: string | null
  try {
    before = await setAvatar(deps.db, userId, key, deps.clock.now())
  } catch (error) {
    await dropPicture(deps, key)
    throw error
  }
  deps.events.publish({ kind: 'user_changed', userId })
  if (before !== null) await dropPicture(deps, before)
  return avatarUrl(key)
}
