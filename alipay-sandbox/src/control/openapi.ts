import { ANSWERS, schemaOf } from './answers.ts'
import type { InputSchema } from './input.ts'
import { ROUTES, type Route, SETTINGS_PATCH } from './routes.ts'

/** The control API as OpenAPI 3.1, written from the same rows that serve it. */
export function openApi(): unknown {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of ROUTES) {
    const path = `/_sandbox/api/v1${route.path}`
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'alipay-sandbox control API',
      version: '1',
      description: 'Offline test gateway, not affiliated with Alipay. Amounts are integer fen, instants ISO 8601.',
    },
    components: {
      schemas: { ...ANSWERS, Settings: settingsSchema() },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'Only when listening beyond loopback.' },
      },
    },
    security: [{}, { token: [] }],
    paths,
  }
}

function operation({ method, path, summary, input, gives, answers }: Route) {
  const blank = /\{(\w+)\}/.exec(path)?.[1]
  const inPath = blank === undefined ? [] : [{ name: blank, in: 'path', required: true, schema: { type: 'string' } }]
  const inQuery =
    method === 'GET'
      ? Object.entries(input?.properties ?? {}).map(([name, schema]) => ({
          name,
          in: 'query',
          schema: jsonSchema(schema),
        }))
      : []
  const inHeader =
    answers === 'text/event-stream' ? [{ name: 'Last-Event-ID', in: 'header', schema: { type: 'string' } }] : []
  return {
    operationId: operationId(method, path),
    summary,
    parameters: [...inPath, ...inQuery, ...inHeader],
    ...(method !== 'GET' &&
      input && { requestBody: { required: true, content: { 'application/json': { schema: jsonSchema(input) } } } }),
    responses: {
      200: {
        description: 'Done',
        content: { [answers ?? 'application/json']: { schema: gives ? schemaOf(gives) : {} } },
      },
      400: refusal('Bad input'),
      401: refusal('Token missing or wrong'),
      403: refusal('Foreign Host or Origin, or not allowed here'),
      404: refusal('No such thing'),
      409: refusal('Refused in the present state'),
      ...(method !== 'GET' && { 415: refusal('Not sent as application/json') }),
    },
  }
}

const refusal = (description: string) => ({
  description,
  content: { 'application/json': { schema: schemaOf('Refusal') } },
})

/** The whole table as an answer gives it. */
function settingsSchema() {
  const { properties } = SETTINGS_PATCH
  return {
    ...Object(jsonSchema({ ...SETTINGS_PATCH, additionalProperties: false })),
    required: Object.keys(properties),
  }
}

/** The same in the words of JSON Schema, which says nullable by a second type. */
function jsonSchema(schema: InputSchema): unknown {
  if (schema.type === 'object') {
    const properties = Object.entries(schema.properties).map(([name, one]) => [name, jsonSchema(one)])
    return { ...schema, properties: Object.fromEntries(properties) }
  }
  if (!('nullable' in schema)) return schema
  const { nullable: _, ...rest } = schema
  return { ...rest, type: [schema.type, 'null'] }
}

const operationId = (method: string, path: string) =>
  `${method.toLowerCase()}${path.replace(/[/{}-]+(\w?)/g, (_, letter: string) => letter.toUpperCase())}`
