import { createRouter, type RouteRecordRaw, type RouterHistory } from 'vue-router'
import type { Session } from './platform/session.ts'

declare module 'vue-router' {
  interface RouteMeta {
    /** Only for people who are signed in; visitors go to the login and come back. */
    signedIn?: true
    /** One of the tabs at the foot of the screen: no way back is shown, the tabs are. */
    root?: true
    /** Rendered on the server. */
    rendered?: true
    /** The component's file, under which the manifest knows the page's scripts. */
    source?: string
  }
}

/** Every page is a chunk of its own. A page that does not exist yet has no route. */
export const ROUTES: readonly RouteRecordRaw[] = [
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
    path: '/:rest(.*)*',
    name: 'gone',
    component: () => import('./features/pages/GonePage.vue'),
    meta: { source: 'features/pages/GonePage.vue', rendered: true },
  },
]

export function createPageRouter(history: RouterHistory, session: Session) {
  const router = createRouter({
    history,
    routes: ROUTES,
    scrollBehavior(to, from, saved) {
      // A sheet that opens or closes adds and takes a history entry of the same address.
      if (to.fullPath === from.fullPath) return false
      // A filter that changes replaces the address of the same list.
      if (to.path === from.path && !saved) return false
      return saved ?? { top: 0 }
    },
  })
  router.beforeEach((to) => {
    if (to.meta.signedIn && session.name === undefined) return { path: '/login', query: { next: to.fullPath } }
    return true
  })
  return router
}
