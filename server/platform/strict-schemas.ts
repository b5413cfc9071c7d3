import type { FastifyInstance, FastifySchemaCompiler, RouteOptions } from 'fastify'
import Type, { type TProperties, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'
import { late } from './compile-late.ts'

interface ObjectSchema {
  readonly type: 'object'
  readonly properties: TProperties
  readonly required?: readonly string[]
}

const isObject = (schema: TSchema): schema is TSchema & ObjectSchema =>
  'type' in schema && schema.type === 'object' && 'properties' in schema

/** The schema, with every object in it closed that does not say otherwise: an unknown member is a mistake to name. */
export function closed(schema: TSchema): TSchema {
  if (!isObject(schema)) return schema
  const { properties, type: _type, required = [], ...rest } = schema
  const parts = Object.fromEntries(
    Object.entries(properties).map(([name, part]) => [
      name,
      required.includes(name) ? closed(part) : Type.Optional(closed(part)),
    ]),
  )
  return Type.Object(parts, { additionalProperties: false, ...rest })
}

/**
 * Bodies are taken as they are: a number in quotes is not a number. Queries and parameters are text on the wire, so
 * they are converted by their schema first, and members of a query that nobody declared are dropped.
 */
const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const compiled = late(() => Compile(schema))
  const read = httpPart === 'body' ? (value: unknown) => value : textReader(schema)
  return (value: unknown) => {
    const check = compiled()
    const candidate = read(value)
    if (!check.Check(candidate)) return { error: check.Errors(candidate) as never }
    const place = placeOfNoText(candidate, '')
    if (place === undefined) return { value: candidate }
    return { error: [{ instancePath: place, message: 'holds a character that is none', params: {} }] as never }
  }
}

/** The zero character, and half of a character that needs two: texts in JSON may hold them, texts in PostgreSQL not. */
const NO_TEXT = /[\0\p{Surrogate}]/u

/** Where, as a JSON pointer, the first text stands that cannot be kept; undefined when all can. */
function placeOfNoText(value: unknown, place: string): string | undefined {
  if (typeof value === 'string') return NO_TEXT.test(value) ? place : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, part] of Object.entries(value)) {
    const found = placeOfNoText(part, `${place}/${name}`)
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * Reads members that came as text. A number is converted when it is written exactly as it would be written back:
 * `1.5`, `1e3` and ` 7` are no whole numbers. What each member needs is found out once, as every request passes here.
 */
function textReader(schema: TSchema): (value: unknown) => unknown {
  if (!isObject(schema)) throw new Error('queries and parameters are described as objects')
  const members = Object.entries(schema.properties).map(([name, part]) => [name, memberReader(part)] as const)
  return (value) => {
    const given = value as Readonly<Record<string, unknown>>
    const read: Record<string, unknown> = {}
    for (const [name, readMember] of members) if (name in given) read[name] = readMember(given[name])
    return read
  }
}

function memberReader(part: TSchema): (value: unknown) => unknown {
  const type = 'type' in part ? part.type : undefined
  if (type === 'string') return (value) => value
  if (type === 'integer' || type === 'number') {
    return (value) => (typeof value === 'string' && String(Number(value)) === value ? Number(value) : value)
  }
  return (value) => {
    const converted = Value.Convert(part, value)
    return typeof converted === 'number' && typeof value === 'string' && String(converted) !== value ? value : converted
  }
}

function closeRoute(route: RouteOptions): void {
  const schema = route.schema as Record<string, TSchema> | undefined
  if (schema?.body) route.schema = { ...route.schema, body: closed(schema.body) }
}

/** Makes every route of `app` read its input strictly. */
export function readStrictly(app: FastifyInstance): void {
  app.setValidatorCompiler(compileValidator)
  app.addHook('onRoute', closeRoute)
}
