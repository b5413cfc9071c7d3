import type { Envelope } from '@ihome/contract/envelope'
import { PROBLEMS, type Problem, RET_TEXTS } from '@ihome/contract/problems'
import type { FastifyReply, RouteOptions } from 'fastify'
import Type, { type TSchema } from 'typebox'
import { Written } from './written.ts'

/** The answer to a request that went well. Without data, `data` is absent. */
export function successOf<Data>(data: Data | null | undefined, requestId: string): Envelope<Data> {
  const head = { errno: '0', errmsg: RET_TEXTS['0'] ?? '', problem: null, request_id: requestId }
  return data === null || data === undefined
    ? head
    : { errno: head.errno, errmsg: head.errmsg, data, problem: null, request_id: requestId }
}

/** The answer to a request that was refused or failed. */
export function problemOf(
  problem: Problem,
  requestId: string,
  details?: Readonly<Record<string, unknown>>,
): Envelope<Readonly<Record<string, unknown>>> {
  const { errno } = PROBLEMS[problem]
  const errmsg = RET_TEXTS[errno] ?? ''
  const data = details && Object.keys(details).length > 0 ? details : undefined
  return data
    ? { errno, errmsg, data, problem, request_id: requestId }
    : { errno, errmsg, problem, request_id: requestId }
}

const successSchema = (data: TSchema): TSchema =>
  Type.Object({
    errno: Type.Literal('0'),
    errmsg: Type.String(),
    ...(isNothing(data) ? {} : { data }),
    problem: Type.Null(),
    request_id: Type.String(),
  })

const PROBLEM_SCHEMA = Type.Object({
  errno: Type.String({ description: 'RET code' }),
  errmsg: Type.String(),
  data: Type.Optional(Type.Unknown({ description: 'What the caller needs to act; input_invalid lists {fields}' })),
  problem: Type.String({ description: 'Stable machine name' }),
  request_id: Type.String(),
})
const REFUSED = { description: 'Refused: see problem', content: { 'application/json': { schema: PROBLEM_SCHEMA } } }

const isNothing = (schema: TSchema): boolean => 'type' in schema && schema.type === 'null'

/**
 * Lets handlers return plain data and routes declare its plain schema: the answer and its schema are put into the
 * envelope here. A route with `config.envelope: false` is left as it is. Handlers return; they do not `reply.send`.
 */
export function envelopeRoute(route: RouteOptions): void {
  if (route.config?.envelope === false) return
  const declared = (route.schema?.response ?? {}) as Record<string, TSchema>
  const response = Object.fromEntries(
    Object.entries(declared).map(([status, data]) => [status, successSchema(data)] as const),
  )
  route.schema = { ...route.schema, response: { ...response, '4xx': REFUSED, '5xx': REFUSED } }
  const work = route.handler
  route.handler = async function enveloped(request, reply) {
    const data: unknown = await work.call(this, request, reply)
    if (data instanceof Written) return sendWritten(reply, data, request.id)
    return data === reply ? reply : successOf(data, request.id)
  }
}

const BEFORE = Buffer.from(`{"errno":"0","errmsg":${JSON.stringify(RET_TEXTS['0'])},"data":`)

/** The same envelope, around data that is JSON already. */
function sendWritten(reply: FastifyReply, { json }: Written, requestId: string): FastifyReply {
  const after = Buffer.from(`,"problem":null,"request_id":${JSON.stringify(requestId)}}`)
  return reply.type('application/json; charset=utf-8').send(Buffer.concat([BEFORE, json, after]))
}
