import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PaymentResultView, PaymentView } from '@ihome/contract/schemas/payments'
import { type AlipaySandbox, type FaultKind, startAlipaySandbox } from 'alipay-sandbox'
import type { FastifyInstance } from 'fastify'
import { afterAll } from 'vitest'
import { type MovableClock, movableClock, type TestApp, testApp, testDeps } from '../../platform/testing.ts'
import { deskOrderRoutes } from '../desk/desk-order-routes.ts'
import { cancelOrder } from '../orders/cancel-order.ts'
import { runDueOrders } from '../orders/order-jobs.ts'
import { orderRoutes } from '../orders/order-routes.ts'
import { type GivenOrder, givenOrder, type OrderFacts } from '../orders/testing-orders.ts'
import { createAlipay } from './alipay/alipay-provider.ts'
import { deskRefundRoutes } from './desk-refund-routes.ts'
import { orderPayments } from './order-payments.ts'
import { runDuePayments } from './payment-jobs.ts'
import type { PaymentNeeds } from './payment-needs.ts'
import { paymentRoutes } from './payment-routes.ts'
import type { PaymentProvider } from './provider.ts'

export interface Answered<Data> {
  readonly status: number
  readonly problem: string | null
  readonly data: Data
}

export interface PaymentBed extends TestApp {
  readonly needs: PaymentNeeds
  readonly sandbox: AlipaySandbox
  /** Replaces the provider's calls for the tests that need an answer which the sandbox never gives. */
  readonly provider: { -readonly [Name in keyof PaymentProvider]: PaymentProvider[Name] }
  /** An order that waits for its guest's money. */
  givenOrder(facts?: OrderFacts): Promise<GivenOrder>
  /** Presses 去支付 as the order's guest. */
  press(order: GivenOrder, guestId?: number): Promise<Answered<PaymentView>>
  /** Presses and gives the address; fails when there is none. */
  payUrl(order: GivenOrder): Promise<string>
  /** Brings a browser's return parameters. */
  comeBack(query: string): Promise<Answered<PaymentResultView>>
  /** Posts a notification as Alipay would. */
  notify(body: string | Buffer, headers?: Record<string, string>): Promise<{ status: number; text: string }>
  cancel(order: GivenOrder, by: 'guest' | 'host'): Promise<void>
  /** Lets the sandbox deliver what is due, and runs every job that is due, until nothing is. */
  settle(): Promise<void>
  /** Lets time pass in steps, as the jobs of a running server would see it. */
  pass(ms: number, stepMs?: number): Promise<void>
  fault(kind: FaultKind, facts?: { outTradeNo?: string; method?: string; times?: number }): Promise<void>
}

/**
 * The app with orders and payments, its own database, and an Alipay of its own that follows the same clock. With
 * `beside`, another environment on the same merchant account: a new database and site, the old Alipay. `otherWays` to pay
 * are offered beside it.
 */
export async function paymentBed(
  beside?: PaymentBed,
  otherWays: (clock: MovableClock, publicOrigin: string) => Promise<PaymentProvider[]> = async () => [],
): Promise<PaymentBed> {
  const clock = beside?.deps.clock ?? movableClock()
  const front = await openFront()
  const sandbox = beside?.sandbox ?? (await startAlipaySandbox({ port: 0, memory: true, clock }))
  afterAll(async () => {
    if (!beside) await sandbox.stop()
    await front.stop()
  })
  const deps = await testDeps({
    clock,
    env: {
      PUBLIC_ORIGIN: front.origin,
      ALIPAY_GATEWAY: sandbox.gatewayUrl,
      ALIPAY_APP_ID: sandbox.merchant.appId,
      ALIPAY_SELLER_ID: sandbox.merchant.sellerId,
      ALIPAY_PUBLIC_KEY: sandbox.merchant.alipayPublicKeyPem,
      APP_PRIVATE_KEY: sandbox.merchant.appPrivateKey,
    },
  })
  const { alipay, publicOrigin } = deps.config
  const provider = { ...createAlipay({ ...alipay, publicOrigin, clock }) }
  const needs: PaymentNeeds = { ...deps, provider, otherProviders: await otherWays(clock, publicOrigin) }
  const bed = await testApp({
    deps,
    features: {
      api: [
        (app) => orderRoutes(app as never, { deps, payments: orderPayments }),
        (app) => paymentRoutes(app as never, { payments: needs }),
        deskRefundRoutes,
        (app) => deskOrderRoutes(app as never, { deps, payments: orderPayments }),
      ],
    },
  })
  front.serve(bed.app)

  const headersOf = async (userId: number) => bed.app.openSession(userId)
  const press: PaymentBed['press'] = async (order, guestId = order.guestId) => {
    const answer = await bed.request({
      method: 'POST',
      url: `/api/v1.0/orders/${order.id}/payment`,
      headers: await headersOf(guestId),
    })
    return { status: answer.statusCode, ...answer.json<{ problem: string | null; data: PaymentView }>() }
  }
  const settle = async () => {
    for (;;) {
      await sandbox.clock.settle()
      const orders = await runDueOrders({ ...needs, payments: orderPayments })
      if (orders + (await runDuePayments(needs)) === 0) return
    }
  }
  return {
    ...bed,
    needs,
    sandbox,
    provider,
    givenOrder: (facts = {}) => givenOrder(deps.db, { status: 'WAIT_PAYMENT', at: clock.now(), ...facts }),
    press,
    async payUrl(order) {
      const { data, problem } = await press(order)
      if (!data?.pay_url) throw new Error(`no address: ${problem}`)
      return data.pay_url
    },
    async comeBack(query) {
      const answer = await bed.request({
        method: 'PUT',
        url: '/api/v1.0/order/payment',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: query,
      })
      return { status: answer.statusCode, ...answer.json<{ problem: string | null; data: PaymentResultView }>() }
    },
    async notify(body, headers = {}) {
      const answer = await bed.request({
        method: 'POST',
        url: '/api/v1.0/pay/alipay/notify',
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8', ...headers },
        payload: body,
      })
      return { status: answer.statusCode, text: answer.body }
    },
    async cancel(order, by) {
      const personId = by === 'guest' ? order.guestId : order.hostId
      await deps.transact((tx) =>
        cancelOrder(tx, { ...deps, payments: orderPayments }, { orderId: order.id, personId, note: '计划有变' }),
      )
    },
    settle,
    async pass(ms, stepMs = 30_000) {
      for (let left = ms; left > 0; left -= stepMs) {
        clock.advance(Math.min(left, stepMs))
        await settle()
      }
    },
    async fault(kind, facts = {}) {
      await sandbox.faults.add({ kind, ...facts })
    },
  }
}

/** The address that the world knows us by, before there is an app behind it. */
async function openFront() {
  let app: FastifyInstance | undefined
  const server = http.createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const answer = await app?.inject({
      method: request.method as 'POST',
      url: request.url ?? '/',
      headers: request.headers as Record<string, string>,
      payload: Buffer.concat(parts),
    })
    response.writeHead(answer?.statusCode ?? 503, { 'content-type': 'text/plain' }).end(answer?.body ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: (behind: FastifyInstance) => {
      app = behind
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export async function orderRow(bed: PaymentBed, id: number) {
  return bed.deps.db.selectFrom('orders').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
}

export const attemptsOf = (bed: PaymentBed, orderId: number) =>
  bed.deps.db.selectFrom('payment_attempts').selectAll().where('order_id', '=', orderId).orderBy('id').execute()

export const refundsOf = (bed: PaymentBed, orderId: number) =>
  bed.deps.db.selectFrom('refunds').selectAll().where('order_id', '=', orderId).orderBy('id').execute()

export const postingsOf = (bed: PaymentBed, orderId: number) =>
  bed.deps.db
    .selectFrom('ledger_transactions')
    .select(['event', 'business_key'])
    .where('order_id', '=', orderId)
    .orderBy('id')
    .execute()

export const outTradeNoOf = (payUrl: string): string => {
  const biz: unknown = JSON.parse(new URL(payUrl).searchParams.get('biz_content') ?? '{}')
  return (biz as { out_trade_no: string }).out_trade_no
}

let notices = 0

/** The fields of a notification as Alipay sends them, about a trade the sandbox may know or not. */
export function noticeFields(
  bed: PaymentBed,
  trade: { readonly outTradeNo: string; readonly tradeNo?: string; readonly amount?: string },
  change: Readonly<Record<string, string>> = {},
): Record<string, string> {
  notices += 1
  const amount = trade.amount ?? '200.00'
  return {
    gmt_create: '2026-11-23 12:00:00',
    charset: 'utf-8',
    gmt_payment: '2026-11-23 12:00:01',
    notify_time: '2026-11-23 12:00:02',
    subject: '爱家租房',
    buyer_id: '2088000000000009',
    invoice_amount: amount,
    version: '1.0',
    notify_id: `20261123${String(notices).padStart(26, '0')}`,
    fund_bill_list: `[{"amount":"${amount}","fundChannel":"ALIPAYACCOUNT"}]`,
    notify_type: 'trade_status_sync',
    out_trade_no: trade.outTradeNo,
    total_amount: amount,
    trade_status: 'TRADE_SUCCESS',
    trade_no: trade.tradeNo ?? `2026112322001${String(notices).padStart(15, '0')}`,
    auth_app_id: bed.sandbox.merchant.appId,
    receipt_amount: amount,
    point_amount: '0.00',
    app_id: bed.sandbox.merchant.appId,
    buyer_pay_amount: amount,
    seller_id: bed.sandbox.merchant.sellerId,
    ...change,
  }
}

/** A form body under Alipay's signature, with `sign_type` as Alipay writes it. */
export const signedForm = (bed: PaymentBed, fields: Readonly<Record<string, string>>): Promise<string> =>
  bed.sandbox.signNotify({ ...fields, sign_type: 'RSA2' })

/** No notification reaches us until the answer is called. */
export async function silenceNotices(bed: PaymentBed): Promise<() => Promise<void>> {
  await bed.fault('notify_lost', { times: 1_000 })
  return async () => {
    for (const { id } of bed.sandbox.faults.list()) await bed.sandbox.faults.remove(id)
  }
}
