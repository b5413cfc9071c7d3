import type { Api } from './client.ts'
import type {
  DeskBill,
  DeskBillLines,
  DeskBillLinesQuery,
  DeskBills,
  DeskBillsQuery,
  DeskDifference,
  DeskDifferences,
  DeskDifferencesQuery,
} from './schemas/bills.ts'

/** A filter as a page has it: what is not asked for is undefined. */
type Asked<Filter> = { readonly [Name in keyof Filter]?: Filter[Name] | undefined }

/** What the operator's desk asks about bills. */
export const deskBillsOf = ({ call, query }: Pick<Api, 'call' | 'query'>) => {
  const get = <Data>(path: string) => call<Data>({ method: 'GET', path: `/operator${path}` })
  const post = <Data>(path: string, json: unknown) => call<Data>({ method: 'POST', path: `/operator${path}`, json })
  return {
    bills: (filter: Asked<DeskBillsQuery>) => get<DeskBills>(`/bills${query({ ...filter })}`),
    bill: (day: string) => get<DeskBill>(`/bills/${day}`),
    /** Fetches the day's bill anew and compares it. */
    fetchBill: (day: string) => post<DeskBill>('/bills', { day }),
    lines: (day: string, filter: Asked<DeskBillLinesQuery>) =>
      get<DeskBillLines>(`/bills/${day}/lines${query({ ...filter })}`),
    differences: (day: string, filter: Asked<DeskDifferencesQuery>) =>
      get<DeskDifferences>(`/bills/${day}/differences${query({ ...filter })}`),
    takeDifference: (id: number, reason: string) => post<DeskDifference>(`/bill-differences/${id}/take`, { reason }),
    resolveDifference: (id: number, reason: string) =>
      post<DeskDifference>(`/bill-differences/${id}/resolve`, { reason }),
  }
}
