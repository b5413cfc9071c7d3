import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyInstance } from 'fastify'
import { deskUserRoutes } from './features/accounts/desk-user-routes.ts'
import { profileRoutes } from './features/accounts/profile-routes.ts'
import { registerRoutes } from './features/accounts/register-routes.ts'
import { accountRoutes } from './features/accounts/routes.ts'
import { keepSessions } from './features/accounts/session-hooks.ts'
import { deskBillRoutes } from './features/bills/desk-bill-routes.ts'
import { calendarRoutes, exportRoutes } from './features/calendars/calendar-routes.ts'
import { captchaRoutes } from './features/captcha/captcha-routes.ts'
import { deskOrderRoutes } from './features/desk/desk-order-routes.ts'
import { deskRoutes } from './features/desk/desk-routes.ts'
import { earningRoutes } from './features/earnings/earning-routes.ts'
import { favouriteRoutes } from './features/favourites/routes.ts'
import { contentRoutes } from './features/houses/content-routes.ts'
import { deskHouseRoutes } from './features/houses/desk-house-routes.ts'
import { hostingRoutes } from './features/houses/hosting-routes.ts'
import { photoRoutes } from './features/houses/photo-routes.ts'
import { houseRoutes } from './features/houses/routes.ts'
import { deskLedgerRoutes } from './features/ledger/desk-ledger-routes.ts'
import { messageRoutes } from './features/messages/routes.ts'
import { deskActionRoutes } from './features/operators/action-routes.ts'
import { keepOperators } from './features/operators/operator-session.ts'
import { operatorSessionRoutes } from './features/operators/session-routes.ts'
import { orderRoutes } from './features/orders/order-routes.ts'
import { pageRoutes } from './features/pages/page-routes.ts'
import { type BillSource, NO_BILLS } from './features/payments/bill-source.ts'
import { deskCaseRoutes } from './features/payments/desk-case-routes.ts'
import { deskPaymentRoutes } from './features/payments/desk-payment-routes.ts'
import { deskRefundRoutes } from './features/payments/desk-refund-routes.ts'
import { orderPayments } from './features/payments/order-payments.ts'
import { paymentRoutes } from './features/payments/payment-routes.ts'
import type { PaymentProvider } from './features/payments/provider.ts'
import { deskPayoutRoutes } from './features/payouts/desk-payout-routes.ts'
import { payoutRoutes } from './features/payouts/payout-routes.ts'
import { pictureRoutes } from './features/pictures/routes.ts'
import { deskReviewRoutes } from './features/reviews/desk-review-routes.ts'
import { reviewRoutes } from './features/reviews/review-routes.ts'
import { searchRoutes } from './features/search/routes.ts'
import { devInboxRoutes } from './features/sms/dev-inbox.ts'
import type { Deps } from './platform/deps.ts'
import { API_PREFIX, createHttp, type HttpOptions } from './platform/http.ts'
import { serviceRoutes } from './platform/service-routes.ts'

export type FeatureRoutes = FastifyPluginAsyncTypebox<{ deps: Deps }>

/** Routes of features: below the API prefix, or at the root. */
export interface Features {
  readonly api?: readonly FeatureRoutes[]
  readonly root?: readonly FeatureRoutes[]
}

export interface AppOptions extends Features, HttpOptions {
  readonly isStopping?: () => boolean
}

/** The server with sessions, the service routes and the features it is given. Nothing listens yet, and no job runs. */
export async function buildApp(deps: Deps, options: AppOptions = {}): Promise<FastifyInstance> {
  const app = await createHttp(deps, options)
  keepOperators(app, deps)
  keepSessions(app, deps)
  await app.register(serviceRoutes, { db: deps.db, isStopping: options.isStopping ?? (() => false) })
  for (const routes of [
    operatorSessionRoutes,
    accountRoutes,
    registerRoutes,
    profileRoutes,
    captchaRoutes,
    ...(options.api ?? []),
  ]) {
    await app.register(routes, { prefix: API_PREFIX, deps })
  }
  for (const routes of [devInboxRoutes, ...(options.root ?? [])]) await app.register(routes, { deps })
  return app
}

export interface ShopOptions extends HttpOptions {
  readonly provider: PaymentProvider
  readonly otherProviders?: readonly PaymentProvider[]
  /** Where the gateway's daily bills come from. */
  readonly bills?: BillSource
  readonly isStopping?: () => boolean
  /** False where the web is not built, as in tests of the API. */
  readonly pages?: boolean
  readonly onNoticeRefused?: (reason: string) => void
}

/** The whole shop: every feature joined to the others. */
export function buildShop(
  deps: Deps,
  { provider, otherProviders = [], bills = NO_BILLS, pages = true, ...options }: ShopOptions,
): Promise<FastifyInstance> {
  const payments = { ...deps, provider, otherProviders }
  const { onNoticeRefused } = options
  return buildApp(deps, {
    ...options,
    api: [
      houseRoutes,
      hostingRoutes,
      photoRoutes,
      calendarRoutes,
      earningRoutes,
      payoutRoutes,
      deskPayoutRoutes,
      searchRoutes,
      reviewRoutes,
      favouriteRoutes,
      messageRoutes,
      deskHouseRoutes,
      deskReviewRoutes,
      deskUserRoutes,
      deskActionRoutes,
      deskRoutes,
      deskLedgerRoutes,
      contentRoutes,
      (app) => deskOrderRoutes(app, { deps, payments: orderPayments }),
      deskRefundRoutes,
      (app) => deskPaymentRoutes(app, { payments }),
      (app) => deskCaseRoutes(app, { payments }),
      (app) => deskBillRoutes(app, { bills: { ...payments, bills } }),
      (app) => orderRoutes(app, { deps, payments: orderPayments }),
      (app) => paymentRoutes(app, { payments, ...(onNoticeRefused ? { onNoticeRefused } : {}) }),
    ],
    root: [pictureRoutes, exportRoutes, ...(pages ? [pageRoutes] : [])],
  })
}
