import type { FastifyContextConfig, FastifySchema } from 'fastify'

/**
 * The options of routes that share who may call them and the heading under which the API's description lists them:
 * what is left to say of each is its name, its summary and its schemas.
 */
export const routeOptions =
  (config: FastifyContextConfig, tag: string) =>
  <Schema extends FastifySchema>(operationId: string, summary: string, schema: Schema) => ({
    config,
    schema: { ...schema, tags: [tag], operationId, summary },
  })
