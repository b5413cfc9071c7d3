import { BILL_TYPES } from '../bills/bill.ts'
import { FAULT_KINDS } from '../engine/fault-kinds.ts'
import { RECEIVE_OUTCOMES } from '../transfers/transfer.ts'
import { SIGNATURE_CAUSES } from '../wire/signature-causes.ts'

// What the control API answers, as the OpenAPI file names it. Written beside the views and not from them: a test asks
// every operation and compares.

type Schema = Readonly<Record<string, unknown>>
type Fields = Readonly<Record<string, Schema>>

const text: Schema = { type: 'string' }
const flag: Schema = { type: 'boolean' }
const count: Schema = { type: 'integer', minimum: 0 }
/** Integer fen, with a sign where the description says so. */
const fen: Schema = { type: 'integer' }
const instant: Schema = { type: 'string', format: 'date-time' }
const oneOf = (...words: readonly string[]): Schema => ({ type: 'string', enum: words })
const listOf = (items: Schema): Schema => ({ type: 'array', items })
const ref = (name: AnswerName): Schema => ({ $ref: `#/components/schemas/${name}` })

/** An object with these fields always there, and those only where they say something. */
const record = (always: Fields, sometimes: Fields = {}): Schema => ({
  type: 'object',
  properties: { ...always, ...sometimes },
  required: Object.keys(always),
  additionalProperties: false,
})

const TRADE_STATUS = oneOf('WAIT_BUYER_PAY', 'TRADE_SUCCESS', 'TRADE_FINISHED', 'TRADE_CLOSED')
const PRODUCT = oneOf('wap', 'page')

export type AnswerName =
  | 'Account'
  | 'App'
  | 'Bill'
  | 'Certificates'
  | 'Checkout'
  | 'Clock'
  | 'Delivery'
  | 'Fault'
  | 'Nothing'
  | 'Notify'
  | 'Payment'
  | 'ReceiveRule'
  | 'Refund'
  | 'Refusal'
  | 'Request'
  | 'Settings'
  | 'State'
  | 'Trade'
  | 'Transfer'

/** The named schemas; `Settings` comes from the settings table. */
export const ANSWERS: Readonly<Record<Exclude<AnswerName, 'Settings'>, Schema>> = {
  Account: record(
    {
      id: text,
      role: oneOf('buyer', 'seller', 'payee'),
      logon_id: text,
      display_name: text,
      balance_fen: fen,
    },
    {
      locked_until: instant,
      receives: record({ outcome: oneOf(...RECEIVE_OUTCOMES), after_ms: count }),
    },
  ),
  App: record({ id: text, seller_id: text, public_key: text }),
  Bill: record({
    date: text,
    type: oneOf(...BILL_TYPES),
    seller_id: text,
    file_name: text,
    from: instant,
    to: instant,
    ready_at: instant,
    ready: flag,
    rows: count,
    totals: {
      anyOf: [
        record({ payments: count, refunds: count, paid_fen: fen, refunded_fen: fen, fee_fen: fen }),
        record({ came: count, came_fen: fen, went: count, went_fen: fen }),
      ],
    },
    lines: listOf({
      anyOf: [
        record({
          kind: oneOf('payment', 'refund'),
          trade_no: text,
          out_trade_no: text,
          subject: text,
          created_at: instant,
          done_at: instant,
          store_id: text,
          counterpart: text,
          amount_fen: fen,
          fee_fen: fen,
          request_no: text,
          body: text,
        }),
        record({
          no: count,
          kind: text,
          at: instant,
          amount_fen: fen,
          balance_fen: fen,
          counterpart: text,
          about: text,
          out_trade_no: text,
          subject: text,
          request_no: text,
          body: text,
        }),
      ],
    }),
  }),
  Certificates: record({
    app_cert: text,
    app_cert_sn: text,
    alipay_cert: text,
    alipay_cert_sn: text,
    alipay_root_cert: text,
    alipay_root_cert_sn: text,
  }),
  Checkout: record(
    {
      id: text,
      path: text,
      state: text,
      product: PRODUCT,
      out_trade_no: text,
      amount_fen: fen,
      subject: text,
      opened_at: instant,
      expires_at: instant,
    },
    { buyer_id: text, trade_no: text },
  ),
  Clock: record({ now: instant, rate: { type: 'number', minimum: 0 } }, { next_at: instant }),
  Delivery: record(
    {
      at: instant,
      real_at: instant,
      verdict: oneOf('acknowledged', 'refused', 'unreachable', 'timeout', 'host_not_allowed', 'lost'),
      resend: flag,
    },
    { http_status: { type: 'integer' }, answer: text, detail: text, body: text },
  ),
  Fault: record(
    { id: text, kind: oneOf(...FAULT_KINDS), used: count, spared: count },
    {
      method: text,
      event: oneOf('created', 'paid', 'refunded', 'closed', 'finished'),
      out_trade_no: text,
      times: { type: ['integer', 'null'], minimum: 1 },
      probability: { type: 'number', minimum: 0, maximum: 1 },
      seed: count,
      phase: oneOf('before', 'after'),
      delay_ms: count,
      value: text,
      days: count,
    },
  ),
  Nothing: record({}),
  Notify: record(
    {
      notify_id: text,
      kind: oneOf('created', 'paid', 'refunded', 'closed', 'finished'),
      trade_no: text,
      out_trade_no: text,
      trade_status: TRADE_STATUS,
      url: text,
      state: oneOf('pending', 'acknowledged', 'given_up'),
      created_at: instant,
      deliveries: listOf(ref('Delivery')),
    },
    { next_at: instant },
  ),
  Payment: record({ checkout_id: text }, { trade: ref('Trade'), return_url: text }),
  ReceiveRule: record({ account_id: text, outcome: oneOf(...RECEIVE_OUTCOMES), after_ms: count }),
  Refund: record(
    { out_request_no: text, amount_fen: fen, fee_back_fen: fen, at: instant },
    { reason: text, by: oneOf('console') },
  ),
  Refusal: record({ error: text, message: text }),
  Request: record(
    {
      id: count,
      at: instant,
      real_at: instant,
      verb: text,
      params: { type: 'object', additionalProperties: text },
      code: text,
      notes: listOf(text),
      took_ms: { type: 'number', minimum: 0 },
    },
    {
      out_trade_no: text,
      sub_code: text,
      sub_msg: text,
      fault: text,
      signature: record({ cause: oneOf(...Object.keys(SIGNATURE_CAUSES)), computed: text, zh: text, en: text }),
    },
  ),
  State: record({
    now: instant,
    clock_rate: { type: 'number', minimum: 0 },
    counts: record({
      apps: count,
      accounts: count,
      checkouts: count,
      trades: count,
      notifies: count,
      pending_notifies: count,
    }),
    fee_fen: fen,
    outside_fen: fen,
    sum_fen: { ...fen, description: 'All balances together; anything but 0 is a defect of the sandbox.' },
    warnings: listOf(record({ at: instant, text })),
  }),
  Trade: record(
    {
      trade_no: text,
      out_trade_no: text,
      app_id: text,
      seller_id: text,
      product: PRODUCT,
      status: TRADE_STATUS,
      subject: text,
      amount_fen: fen,
      fee_fen: fen,
      fee_back_fen: fen,
      refunded_fen: fen,
      created_at: instant,
      expires_at: instant,
      refunds: listOf(ref('Refund')),
    },
    {
      body: text,
      buyer_id: text,
      notify_url: text,
      paid_at: instant,
      closed_at: instant,
      closed_by: oneOf('expiry', 'merchant', 'console', 'refund'),
    },
  ),
  Transfer: record(
    {
      order_id: text,
      pay_fund_order_id: text,
      out_biz_no: text,
      app_id: text,
      seller_id: text,
      payee_id: text,
      payee_logon_id: text,
      amount_fen: fen,
      status: oneOf('SUCCESS', 'DEALING', 'FAIL'),
      created_at: instant,
    },
    {
      title: text,
      remark: text,
      scene_name: text,
      settles_at: instant,
      settled_at: instant,
      fail_code: oneOf(...RECEIVE_OUTCOMES),
    },
  ),
}

/** What an operation answers: one of a kind, or a list of them. */
export type Gives = AnswerName | readonly [AnswerName]

export const schemaOf = (gives: Gives): Schema => (typeof gives === 'string' ? ref(gives) : listOf(ref(gives[0])))
