import SerializerSelector from '@fastify/fast-json-stringify-compiler'
import type { FastifyServerOptions } from 'fastify'

/** What `make` gives, made when it is first asked for and kept. */
export function late<Made>(make: () => Made): () => Made {
  let made: { readonly value: Made } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/**
 * Fastify's own serialisers, each compiled with its first answer: all of them before the first request are a third of
 * a start, and one process meets few of them.
 */
export const LATE_SERIALIZERS: NonNullable<FastifyServerOptions['schemaController']> = {
  compilersFactory: {
    buildSerializer: (schemas, options) => {
      const compile = SerializerSelector()(schemas, options)
      return (route) => {
        const serializer = late(() => compile(route))
        return (answer: unknown) => serializer()(answer)
      }
    },
  },
}
