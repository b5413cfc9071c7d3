import type { Api } from '@ihome/contract/client'
import { favouritesOf } from '@ihome/contract/favourites-client'
import type { ShallowRef } from 'vue'
import type { Announcer } from '../../platform/announcer.ts'
import type { Route, Router } from '../../platform/page-router.ts'
import type { Session } from '../../platform/session.ts'
import { isRefusal, troubleOf, troubleText } from '../../platform/trouble.ts'
import { sayPrivately as say } from '../../text/private-say.ts'

export interface HeartNeeds {
  readonly ids: ShallowRef<ReadonlySet<number>>
  readonly api: Api
  readonly session: Session
  readonly router: Router
  readonly route: Route
  readonly announcer: Announcer
}

const PLACE = 'heart'
/** A visitor who signs in later than this has forgotten the tap. */
const FORGOTTEN_AFTER_MS = 30 * 60_000

/** Shows the hearts of the person, and sets the one that a visitor tapped before signing in. */
export async function readHearts(needs: HeartNeeds): Promise<void> {
  try {
    const { ids } = await favouritesOf(needs.api).ids()
    needs.ids.value = new Set(ids)
  } catch (error) {
    troubleOf(error) // The page does without hearts; a tap says what is wrong.
  }
  const wish = takeWish()
  if (wish !== undefined && !needs.ids.value.has(wish)) await toggleHeart(needs, wish)
}

/** Flips a heart at once, and back with a word when it was refused. A visitor signs in first. */
export async function toggleHeart(needs: HeartNeeds, houseId: number): Promise<void> {
  const { api, session, router, route, announcer } = needs
  if (session.name === undefined) return signInFirst()
  const before = needs.ids.value
  const isOn = !before.has(houseId)
  const flip = (on: boolean) => {
    const ids = new Set(needs.ids.value)
    if (on) ids.add(houseId)
    else ids.delete(houseId)
    needs.ids.value = ids
  }
  flip(isOn)
  try {
    const favourites = favouritesOf(api)
    await (isOn ? favourites.add(houseId) : favourites.remove(houseId))
    announcer.say(isOn ? say('heart.added') : say('heart.removed'))
  } catch (error) {
    flip(!isOn)
    const trouble = troubleOf(error)
    if (isRefusal(trouble, 'sign_in_needed')) {
      session.name = undefined
      return signInFirst()
    }
    announcer.say(isOn ? say('heart.add_failed', { why: troubleText(say, trouble) }) : troubleText(say, trouble))
  }

  async function signInFirst(): Promise<void> {
    keepWish(houseId)
    await router.push({ path: '/login', query: { next: route.fullPath } })
  }
}

function keepWish(houseId: number): void {
  try {
    sessionStorage.setItem(PLACE, JSON.stringify({ houseId, at: Date.now() }))
  } catch {
    // Without storage the heart has to be tapped again after the login.
  }
}

function takeWish(): number | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(PLACE) ?? 'null')
    sessionStorage.removeItem(PLACE)
    if (typeof kept !== 'object' || kept === null || !('houseId' in kept) || !('at' in kept)) return undefined
    return Date.now() - Number(kept.at) < FORGOTTEN_AFTER_MS ? Number(kept.houseId) : undefined
  } catch {
    return undefined
  }
}
