import type { Problem } from './problems.ts'

/** What every answer of the API looks like, success or not (product.md 2.1). `data` is absent when there is none. */
export interface Envelope<Data> {
  readonly errno: string
  readonly errmsg: string
  readonly data?: Data
  readonly problem: Problem | null
  readonly request_id: string
}
