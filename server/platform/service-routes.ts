import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { sql } from 'kysely'
import Type from 'typebox'
import type { Db } from './db.ts'
import { missingMigrations } from './migrator.ts'

export interface ServiceOptions {
  readonly db: Db
  /** True from the moment the process was asked to end. */
  readonly isStopping: () => boolean
}

const State = Type.Object({ state: Type.String() })
const READY_LIMIT_MS = 2_000

/** What a supervisor asks: does the process answer, and may it get traffic (promises.md 11). */
export const serviceRoutes: FastifyPluginAsyncTypebox<ServiceOptions> = async (app, { db, isStopping }) => {
  const config = { access: 'anyone', envelope: false, stateless: true, neverShed: true } as const

  app.get(
    '/livez',
    {
      config,
      schema: { tags: ['service'], operationId: 'livez', summary: 'The process answers', response: { 200: State } },
    },
    async () => ({ state: 'alive' }),
  )

  // A schema that was current stays so while we run: only newer programs migrate.
  let schemaIsCurrent = false
  app.get(
    '/readyz',
    {
      config,
      schema: {
        tags: ['service'],
        operationId: 'readyz',
        summary: 'The process may get traffic: its database is writable, the schema current, and it is not stopping',
        response: { 200: State, 503: State },
      },
    },
    async (request, reply) => {
      const refuse = (state: string) => reply.code(503).send({ state })
      if (isStopping()) return refuse('stopping')
      try {
        if (!(await withinLimit(isWritable(db)))) return refuse('database read-only')
        schemaIsCurrent ||= (await withinLimit(missingMigrations(db))).length === 0
      } catch (error) {
        request.log.warn({ err: error }, 'not_ready')
        return refuse('database unavailable')
      }
      return schemaIsCurrent ? { state: 'ready' } : refuse('schema not current')
    },
  )
}

async function isWritable(db: Db): Promise<boolean> {
  const { rows } = await sql<{ writable: boolean }>`
    select current_setting('transaction_read_only') = 'off' and not pg_is_in_recovery() as writable`.execute(db)
  return rows[0]?.writable === true
}

async function withinLimit<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the database did not answer in time')), READY_LIMIT_MS)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
