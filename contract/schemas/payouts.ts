import Type, { type Static } from 'typebox'
import { Day, Fen, Id, Instant, Nullable, strict } from './fields.ts'
import { Listed, paged, Search } from './operator-desk.ts'

export const PayoutState = Type.Enum([
  'ACCRUED',
  'SCHEDULED',
  'SENT',
  'UNKNOWN',
  'RETRY',
  'SUCCEEDED',
  'MANUAL',
  'RETURNED',
])
export const FrozenReason = Type.Enum(['refund', 'dispute', 'unverified', 'payee_change'])

/** The host's account, masked; `next` takes its place at `usable_from`, and until then nothing is paid. */
export const PayeeView = Type.Object(
  {
    account: Nullable(Type.String()),
    next: Nullable(Type.Object({ account: Type.String(), usable_from: Instant }, strict)),
  },
  strict,
)
export type PayeeView = Static<typeof PayeeView>

export const PayeeBody = Type.Object({ account: Type.String({ minLength: 1, maxLength: 64 }) }, strict)
export type PayeeBody = Static<typeof PayeeBody>

/** As a host sees it: `waiting` until the day, `on_way` while the gateway works, `asks_host` when the account is wrong. */
export const PayoutView = Type.Object(
  {
    payout_id: Id,
    order_id: Id,
    title: Type.String(),
    stage: Type.Enum(['waiting', 'on_way', 'sent', 'returned', 'netted', 'asks_host']),
    frozen_reason: Nullable(FrozenReason),
    amount_fen: Fen,
    netted_fen: Fen,
    not_before: Instant,
    settled_at: Nullable(Instant),
  },
  strict,
)
export type PayoutView = Static<typeof PayoutView>

export const PayoutsQuery = Type.Object({ cursor: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })) }, strict)
export type PayoutsQuery = Static<typeof PayoutsQuery>

/** `enabled` is false while this site pays nobody out by itself. */
export const PayoutsView = Type.Object(
  {
    enabled: Type.Boolean(),
    payee: PayeeView,
    items: Type.Array(PayoutView),
    next_cursor: Nullable(Type.String()),
  },
  strict,
)
export type PayoutsView = Static<typeof PayoutsView>

export const DeskPayoutQuery = Type.Object(
  {
    q: Search,
    state: Type.Optional(PayoutState),
    frozen: Type.Optional(Type.Enum(['yes', 'no'])),
    /** What needs somebody: past its due date or a day late, or returned and not gone out again since. */
    waits: Type.Optional(Type.Enum(['overdue', 'returned'])),
    ...paged,
  },
  strict,
)
export type DeskPayoutQuery = Static<typeof DeskPayoutQuery>

export const DeskPayout = Type.Object(
  {
    payout_id: Id,
    order_id: Id,
    host_id: Id,
    host_name: Type.String(),
    start_date: Day,
    state: PayoutState,
    earned_fen: Fen,
    amount_fen: Fen,
    netted_fen: Fen,
    out_biz_no: Type.String(),
    /** Masked. */
    payee: Nullable(Type.String()),
    frozen_reason: Nullable(FrozenReason),
    /** An operator keeps it back. */
    held: Type.Boolean(),
    not_before: Instant,
    next_try_at: Nullable(Instant),
    sent_at: Nullable(Instant),
    settled_at: Nullable(Instant),
    tries: Type.Integer(),
    error: Nullable(Type.String()),
    owner: Nullable(Type.String()),
    due_at: Nullable(Instant),
    /** Money may have moved under its number: two people have to look at the gateway and say the same. */
    in_doubt: Type.Boolean(),
    /** What the first of them has said, and who. */
    said: Nullable(Type.Enum(['arrived', 'not_arrived'])),
    said_by: Nullable(Type.String()),
    may_retry: Type.Boolean(),
    may_hold: Type.Boolean(),
  },
  strict,
)
export type DeskPayout = Static<typeof DeskPayout>

const { properties } = Listed(DeskPayout)
/** `enabled` is false while payouts are switched off by configuration. */
export const DeskPayouts = Type.Object({ ...properties, enabled: Type.Boolean() }, strict)
export type DeskPayouts = Static<typeof DeskPayouts>
