import type { PageHistory } from './platform/page-history.ts'
import { createRouter, type RouteRecord, type Router } from './platform/page-router.ts'
import type { Session } from './platform/session.ts'

/** Every page is a chunk of its own. A page that does not exist yet has no route. */
export const ROUTES: readonly RouteRecord[] = [
  {
    path: '/',
    name: 'home',
    component: () => import('./features/houses/HomePage.vue'),
    meta: { source: 'features/houses/HomePage.vue', root: true, rendered: true },
  },
  {
    path: '/search',
    name: 'search',
    component: () => import('./features/search/SearchPage.vue'),
    meta: { source: 'features/search/SearchPage.vue', rendered: true },
  },
  {
    path: '/detail/:id(\\d{1,15})',
    name: 'detail',
    component: () => import('./features/houses/DetailPage.vue'),
    meta: { source: 'features/houses/DetailPage.vue', rendered: true },
  },
  {
    path: '/booking/:id(\\d{1,15})',
    name: 'booking',
    component: () => import('./features/orders/BookingPage.vue'),
    meta: { source: 'features/orders/BookingPage.vue', signedIn: true },
  },
  {
    path: '/orders',
    name: 'orders',
    component: () => import('./features/orders/OrdersPage.vue'),
    meta: { source: 'features/orders/OrdersPage.vue', signedIn: true, root: true },
  },
  {
    path: '/orders/:id(\\d{1,15})',
    name: 'order',
    component: () => import('./features/orders/OrderPage.vue'),
    meta: { source: 'features/orders/OrderPage.vue', signedIn: true },
  },
  {
    path: '/host-orders',
    name: 'host-orders',
    component: () => import('./features/orders/HostOrdersPage.vue'),
    meta: { source: 'features/orders/HostOrdersPage.vue', signedIn: true },
  },
  {
    path: '/pay-complete',
    name: 'pay-complete',
    component: () => import('./features/payments/PayCompletePage.vue'),
    meta: { source: 'features/payments/PayCompletePage.vue' },
  },
  {
    path: '/login',
    name: 'login',
    component: () => import('./features/accounts/LoginPage.vue'),
    meta: { source: 'features/accounts/LoginPage.vue' },
  },
  {
    path: '/my',
    name: 'my',
    component: () => import('./features/accounts/MyPage.vue'),
    meta: { source: 'features/accounts/MyPage.vue', signedIn: true, root: true },
  },
  {
    path: '/my-houses',
    name: 'my-houses',
    component: () => import('./features/hosting/MyHousesPage.vue'),
    meta: { source: 'features/hosting/MyHousesPage.vue', signedIn: true },
  },
  {
    path: '/my-houses/:id(\\d{1,15})',
    name: 'edit-house',
    component: () => import('./features/hosting/EditHousePage.vue'),
    meta: { source: 'features/hosting/EditHousePage.vue', signedIn: true },
  },
  {
    path: '/new-house',
    name: 'new-house',
    component: () => import('./features/hosting/NewHousePage.vue'),
    meta: { source: 'features/hosting/NewHousePage.vue', signedIn: true },
  },
  {
    path: '/offline',
    name: 'offline',
    component: () => import('./features/pages/OfflinePage.vue'),
    meta: { source: 'features/pages/OfflinePage.vue' },
  },
  {
    path: '/:rest(.*)*',
    name: 'gone',
    component: () => import('./features/pages/GonePage.vue'),
    meta: { source: 'features/pages/GonePage.vue', rendered: true },
  },
]

export function createPageRouter(history: PageHistory, session: Session): Router {
  return createRouter({
    history,
    routes: ROUTES,
    redirect: (to) =>
      to.meta.signedIn && session.name === undefined ? { path: '/login', query: { next: to.fullPath } } : undefined,
    scroll(to, from, saved) {
      if (saved) return saved
      // A filter that changes replaces the address of the same list.
      return to.path === from.path || from.path === '' ? undefined : { top: 0 }
    },
  })
}
