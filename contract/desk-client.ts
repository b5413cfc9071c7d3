import type { Api } from './client.ts'
import type { AreaView } from './schemas/houses.ts'
import type {
  DeskActionQuery,
  DeskActions,
  DeskHouseQuery,
  DeskHouses,
  DeskOrderDetail,
  DeskOrderQuery,
  DeskOrders,
  DeskReviewQuery,
  DeskReviews,
  DeskUserDetail,
  DeskUserQuery,
  DeskUsers,
  HeroesView,
  RevealBody,
  RevealedView,
} from './schemas/operator-desk.ts'
import type { LedgerEntries, LedgerEntryQuery, LedgerView } from './schemas/operator-desk-ledger.ts'
import type {
  DeskCaseQuery,
  DeskCases,
  DeskPaymentAsked,
  DeskPaymentQuery,
  DeskPayments,
  MatchedView,
} from './schemas/operator-desk-money.ts'
import type { DeskMessageQuery, DeskMessages, TodayView } from './schemas/operator-desk-today.ts'
import type { OperatorSignInBody, OperatorView } from './schemas/operators.ts'
import type { PlatformCancelView } from './schemas/refunds.ts'

/** A filter as a page has it: what is not asked for is undefined. */
type Asked<Filter> = { readonly [Name in keyof Filter]?: Filter[Name] | undefined }

/** The calls of the operator's desk, apart from the client that every page loads. */
export const deskOf = ({ call, query }: Pick<Api, 'call' | 'query'>) => {
  const get = <Data>(path: string) => call<Data>({ method: 'GET', path: `/operator${path}` })
  const post = <Data>(path: string, json: unknown) => call<Data>({ method: 'POST', path: `/operator${path}`, json })
  /** What moves money goes out under a key, so that a second press is the first one again. */
  const move = <Data>(path: string, json: unknown, idempotencyKey: string) =>
    call<Data>({ method: 'POST', path: `/operator${path}`, json, idempotencyKey })
  const put = <Data>(path: string, json: unknown) => call<Data>({ method: 'PUT', path: `/operator${path}`, json })
  return {
    session: () => get<OperatorView>('/session'),
    signIn: (body: OperatorSignInBody) => post<OperatorView>('/sessions', body),
    signOut: () => call<undefined>({ method: 'DELETE', path: '/operator/session' }),
    orders: (filter: Asked<DeskOrderQuery>) => get<DeskOrders>(`/orders${query({ ...filter })}`),
    order: (id: number) => get<DeskOrderDetail>(`/orders/${id}`),
    cancelOrder: (id: number, reason: string, key: string) =>
      move<PlatformCancelView>(`/orders/${id}/cancel`, { reason }, key),
    payments: (filter: Asked<DeskPaymentQuery>) => get<DeskPayments>(`/payments${query({ ...filter })}`),
    askAboutPayment: (outTradeNo: string, reason: string) =>
      post<DeskPaymentAsked>(`/payments/${outTradeNo}/query`, { reason }),
    cases: (filter: Asked<DeskCaseQuery>) => get<DeskCases>(`/cases${query({ ...filter })}`),
    takeCase: (id: number, reason: string) => post<undefined>(`/cases/${id}/take`, { reason }),
    resolveCase: (id: number, reason: string) => post<undefined>(`/cases/${id}/resolve`, { reason }),
    refundUnmatched: (id: number, reason: string, key: string) =>
      move<undefined>(`/cases/${id}/refund`, { reason }, key),
    matchUnmatched: (id: number, orderId: number, reason: string, key: string) =>
      move<MatchedView>(`/cases/${id}/match`, { order_id: orderId, reason }, key),
    ledger: (at: string | undefined) => get<LedgerView>(`/ledger${query({ at })}`),
    ledgerEntries: (filter: Asked<LedgerEntryQuery>) => get<LedgerEntries>(`/ledger/entries${query({ ...filter })}`),
    today: () => get<TodayView>('/today'),
    messages: (filter: Asked<DeskMessageQuery>) => get<DeskMessages>(`/outbox${query({ ...filter })}`),
    retryMessage: (id: number, reason: string) => post<undefined>(`/outbox/${id}/retry`, { reason }),
    houses: (filter: Asked<DeskHouseQuery>) => get<DeskHouses>(`/houses${query({ ...filter })}`),
    takeHouseDown: (id: number, reason: string) => post<undefined>(`/houses/${id}/take-down`, { reason }),
    putHouseBack: (id: number, reason: string) => post<undefined>(`/houses/${id}/put-back`, { reason }),
    reviews: (filter: Asked<DeskReviewQuery>) => get<DeskReviews>(`/reviews${query({ ...filter })}`),
    takeReviewDown: (id: number, reason: string) => post<undefined>(`/reviews/${id}/take-down`, { reason }),
    putReviewBack: (id: number, reason: string) => post<undefined>(`/reviews/${id}/put-back`, { reason }),
    users: (filter: Asked<DeskUserQuery>) => get<DeskUsers>(`/users${query({ ...filter })}`),
    user: (id: number) => get<DeskUserDetail>(`/users/${id}`),
    reveal: (id: number, body: RevealBody) => post<RevealedView>(`/users/${id}/reveal`, body),
    endSessions: (id: number, reason: string) => post<undefined>(`/users/${id}/end-sessions`, { reason }),
    actions: (filter: Asked<DeskActionQuery>) => get<DeskActions>(`/actions${query({ ...filter })}`),
    heroes: () => get<HeroesView>('/heroes'),
    chooseHeroes: (houseIds: readonly number[]) => put<HeroesView>('/heroes', { house_ids: houseIds }),
    addArea: (name: string) => post<AreaView>('/areas', { name }),
    nameArea: (id: number, name: string) => put<undefined>(`/areas/${id}`, { name }),
    nameFacility: (id: number, name: string) => put<undefined>(`/facilities/${id}`, { name }),
  }
}
