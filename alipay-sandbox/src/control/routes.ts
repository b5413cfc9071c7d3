import type { NewAccount, NewApp } from '../engine/accounts.ts'
import { FAULT_KINDS } from '../engine/fault-kinds.ts'
import type { FaultSpec, TradeStatus } from '../engine/model.ts'
import { PAYMENT_OUTCOMES, type PaymentWish } from '../payments.ts'
import { parseDuration, SETTINGS, TIME_OF_DAY } from '../settings.ts'
import type { Control } from './control.ts'
import { BadInput, type InputSchema, type ObjectSchema, object } from './input.ts'

/** Input after its keys were turned into camelCase and checked against `input`. */
interface RouteCall {
  readonly control: Control
  /** The `{id}` of the path. */
  readonly id: string
  readonly input: Readonly<Record<string, unknown>>
}

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  /** Below `/_sandbox/api/v1`. */
  readonly path: string
  readonly summary: string
  /** Of the JSON body, or of the query for GET; names as on the wire. */
  readonly input?: ObjectSchema
  run(call: RouteCall): unknown
}

const text: InputSchema = { type: 'string', maxLength: 4096 }
const fen: InputSchema = { type: 'integer', minimum: 1, maximum: 10_000_000_000 }
const limit: InputSchema = { type: 'string', pattern: '^[1-9]\\d{0,3}$' }
const TRADE_STATUSES: readonly TradeStatus[] = ['WAIT_BUYER_PAY', 'TRADE_SUCCESS', 'TRADE_FINISHED', 'TRADE_CLOSED']

const NEW_ACCOUNT = object(
  {
    role: { type: 'string', enum: ['buyer', 'seller'] },
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
  advance: { type: 'string', pattern: '^\\d+(s|m|h|d)$' },
  advance_ms: { type: 'integer', minimum: 0, maximum: 100_000_000_000 },
  set: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}T' },
  rate: { type: 'number', minimum: 0, maximum: 100_000 },
})

/** The control API: one row each, from which requests are served and the OpenAPI file is written. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/state', summary: 'Clock, counts, sums and warnings', run: ({ control }) => control.state() },
  { method: 'GET', path: '/apps', summary: 'Apps', run: ({ control }) => control.apps() },
  {
    method: 'POST',
    path: '/apps',
    summary: 'Adds an app with its public key to a seller',
    input: object({ seller_id: text, public_key: text, id: { type: 'string', pattern: '^\\d{16}$' } }, [
      'seller_id',
      'public_key',
    ]),
    run: ({ control, input }) => control.createApp(input as unknown as NewApp),
  },
  { method: 'GET', path: '/accounts', summary: 'Accounts with balances', run: ({ control }) => control.accounts() },
  {
    method: 'POST',
    path: '/accounts',
    summary: 'Adds a buyer or a seller',
    input: NEW_ACCOUNT,
    run: ({ control, input }) => control.createAccount(input as unknown as NewAccount),
  },
  {
    method: 'POST',
    path: '/accounts/{id}/top-up',
    summary: 'Gives an account play money',
    input: object({ amount_fen: fen }, ['amount_fen']),
    run: ({ control, id, input }) => control.topUp(id, Number(input.amountFen)),
  },
  {
    method: 'GET',
    path: '/trades',
    summary: 'Trades, latest first',
    input: object({ out_trade_no: text, status: { type: 'string', enum: TRADE_STATUSES }, limit }),
    run: ({ control, input }) => control.trades(listFilter(input)),
  },
  {
    method: 'GET',
    path: '/trades/{id}',
    summary: 'One trade by trade_no or out_trade_no',
    run: ({ control, id }) => control.trade(id),
  },
  {
    method: 'GET',
    path: '/checkouts',
    summary: 'Cashier pages, latest first',
    run: ({ control }) => control.checkouts(),
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
      },
      ['pay_url'],
    ),
    run: ({ control, input }) => control.pay(input as unknown as PaymentWish),
  },
  {
    method: 'GET',
    path: '/deliveries',
    summary: 'Notify events with their deliveries, latest first',
    input: object({ out_trade_no: text, limit }),
    run: ({ control, input }) => control.deliveries(listFilter(input)),
  },
  {
    method: 'POST',
    path: '/deliveries/{id}/resend',
    summary: 'Sends a notify once more; the schedule stays as it is',
    run: ({ control, id }) => control.resend(id),
  },
  { method: 'GET', path: '/clock', summary: 'The virtual clock', run: ({ control }) => control.clock() },
  {
    method: 'POST',
    path: '/clock',
    summary: 'Moves the clock (advance or set) or changes its rate; 0 freezes it',
    input: CLOCK,
    run: moveClock,
  },
  { method: 'GET', path: '/faults', summary: 'Faults in wait and used', run: ({ control }) => control.faults() },
  {
    method: 'POST',
    path: '/faults',
    summary: 'Adds a fault',
    input: NEW_FAULT,
    run: ({ control, input }) => control.addFault(input as unknown as FaultSpec),
  },
  {
    method: 'DELETE',
    path: '/faults/{id}',
    summary: 'Removes a fault',
    run: async ({ control, id }) => {
      await control.removeFault(id)
      return {}
    },
  },
  { method: 'GET', path: '/settings', summary: 'Settings', run: ({ control }) => control.settings() },
  {
    method: 'PATCH',
    path: '/settings',
    summary: 'Changes settings, all of them or none',
    input: { type: 'object', properties: settingProperties(), additionalProperties: true },
    run: ({ control, input }) => control.changeSettings(input),
  },
  {
    method: 'POST',
    path: '/reset',
    summary: 'Forgets trades, notifies, faults and settings; only with --allow-reset or --memory',
    run: ({ control }) => control.reset(),
  },
]

function listFilter({ outTradeNo, status, limit: most }: RouteCall['input']) {
  return {
    ...(typeof outTradeNo === 'string' && { outTradeNo }),
    ...(typeof status === 'string' && { status: status as TradeStatus }),
    ...(most !== undefined && { limit: Number(most) }),
  }
}

async function moveClock({ control, input }: RouteCall) {
  const { advance, advanceMs, set, rate } = input
  if ([advance, advanceMs, set, rate].filter((one) => one !== undefined).length !== 1) {
    throw new BadInput('body: exactly one of advance, advance_ms, set, rate expected')
  }
  if (typeof rate === 'number') return control.setClockRate(rate)
  if (typeof set === 'string') {
    const to = new Date(set)
    if (Number.isNaN(to.getTime())) throw new BadInput('body.set is not an instant')
    return control.setClock(to)
  }
  return control.advance(typeof advance === 'string' ? (parseDuration(advance) ?? 0) : Number(advanceMs))
}

/** Only for the OpenAPI file; values are checked by the settings table itself. */
function settingProperties(): Record<string, InputSchema> {
  const entries = Object.entries(SETTINGS).flatMap(([name, { rule }]): [string, InputSchema][] => {
    if (rule.type === 'boolean') return [[name, { type: 'boolean' }]]
    if (rule.type === 'choice') return [[name, { type: 'string', enum: rule.of }]]
    if (rule.type === 'time_of_day') return [[name, { type: 'string', pattern: TIME_OF_DAY.source }]]
    if (rule.type === 'number') {
      return [[name, { type: rule.integer ? 'integer' : 'number', minimum: rule.min, maximum: rule.max }]]
    }
    return []
  })
  return Object.fromEntries(entries)
}
