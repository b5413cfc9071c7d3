import { avatarUrl } from '@ihome/contract/pictures'
import type { Deps } from '../../platform/deps.ts'
import { dropPicture, keepPicture } from '../pictures/keep-picture.ts'
import { setAvatar } from './store.ts'

/**
 * Another picture of a person; answers its address. Says no with `file_invalid` and `storage_unavailable`: the one
 * before then stays.
 */
export async function changeAvatar(deps: Deps, userId: number, bytes: Buffer): Promise<string> {
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
