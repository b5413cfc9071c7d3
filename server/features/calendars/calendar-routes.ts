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
import type { FastifyRequest } from 'fastify'
import Type from 'typebox'
import type { Deps } from '../../platform/deps.ts'
import { Refusal } from '../../platform/refusal.ts'
import { routeOptions } from '../../platform/route-options.ts'
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

const signedIn = { access: 'signed_in' } as const
const own = routeOptions(signedIn, 'houses')
const Empty = Nullable(Type.Object({}, strict))

type Asking = FastifyRequest & { readonly params: { readonly id: number } }

/** The calendar of an own house: nights, prices, and the calendars of other sites. */
export const calendarRoutes: FastifyPluginAsyncTypebox<{ deps: Deps }> = async (app, { deps }) => {
  const wishOf = ({ account, params }: Asking) => ({ hostId: account.id, houseId: params.id })
  /** Every change answers with the calendar as it then is. */
  async function changed(request: Asking, change: (wish: ReturnType<typeof wishOf>) => Promise<unknown>) {
    const wish = wishOf(request)
    await change(wish)
    return readCalendar(deps, wish, languageOf(request))
  }

  app.get(
    '/users/houses/:id/calendar',
    own('readCalendar', 'The calendar of an own house from today on', {
      params: IdParams,
      response: { 200: HouseCalendarView },
    }),
    (request) => readCalendar(deps, wishOf(request), languageOf(request)),
  )

  app.put(
    '/users/houses/:id/nights',
    own('setNights', 'Price, least nights, open or closed, for stretches of nights: all or none', {
      params: IdParams,
      body: NightsBody,
      response: { 200: HouseCalendarView },
    }),
    (request) => changed(request, (wish) => setNights(deps, { ...wish, changes: request.body.changes })),
  )

  app.put(
    '/users/houses/:id/weekend-price',
    own('setWeekendPrice', 'The price of the nights that begin on Friday and Saturday; null takes it away', {
      params: IdParams,
      body: WeekendPriceBody,
      response: { 200: HouseCalendarView },
    }),
    (request) => changed(request, (wish) => setWeekend(deps, { ...wish, priceFen: request.body.price })),
  )

  app.post(
    '/users/houses/:id/calendar-export',
    own('renewExport', 'A new secret address of the calendar for other sites; the one before stops working', {
      params: IdParams,
      body: Empty,
      response: { 200: HouseCalendarView },
    }),
    (request) => changed(request, (wish) => renewExport(deps, wish)),
  )

  app.post(
    '/users/houses/:id/calendar-imports',
    own('addImport', "Another site's calendar by its address; it is read at once and then every half hour", {
      params: IdParams,
      body: CalendarImportBody,
      response: { 200: HouseCalendarView },
    }),
    (request) => changed(request, (wish) => addImport(deps, { ...wish, ...request.body })),
  )

  app.post(
    '/users/houses/:id/calendar-imports/:import_id/sync',
    own('syncImport', "Read another site's calendar now; how it went stands in the answer", {
      params: ImportParams,
      body: Empty,
      response: { 200: HouseCalendarView },
    }),
    (request) => changed(request, (wish) => syncNow(deps, { ...wish, importId: request.params.import_id })),
  )

  app.delete(
    '/users/houses/:id/calendar-imports/:import_id',
    own('removeImport', "Forget another site's calendar; nights that it alone had taken are free again", {
      params: ImportParams,
      response: { 200: HouseCalendarView },
    }),
    (request) => changed(request, (wish) => removeImport(deps, { ...wish, importId: request.params.import_id })),
  )

  app.get(
    '/orders/:id/clashes',
    routeOptions(signedIn, 'orders')(
      'readClashes',
      "For the host of an order: what the house's other calendars say of its nights",
      { params: IdParams, response: { 200: ClashesView } },
    ),
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
        tags: ['houses'],
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
