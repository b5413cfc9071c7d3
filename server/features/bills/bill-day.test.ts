import { addDays } from '@ihome/core/calendar'
import { beforeAll, describe, expect, test } from 'vitest'
import { givenHouse } from '../../platform/testing-builders.ts'
import { attemptsOf } from '../payments/testing-payments.ts'
import { findDay } from './day-store.ts'
import { fetchDay } from './fetch-day.ts'
import { type BillBed, billBed, everythingIn } from './testing-bills.ts'

const SELLER_BEGINS_WITH = 10_000_000
let bed: BillBed

beforeAll(async () => {
  bed = await billBed()
  await bed.sandbox.control.topUp(bed.sandbox.merchant.sellerId, 200_914_481 - SELLER_BEGINS_WITH)
  await bed.nextDayAt(10)
  await bed.fetchDue() // the shop's first day; its bill is due tomorrow
})

const clearing = async () => {
  const rows = await bed.deps.db
    .selectFrom('ledger_entries')
    .select(['account', 'amount_fen'])
    .where('account', 'in', ['CLEARING', 'GATEWAY_FEE'])
    .execute()
  const sum = (account: string) =>
    rows.filter((row) => row.account === account).reduce((total, { amount_fen }) => total + amount_fen, 0)
  return { clearing: sum('CLEARING'), fee: sum('GATEWAY_FEE') }
}

describe('F13 product 6 row 15', () => {
  test('2,009,144.81 and an order of 4,112.00 less 24.67 are 2,013,232.14 at the gateway, in its bill and in our books', async () => {
    const house = await givenHouse(bed.deps.db, { priceFen: 205_600 })
    const order = await bed.givenOrder({ house })
    await bed.sandbox.pay({ payUrl: await bed.payUrl(order) })
    await bed.settle()
    const day = bed.today()
    expect(await clearing()).toEqual({ clearing: 411_200, fee: 0 })
    expect(await bed.fetchDue()).toBe(0)

    await bed.nextDayAt(9.6)
    expect(await bed.fetchDue()).toBe(1)
    expect(await clearing()).toEqual({ clearing: 411_200 - 2_467, fee: 2_467 })
    const [attempt] = await attemptsOf(bed, order.id)
    expect(attempt).toMatchObject({ expected_fee_fen: 2_467, billed_fee_fen: 2_467 })
    expect(await bed.differences(day)).toEqual([])
    expect(await findDay(bed.deps.db, day)).toMatchObject({
      matched: 1,
      fees_fen: 2_467,
      base_fen: 200_914_481,
      theirs_fen: 201_323_214,
      ours_fen: 201_323_214,
    })
    const [seller] = bed.sandbox.control.accounts().filter(({ id }) => id === bed.sandbox.merchant.sellerId)
    expect(seller?.balanceFen).toBe(201_323_214)
  })

  test('G16 a second run changes nothing', async () => {
    const before = await everythingIn(bed)
    await fetchDay(bed.billNeeds, addDays(bed.today(), -1), { again: true })
    expect(await everythingIn(bed)).toBe(before)
  })
})
