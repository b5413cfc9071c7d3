import type { FastifyInstance, FastifySchemaCompiler, RouteOptions } from 'fastify'
import Type, { type TProperties, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Value } from 'typebox/value'

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
  const check = Compile(schema)
  const isText = httpPart !== 'body'
  return (value: unknown) => {
    const candidate = isText ? readText(schema, value as Readonly<Record<string, unknown>>) : value
    if (check.Check(candidate)) return { value: candidate }
    return { error: check.Errors(candidate) as never }
  }
}

/** Converts what is written exactly as the converted value would be: `1.5`, `1e3` and ` 7` are no whole numbers. */
function readText(schema: TSchema, value: Readonly<Record<string, unknown>>): unknown {
  const converted = Value.Convert(schema, Value.Clean(schema, { ...value })) as Record<string, unknown>
  for (const [name, part] of Object.entries(converted)) {
    const text = value[name]
    if (typeof part === 'number' && typeof text === 'string' && String(part) !== text) converted[name] = text
  }
  return converted
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
