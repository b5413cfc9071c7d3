import type { Api } from './client.ts'
import type { DeskPayout, DeskPayoutQuery, DeskPayouts, PayeeBody, PayeeView, PayoutsView } from './schemas/payouts.ts'

/** What a host asks about payouts, apart from the client that every page loads. */
export const payoutsOf = ({ call }: Pick<Api, 'call'>) => ({
  list: (cursor?: string) =>
    call<PayoutsView>({ method: 'GET', path: `/user/payouts${cursor === undefined ? '' : `?cursor=${cursor}`}` }),
  changeAccount: (body: PayeeBody) => call<PayeeView>({ method: 'PUT', path: '/user/payout-account', json: body }),
})

/** A filter as a page has it: what is not asked for is undefined. */
type Asked<Filter> = { readonly [Name in keyof Filter]?: Filter[Name] | undefined }

/** What the operator's desk asks about payouts. */
export const deskPayoutsOf = ({ call, query }: Pick<Api, 'call' | 'query'>) => {
  const act = (id: number, act: 'retry' | 'freeze' | 'unfreeze' | 'arrived' | 'not-arrived', reason: string) =>
    call<DeskPayout>({ method: 'POST', path: `/operator/payouts/${id}/${act}`, json: { reason } })
  return {
    payouts: (filter: Asked<DeskPayoutQuery>) =>
      call<DeskPayouts>({ method: 'GET', path: `/operator/payouts${query({ ...filter })}` }),
    retryPayout: (id: number, reason: string) => act(id, 'retry', reason),
    freezePayout: (id: number, reason: string) => act(id, 'freeze', reason),
    unfreezePayout: (id: number, reason: string) => act(id, 'unfreeze', reason),
    sayArrived: (id: number, reason: string) => act(id, 'arrived', reason),
    sayNotArrived: (id: number, reason: string) => act(id, 'not-arrived', reason),
  }
}
