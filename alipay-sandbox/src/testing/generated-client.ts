/** As much of an OpenAPI 3.1 file as a client needs. */
export interface OpenApiFile {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly parameters: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: unknown }>> }
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, unknown>> }>
  >
}

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: boolean
  readonly schema: Readonly<Record<string, unknown>>
}

/** One function per operation, written from the file alone, as client generators do it. */
export function generateClient(file: OpenApiFile): string {
  const functions = Object.entries(file.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([verb, operation]) => functionFor(verb, path, operation)),
  )
  return `(origin) => ({\n${functions.join(',\n')}\n})`
}

function functionFor(verb: string, path: string, { operationId, parameters, requestBody }: Operation): string {
  const of = (where: Parameter['in']) => parameters.filter((one) => one.in === where).map((one) => one.name)
  const url = path.replace(/\{(\w+)\}/g, (_, name: string) => `\${encodeURIComponent(given.path.${name})}`)
  const query = `new URLSearchParams(${JSON.stringify(of('query'))}.filter((name) => given.query?.[name] !== undefined).map((name) => [name, String(given.query[name])]))`
  const type = Object.keys(requestBody?.content ?? { 'application/json': {} })[0]
  const init = `{ method: '${verb.toUpperCase()}', headers: { ...(${verb !== 'get'} && { 'content-type': '${type}' }), ...given.headers }, signal: given.signal${requestBody ? ', body: JSON.stringify(given.body ?? {})' : ''} }`
  return `  async ${operationId}(given = {}) {
    const query = ${query}
    return fetch(\`\${origin}${url}\${query.size > 0 ? \`?\${query}\` : ''}\`, ${init})
  }`
}

const SCHEMA_WORDS = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  'enum',
  'pattern',
  'maxLength',
  'minimum',
  'maximum',
  'items',
  'maxItems',
  'description',
])
const TYPES = new Set(['string', 'integer', 'number', 'boolean', 'object', 'array', 'null'])

/** What is wrong with an OpenAPI 3.1 file; empty when nothing is. Only the rules that this file can break. */
export function openApiProblems(file: OpenApiFile): string[] {
  const problems: string[] = []
  if (!/^3\.1\.\d+$/.test(file.openapi)) problems.push(`openapi ${file.openapi}`)
  if (!file.info?.title || !file.info.version) problems.push('info needs title and version')
  const ids = new Set<string>()
  for (const [path, operations] of Object.entries(file.paths)) {
    if (!path.startsWith('/')) problems.push(`${path} does not begin with a slash`)
    for (const [verb, operation] of Object.entries(operations)) {
      const at = `${verb} ${path}`
      if (!['get', 'post', 'patch', 'delete', 'put'].includes(verb)) problems.push(`${at}: no such verb`)
      if (ids.has(operation.operationId)) problems.push(`${at}: operationId ${operation.operationId} twice`)
      ids.add(operation.operationId)
      problems.push(...operationProblems(path, operation).map((text) => `${at}: ${text}`))
    }
  }
  return problems
}

function operationProblems(path: string, operation: Operation): string[] {
  const problems: string[] = []
  if (!/^[a-z][A-Za-z]+$/.test(operation.operationId)) problems.push(`operationId ${operation.operationId}`)
  if (!operation.summary) problems.push('no summary')
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  const declared = operation.parameters.filter((one) => one.in === 'path')
  if (declared.map((one) => one.name).join() !== inPath.join()) problems.push('path parameters differ from the path')
  if (declared.some((one) => one.required !== true)) problems.push('a path parameter that is not required')
  for (const { name, schema } of operation.parameters) problems.push(...schemaProblems(schema, name))
  for (const { schema } of Object.values(operation.requestBody?.content ?? {}))
    problems.push(...schemaProblems(schema, 'body'))
  const statuses = Object.entries(operation.responses)
  if (!statuses.some(([status]) => status.startsWith('2'))) problems.push('no answer for success')
  for (const [status, { description }] of statuses) {
    if (!/^\d{3}$/.test(status) || !description) problems.push(`answer ${status} without a description`)
  }
  return problems
}

function schemaProblems(schema: unknown, at: string): string[] {
  if (typeof schema !== 'object' || schema === null) return [`${at}: not a schema`]
  const problems: string[] = []
  const words = schema as Readonly<Record<string, unknown>>
  for (const word of Object.keys(words)) if (!SCHEMA_WORDS.has(word)) problems.push(`${at}: unknown word ${word}`)
  const types = Array.isArray(words.type) ? words.type : [words.type]
  if (!types.every((type) => TYPES.has(String(type)))) problems.push(`${at}: type ${JSON.stringify(words.type)}`)
  if (typeof words.pattern === 'string') new RegExp(words.pattern, 'u')
  const properties = Object.entries((words.properties ?? {}) as Readonly<Record<string, unknown>>)
  for (const name of (words.required ?? []) as readonly string[]) {
    if (!properties.some(([known]) => known === name)) problems.push(`${at}: required ${name} is not described`)
  }
  for (const [name, property] of properties) problems.push(...schemaProblems(property, `${at}.${name}`))
  return problems
}
