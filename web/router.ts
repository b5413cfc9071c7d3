import type { PageHistory } from './platform/page-history.ts'
import { createRouter, type LateRoutes, type RouteRecord, type Router } from './platform/page-router.ts'
import type { Session } from './platform/session.ts'

/** Every page is a chunk of its own. A page that does not exist yet has no route. */
export const ROUTES: readonly (RouteRecord | LateRoutes)[] = [
  {
    path: '/',
    name: 'home',
    component: () => import('./features/houses/HomePage.vue'),
    meta: { root: true, rendered: true },
  },
  {
    path: '/search',
    name: 'search',
    component: () => import('./features/search/SearchPage.vue'),
    meta: { rendered: true },
  },
  {
    path: '/detail/:id(\\d{1,15})',
    name: 'detail',
    component: () => import('./features/houses/DetailPage.vue'),
    meta: { rendered: true },
  },
  {
    path: '/booking/:id(\\d{1,15})',
    name: 'booking',
    component: () => import('./features/orders/BookingPage.vue'),
    meta: { signedIn: true },
  },
  {
    path: '/detail/:id(\\d{1,15})/reviews',
    name: 'reviews',
    component: () => import('./features/reviews/ReviewsPage.vue'),
    meta: { rendered: true },
  },
  {
    path: '/favourites',
    name: 'favourites',
    component: () => import('./features/favourites/FavouritesPage.vue'),
    meta: { signedIn: true, root: true },
  },
  {
    path: '/messages',
    name: 'messages',
    component: () => import('./features/messages/MessagesPage.vue'),
    meta: { signedIn: true, root: true },
  },
  {
    path: '/messages/:id(\\d{1,15})',
    name: 'thread',
    component: () => import('./features/messages/ThreadPage.vue'),
    meta: { signedIn: true },
  },
  {
    path: '/orders',
    name: 'orders',
    component: () => import('./features/orders/OrdersPage.vue'),
    meta: { signedIn: true, root: true },
  },
  {
    path: '/orders/:id(\\d{1,15})',
    name: 'order',
    component: () => import('./features/orders/OrderPage.vue'),
    meta: { signedIn: true },
  },
  {
    path: '/host-orders',
    name: 'host-orders',
    component: () => import('./features/orders/HostOrdersPage.vue'),
    meta: { signedIn: true },
  },
  {
    path: '/pay-complete',
    name: 'pay-complete',
    component: () => import('./features/payments/PayCompletePage.vue'),
  },
  {
    path: '/login',
    name: 'login',
    component: () => import('./features/accounts/LoginPage.vue'),
  },
  {
    path: '/register',
    name: 'register',
    component: () => import('./features/accounts/RegisterPage.vue'),
  },
  {
    path: '/forgot',
    name: 'forgot',
    component: () => import('./features/accounts/ForgotPage.vue'),
  },
  {
    path: '/profile',
    name: 'profile',
    component: () => import('./features/accounts/ProfilePage.vue'),
    meta: { signedIn: true },
  },
  {
    path: '/auth',
    name: 'auth',
    component: () => import('./features/accounts/AuthPage.vue'),
    meta: { signedIn: true },
  },
  {
    path: '/my',
    name: 'my',
    component: () => import('./features/accounts/MyPage.vue'),
    meta: { signedIn: true, root: true },
  },
  {
    path: '/my-houses',
    name: 'my-houses',
    component: () => import('./features/hosting/MyHousesPage.vue'),
    meta: { signedIn: true },
  },
  {
    path: '/my-houses/:id(\\d{1,15})',
    name: 'edit-house',
    component: () => import('./features/hosting/EditHousePage.vue'),
    meta: { signedIn: true },
  },
  {
    path: '/my-houses/:id(\\d{1,15})/calendar',
    name: 'house-calendar',
    component: () => import('./features/hosting/HouseCalendarPage.vue'),
    meta: { signedIn: true },
  },
  {
    path: '/earnings',
    name: 'earnings',
    component: () => import('./features/hosting/EarningsPage.vue'),
    meta: { signedIn: true },
  },
  {
    path: '/new-house',
    name: 'new-house',
    component: () => import('./features/hosting/NewHousePage.vue'),
    meta: { signedIn: true },
  },
  {
    path: '/help',
    name: 'help',
    component: () => import('./features/pages/HelpPage.vue'),
    meta: { rendered: true },
  },
  {
    path: '/offline',
    name: 'offline',
    component: () => import('./features/pages/OfflinePage.vue'),
  },
  // The desk has many pages and few readers: its table comes with the first of them.
  { path: '/operator/:rest(.*)', more: () => import('./features/desk/desk-routes.ts') },
  {
    path: '/:rest(.*)*',
    name: 'gone',
    component: () => import('./features/pages/GonePage.vue'),
    meta: { rendered: true },
  },
]

export function createPageRouter(history: PageHistory, session: Session): Router {
  return createRouter({
    history,
    routes: ROUTES,
    redirect: (to) =>
      to.path === '/operator'
        ? '/operator/today'
        : to.meta.signedIn && session.name === undefined
          ? { path: '/login', query: { next: to.fullPath } }
          : undefined,
    scroll(to, from, saved) {
      if (saved) return saved
      // A filter that changes replaces the address of the same list.
      return to.path === from.path || from.path === '' ? undefined : { top: 0 }
    },
  })
}
