import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  BillDayParams,
  DeskBill,
  DeskBillLines,
  DeskBillLinesQuery,
  DeskBills,
  DeskBillsQuery,
  DeskDifference,
  DeskDifferences,
  DeskDifferencesQuery,
  FetchBillBody,
} from '@ihome/contract/schemas/bills'
import { IdParams } from '@ihome/contract/schemas/fields'
import { ReasonBody } from '@ihome/contract/schemas/operator-desk'
import { operatorOf } from '../operators/operator-session.ts'
import type { BillNeeds } from './bill-needs.ts'
import {
  fetchBillAtDesk,
  listBillDifferences,
  listBillLines,
  listBills,
  readBill,
  resolveDifference,
  takeDifference,
} from './desk-bills.ts'

const tags = ['operators']
const desk = { access: 'operator' } as const
const finance = { access: 'operator', roles: ['finance'] } as const

/** What can be done to one difference at the desk. */
const ACTS = [
  { name: 'take', operationId: 'takeDifference', summary: 'Take a difference of a bill on', run: takeDifference },
  {
    name: 'resolve',
    operationId: 'resolveDifference',
    summary: 'End a difference of a bill by a note; nothing moves by it',
    run: resolveDifference,
  },
] as const

/** The gateway's bills at the desk, day by day. */
export const deskBillRoutes: FastifyPluginAsyncTypebox<{ bills: BillNeeds }> = async (app, { bills: needs }) => {
  const read = (operationId: string, summary: string) => ({ tags, operationId, summary })
  app.get(
    '/operator/bills',
    {
      config: desk,
      schema: {
        ...read('listDeskBills', "The gateway's daily bills and how they stand to our books, newest first"),
        querystring: DeskBillsQuery,
        response: { 200: DeskBills },
      },
    },
    ({ query }) => listBills(needs, query),
  )
  app.post(
    '/operator/bills',
    {
      config: finance,
      schema: {
        ...read('fetchBill', "Fetch a day's bill anew and compare it; doing it again changes nothing"),
        body: FetchBillBody,
        response: { 200: DeskBill },
      },
    },
    (request) => fetchBillAtDesk(needs, { day: request.body.day, operatorId: operatorOf(request).id }),
  )
  app.get(
    '/operator/bills/:day',
    {
      config: desk,
      schema: { ...read('readDeskBill', "One day's bill"), params: BillDayParams, response: { 200: DeskBill } },
    },
    ({ params }) => readBill(needs, params.day),
  )
  app.get(
    '/operator/bills/:day/lines',
    {
      config: desk,
      schema: {
        ...read('listBillLines', 'Lines of the bill of trades by result or number, as they stand in the file'),
        params: BillDayParams,
        querystring: DeskBillLinesQuery,
        response: { 200: DeskBillLines },
      },
    },
    ({ params, query }) => listBillLines(needs, params.day, query),
  )
  app.get(
    '/operator/bills/:day/differences',
    {
      config: desk,
      schema: {
        ...read('listDifferences', 'What differs between the bill and our books, by kind and state'),
        params: BillDayParams,
        querystring: DeskDifferencesQuery,
        response: { 200: DeskDifferences },
      },
    },
    ({ params, query }) => listBillDifferences(needs, params.day, query),
  )
  for (const { name, operationId, summary, run } of ACTS) {
    app.post(
      `/operator/bill-differences/:id/${name}`,
      {
        config: finance,
        schema: {
          ...read(operationId, summary),
          params: IdParams,
          body: ReasonBody,
          response: { 200: DeskDifference },
        },
      },
      (request) => {
        const { id: operatorId, login } = operatorOf(request)
        return run(needs, { id: request.params.id, operatorId, login, reason: request.body.reason })
      },
    )
  }
}
