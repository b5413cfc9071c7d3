import { BILL_TYPES } from '../bills/bill.ts'
import type { BillWish } from '../bills/bill-view.ts'
import type { NewAccount, NewApp } from '../engine/accounts.ts'
import { FAULT_KINDS } from '../engine/fault-kinds.ts'
import type { FaultSpec, TradeStatus } from '../engine/model.ts'
import { PAYMENT_OUTCOMES, type PaymentWish } from '../payments.ts'
import { parseDuration, SETTINGS, TIME_OF_DAY } from '../settings.ts'
import { RECEIVE_OUTCOMES, type ReceiveOutcome } from '../transfers/transfer.ts'
import type { Gives } from './answers.ts'
import type { Control, DeliveryFilter, RequestFilter, TradeFilter, TransferFilter } from './control.ts'
import { BadInput, type InputSchema, type ObjectSchema, object } from './input.ts'
import type { PageWish } from './page-of.ts'
import { download, eventStream } from './raw-answer.ts'

/** Input after its keys were turned into camelCase and checked against `input`. */
interface RouteCall {
  readonly control: Control
  /** What the caller put for `{id}`, `{date}`. */
  readonly id: string
  readonly input: Readonly<Record<string, unknown>>
  /** The last event a watcher has seen. */
  readonly lastEventId: string | undefined
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `/_sandbox/api/v1`. */
  readonly path: string
  readonly summary: string
  /** Of the JSON body, or of the query for GET; names as on the wire. */
  readonly input?: ObjectSchema
  /** What the answer is, as a name of answers.ts; in brackets, a list of them. Absent where it is not JSON. */
  readonly gives?: Gives
  /** The type of an answer that is not JSON. */
  readonly answers?: string
  run(call: RouteCall): unknown
}

const text: InputSchema = { type: 'string', maxLength: 4096 }
const fen: InputSchema = { type: 'integer', minimum: 1, maximum: 10_000_000_000 }
const limit: InputSchema = { type: 'string', pattern: '^[1-9]\\d{0,3}$' }
const instant: InputSchema = { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T' }
const TRADE_STATUSES: readonly TradeStatus[] = ['WAIT_BUYER_PAY', 'TRADE_SUCCESS', 'TRADE_FINISHED', 'TRADE_CLOSED']

const NEW_ACCOUNT = object(
  {
    role: { type: 'string', enum: ['buyer', 'seller', 'payee'] },
    logon_id: { type: 'string', pattern: '^\\S{3,64}$' },
    display_name: { type: 'string', pattern: '\\S', maxLength: 64 },
    balance_fen: { type: 'integer', minimum: 0, maximum: 1_000_000_000_000 },
    login_password: text,
    pay_password: { type: 'string', pattern: '^\\d{6}$' },
  },
  ['role', 'logon_id', 'display_name'],
)

const NEW_FAULT = object(
  {
    kind: { type: 'string', enum: FAULT_KINDS },
    method: text,
    event: { type: 'string', enum: ['created', 'paid', 'refunded', 'closed', 'finished'] },
    out_trade_no: text,
    times: { type: 'integer', minimum: 1, maximum: 1_000_000, nullable: true },
    phase: { type: 'string', enum: ['before', 'after'] },
    delay_ms: { type: 'integer', minimum: 0, maximum: 1_000_000_000 },
    probability: { type: 'number', minimum: 0, maximum: 1 },
    seed: { type: 'integer', minimum: 0, maximum: 4_294_967_295 },
    value: { type: 'string', maxLength: 256 },
    days: { type: 'integer', minimum: 1, maximum: 3650 },
  },
  ['kind'],
)

const CLOCK = object({
  advance: { type: 'string', pattern: '^\\d{1,6}(s|m|h|d)$' },
  advance_ms: { type: 'integer', minimum: 0, maximum: 100_000_000_000 },
  set: instant,
  rate: { type: 'number', minimum: 0, maximum: 100_000 },
})

/** Every setting with its values, for the OpenAPI file. */
export const SETTINGS_PATCH: ObjectSchema = {
  type: 'object',
  properties: settingProperties(),
  additionalProperties: true,
}

/** The control API: one row each, from which requests are served and the OpenAPI file is written. */
export const ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/state',
    summary: 'Clock, counts, sums and warnings',
    gives: 'State',
    run: ({ control }) => control.state(),
  },
  { method: 'GET', path: '/apps', summary: 'Apps', gives: ['App'], run: ({ control }) => control.apps() },
  {
    method: 'POST',
    path: '/apps',
    summary: 'Adds an app with its public key to a seller',
    input: object({ seller_id: text, public_key: text, id: { type: 'string', pattern: '^\\d{16}$' } }, [
      'seller_id',
      'public_key',
    ]),
    gives: 'App',
    run: ({ control, input }) => control.createApp(input as unknown as NewApp),
  },
  {
    method: 'GET',
    path: '/apps/{id}/certificates',
    summary: 'What the merchant of an app configures for certificate mode: three PEM texts with their SNs',
    gives: 'Certificates',
    run: ({ control, id }) => control.certificates(id),
  },
  {
    method: 'GET',
    path: '/accounts',
    summary: 'Accounts with balances',
    gives: ['Account'],
    run: ({ control }) => control.accounts(),
  },
  {
    method: 'POST',
    path: '/accounts',
    summary: 'Adds a buyer, a seller or a payee',
    input: NEW_ACCOUNT,
    gives: 'Account',
    run: ({ control, input }) => control.createAccount(input as unknown as NewAccount),
  },
  {
    method: 'POST',
    path: '/accounts/{id}/top-up',
    summary: 'Gives an account play money',
    input: object({ amount_fen: fen }, ['amount_fen']),
    gives: 'Account',
    run: ({ control, id, input }) => control.topUp(id, Number(input.amountFen)),
  },
  {
    method: 'POST',
    path: '/accounts/{id}/transfer-outcome',
    summary: 'Decides what becomes of transfers to this account: arrival, DEALING with its end, or a refusal',
    input: object(
      {
        outcome: { type: 'string', enum: RECEIVE_OUTCOMES },
        after: { type: 'string', pattern: '^\\d{1,6}(s|m|h|d)$' },
      },
      ['outcome'],
    ),
    gives: 'ReceiveRule',
    run: ({ control, id, input }) =>
      control.setReceiveRule(id, {
        outcome: input.outcome as ReceiveOutcome,
        afterMs: parseDuration(String(input.after ?? '1h')) ?? 0,
      }),
  },
  {
    method: 'GET',
    path: '/transfers',
    summary: 'Transfers, latest first; the order_id of the last one as `before` gives the next page',
    input: object({
      out_biz_no: text,
      status: { type: 'string', enum: ['SUCCESS', 'DEALING', 'FAIL'] },
      limit,
      before: text,
    }),
    gives: ['Transfer'],
    run: ({ control, input }) => control.transfers(listFilter<TransferFilter>(input)),
  },
  {
    method: 'GET',
    path: '/transfers/{id}',
    summary: 'One transfer by order_id or out_biz_no',
    gives: 'Transfer',
    run: ({ control, id }) => control.transfer(id),
  },
  {
    method: 'GET',
    path: '/trades',
    summary: 'Trades, latest first; the trade_no of the last one as `before` gives the next page',
    input: object({
      out_trade_no: text,
      status: { type: 'string', enum: TRADE_STATUSES },
      app_id: text,
      seller_id: text,
      buyer_id: text,
      text,
      from: instant,
      to: instant,
      before: text,
      limit,
    }),
    gives: ['Trade'],
    run: ({ control, input }) => control.trades(listFilter<TradeFilter>(input)),
  },
  {
    method: 'GET',
    path: '/trades/{id}',
    summary: 'One trade by trade_no or out_trade_no',
    gives: 'Trade',
    run: ({ control, id }) => control.trade(id),
  },
  {
    method: 'POST',
    path: '/trades/{id}/refund',
    summary: "Refunds by hand, as in Alipay's console; the rest of the trade by default",
    input: object({ amount_fen: fen, out_request_no: { type: 'string', pattern: '^\\S{1,64}$' }, reason: text }),
    gives: 'Trade',
    run: ({ control, id, input }) => control.refundTrade(id, input),
  },
  {
    method: 'POST',
    path: '/trades/{id}/close',
    summary: 'Closes an unpaid trade by hand',
    gives: 'Trade',
    run: ({ control, id }) => control.closeTrade(id),
  },
  {
    method: 'POST',
    path: '/trades/{id}/finish',
    summary: 'Ends the refund window of a paid trade now',
    gives: 'Trade',
    run: ({ control, id }) => control.finishTrade(id),
  },
  {
    method: 'GET',
    path: '/checkouts',
    summary: 'Cashier pages, latest first; the id of the last one as `before` gives the next page',
    input: object({ out_trade_no: text, before: text, limit }),
    gives: ['Checkout'],
    run: ({ control, input }) => control.checkouts(listFilter(input)),
  },
  {
    method: 'POST',
    path: '/payments',
    summary: 'Plays a buyer without a browser and answers the trade',
    input: object(
      {
        pay_url: { type: 'string', maxLength: 100_000 },
        buyer: text,
        outcome: { type: 'string', enum: PAYMENT_OUTCOMES },
        return: { type: 'string', enum: ['follow', 'none'] },
        wrong_tries: { type: 'integer', minimum: 1, maximum: 100 },
        via: { type: 'string', enum: ['browser', 'app_ios', 'app_android'] },
      },
      ['pay_url'],
    ),
    gives: 'Payment',
    run: ({ control, input }) => control.pay(input as unknown as PaymentWish),
  },
  {
    method: 'GET',
    path: '/deliveries',
    summary: 'Notify events with their deliveries, latest first; the last notify_id as `before` gives the next page',
    input: object({
      out_trade_no: text,
      state: { type: 'string', enum: ['pending', 'acknowledged', 'given_up'] },
      before: text,
      limit,
    }),
    gives: ['Notify'],
    run: ({ control, input }) => control.deliveries(listFilter<DeliveryFilter>(input)),
  },
  {
    method: 'GET',
    path: '/deliveries/{id}',
    summary: 'One notify event with every delivery: request bytes, status, answer, verdict, virtual and real time',
    gives: 'Notify',
    run: ({ control, id }) => control.delivery(id),
  },
  {
    method: 'POST',
    path: '/deliveries/{id}/resend',
    summary: 'Sends a notify once more; the schedule stays as it is',
    gives: 'Delivery',
    run: ({ control, id }) => control.resend(id),
  },
  {
    method: 'POST',
    path: '/deliveries/{id}/cancel',
    summary: 'Ends the retries of a notify',
    gives: 'Notify',
    run: ({ control, id }) => control.cancelDelivery(id),
  },
  {
    method: 'GET',
    path: '/bills/{date}',
    summary: 'The bill of a day (yyyy-MM-dd) or month (yyyy-MM) as it stands, also before it is ready',
    input: object({ type: { type: 'string', enum: BILL_TYPES }, seller_id: text, limit }),
    gives: 'Bill',
    run: ({ control, id, input }) => control.bill(billWish(id, input)),
  },
  {
    method: 'GET',
    path: '/bills/{date}/zip',
    summary: 'The same as the file that a merchant downloads; faults do not strike it',
    input: object({ type: { type: 'string', enum: BILL_TYPES }, seller_id: text }),
    answers: 'application/zip',
    async run({ control, id, input }) {
      const { name, bytes } = await control.billFile(billWish(id, input))
      return download(name, 'application/zip', bytes)
    },
  },
  {
    method: 'GET',
    path: '/clock',
    summary: 'The virtual clock',
    gives: 'Clock',
    run: ({ control }) => control.clock(),
  },
  {
    method: 'POST',
    path: '/clock',
    summary: 'Moves the clock (advance or set) or changes its rate; 0 freezes it',
    input: CLOCK,
    gives: 'Clock',
    run: moveClock,
  },
  {
    method: 'GET',
    path: '/faults',
    summary: 'Faults in wait and used',
    gives: ['Fault'],
    run: ({ control }) => control.faults(),
  },
  {
    method: 'POST',
    path: '/faults',
    summary: 'Adds a fault',
    input: NEW_FAULT,
    gives: 'Fault',
    run: ({ control, input }) => control.addFault(input as unknown as FaultSpec),
  },
  {
    method: 'DELETE',
    path: '/faults/{id}',
    summary: 'Removes a fault',
    gives: 'Nothing',
    run: async ({ control, id }) => {
      await control.removeFault(id)
      return {}
    },
  },
  {
    method: 'GET',
    path: '/settings',
    summary: 'Settings',
    gives: 'Settings',
    run: ({ control }) => control.settings(),
  },
  {
    method: 'PATCH',
    path: '/settings',
    summary: 'Changes settings, all of them or none',
    input: SETTINGS_PATCH,
    gives: 'Settings',
    run: ({ control, input }) => control.changeSettings(input),
  },
  {
    method: 'GET',
    path: '/requests',
    summary: 'The latest requests to the gateway with parameters and answer code, latest first',
    input: object({ out_trade_no: text, method: text, code: text, before: limit, limit }),
    gives: ['Request'],
    run: ({ control, input }) => control.requests(requestFilter(input)),
  },
  {
    method: 'GET',
    path: '/events',
    summary: 'What happens, as server-sent events; Last-Event-ID goes on behind that event',
    input: object({ last_event_id: text }),
    answers: 'text/event-stream',
    run: ({ control, input, lastEventId }) =>
      eventStream((watcher) => control.watch(lastEventId ?? optional(input.lastEventId), watcher)),
  },
  {
    method: 'GET',
    path: '/export',
    summary: 'Everything but private keys as one file',
    answers: 'application/x-ndjson',
    run: ({ control }) => download('alipay-sandbox.export', 'application/x-ndjson', control.exportState()),
  },
  {
    method: 'POST',
    path: '/import',
    summary: 'Becomes the exported sandbox, with its own keys; only while there are no trades and no open pages',
    input: object({ file: { type: 'string', maxLength: 64 * 1024 * 1024 } }, ['file']),
    gives: 'State',
    run: ({ control, input }) => control.importState(Buffer.from(String(input.file))),
  },
  {
    method: 'POST',
    path: '/reset',
    summary: 'Forgets trades, notifies, faults and settings; only with --allow-reset or --memory',
    gives: 'State',
    run: ({ control }) => control.reset(),
  },
]

/** The filters of a list. Their names are the same inside; what is not text on the wire is made so here. */
function listFilter<Filter extends PageWish>({ limit: most, from, to, ...texts }: RouteCall['input']): Filter {
  const filter = {
    ...texts,
    ...(most !== undefined && { limit: Number(most) }),
    ...(from !== undefined && { from: instantOf(from, 'from') }),
    ...(to !== undefined && { to: instantOf(to, 'to') }),
  }
  return filter as unknown as Filter
}

function billWish(date: string, { limit: most, ...texts }: RouteCall['input']): BillWish {
  const wish = { ...texts, date, ...(most !== undefined && { limit: Number(most) }) }
  return wish as unknown as BillWish
}

function requestFilter({ before, ...others }: RouteCall['input']): RequestFilter {
  const { before: _, ...filter } = listFilter<PageWish>(others)
  return { ...filter, ...(before !== undefined && { before: Number(before) }) }
}

const optional = (value: unknown) => (typeof value === 'string' ? value : undefined)

function instantOf(value: unknown, name: string): Date {
  const at = new Date(String(value))
  if (Number.isNaN(at.getTime())) throw new BadInput(`body.${name} is not an instant`)
  return at
}

async function moveClock({ control, input }: RouteCall) {
  const { advance, advanceMs, set, rate } = input
  if ([advance, advanceMs, set, rate].filter((one) => one !== undefined).length !== 1) {
    throw new BadInput('body: exactly one of advance, advance_ms, set, rate expected')
  }
  if (typeof rate === 'number') return control.setClockRate(rate)
  if (typeof set === 'string') {
    return control.setClock(instantOf(set, 'set'))
  }
  return control.advance(typeof advance === 'string' ? (parseDuration(advance) ?? 0) : Number(advanceMs))
}

/** Values are checked by the settings table itself. */
function settingProperties(): Record<string, InputSchema> {
  const entries = Object.entries(SETTINGS).flatMap(([name, { rule }]): [string, InputSchema][] => {
    if (rule.type === 'boolean') return [[name, { type: 'boolean' }]]
    if (rule.type === 'choice') return [[name, { type: 'string', enum: rule.of }]]
    if (rule.type === 'time_of_day') return [[name, { type: 'string', pattern: TIME_OF_DAY.source }]]
    if (rule.type === 'number') {
      return [[name, { type: rule.integer ? 'integer' : 'number', minimum: rule.min, maximum: rule.max }]]
    }
    return [[name, { type: 'array', items: { type: 'string', pattern: '^\\d{1,6}(s|m|h|d)$' }, maxItems: 50 }]]
  })
  return Object.fromEntries(entries)
}
