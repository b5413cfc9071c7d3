import { randomBytes } from 'node:crypto'
import { beijingDay } from './beijing.ts'

/**
 * Numbers shaped like Alipay's. The serial makes them unique inside one sandbox for ever; the random digits keep two
 * sandboxes, or one that was emptied, from giving a merchant's database the same number twice.
 */
// Numbers are no secrets, so the quick generator will do.
const RANDOM_7 = () => String(Math.floor(Math.random() * 10_000_000)).padStart(7, '0')

/** 28 digits: day, `22001`, seven random, eight of the serial. */
export const tradeNo = (serial: number, at: Date) =>
  `${beijingDay(at)}22001${RANDOM_7()}${String(serial).padStart(8, '0')}`

/** 34 digits beginning with the day. */
export const notifyId = (serial: number, at: Date) =>
  `${beijingDay(at)}00${RANDOM_7()}${RANDOM_7()}${String(serial).padStart(10, '0')}`

/** 16 digits beginning `2088`. */
export const accountId = (serial: number) => `2088${RANDOM_7()}${String(serial).padStart(5, '0')}`

/** 16 digits beginning `9021`, as new ids of the official sandbox do. */
export const appId = (serial: number) => `9021${RANDOM_7()}${String(serial).padStart(5, '0')}`

/** 144 random bits: whoever knows it may act on the page. */
export const checkoutId = () => randomBytes(18).toString('base64url')

export const faultId = () => randomBytes(6).toString('hex')
