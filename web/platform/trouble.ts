import { ApiOutage, ApiRefusal } from '@ihome/contract/client'
import type { Problem } from '@ihome/contract/problems'
import { type Say, sayProblem } from '../text/say.ts'

/**
 * The three kinds of no. A refusal says what to do, after an outage the result is unknown and the same request may be
 * sent again, a defect is ours and has a number.
 */
export type Trouble =
  | {
      readonly kind: 'refusal'
      readonly problem: Problem
      readonly details: unknown
      readonly requestId: string
      readonly retryAfterSeconds: number | undefined
    }
  | { readonly kind: 'outage' }
  | { readonly kind: 'defect'; readonly requestId: string | undefined }

/** Sorts what a call threw. What is not an error of the API is a defect of the page and goes to the console too. */
export function troubleOf(error: unknown): Trouble {
  if (error instanceof ApiOutage) return { kind: 'outage' }
  if (error instanceof ApiRefusal) {
    const { problem, details, requestId, retryAfterSeconds } = error
    if (problem === 'internal_error') return { kind: 'defect', requestId }
    return { kind: 'refusal', problem, details, requestId, retryAfterSeconds }
  }
  console.error(error)
  return { kind: 'defect', requestId: undefined }
}

/** The sentence of a trouble, without its next step. */
export function troubleText(say: Say, trouble: Trouble): string {
  switch (trouble.kind) {
    case 'outage':
      return say('trouble.outage')
    case 'defect':
      return trouble.requestId ? say('trouble.defect', { id: trouble.requestId }) : say('trouble.defect_bare')
    case 'refusal':
      return sayProblem(say, trouble.problem) ?? say('trouble.defect', { id: trouble.requestId })
  }
}

export const isRefusal = (trouble: Trouble | undefined, problem: Problem): boolean =>
  trouble?.kind === 'refusal' && trouble.problem === problem
