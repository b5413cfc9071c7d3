import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import {
  CalendarImportBody,
  ClashesView,
  HouseCalendarView,
  ImportParams,
  NightsBody,
  WeekendPriceBody,
} from '@ihome/contract/schemas/calendars'
import { IdParams, Nullable, strict } from '@ihome/contract/schemas/fields'
import Type from 'typebox'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { languageOf } from '../pages/language-routes.ts'
import {
  addImport,
  exportCalendar,
  readCalendar,
  readClashes,
  removeImport,
  renewExport,
  syncNow,
} from './host-calendar.ts'
import { setNights, setWeekend } from './set-nights.ts'

const tags = ['houses']
const signedIn = { access: 'signed_in' } as const
const Empty = Nullable(Type.Object({}, strict))

/** The calendar of an own house: nights, prices, and the calendars of other sites. */
export const calendarRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.get(
    '/users/houses/:id/calendar',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'readCalendar',
        summary: 'The calendar of an own house from today on',
        params: IdParams,
        response: { 200: HouseCalendarView },
      },
    },
    (request) => readCalendar(deps, { hostId: request.account.id, houseId: request.params.id }, languageOf(request)),
  )

  app.put(
    '/users/houses/:id/nights',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'setNights',
        summary: 'Price, least nights, open or closed, for stretches of nights: all or none',
        params: IdParams,
        body: NightsBody,
        response: { 200: HouseCalendarView },
      },
    },
    async (request) => {
      const wish = { hostId: request.account.id, houseId: request.params.id }
      await setNights(deps, { ...wish, changes: request.body.changes })
      return readCalendar(deps, wish, languageOf(request))
    },
  )

  app.put(
    '/users/houses/:id/weekend-price',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'setWeekendPrice',
        summary: 'The price of the nights that begin on Friday and Saturday; null takes it away',
        params: IdParams,
        body: WeekendPriceBody,
        response: { 200: HouseCalendarView },
      },
    },
    async (request) => {
      const wish = { hostId: request.account.id, houseId: request.params.id }
      await setWeekend(deps, { ...wish, priceFen: request.body.price })
      return readCalendar(deps, wish, languageOf(request))
    },
  )

  app.post(
    '/users/houses/:id/calendar-export',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'renewExport',
        summary: 'A new secret address of the calendar for other sites; the one before stops working',
        params: IdParams,
        body: Empty,
        response: { 200: HouseCalendarView },
      },
    },
    async (request) => {
      const wish = { hostId: request.account.id, houseId: request.params.id }
      await renewExport(deps, wish)
      return readCalendar(deps, wish, languageOf(request))
    },
  )

  app.post(
    '/users/houses/:id/calendar-imports',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'addImport',
        summary: "Another site's calendar by its address; it is read at once and then every half hour",
        params: IdParams,
        body: CalendarImportBody,
        response: { 200: HouseCalendarView },
      },
    },
    async (request) => {
      const wish = { hostId: request.account.id, houseId: request.params.id }
      await addImport(deps, { ...wish, ...request.body })
      return readCalendar(deps, wish, languageOf(request))
    },
  )

  app.post(
    '/users/houses/:id/calendar-imports/:import_id/sync',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'syncImport',
        summary: "Read another site's calendar now; how it went stands in the answer",
        params: ImportParams,
        body: Empty,
        response: { 200: HouseCalendarView },
      },
    },
    async (request) => {
      const wish = { hostId: request.account.id, houseId: request.params.id }
      await syncNow(deps, { ...wish, importId: request.params.import_id })
      return readCalendar(deps, wish, languageOf(request))
    },
  )

  app.delete(
    '/users/houses/:id/calendar-imports/:import_id',
    {
      config: signedIn,
      schema: {
        tags,
        operationId: 'removeImport',
        summary: "Forget another site's calendar; nights that it alone had taken are free again",
        params: ImportParams,
        response: { 200: HouseCalendarView },
      },
    },
    async (request) => {
      const wish = { hostId: request.account.id, houseId: request.params.id }
      await removeImport(deps, { ...wish, importId: request.params.import_id })
      return readCalendar(deps, wish, languageOf(request))
    },
  )

  app.get(
    '/orders/:id/clashes',
    {
      config: signedIn,
      schema: {
        tags: ['orders'],
        operationId: 'readClashes',
        summary: "For the host of an order: what the house's other calendars say of its nights",
        params: IdParams,
        response: { 200: ClashesView },
      },
    },
    (request) => readClashes(deps, { hostId: request.account.id, orderId: request.params.id }),
  )
}

const EXPORT_NAME = /^([A-Za-z0-9_-]{32})\.ics$/

/** What other sites read: whoever knows the address sees when the house is taken, and nothing else. */
export const exportRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  app.get(
    '/calendars/:name',
    {
      config: { access: 'anyone', envelope: false, stateless: true },
      schema: {
        tags,
        operationId: 'exportCalendar',
        summary: 'The taken nights of a house as iCalendar, at its secret address',
        params: Type.Object({ name: Type.String() }),
        querystring: Type.Object({ lang: Type.Optional(Type.String({ maxLength: 10 })) }),
      },
    },
    async (request, reply) => {
      const [, token] = EXPORT_NAME.exec(request.params.name) ?? []
      if (token === undefined) throw new Refusal('not_found')
      const text = await exportCalendar(deps, token, request.query.lang === 'en' ? 'en' : 'zh')
      return reply.header('cache-control', 'no-store').type('text/calendar; charset=utf-8').send(text)
    },
  )
}
