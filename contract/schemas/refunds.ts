import Type, { type Static } from 'typebox'
import { Fen, Id, Instant, Nullable, strict } from './fields.ts'
import { Listed, paged, Search } from './operator-desk.ts'

export const REFUND_STATES = [
  'RESERVED',
  'SENT',
  'UNKNOWN',
  'WAIT_FUNDS',
  'MANUAL',
  'SUCCEEDED',
  'VOID',
  'EXTERNAL',
] as const
/** Why an operator gives back a part: of the words of the books, those that fit. */
export const PART_REASONS = ['system_cancel', 'early_end', 'dispute'] as const
/** How a person ends a refund that no machine can carry out: paid by transfer, or no longer owed. */
export const ENDINGS = ['transfer', 'void'] as const

const RefundState = Type.Enum([...REFUND_STATES])
const Note = Type.String({ minLength: 1, maxLength: 400 })

export const DeskRefundQuery = Type.Object({ q: Search, state: Type.Optional(RefundState), ...paged }, strict)
export type DeskRefundQuery = Static<typeof DeskRefundQuery>

/** `left` is what of the attempt's money may still be promised back; `asked` an ending that waits for a second person. */
export const DeskRefund = Type.Object(
  {
    refund_id: Id,
    order_id: Nullable(Id),
    out_trade_no: Type.String(),
    out_request_no: Nullable(Type.String()),
    state: RefundState,
    reason: Type.String(),
    via: Type.Enum(['trade', 'transfer']),
    amount: Fen,
    left: Nullable(Fen),
    note: Nullable(Type.String()),
    error: Nullable(Type.String()),
    owner: Nullable(Type.String()),
    due_at: Nullable(Instant),
    created_at: Instant,
    settled_at: Nullable(Instant),
    asked: Nullable(Type.Enum([...ENDINGS])),
    may_retry: Type.Boolean(),
    may_end: Type.Boolean(),
  },
  strict,
)
export type DeskRefund = Static<typeof DeskRefund>
export const DeskRefunds = Listed(DeskRefund)
export type DeskRefunds = Static<typeof DeskRefunds>

/** What of an order can be given back, and above which amount a second operator has to agree. */
export const RefundableView = Type.Object(
  { order_id: Id, status: Type.String(), received: Fen, promised: Fen, left: Fen, approval_above: Fen },
  strict,
)
export type RefundableView = Static<typeof RefundableView>

export const PartRefundBody = Type.Object(
  {
    amount_fen: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
    reason: Type.Enum([...PART_REASONS]),
    note: Note,
  },
  strict,
)
export type PartRefundBody = Static<typeof PartRefundBody>
/** `promised` at once, or `asked` when it waits for a second operator; exactly one of the numbers is there. */
export const PartRefundView = Type.Object(
  {
    outcome: Type.Enum(['promised', 'asked']),
    refund_id: Nullable(Id),
    request_id: Nullable(Id),
    left: Fen,
  },
  strict,
)
export type PartRefundView = Static<typeof PartRefundView>

/** `canceled` at once, or `asked` when so much goes back that a second operator has to agree; then nothing has changed. */
export const PlatformCancelView = Type.Object(
  {
    outcome: Type.Enum(['canceled', 'asked']),
    status: Type.String(),
    refund_fen: Fen,
    request_id: Nullable(Id),
  },
  strict,
)
export type PlatformCancelView = Static<typeof PlatformCancelView>

export const EndRefundBody = Type.Object({ how: Type.Enum([...ENDINGS]), note: Note }, strict)
export type EndRefundBody = Static<typeof EndRefundBody>
export const AskedView = Type.Object({ request_id: Id }, strict)
export type AskedView = Static<typeof AskedView>

/** `debt` is what would be written off. */
export const WriteOffView = Type.Object({ request_id: Id, debt: Fen }, strict)
export type WriteOffView = Static<typeof WriteOffView>

const RequestState = Type.Enum(['asked', 'approved', 'declined'])
export const RefundRequestQuery = Type.Object({ state: Type.Optional(RequestState), ...paged }, strict)
export type RefundRequestQuery = Static<typeof RefundRequestQuery>
export const RefundRequest = Type.Object(
  {
    request_id: Id,
    kind: Type.Enum(['part', 'cancel', 'writeoff', ...ENDINGS]),
    order_id: Nullable(Id),
    refund_id: Nullable(Id),
    amount: Fen,
    reason: Nullable(Type.String()),
    note: Type.String(),
    state: RequestState,
    asked_by: Type.String(),
    asked_at: Instant,
    decided_by: Nullable(Type.String()),
    decided_at: Nullable(Instant),
    decision_note: Nullable(Type.String()),
    /** Whoever asked cannot be the one who agrees. */
    mine: Type.Boolean(),
  },
  strict,
)
export type RefundRequest = Static<typeof RefundRequest>
export const RefundRequests = Listed(RefundRequest)
export type RefundRequests = Static<typeof RefundRequests>

export const DecideRefundBody = Type.Object({ decision: Type.Enum(['approve', 'decline']), note: Note }, strict)
export type DecideRefundBody = Static<typeof DecideRefundBody>
/** The refund that was approved, if it was. */
export const DecidedRefundView = Type.Object({ state: RequestState, refund_id: Nullable(Id) }, strict)
export type DecidedRefundView = Static<typeof DecidedRefundView>
