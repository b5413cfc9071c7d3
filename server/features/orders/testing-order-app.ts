import { toFen } from '@ihome/core/money'
import type { FeatureRoutes } from '../../app.ts'
import { type TestApp, type TestDepsOptions, testApp, testDeps } from '../../platform/testing.ts'
import { houseRoutes } from '../houses/routes.ts'
import { reviewRoutes } from '../reviews/review-routes.ts'
import { searchRoutes } from '../search/routes.ts'
import type { OrderPayments } from './order-payments.ts'
import { orderRoutes } from './order-routes.ts'

export interface OrderAnswer {
  readonly status: number
  readonly problem: string | null
  readonly data: unknown
}

export interface Person {
  readonly id: number
  /** Sends a request below the API's prefix as this person. */
  send(
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    idempotencyKey?: string,
  ): Promise<OrderAnswer>
}

export interface OrderApp extends TestApp {
  /** What the payments were told to give back, in the order of the cancellations. */
  readonly moneyBack: { readonly orderId: number; readonly by: 'guest' | 'host' | 'system' }[]
  /** The orders of which an attempt could still be paid; the test says so in the payments' place. */
  readonly moneyInFlight: Set<number>
  as(user: { readonly phone: string }): Promise<Person>
}

/** The app with houses, search, orders and reviews on a database of its own, without payments. */
export async function testOrderApp(options: TestDepsOptions = {}): Promise<OrderApp> {
  const moneyInFlight = new Set<number>()
  const moneyBack: OrderApp['moneyBack'] = []
  const payments: OrderPayments = {
    couldStillTakeMoney: async (_tx, orderId) => moneyInFlight.has(orderId),
    refundPaid: async (_tx, _needs, order, by) => {
      moneyBack.push({ orderId: order.id, by })
      return toFen(order.amount_fen)
    },
  }
  const ordersAlone: FeatureRoutes = async (app, { deps }) => {
    await app.register(orderRoutes, { deps, payments })
  }
  // Reads are answered from memory here, so that a step which forgets to say what it changed is found out.
  const changes = { hearing: () => true, stop: async () => undefined }
  const bed = await testApp({
    deps: { ...(await testDeps(options)), changes },
    features: {
      api: [houseRoutes, searchRoutes, reviewRoutes, ordersAlone],
    },
  })
  return {
    ...bed,
    moneyInFlight,
    moneyBack,
    async as({ phone }) {
      const { userId, headers } = await bed.signIn(phone)
      return {
        id: userId,
        async send(method, path, body, idempotencyKey) {
          const answer = await bed.request({
            method,
            url: `/api/v1.0${path}`,
            headers: { ...headers, ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}) },
            ...(body === undefined ? {} : { payload: body as object }),
          })
          const { problem, data } = answer.json<{ problem: string | null; data: unknown }>()
          return { status: answer.statusCode, problem, data }
        },
      }
    },
  }
}
