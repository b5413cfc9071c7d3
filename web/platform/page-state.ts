import type { CivilDate } from '@ihome/core/calendar'
import { type InjectionKey, inject } from 'vue'
import type { Language } from '../text/language.ts'
import type { Trouble } from './trouble.ts'

/** What the server knew when it made the page; it travels with the HTML as JSON. */
export interface PageState {
  readonly lang: Language
  /** The server's day in Shanghai. */
  readonly today: CivilDate
  /** The server's clock, absent from pages that may have been kept for a while. */
  readonly now: string | undefined
  /** The name of the person signed in. */
  readonly name: string | undefined
  /** What resources read while rendering, by key. */
  readonly resources: Record<string, unknown>
  /** What they could not read, by key. */
  readonly troubles: Record<string, Trouble>
}

export const PAGE_STATE: InjectionKey<PageState> = Symbol('page state')

export function usePageState(): PageState {
  const state = inject(PAGE_STATE)
  if (!state) throw new Error('no page state was provided')
  return state
}
