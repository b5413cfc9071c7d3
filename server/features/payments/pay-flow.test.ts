import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { givenHouse } from '../../platform/testing-builders.ts'
import { receivedFen } from '../ledger/post.ts'
import { trialBalance } from '../ledger/trial-balance.ts'
import { textToSign } from './alipay/signing.ts'
import {
  attemptsOf,
  noticeFields,
  orderRow,
  outTradeNoOf,
  paymentBed,
  postingsOf,
  refundsOf,
  signedForm,
  silenceNotices,
} from './testing-payments.ts'

const bed = await paymentBed()
const { deps, sandbox } = bed

/** An order that its guest pays in the app, which never brings him back. */
async function pay(facts: Parameters<typeof bed.givenOrder>[0] = {}) {
  const order = await bed.givenOrder(facts)
  const payUrl = await bed.payUrl(order)
  const { returnUrl = '' } = await sandbox.pay({ payUrl })
  return { order, payUrl, outTradeNo: outTradeNoOf(payUrl), returnQuery: new URL(returnUrl).search.slice(1) }
}

describe('going to pay', () => {
  test('F1 F3 is refused with one and the same answer unless it is my own order that waits for my money', async () => {
    const statuses = ['WAIT_ACCEPT', 'CLOSING', 'PAID', 'WAIT_COMMENT', 'COMPLETE', 'CANCELED', 'REJECTED'] as const
    const answers = []
    for (const status of statuses) answers.push(await bed.press(await bed.givenOrder({ status })))
    const order = await bed.givenOrder()
    answers.push(await bed.press(order, order.hostId))
    answers.push(await bed.press({ ...order, id: 999_999_999 }))
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 404, problem: 'order_not_found', errno: '4002' })
    }
    expect(await bed.press(order)).toMatchObject({ status: 200, data: { pay_url: expect.any(String) } })
  })

  test('P5 is refused in the last minute before pay_by', async () => {
    const now = deps.clock.now().getTime()
    const order = await bed.givenOrder({ payBy: new Date(now + 59_999) })
    expect(await bed.press(order)).toMatchObject({ problem: 'order_not_found' })
    const inTime = await bed.givenOrder({ payBy: new Date(now + 60_000) })
    expect(await bed.press(inTime)).toMatchObject({ status: 200 })
  })

  test.each([
    [254_400, '2544.00'],
    [10, '0.10'],
  ])('F2 the address says everything that Alipay needs, for %i fen', async (amountFen, yuan) => {
    const house = await givenHouse(deps.db, { priceFen: amountFen, title: '胡同/小院=A&B, 近地铁' })
    const order = await bed.givenOrder({ house, startDate: '2026-12-01', endDate: '2026-12-02' })
    const { data } = await bed.press(order)
    const url = new URL(data.pay_url ?? '')
    const fields = Object.fromEntries(url.searchParams)

    expect(`${url.origin}${url.pathname}`).toBe(sandbox.gatewayUrl)
    expect(fields).toMatchObject({
      method: 'alipay.trade.wap.pay',
      app_id: sandbox.merchant.appId,
      sign_type: 'RSA2',
      timestamp: '2026-11-23 12:00:00',
      return_url: `${deps.config.publicOrigin}/pay-complete`,
      notify_url: `${deps.config.publicOrigin}/api/v1.0/pay/alipay/notify`,
    })
    expect(JSON.parse(fields.biz_content ?? '')).toEqual({
      out_trade_no: expect.stringMatching(/^ih[0-9A-Za-z]{4}_20261123_[0-9A-Za-z]{12}$/),
      total_amount: yuan,
      subject: '爱家租房 胡同 小院 A B 近地铁',
      product_code: 'QUICK_WAP_WAY',
      quit_url: `${deps.config.publicOrigin}/orders/${order.id}`,
      time_expire: '2026-11-23 14:00:00',
    })
    const { sign: signature = '', ...signed } = fields
    const text = textToSign(Object.entries(signed))
    const key = createPublicKey(sandbox.merchant.appPublicKeyPem)
    expect(verify('RSA-SHA256', Buffer.from(text), key, Buffer.from(signature, 'base64'))).toBe(true)
    expect(data).toMatchObject({ order_id: order.id, status: 'WAIT_PAYMENT', expires_at: '2026-11-23T06:00:00.000Z' })
  })

  test('E14 ALI-5 a thousand presses at once give one number and one address', async () => {
    const order = await bed.givenOrder()
    const { headers } = await bed.signIn((await guestPhone(order.guestId)) ?? '')
    const answers = await Promise.all(
      Array.from({ length: 1_000 }, () =>
        bed.request({ method: 'POST', url: `/api/v1.0/orders/${order.id}/payment`, headers }),
      ),
    )
    const urls = new Set(answers.map((answer) => answer.json<{ data: { pay_url: string } }>().data.pay_url))
    expect(urls.size).toBe(1)
    expect(await attemptsOf(bed, order.id)).toHaveLength(1)
  })

  test('E14 a later press gives the same address while it lives', async () => {
    const order = await bed.givenOrder()
    const first = await bed.payUrl(order)
    deps.clock.advance(10 * 60_000)
    expect(await bed.payUrl(order)).toBe(first)
  })

  test('F10 a press on an order that is paid, unknown to us, asks the gateway and charges nobody twice', async () => {
    const speak = await silenceNotices(bed)
    const { order } = await pay()
    deps.clock.advance(5_000)
    expect(await bed.press(order)).toMatchObject({
      status: 200,
      data: { order_id: order.id, status: 'PAID', pay_url: null, expires_at: null },
    })
    expect(await attemptsOf(bed, order.id)).toHaveLength(1)
    expect(await receivedFen(deps.db, order.id)).toBe(order.amountFen)
    await speak()
  })

  test('F11 a database made anew on the same merchant account can be paid, whatever its order ids are', async () => {
    const other = await paymentBed(bed)
    const order = await other.givenOrder()
    const payUrl = await other.payUrl(order)
    await sandbox.pay({ payUrl })
    await sandbox.waitForNotify({ outTradeNo: outTradeNoOf(payUrl) })
    expect(await orderRow(other, order.id)).toMatchObject({ status: 'PAID' })
  })
})

const guestPhone = async (id: number) =>
  (await deps.db.selectFrom('users').select('phone').where('id', '=', id).executeTakeFirst())?.phone

describe('a payment', () => {
  test('F4 E01 F9 F12 in the app, never coming back: PAID by the notification, with its trade number', async () => {
    const { order, outTradeNo, returnQuery } = await pay()
    await sandbox.waitForNotify({ outTradeNo })

    const row = await orderRow(bed, order.id)
    expect(row).toMatchObject({ status: 'PAID', trade_no: expect.stringMatching(/^\d{28}$/) })
    expect(await attemptsOf(bed, order.id)).toMatchObject([
      {
        state: 'SUCCEEDED',
        disposition: 'APPLIED',
        received_fen: order.amountFen,
        expected_fee_fen: 120,
        trade_no: row.trade_no,
      },
    ])
    expect(await postingsOf(bed, order.id)).toMatchObject([{ event: 'pay_applied' }])
    expect(await bed.comeBack(returnQuery)).toMatchObject({
      status: 200,
      data: { order_id: order.id, status: 'PAID', payment_state: 'paid' },
    })
  })

  test('F4 E02 without the notification too: PAID by our own question within five minutes', async () => {
    const speak = await silenceNotices(bed)
    const { order } = await pay()
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'WAIT_PAYMENT' })
    await bed.pass(60_000, 10_000)
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
    await speak()
  })

  test('E02 ALI-15 the browser is back before any notification: PAID by the question it starts', async () => {
    const speak = await silenceNotices(bed)
    const { order, returnQuery } = await pay()
    expect(await bed.comeBack(returnQuery)).toMatchObject({ data: { status: 'PAID', payment_state: 'paid' } })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
    await speak()
  })

  test.each(Array.from({ length: 10 }, (_, round) => [round + 1]))(
    'F8 E42 the same notification ten times at once with return and question moves once (round %i)',
    async () => {
      const speak = await silenceNotices(bed)
      const { order, outTradeNo, returnQuery } = await pay()
      const body = await signedForm(
        bed,
        noticeFields(bed, { outTradeNo, tradeNo: sandbox.control.trade(outTradeNo).tradeNo }),
      )
      const answers = await Promise.all([
        ...Array.from({ length: 10 }, () => bed.notify(body)),
        bed.comeBack(returnQuery),
        bed.press(order),
      ])

      expect(answers.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => ({ status: 200, text: 'success' })))
      expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID', version: 3 })
      expect(await postingsOf(bed, order.id)).toHaveLength(1)
      const messages = await deps.db
        .selectFrom('outbox')
        .select('dedupe_key')
        .where('order_id', '=', order.id)
        .execute()
      expect(messages.map((message) => message.dedupe_key).sort()).toEqual([
        `paid:${order.id}:guest`,
        `paid:${order.id}:host`,
      ])
      await speak()
    },
  )

  test('F8 coming back to the result page of a completed order leaves it so', async () => {
    const { order, returnQuery, outTradeNo } = await pay()
    await sandbox.waitForNotify({ outTradeNo })
    await deps.db
      .updateTable('orders')
      .set({ status: 'WAIT_COMMENT', version: 4, checked_out_at: deps.clock.now() })
      .where('id', '=', order.id)
      .execute()
    expect(await bed.comeBack(returnQuery)).toMatchObject({ data: { status: 'WAIT_COMMENT', payment_state: 'paid' } })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'WAIT_COMMENT', version: 4 })
  })

  test('F13 the fee of 4112.00 is 24.67: expected at payment, in the ledger a day after check-in', async () => {
    const house = await givenHouse(deps.db, { priceFen: 411_200 })
    const seller = () =>
      sandbox.control.accounts().find(({ id }) => id === sandbox.merchant.sellerId)?.balanceFen ?? Number.NaN
    const before = seller()
    const { order, outTradeNo } = await pay({ house, startDate: '2026-11-24', endDate: '2026-11-25' })
    await sandbox.waitForNotify({ outTradeNo })
    expect(await attemptsOf(bed, order.id)).toMatchObject([{ expected_fee_fen: 2_467 }])
    expect(seller() - before).toBe(408_733)

    deps.clock.set('2026-11-25T05:59:59.999Z')
    await bed.settle()
    expect(await postingsOf(bed, order.id)).toHaveLength(1)
    deps.clock.set('2026-11-25T06:00:00Z')
    await bed.settle()
    await bed.settle()
    expect(await postingsOf(bed, order.id)).toMatchObject([{ event: 'pay_applied' }, { event: 'accrue' }])
    const entries = await deps.db
      .selectFrom('ledger_entries as e')
      .innerJoin('ledger_transactions as t', 't.id', 'e.tx_id')
      .select(['e.account', 'e.owner_id', 'e.amount_fen'])
      .where('t.business_key', '=', `accrue:${order.id}`)
      .orderBy('e.seq')
      .execute()
    expect(entries).toEqual([
      { account: 'GUEST_ESCROW', owner_id: String(order.id), amount_fen: 411_200 },
      { account: 'HOST_PAYABLE', owner_id: String(order.hostId), amount_fen: -408_733 },
      { account: 'GATEWAY_FEE', owner_id: null, amount_fen: -2_467 },
    ])
    expect(await refundsOf(bed, order.id)).toEqual([])
    const balance = await trialBalance(deps.db, deps.clock.now())
    expect(balance.reduce((sum, { sumFen }) => sum + sumFen, 0)).toBe(0)
  })
})

describe('what the browser brings back', () => {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  /** The parameters with another signature over the right text. */
  function signedWith(query: string, algorithm: string, signType: string, key = other): string {
    const fields = new Map(new URLSearchParams(query))
    fields.delete('sign')
    fields.delete('sign_type')
    const signature = sign(algorithm, Buffer.from(textToSign(fields)), key).toString('base64')
    return new URLSearchParams([...fields, ['sign_type', signType], ['sign', signature]]).toString()
  }

  test('F6 counts for nothing with a byte changed, without sign, signed by another key or by RSA', async () => {
    const speak = await silenceNotices(bed)
    const { order, returnQuery } = await pay()
    const before = (await attemptsOf(bed, order.id))[0]
    const bad = {
      changed: returnQuery.replace('total_amount=200.00', 'total_amount=200.01'),
      ownKey: signedWith(returnQuery, 'RSA-SHA256', 'RSA2'),
      rsa: signedWith(returnQuery, 'RSA-SHA1', 'RSA'),
      odd: returnQuery.replace('sign_type=RSA2', 'sign_type=__proto__'),
    }
    for (const query of Object.values(bad)) {
      expect(await bed.comeBack(query)).toMatchObject({ status: 400, problem: 'signature_invalid', errno: '4004' })
    }
    const without = returnQuery
      .split('&')
      .filter((pair) => !pair.startsWith('sign='))
      .join('&')
    expect(await bed.comeBack(without)).toMatchObject({ status: 400, problem: 'input_invalid' })
    expect(await bed.comeBack('')).toMatchObject({ status: 400, problem: 'input_invalid' })
    expect((await attemptsOf(bed, order.id))[0]).toEqual(before)
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'WAIT_PAYMENT' })
    await speak()
  })

  test('F7 must be ours to the fen: another number, amount, app or account is named and changes nothing', async () => {
    const order = await bed.givenOrder()
    const outTradeNo = outTradeNoOf(await bed.payUrl(order))
    const fields = {
      charset: 'utf-8',
      out_trade_no: outTradeNo,
      method: 'alipay.trade.wap.pay.return',
      total_amount: '200.00',
      trade_no: '2026112322001000000000000001',
      auth_app_id: sandbox.merchant.appId,
      version: '1.0',
      app_id: sandbox.merchant.appId,
      seller_id: sandbox.merchant.sellerId,
      timestamp: '2026-11-23 12:00:00',
    }
    const comeBack = async (change: object) => bed.comeBack(await signedForm(bed, { ...fields, ...change }))
    expect(await comeBack({ out_trade_no: `${outTradeNo}x` })).toMatchObject({
      status: 404,
      problem: 'payment_not_found',
    })
    for (const change of [{ total_amount: '0.01' }, { app_id: '2021' }, { seller_id: '2088' }]) {
      expect(await comeBack(change)).toMatchObject({ status: 409, problem: 'payment_mismatch' })
    }
    expect(await comeBack({ total_amount: '2e2' })).toMatchObject({ problem: 'input_invalid' })
    // Genuine, but nobody has paid: it only starts a question, and at most one in a few seconds.
    for (let visit = 0; visit < 5; visit += 1) {
      expect(await comeBack({})).toMatchObject({ data: { status: 'WAIT_PAYMENT', payment_state: 'pending' } })
    }
    expect(await attemptsOf(bed, order.id)).toMatchObject([{ state: 'OPEN', queries: 1 }])
  })
})
