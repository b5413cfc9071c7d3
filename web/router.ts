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
    path: '/detail/:id(\\d{1,15})/reviews',
    name: 'reviews',
    component: () => import('./features/reviews/ReviewsPage.vue'),
    meta: { source: 'features/reviews/ReviewsPage.vue', rendered: true },
  },
  {
    path: '/favourites',
    name: 'favourites',
    component: () => import('./features/favourites/FavouritesPage.vue'),
    meta: { source: 'features/favourites/FavouritesPage.vue', signedIn: true, root: true },
  },
  {
    path: '/messages',
    name: 'messages',
    component: () => import('./features/messages/MessagesPage.vue'),
    meta: { source: 'features/messages/MessagesPage.vue', signedIn: true, root: true },
  },
  {
    path: '/messages/:id(\\d{1,15})',
    name: 'thread',
    component: () => import('./features/messages/ThreadPage.vue'),
    meta: { source: 'features/messages/ThreadPage.vue', signedIn: true },
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
    path: '/register',
    name: 'register',
    component: () => import('./features/accounts/RegisterPage.vue'),
    meta: { source: 'features/accounts/RegisterPage.vue' },
  },
  {
    path: '/forgot',
    name: 'forgot',
    component: () => import('./features/accounts/ForgotPage.vue'),
    meta: { source: 'features/accounts/ForgotPage.vue' },
  },
  {
    path: '/profile',
    name: 'profile',
    component: () => import('./features/accounts/ProfilePage.vue'),
    meta: { source: 'features/accounts/ProfilePage.vue', signedIn: true },
  },
  {
    path: '/auth',
    name: 'auth',
    component: () => import('./features/accounts/AuthPage.vue'),
    meta: { source: 'features/accounts/AuthPage.vue', signedIn: true },
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
    path: '/my-houses/:id(\\d{1,15})/calendar',
    name: 'house-calendar',
    component: () => import('./features/hosting/HouseCalendarPage.vue'),
    meta: { source: 'features/hosting/HouseCalendarPage.vue', signedIn: true },
  },
  {
    path: '/earnings',
    name: 'earnings',
    component: () => import('./features/hosting/EarningsPage.vue'),
    meta: { source: 'features/hosting/EarningsPage.vue', signedIn: true },
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
    path: '/operator/login',
    name: 'desk-login',
    component: () => import('./features/desk/DeskLoginPage.vue'),
    meta: { source: 'features/desk/DeskLoginPage.vue', wide: true },
  },
  {
    path: '/operator/orders',
    name: 'desk-orders',
    component: () => import('./features/desk/DeskOrdersPage.vue'),
    meta: { source: 'features/desk/DeskOrdersPage.vue', wide: true },
  },
  {
    path: '/operator/orders/:id(\\d{1,15})',
    name: 'desk-order',
    component: () => import('./features/desk/DeskOrderPage.vue'),
    meta: { source: 'features/desk/DeskOrderPage.vue', wide: true },
  },
  {
    path: '/operator/houses',
    name: 'desk-houses',
    component: () => import('./features/desk/DeskHousesPage.vue'),
    meta: { source: 'features/desk/DeskHousesPage.vue', wide: true },
  },
  {
    path: '/operator/reviews',
    name: 'desk-reviews',
    component: () => import('./features/desk/DeskReviewsPage.vue'),
    meta: { source: 'features/desk/DeskReviewsPage.vue', wide: true },
  },
  {
    path: '/operator/users',
    name: 'desk-users',
    component: () => import('./features/desk/DeskUsersPage.vue'),
    meta: { source: 'features/desk/DeskUsersPage.vue', wide: true },
  },
  {
    path: '/operator/users/:id(\\d{1,15})',
    name: 'desk-user',
    component: () => import('./features/desk/DeskUserPage.vue'),
    meta: { source: 'features/desk/DeskUserPage.vue', wide: true },
  },
  {
    path: '/operator/content',
    name: 'desk-content',
    component: () => import('./features/desk/DeskContentPage.vue'),
    meta: { source: 'features/desk/DeskContentPage.vue', wide: true },
  },
  {
    path: '/operator/actions',
    name: 'desk-actions',
    component: () => import('./features/desk/DeskActionsPage.vue'),
    meta: { source: 'features/desk/DeskActionsPage.vue', wide: true },
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
      to.path === '/operator'
        ? '/operator/orders'
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
