import type { RouteRecord } from '../../platform/page-router.ts'

// Pages say their words as soon as they are loaded, so the English ones must be there before any page is.
if (!import.meta.env.SSR && document.documentElement.lang === 'en') await import('../../text/english-desk.ts')

/** The pages of the desk. No visitor loads their table. */
export const routes: readonly RouteRecord[] = [
  {
    path: '/operator/login',
    name: 'desk-login',
    component: () => import('./DeskLoginPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/today',
    name: 'desk-today',
    component: () => import('./DeskTodayPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/cases',
    name: 'desk-cases',
    component: () => import('./DeskCasesPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/orders',
    name: 'desk-orders',
    component: () => import('./DeskOrdersPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/orders/:id(\\d{1,15})',
    name: 'desk-order',
    component: () => import('./DeskOrderPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/payments',
    name: 'desk-payments',
    component: () => import('./DeskPaymentsPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/refunds',
    name: 'desk-refunds',
    component: () => import('./DeskRefundsPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/payouts',
    name: 'desk-payouts',
    component: () => import('./DeskPayoutsPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/bills',
    name: 'desk-bills',
    component: () => import('./DeskBillsPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/bills/:day(\\d{4}-\\d{2}-\\d{2})',
    name: 'desk-bill',
    component: () => import('./DeskBillPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/ledger',
    name: 'desk-ledger',
    component: () => import('./DeskLedgerPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/ledger/entries',
    name: 'desk-entries',
    component: () => import('./DeskEntriesPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/houses',
    name: 'desk-houses',
    component: () => import('./DeskHousesPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/reviews',
    name: 'desk-reviews',
    component: () => import('./DeskReviewsPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/users',
    name: 'desk-users',
    component: () => import('./DeskUsersPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/users/:id(\\d{1,15})',
    name: 'desk-user',
    component: () => import('./DeskUserPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/content',
    name: 'desk-content',
    component: () => import('./DeskContentPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/outbox',
    name: 'desk-outbox',
    component: () => import('./DeskOutboxPage.vue'),
    meta: { wide: true },
  },
  {
    path: '/operator/actions',
    name: 'desk-actions',
    component: () => import('./DeskActionsPage.vue'),
    meta: { wide: true },
  },
]
