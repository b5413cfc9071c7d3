import { randomBytes } from 'node:crypto'
import { beijingDay } from './beijing.ts'

/** Where the parts of numbers come from that nobody can foretell; tests that compare two runs give their own. */
export interface Random {
  /** Seven digits. Numbers are no secrets, so the quick generator will do. */
  digits(): string
  bytes(count: number): Buffer
}

export const systemRandom: Random = {
  digits: () => sevenDigits(Math.random()),
  bytes: randomBytes,
}

export const sevenDigits = (fraction: number) => String(Math.floor(fraction * 10_000_000)).padStart(7, '0')

/*
 * Numbers shaped like Alipay's. The serial makes them unique inside one sandbox for ever; the random digits keep two
 * sandboxes, or one that was emptied, from giving a merchant's database the same number twice.
 */

/** 28 digits: day, `22001`, seven random, eight of the serial. */
export const tradeNo = (serial: number, at: Date, random = systemRandom) =>
  `${beijingDay(at)}22001${random.digits()}${String(serial).padStart(8, '0')}`

/** 34 digits beginning with the day. */
export const notifyId = (serial: number, at: Date, random = systemRandom) =>
  `${beijingDay(at)}00${random.digits()}${random.digits()}${String(serial).padStart(10, '0')}`

/** 32 digits: day, six of the kind, seven random, eleven of the serial. A transfer has two, one of the order and one of its money. */
const transferNo =
  (kind: string) =>
  (serial: number, at: Date, random = systemRandom) =>
    `${beijingDay(at)}${kind}${random.digits()}${String(serial).padStart(11, '0')}`
export const orderId = transferNo('110070')
export const payFundOrderId = transferNo('110075')

/** Five of the serial behind seven random ones; a long serial takes the place of random digits. */
const twelve = (serial: number, random: Random) => `${random.digits()}${String(serial).padStart(5, '0')}`.slice(-12)

/** 16 digits beginning `2088`. */
export const accountId = (serial: number, random = systemRandom) => `2088${twelve(serial, random)}`

/** 16 digits beginning `9021`, as new ids of the official sandbox do. */
export const appId = (serial: number, random = systemRandom) => `9021${twelve(serial, random)}`

/** 144 random bits: whoever knows it may act on the page. */
export const checkoutId = (random = systemRandom) => random.bytes(18).toString('base64url')

export const faultId = (random = systemRandom) => random.bytes(6).toString('hex')
