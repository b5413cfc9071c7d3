import Type, { type Static } from 'typebox'
import { Day, Fen, Id, Instant, Nullable, strict } from './fields.ts'
import { OrderStatusField } from './orders.ts'

const NightPrice = Type.Integer({ minimum: 1, maximum: 9_999_999, description: 'Fen' })
const LeastNights = Type.Integer({ minimum: 1, maximum: 365 })

/** One thing said of all nights of a stretch. What is absent stays as it is; null is as the house is. */
export const NightsChange = Type.Object(
  {
    start_date: Day,
    end_date: Day,
    price: Type.Optional(Nullable(NightPrice)),
    min_days: Type.Optional(Nullable(LeastNights)),
    closed: Type.Optional(Type.Boolean()),
  },
  strict,
)
export type NightsChange = Static<typeof NightsChange>
export const NightsBody = Type.Object({ changes: Type.Array(NightsChange, { minItems: 1, maxItems: 100 }) }, strict)
export type NightsBody = Static<typeof NightsBody>

export const WeekendPriceBody = Type.Object({ price: Nullable(NightPrice) }, strict)
export type WeekendPriceBody = Static<typeof WeekendPriceBody>

export const NightView = Type.Object(
  { night: Day, price: Nullable(Fen), min_days: Nullable(Type.Integer()), closed: Type.Boolean() },
  strict,
)
export type NightView = Static<typeof NightView>

/** `fault` says why the last try failed; what was read at `last_success_at` still holds then. */
export const CalendarImportView = Type.Object(
  {
    import_id: Id,
    name: Type.String(),
    url: Type.String(),
    last_tried_at: Nullable(Instant),
    last_success_at: Nullable(Instant),
    fault: Nullable(Type.Enum(['address', 'unreachable', 'slow', 'status', 'too_large', 'not_a_calendar'])),
  },
  strict,
)
export type CalendarImportView = Static<typeof CalendarImportView>

export const ImportedStretch = Type.Object({ name: Type.String(), start_date: Day, end_date: Day }, strict)
export type ImportedStretch = Static<typeof ImportedStretch>

/** The calendar of an own house, from today on. */
export const HouseCalendarView = Type.Object(
  {
    house_id: Id,
    title: Type.String(),
    price: Fen,
    weekend_price: Nullable(Fen),
    min_days: Type.Integer(),
    today: Day,
    last_day: Day,
    nights: Type.Array(NightView),
    orders: Type.Array(
      Type.Object(
        { order_id: Id, start_date: Day, end_date: Day, guest_name: Type.String(), status: OrderStatusField },
        strict,
      ),
    ),
    imported: Type.Array(ImportedStretch),
    export_url: Nullable(Type.String()),
    imports: Type.Array(CalendarImportView),
  },
  strict,
)
export type HouseCalendarView = Static<typeof HouseCalendarView>

export const CalendarImportBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 30, pattern: '\\S' }),
    url: Type.String({ minLength: 10, maxLength: 2_000 }),
  },
  strict,
)
export type CalendarImportBody = Static<typeof CalendarImportBody>
export const ImportParams = Type.Object({ id: Id, import_id: Id }, strict)

/** Nights of an order that other calendars of the house call taken. */
export const ClashesView = Type.Object({ clashes: Type.Array(ImportedStretch) }, strict)
export type ClashesView = Static<typeof ClashesView>
