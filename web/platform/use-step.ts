import { ApiRefusal } from '@ihome/contract/client'
import { onUnmounted, type ShallowRef, shallowRef } from 'vue'
import { useRoute, useRouter } from './page-router.ts'
import { loginOf, useSession } from './session.ts'
import { isRefusal, type Trouble, troubleOf } from './trouble.ts'

export interface Step<Wish, T> {
  /** True from the tap to the answer. */
  readonly busy: Readonly<ShallowRef<boolean>>
  readonly trouble: Readonly<ShallowRef<Trouble | undefined>>
  /**
   * Sends the wish; the answer, or undefined when it was refused or no answer came (see `trouble`), or when an earlier
   * call is still under way. Sending an equal wish again after an outage goes out under the same key.
   */
  run(wish: Wish): Promise<T | undefined>
  forget(): void
}

interface KeptKey {
  readonly wish: string
  readonly key: string
}

const IN_FLIGHT_TRIES = 10
const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000))

/**
 * One thing a person sends. `name` tells intentions apart and is the place of the key in this tab's storage, so that a
 * reload after a lost answer repeats the same request instead of making a second one: put the order's or house's id in.
 */
export function useStep<Wish, T>(name: string, send: (wish: Wish, key: string) => Promise<T>): Step<Wish, T> {
  const busy = shallowRef(false)
  const trouble = shallowRef<Trouble>()
  const router = useRouter()
  const route = useRoute()
  const session = useSession()
  const place = `step:${name}`
  let gone = false
  onUnmounted(() => {
    gone = true
  })

  async function attempt(wish: Wish): Promise<T> {
    const words = JSON.stringify(wish) ?? ''
    for (let tries = 1; ; tries += 1) {
      try {
        // What goes out without a key, such as a password, is not written down either.
        const answer = await send(wish, send.length < 2 ? '' : keyFor(place, words))
        forgetKey(place)
        return answer
      } catch (error) {
        if (!(error instanceof ApiRefusal)) throw error
        if (error.problem === 'request_in_flight' && tries < IN_FLIGHT_TRIES) {
          await pause(error.retryAfterSeconds ?? 1)
          continue
        }
        // While the server could not say what became of it, the same request must go out again under the same key.
        if (error.status < 500) forgetKey(place)
        if (error.problem === 'idempotency_key_reused' && tries < IN_FLIGHT_TRIES) continue
        throw error
      }
    }
  }

  return {
    busy,
    trouble,
    forget() {
      trouble.value = undefined
    },
    async run(wish) {
      if (busy.value) return undefined
      busy.value = true
      trouble.value = undefined
      try {
        return await attempt(wish)
      } catch (error) {
        trouble.value = troubleOf(error)
        if (isRefusal(trouble.value, 'sign_in_needed') && !gone) {
          if (loginOf(route.path) === '/login') session.name = undefined
          await router.push({ path: loginOf(route.path), query: { next: route.fullPath } })
        }
        return undefined
      } finally {
        busy.value = false
      }
    },
  }
}

function keyFor(place: string, wish: string): string {
  const kept = readKept(place)
  if (kept?.wish === wish) return kept.key
  const key = newKey()
  try {
    sessionStorage.setItem(place, JSON.stringify({ wish, key } satisfies KeptKey))
  } catch {
    // Without storage the key lives as long as the page; a repeat after a reload is then a new wish.
  }
  return key
}

function readKept(place: string): KeptKey | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(place) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

function forgetKey(place: string): void {
  try {
    sessionStorage.removeItem(place)
  } catch {
    // Nothing was kept either.
  }
}

/** `crypto.randomUUID` is missing where the page came over plain http from another machine, as on a phone at home. */
function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(18))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
