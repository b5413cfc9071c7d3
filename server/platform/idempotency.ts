import { createHash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { Tx } from './db.ts'
import type { Deps } from './deps.ts'
import { inputInvalid, Refusal } from './refusal.ts'

type Needs = Pick<Deps, 'db' | 'transact' | 'clock'>

/**
 * Runs `work` in one transaction and, when the request carries an `Idempotency-Key`, keeps its answer in the same
 * transaction: the same person or operator, key and body later get the first answer again, status included. Sets `status` on the
 * reply and gives the data to return.
 *
 * Says no with `idempotency_key_reused` (other body or route) and `request_in_flight`. A refusal of `work` is not
 * kept: nothing was changed, so the same request may try again.
 */
export async function idempotent<T>(
  deps: Needs,
  request: FastifyRequest,
  reply: FastifyReply,
  status: 200 | 201,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const wish = wishOf(request)
  const answer = await deps.transact(async (tx): Promise<{ status: number; data: T }> => {
    if (!wish) return { status, data: await work(tx) }
    if (!(await lockKey(tx, wish))) throw new Refusal('request_in_flight', {}, { retryAfterS: 1 })
    const kept = await findAnswer<T>(tx, wish)
    if (kept === 'in_flight') throw new Refusal('request_in_flight', {}, { retryAfterS: 1 })
    if (kept) return kept
    const data = await work(tx)
    await tx
      .insertInto('idempotency_keys')
      .values({ ...rowOf(wish), status, answer: JSON.stringify(data), created_at: deps.clock.now() })
      .execute()
    return { status, data }
  })
  reply.code(answer.status)
  return answer.data
}

/** Longer than any request may take, so a lease that ended belongs to a process that died. */
const LEASE_MS = 60_000

/**
 * As {@link idempotent}, for work that calls the outside and so opens its own transactions. The key is leased first
 * and the answer kept afterwards. When the process dies between the two, the lease ends and the same request runs
 * `work` again: it must be safe to repeat.
 */
export async function idempotentAround<T>(
  deps: Needs,
  request: FastifyRequest,
  reply: FastifyReply,
  status: 200 | 201,
  work: () => Promise<T>,
): Promise<T> {
  const wish = wishOf(request)
  if (!wish) {
    reply.code(status)
    return work()
  }
  const kept = await deps.transact((tx) => leaseKey<T>(tx, wish, deps.clock.now()))
  if (kept) {
    reply.code(kept.status)
    return kept.data
  }
  const mine = deps.db
    .updateTable('idempotency_keys')
    .where(...ownedBy(wish))
    .where('key', '=', wish.key)
  try {
    const data = await work()
    await mine.set({ status, answer: JSON.stringify(data), leased_until: null }).execute()
    reply.code(status)
    return data
  } catch (error) {
    await deps.db
      .deleteFrom('idempotency_keys')
      .where(...ownedBy(wish))
      .where('key', '=', wish.key)
      .where('status', 'is', null)
      .execute()
    throw error
  }
}

interface Wish {
  /** Whose key it is: a person's and an operator's are never the same. */
  readonly owner: 'user_id' | 'operator_id'
  readonly ownerId: number
  readonly key: string
  readonly route: string
  readonly digest: Buffer
}

function wishOf(request: FastifyRequest): Wish | undefined {
  const key = request.headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !/^[\x21-\x7e]{8,128}$/.test(key)) {
    throw inputInvalid({ field: 'Idempotency-Key', reason: 'must be 8 to 128 visible ASCII characters' })
  }
  const digest = createHash('sha256')
    .update(JSON.stringify(sorted(request.body ?? null)))
    .digest()
  const { operator } = request
  const owner = operator
    ? ({ owner: 'operator_id', ownerId: operator.id } as const)
    : ({ owner: 'user_id', ownerId: request.account.id } as const)
  return { ...owner, key, route: `${request.method} ${request.url.split('?')[0]}`, digest }
}

/** The order of members is not part of what was asked. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, part]) => [name, sorted(part)]),
  )
}

const ownedBy = ({ owner, ownerId }: Wish) => [owner, '=', ownerId] as const

const rowOf = ({ owner, ownerId, key, route, digest }: Wish) => ({
  user_id: owner === 'user_id' ? ownerId : null,
  operator_id: owner === 'operator_id' ? ownerId : null,
  key,
  route,
  body_digest: digest,
})

/** Held until the transaction ends, so of two at once the second is told instead of made to wait. */
async function lockKey(tx: Tx, { owner, ownerId, key }: Wish): Promise<boolean> {
  const { rows } = await sql<{ locked: boolean }>`
    select pg_try_advisory_xact_lock(hashtextextended(${`idempotency:${owner}:${ownerId}:${key}`}, 0)) as locked`.execute(
    tx,
  )
  return rows[0]?.locked === true
}

async function findAnswer<T>(tx: Tx, wish: Wish): Promise<{ status: number; data: T } | 'in_flight' | undefined> {
  const row = await tx
    .selectFrom('idempotency_keys')
    .select(['route', 'body_digest', 'status', 'answer'])
    .where(...ownedBy(wish))
    .where('key', '=', wish.key)
    .executeTakeFirst()
  if (!row) return undefined
  if (row.route !== wish.route || !wish.digest.equals(row.body_digest)) throw new Refusal('idempotency_key_reused')
  if (row.status === null) return 'in_flight'
  return { status: row.status, data: row.answer as T }
}

async function leaseKey<T>(tx: Tx, wish: Wish, now: Date): Promise<{ status: number; data: T } | undefined> {
  const busy = new Refusal('request_in_flight', {}, { retryAfterS: 1 })
  if (!(await lockKey(tx, wish))) throw busy
  const kept = await findAnswer<T>(tx, wish)
  if (kept && kept !== 'in_flight') return kept
  const leasedUntil = new Date(now.getTime() + LEASE_MS)
  if (kept === undefined) {
    await tx
      .insertInto('idempotency_keys')
      .values({ ...rowOf(wish), created_at: now, leased_until: leasedUntil })
      .execute()
    return undefined
  }
  const taken = await tx
    .updateTable('idempotency_keys')
    .set({ leased_until: leasedUntil })
    .where(...ownedBy(wish))
    .where('key', '=', wish.key)
    .where('leased_until', '<', now)
    .executeTakeFirst()
  if (taken.numUpdatedRows === 0n) throw busy
  return undefined
}
