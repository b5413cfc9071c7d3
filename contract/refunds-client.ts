import type { Api } from './client.ts'
import type {
  AskedView,
  DecidedRefundView,
  DecideRefundBody,
  DeskRefundQuery,
  DeskRefunds,
  EndRefundBody,
  PartRefundBody,
  PartRefundView,
  RefundableView,
  RefundRequestQuery,
  RefundRequests,
  WriteOffView,
} from './schemas/refunds.ts'

type Asked<Filter> = { readonly [Name in keyof Filter]?: Filter[Name] | undefined }

/** The calls of the operator's desk about refunds. Those that move money carry a key, so that a repeat moves it once. */
export const refundsOf = ({ call, query }: Pick<Api, 'call' | 'query'>) => {
  const get = <Data>(path: string) => call<Data>({ method: 'GET', path: `/operator${path}` })
  const post = <Data>(path: string, json: unknown, idempotencyKey: string) =>
    call<Data>({ method: 'POST', path: `/operator${path}`, json, idempotencyKey })
  return {
    list: (filter: Asked<DeskRefundQuery>) => get<DeskRefunds>(`/refunds${query({ ...filter })}`),
    requests: (filter: Asked<RefundRequestQuery>) => get<RefundRequests>(`/refund-requests${query({ ...filter })}`),
    refundable: (orderId: number) => get<RefundableView>(`/orders/${orderId}/refundable`),
    refundPart: (orderId: number, body: PartRefundBody, key: string) =>
      post<PartRefundView>(`/orders/${orderId}/refunds`, body, key),
    retry: (refundId: number, reason: string, key: string) =>
      post<undefined>(`/refunds/${refundId}/retry`, { reason }, key),
    askEnding: (refundId: number, body: EndRefundBody, key: string) =>
      post<AskedView>(`/refunds/${refundId}/end`, body, key),
    askWriteOff: (orderId: number, reason: string, key: string) =>
      post<WriteOffView>(`/orders/${orderId}/write-off`, { reason }, key),
    decide: (requestId: number, body: DecideRefundBody, key: string) =>
      post<DecidedRefundView>(`/refund-requests/${requestId}/decision`, body, key),
  }
}
