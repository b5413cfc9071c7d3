import {
  type PostgresCursor,
  type PostgresPool,
  type PostgresPoolClient,
  type PostgresQueryResult,
  type RawBuilder,
  sql,
} from 'kysely'
import type pg from 'pg'

const MARK = /\/\* prepared: (\w+) \*\//
/** The mark stands at the beginning, or behind the `select` of a built query. */
const LOOK_AT = 60

/**
 * Marks a statement that is sent so often that PostgreSQL should parse and plan it once per connection instead of each
 * time; for the booking that was a third of its time. One name, one text: the text must not vary with its values, and
 * no value may ask for a plan of its own.
 */
export const prepared = (name: string): RawBuilder<never> => sql.raw(`/* prepared: ${name} */`)

/** The pool as Kysely uses it, with marked statements sent under their names. */
export function preparing(pool: pg.Pool): PostgresPool {
  const clients = new WeakMap<pg.PoolClient, PreparingClient>()
  return {
    async connect() {
      const client = await pool.connect()
      const known = clients.get(client) ?? new PreparingClient(client)
      clients.set(client, known)
      return known
    },
    end: () => pool.end(),
  }
}

class PreparingClient implements PostgresPoolClient {
  readonly #client: pg.PoolClient

  constructor(client: pg.PoolClient) {
    this.#client = client
  }

  query<Row>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<Row>>
  query<Row>(cursor: PostgresCursor<Row>): PostgresCursor<Row>
  query<Row>(
    text: string | PostgresCursor<Row>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<Row>> | PostgresCursor<Row> {
    if (typeof text !== 'string') throw new Error('rows are not streamed here')
    const name = MARK.exec(text.slice(0, LOOK_AT))?.[1]
    const query = { text, values: [...parameters], ...(name ? { name } : {}) }
    return this.#client.query(query) as unknown as Promise<PostgresQueryResult<Row>>
  }

  release(): void {
    this.#client.release()
  }
}
