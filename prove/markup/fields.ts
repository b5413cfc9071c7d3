/** A column that holds what people or operators write. */
export interface Field {
  readonly table: string
  readonly column: string
  /** The most characters that the column takes. */
  readonly longest: number
}

const field = (name: string, longest: number): Field => {
  const [table = '', column = ''] = name.split('.')
  return { table, column, longest }
}

/** Every text that somebody writes and somebody may read. */
export const FIELDS: readonly Field[] = [
  // What tells nobody of its change comes before the house that does.
  field('orders.comment', 500),
  field('orders.reject_reason', 200),
  field('orders.cancel_note', 200),
  field('order_history.reason', 200),
  field('users.name', 30),
  field('areas.name', 20),
  field('facilities.name', 20),
  field('houses.title', 64),
  field('houses.address', 512),
  field('houses.unit', 32),
  field('houses.beds', 64),
  field('houses.taken_down_reason', 200),
  field('house_photos.caption', 200),
  field('reviews.reply', 500),
  field('reviews.hidden_reason', 200),
  field('messages.body', 500),
  field('calendar_imports.name', 30),
  field('calendar_imports.url', 300),
  field('sessions.device', 60),
  field('operator_actions.reason', 200),
  field('operators.login', 64),
  field('payment_attempts.subject', 128),
  field('cases.note', 200),
  field('refunds.note', 200),
  field('refund_requests.note', 200),
  field('refund_requests.decision_note', 200),
  field('bill_differences.note', 200),
]

/** Names of text columns that the program writes in every table that has them: its own words, numbers, keys, digests. */
const ALWAYS = new Set([
  ...['kind', 'state', 'status', 'owner', 'actor', 'role', 'type', 'via', 'call', 'effect', 'entrance', 'disposition'],
  ...['from_status', 'to_status', 'trade_status', 'close_reason', 'end_reason', 'cancel_policy', 'provider', 'purpose'],
  ...[
    'key',
    'storage_key',
    'avatar_key',
    'index_image_key',
    'business_key',
    'dedupe_key',
    'client_id',
    'token',
    'icon',
  ],
  ...['trade_no', 'out_trade_no', 'out_request_no', 'request_no', 'out_biz_no', 'gateway_no', 'serial', 'notice_id'],
  ...[
    'app_id',
    'seller_id',
    'owner_id',
    'request_id',
    'account',
    'account_mask',
    'currency',
    'event',
    'topic',
    'route',
  ],
  ...[
    'raw',
    'raw_sha256',
    'sha256',
    'password_hash',
    'phone',
    'phone_mask',
    'pay_url',
    'version',
    'verified_by',
    'fault',
  ],
])

/** The same for columns whose names may stand for people's words elsewhere. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  areas: ['city'],
  bill_differences: ['subject'],
  bill_lines: ['result', 'words'],
  bills: ['error'],
  captchas: ['id'],
  cases: ['subject'],
  gateway_facts: ['reject_reason'],
  operator_actions: ['subject'],
  outbox: ['error'],
  payout_answers: ['word'],
  payouts: ['error', 'frozen_reason'],
  refund_requests: ['reason'],
  refunds: ['error', 'reason'],
  schema_migrations: ['name', 'timestamp'],
  schema_migrations_lock: ['id'],
}

/** Text columns, as `table.column`, of which nobody has said yet whose words stand in them. */
export const unknownColumns = (columns: readonly { readonly table: string; readonly column: string }[]): string[] =>
  columns
    .filter(({ table, column }) => !ALWAYS.has(column) && !PROGRAMS[table]?.includes(column))
    .filter(({ table, column }) => !FIELDS.some((known) => known.table === table && known.column === column))
    .map(({ table, column }) => `${table}.${column}`)
