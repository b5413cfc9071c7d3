import { PROBLEMS, type Problem } from '@ihome/contract/problems'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import pg from 'pg'
import { problemOf } from './envelope.ts'
import { Refusal } from './refusal.ts'

/** What an error means to the caller; everything but a refusal is answered without detail. */
interface Outcome {
  readonly problem: Problem
  readonly details?: Readonly<Record<string, unknown>>
  readonly retryAfterS?: number | undefined
}

/**
 * SQLSTATE classes and codes that mean: the database is away, stopping, full, read-only or not yet migrated, and may
 * soon be able to answer.
 */
const OUTAGE_STATES = /^(08|57P|53)|^(25006|55P03|57014|42P01)$/
const OUTAGE_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
])
const OUTAGE_TEXTS = [
  'Connection terminated',
  'timeout exceeded when trying to connect',
  'Client has encountered a connection error',
  'Cannot use a pool after calling end',
]

/** True when the database could not be reached or could not take the statement now. */
export function isDatabaseOutage(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return OUTAGE_STATES.test(error.code ?? '')
  if (!(error instanceof Error)) return false
  if (error instanceof AggregateError && error.errors.some(isDatabaseOutage)) return true
  if ('syscall' in error && 'code' in error && OUTAGE_CODES.has(String(error.code))) return true
  return OUTAGE_TEXTS.some((text) => error.message.startsWith(text))
}

const FASTIFY_PROBLEMS: Readonly<Record<string, Problem>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media_type_unsupported',
  FST_ERR_CTP_EMPTY_TYPE: 'media_type_unsupported',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'input_invalid',
  FST_ERR_CTP_INVALID_JSON_BODY: 'input_invalid',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'input_invalid',
  FST_ERR_BAD_URL: 'not_found',
  FST_REQ_FILE_TOO_LARGE: 'body_too_large',
  FST_INVALID_MULTIPART_CONTENT_TYPE: 'media_type_unsupported',
}

function outcomeOf(error: FastifyError | Error): Outcome {
  if (error instanceof Refusal) return error
  if ('validation' in error && Array.isArray(error.validation)) {
    return { problem: 'input_invalid', details: { fields: fieldsOf(error as FastifyError) } }
  }
  const code = 'code' in error ? String(error.code) : ''
  const known = FASTIFY_PROBLEMS[code]
  if (known) return { problem: known }
  if (isDatabaseOutage(error)) return { problem: 'database_unavailable', retryAfterS: 2 }
  const status = 'statusCode' in error ? Number(error.statusCode) : 500
  if (status >= 400 && status < 500) return { problem: status === 404 ? 'not_found' : 'input_invalid' }
  return { problem: 'internal_error' }
}

/** Which members are wrong and why, for the page to show at the right place. */
function fieldsOf(error: FastifyError): { field: string; reason: string }[] {
  return (error.validation ?? []).flatMap((fault) => {
    const { missingProperty, requiredProperties, additionalProperties } = fault.params as Record<string, unknown>
    const path = fault.instancePath.replace(/^\//, '').replaceAll('/', '.')
    const named = [missingProperty, requiredProperties, additionalProperties]
      .flat()
      .filter((name) => typeof name === 'string')
    const reason = fault.message ?? 'is invalid'
    if (named.length === 0) return [{ field: path || (error.validationContext ?? 'body'), reason }]
    return named.map((name) => ({ field: path ? `${path}.${name}` : String(name), reason }))
  })
}

function answer(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply) {
  const outcome = outcomeOf(error)
  const { status } = PROBLEMS[outcome.problem]
  const facts = { problem: outcome.problem, route: request.routeOptions.url, method: request.method }
  if (outcome.problem === 'internal_error') request.log.error({ ...facts, err: error }, 'defect')
  else if (status >= 500) request.log.warn({ ...facts, err: error }, 'outage')
  else request.log.info(facts, 'refused')
  if (outcome.retryAfterS !== undefined)
    reply.header('retry-after', String(Math.max(1, Math.ceil(outcome.retryAfterS))))
  return reply
    .code(status)
    .type('application/json; charset=utf-8')
    .header('cache-control', 'no-store')
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problemOf(outcome.problem, request.id, outcome.details))
}

/** Turns whatever is thrown into the envelope; nothing of an unexpected error leaves the server but its request id. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler(answer)
}
