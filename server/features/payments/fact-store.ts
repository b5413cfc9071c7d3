import { createHash } from 'node:crypto'
import type { FactKind } from '@ihome/core/payments/decide'
import type { Db, Tx } from '../../platform/db.ts'

export type Entrance = 'notify' | 'return' | 'poll' | 'manual' | 'bill'
export type FactEffect =
  | 'applied'
  | 'surplus'
  | 'mismatch'
  | 'refund'
  | 'closed'
  | 'none'
  | 'unmatched'
  | 'foreign'
  | 'rejected'

/** Something the gateway told us, or somebody in its name, before anything is done about it. */
export interface NewFact {
  readonly entrance: Entrance
  /** The same for every repeat of one event at one entrance. */
  readonly noticeId: string
  readonly kind: FactKind
  readonly outTradeNo?: string | undefined
  readonly tradeNo?: string | undefined
  readonly tradeStatus?: string | undefined
  readonly appId?: string | undefined
  readonly sellerId?: string | undefined
  /** The provider whose signature it bears. */
  readonly provider?: string | undefined
  readonly amountFen?: number | undefined
  readonly refundFeeFen?: number | undefined
  readonly outRequestNo?: string | undefined
  readonly verified: boolean
  /** Set when it is refused at once. */
  readonly rejectReason?: string | undefined
  /** Set when its effect is committed elsewhere, so that it is kept for the record only. */
  readonly effect?: FactEffect | undefined
  readonly raw: Uint8Array | string
}

/** A body of this size is more than any genuine message needs; of what proves nothing no more is kept. */
const KEPT_OF_UNPROVEN = 8_192
const NUMBER = /^[0-9A-Za-z_]{1,64}$/
const PLAIN = /^[\x21-\x7e]{1,64}$/

/** A stranger's words go into columns only if they look like what the column holds; the raw text has the rest. */
const plain = (text: string | undefined, shape = PLAIN): string | null =>
  text !== undefined && shape.test(text) ? text : null

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex')

export interface StoredFact {
  readonly id: number
  /** What it did; undefined while that is not committed. */
  readonly effect: FactEffect | undefined
}

/**
 * Keeps what came, in a transaction of its own, before it is acted on (promises P12). A repeat finds the first one,
 * which tells whether its effect was committed.
 */
export async function storeFact(db: Db, fact: NewFact, now: Date): Promise<StoredFact> {
  const rejected = fact.rejectReason !== undefined
  const effect = rejected ? 'rejected' : fact.effect
  const text = (typeof fact.raw === 'string' ? fact.raw : Buffer.from(fact.raw).toString('utf8')).replaceAll('\0', '�')
  const inserted = await db
    .insertInto('gateway_facts')
    .values({
      entrance: fact.entrance,
      notice_id: fact.noticeId,
      kind: fact.kind,
      out_trade_no: plain(fact.outTradeNo, NUMBER),
      trade_no: plain(fact.tradeNo),
      trade_status: plain(fact.tradeStatus),
      app_id: plain(fact.appId),
      seller_id: plain(fact.sellerId),
      provider: fact.provider ?? null,
      amount_fen: fact.amountFen ?? null,
      refund_fee_fen: fact.refundFeeFen ?? null,
      out_request_no: plain(fact.outRequestNo),
      verified: fact.verified,
      effect: effect ?? 'none',
      reject_reason: fact.rejectReason ?? null,
      raw: fact.verified ? text : text.slice(0, KEPT_OF_UNPROVEN),
      raw_sha256: sha256(fact.raw),
      received_at: now,
      done_at: effect ? now : null,
    })
    .onConflict((conflict) => conflict.columns(['entrance', 'notice_id']).doNothing())
    .returning('id')
    .executeTakeFirst()
  if (inserted) return { id: inserted.id, effect }
  const earlier = await db
    .selectFrom('gateway_facts')
    .select(['id', 'effect', 'done_at'])
    .$narrowType<{ effect: FactEffect }>()
    .where('entrance', '=', fact.entrance)
    .where('notice_id', '=', fact.noticeId)
    .executeTakeFirstOrThrow()
  return { id: earlier.id, effect: earlier.done_at === null ? undefined : earlier.effect }
}

/** Locks a stored fact; gives its effect when somebody else has committed it meanwhile. */
export async function lockFact(tx: Tx, id: number): Promise<FactEffect | undefined> {
  const row = await tx
    .selectFrom('gateway_facts')
    .select(['effect', 'done_at'])
    .where('id', '=', id)
    .$narrowType<{ effect: FactEffect }>()
    .forNoKeyUpdate()
    .executeTakeFirstOrThrow()
  return row.done_at === null ? undefined : row.effect
}

export interface FactOutcome {
  readonly effect: FactEffect
  readonly rejectReason?: string | undefined
  readonly attemptId?: number | undefined
}

/** A refused fact gives its notice id free: what was wrong with it must not keep a right one of that event out. */
export async function saveOutcome(tx: Tx, id: number, outcome: FactOutcome, now: Date): Promise<void> {
  await tx
    .updateTable('gateway_facts')
    .set({
      ...(outcome.effect === 'rejected' ? { notice_id: `refused:${id}` } : {}),
      effect: outcome.effect,
      reject_reason: outcome.rejectReason ?? null,
      attempt_id: outcome.attemptId ?? null,
      done_at: now,
    })
    .where('id', '=', id)
    .execute()
}

/** Whether another genuine message told this same wrong amount for the attempt before. */
export async function wasAmountTold(tx: Tx, attemptId: number, amountFen: number, exceptId: number): Promise<boolean> {
  const row = await tx
    .selectFrom('gateway_facts')
    .select('id')
    .where('attempt_id', '=', attemptId)
    .where('effect', '=', 'mismatch')
    .where('amount_fen', '=', amountFen)
    .where('id', '<>', exceptId)
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

export interface UndoneFact {
  readonly id: number
  readonly raw: string
  readonly received_at: Date
}

/** Genuine notifications whose effect was not committed: the process died, or they had to wait for a refund of ours. */
export const listUndoneNotices = (
  db: Db,
  receivedBefore: Date,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<UndoneFact[]> =>
  db
    .selectFrom('gateway_facts')
    .select(['id', 'raw', 'received_at'])
    .where('done_at', 'is', null)
    .where('entrance', '=', 'notify')
    .where('verified', '=', true)
    .where('received_at', '<=', receivedBefore)
    .where('id', '>', after)
    .orderBy('id')
    .limit(limit)
    .execute()

/** For which of our identities the money was that nobody could match; only a notification brings such money. */
export async function appIdOfUnmatched(tx: Tx, outTradeNo: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom('gateway_facts')
    .select('app_id')
    .where('out_trade_no', '=', outTradeNo)
    .where('effect', '=', 'unmatched')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst()
  return row?.app_id ?? undefined
}
