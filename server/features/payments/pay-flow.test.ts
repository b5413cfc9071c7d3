import { describe, expect, test } from 'vitest'
import { attemptsOf, orderRow, outTradeNoOf, paymentBed, postingsOf } from './testing-payments.ts'

const bed = await paymentBed()

describe('a payment', () => {
  test('F4 pays and never returns: PAID by the notification', async () => {
    const order = await bed.givenOrder()
    const url = await bed.payUrl(order)
    await bed.sandbox.pay({ payUrl: url })
    await bed.sandbox.waitForNotify({ outTradeNo: outTradeNoOf(url) })

    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID', trade_no: expect.stringMatching(/^\d{28}$/) })
    expect(await attemptsOf(bed, order.id)).toMatchObject([
      { state: 'SUCCEEDED', disposition: 'APPLIED', received_fen: order.amountFen, expected_fee_fen: 120 },
    ])
    expect(await postingsOf(bed, order.id)).toMatchObject([{ event: 'pay_applied' }])
  })
})
