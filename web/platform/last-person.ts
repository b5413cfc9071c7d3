import { watch } from 'vue'
import type { Session } from './session.ts'

const PLACE = 'ihome:person'

/** Who was signed in when this phone last had a network: the kept frame cannot ask. */
export function lastPerson(): string | undefined {
  try {
    return localStorage.getItem(PLACE) ?? undefined
  } catch {
    return undefined // A browser that keeps nothing has nobody to remember.
  }
}

export function rememberPerson(session: Session): void {
  const remember = (name: string | undefined) => {
    try {
      if (name === undefined) localStorage.removeItem(PLACE)
      else localStorage.setItem(PLACE, name)
    } catch {
      // The frame without a network then shows the login.
    }
  }
  watch(() => session.name, remember, { immediate: true })
}
