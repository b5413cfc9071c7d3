import type { Problem } from '@ihome/contract/problems'

export interface RefusalOptions extends ErrorOptions {
  /** Whole seconds after which asking again may help; sent as `Retry-After`. */
  readonly retryAfterS?: number
}

/**
 * An expected "no" that the caller can act on. `details` becomes `data` of the answer.
 *
 * Anything else that is thrown is a defect or an outage: logged whole, answered without detail.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly problem: Problem
  readonly details: Readonly<Record<string, unknown>>
  readonly retryAfterS: number | undefined

  constructor(problem: Problem, details: Readonly<Record<string, unknown>> = {}, options: RefusalOptions = {}) {
    super(problem, options)
    this.problem = problem
    this.details = details
    this.retryAfterS = options.retryAfterS
  }
}

/** Refuses input by naming the fields, in the shape every `input_invalid` answer has. */
export const inputInvalid = (...fields: { field: string; reason: string }[]): Refusal =>
  new Refusal('input_invalid', { fields })
