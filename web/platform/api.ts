import type { Api } from '@ihome/contract/client'
import { type InjectionKey, inject } from 'vue'

export const API: InjectionKey<Api> = Symbol('api')

/** The API of this visitor: over the network in a browser, inside the process on the rendering server. */
export function useApi(): Api {
  const api = inject(API)
  if (!api) throw new Error('no api was provided')
  return api
}
