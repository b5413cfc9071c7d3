import { type CivilDate, instantInShanghai } from '@ihome/core/calendar'
import { fenFromTypedYuan, fenFromYuanText, shareOf, splitFen, toFen, yuanText } from '@ihome/core/money'
import { CANCEL_POLICIES, hostShare, refundForGuest, ruleOf } from '@ihome/core/orders/cancel-rule'
import type { Goal } from '../goal.ts'

const CASES = { small: 200_000, full: 2_000_000 }
const MOST_FEN = 9_999_999_999 // 99,999,999.99 yuan
const HOUR = 3_600_000

/** G08: no float, no lost fen, tiers exact to the millisecond. The expected values come from BigInt, another arithmetic. */
export const g08: Goal = {
  id: 'G08',
  title: 'Money arithmetic',
  release: 1,
  needsShop: false,
  async prove({ size, random }) {
    const broken: string[] = []
    const expect = (holds: boolean, what: () => string) => {
      if (!holds) broken.push(what())
    }
    let cases = 0
    while (cases < CASES[size] && broken.length === 0) {
      cases += 1
      const fen = random.between(1, MOST_FEN)
      const amount = toFen(fen)

      const text = yuanText(amount)
      const whole = BigInt(fen)
      const digits = `${whole / 100n}.${String(whole % 100n).padStart(2, '0')}`
      expect(text === digits && fenFromYuanText(text) === fen, () => `L4 ${fen} fen became ${text}`)
      expect(fen > 999_999_999 || fenFromTypedYuan(text) === fen, () => `L4 typed ${text} is not ${fen} fen`)

      const fee = shareOf(amount, 6_000)
      const exact = (whole * 6n + 500n) / 1_000n // half-up: add half a fen, cut
      expect(BigInt(fee) === exact, () => `fee of ${fen} is ${fee}, not ${exact}`)

      const weights = Array.from({ length: random.between(1, 9) }, () => random.between(1, 1_000))
      const parts = splitFen(amount, weights)
      const sum = parts.reduce((total, part) => total + BigInt(part), 0n)
      expect(sum === whole, () => `parts of ${fen} by ${weights} add up to ${sum}`)

      const share = hostShare(amount, { gateway: 6_000, platform: random.between(0, 200_000) })
      const shared = BigInt(share.net) + BigInt(share.gatewayFee) + BigInt(share.platformFee)
      expect(shared === whole && share.net >= 0, () => `R1 the shares of ${fen} add up to ${shared}`)

      const start = dayAfter('2027-01-01', random.between(0, 700))
      const order = { status: 'PAID', start_date: start, end_date: dayAfter(start, 1) } as const
      const checkIn = instantInShanghai(start, 14).getTime()
      const offsetMs = random.between(-1, 1)
      const { name, tiers } = ruleOf(random.pick([...CANCEL_POLICIES]))
      const tier = random.between(0, tiers.length - 1)
      const hours = tiers[tier]?.hours ?? 0
      const refund = refundForGuest({ name, tiers }, amount, order, new Date(checkIn - hours * HOUR + offsetMs))
      const percent = BigInt(tiers[offsetMs <= 0 ? tier : tier + 1]?.percent ?? 0)
      const due = (whole * percent * 2n + 100n) / 200n
      expect(BigInt(refund) === due, () => `R8 ${name} ${hours} h ${offsetMs} ms: ${refund} of ${fen}, not ${due}`)
      expect(refund <= amount, () => `R1 refund ${refund} of ${fen}`)
    }
    expect(shareOf(toFen(411_200), 6_000) === 2_467, () => 'fee(4112.00) is not 24.67')
    for (const odd of [
      '1e2',
      ' 100.00',
      '100.000',
      '１００.00',
      'NaN',
      '-1.00',
      '01.00',
      '1,000.00',
      '.10',
      '10',
      '',
    ]) {
      expect(fenFromYuanText(odd) === undefined, () => `N10 ${JSON.stringify(odd)} was read as an amount`)
    }
    return { counts: { cases, violations: broken.length }, broken }
  },
}

function dayAfter(day: CivilDate, days: number): CivilDate {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 24 * HOUR).toISOString().slice(0, 10)
}
