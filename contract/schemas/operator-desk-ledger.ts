import Type, { type Static } from 'typebox'
import { Day, Id, Instant, Nullable, strict } from './fields.ts'
import { Listed, paged } from './operator-desk.ts'

const Signed = Type.Integer({ description: 'Yuan counted in fen; may be negative' })
const At = Type.Optional(Type.String({ format: 'date-time', description: 'RFC 3339; now when it is left out' }))

export const LedgerQuery = Type.Object({ at: At }, strict)
export type LedgerQuery = Static<typeof LedgerQuery>
export const LedgerAccount = Type.Object(
  {
    account: Type.String(),
    /** As an accountant reads it: what we have for CLEARING, GATEWAY_FEE, LOSS and HOST_RECEIVABLE, what we owe else. */
    balance_fen: Signed,
    /** Debit positive, credit negative; over all accounts they sum to nothing. */
    sum_fen: Signed,
    /** How many orders, numbers or hosts have something in it. */
    owners: Type.Integer(),
  },
  strict,
)
export type LedgerAccount = Static<typeof LedgerAccount>
export const LedgerView = Type.Object(
  {
    at: Instant,
    accounts: Type.Array(LedgerAccount),
    /** Over all accounts. Anything but 0 is a defect. */
    sum_fen: Signed,
    transactions: Type.Integer(),
  },
  strict,
)
export type LedgerView = Static<typeof LedgerView>

export const LedgerEntryQuery = Type.Object(
  {
    account: Type.Optional(Type.String({ maxLength: 24 })),
    /** The order, the number or the host that the account is kept for. */
    owner: Type.Optional(Type.String({ maxLength: 64 })),
    /** Everything that was booked for an order, whatever the account. */
    order: Type.Optional(Type.String({ pattern: '^[1-9]\\d{0,14}$' })),
    /** Both accounts of a host. */
    host: Type.Optional(Type.String({ pattern: '^[1-9]\\d{0,14}$' })),
    from: Type.Optional(Day),
    to: Type.Optional(Day),
    ...paged,
  },
  strict,
)
export type LedgerEntryQuery = Static<typeof LedgerEntryQuery>
export const LedgerEntryView = Type.Object(
  {
    /** Number of the transaction and place in it. */
    entry: Type.String(),
    posted_at: Instant,
    event: Type.String(),
    business_key: Type.String(),
    account: Type.String(),
    owner_id: Nullable(Type.String()),
    order_id: Nullable(Id),
    amount_fen: Signed,
    /** Sum of this and all earlier entries of the filter, whatever page they are on. */
    running_fen: Signed,
  },
  strict,
)
export type LedgerEntryView = Static<typeof LedgerEntryView>
/** `sum_fen` is that of the whole filter up to its last day, so that of an order it says how much is still open. */
export const LedgerEntries = Type.Object({ ...Listed(LedgerEntryView).properties, sum_fen: Signed }, strict)
export type LedgerEntries = Static<typeof LedgerEntries>
