import { type InjectionKey, inject, shallowReactive } from 'vue'

/** Who is signed in, as far as this tab has been told. The server decides anew at every request. */
export interface Session {
  /** Undefined for a visitor. */
  name: string | undefined
}

export const createSession = (name: string | undefined): Session => shallowReactive({ name })

export const SESSION: InjectionKey<Session> = Symbol('session')

/** Set `name` after a sign-in, unset it after a sign-out: the frame and the guards follow. */
export function useSession(): Session {
  const session = inject(SESSION)
  if (!session) throw new Error('no session was provided')
  return session
}

/** `next` when it is a path of this site, else the home page: an address elsewhere must not be reached by a link to us. */
export const safeNext = (next: unknown): string =>
  typeof next === 'string' && /^\/(?![/\\])[^\s\\]*$/.test(next) ? next : '/'

/** Where somebody signs in who is not let to a page: operators have a door of their own. */
export const loginOf = (path: string): string => (path.startsWith('/operator') ? '/operator/login' : '/login')
