import { PHONE_PATTERN } from '@ihome/core/identity/phone'
import Type, { type TSchema } from 'typebox'

/** The number of a row: positive, and small enough to be exact in JSON. */
export const Id = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER })
/** A day in Shanghai. That it is a real day, core/calendar.ts checks. */
export const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'Calendar date of Asia/Shanghai' })
export const Instant = Type.String({ format: 'date-time', description: 'RFC 3339, UTC' })
export const Fen = Type.Integer({ minimum: 0, description: 'Yuan counted in fen' })
export const Phone = Type.String({ pattern: PHONE_PATTERN })
export const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
/** An object that takes the named fields and no others. */
export const strict = { additionalProperties: false } as const
export const IdParams = Type.Object({ id: Id }, strict)
export const Nothing = Type.Null()
