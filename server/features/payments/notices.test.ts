import { generateKeyPairSync, sign } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { textToSign } from './alipay/signing.ts'
import { numberPrefix } from './out-trade-no.ts'
import { resumeNotices } from './take-notice.ts'
import {
  attemptsOf,
  noticeFields,
  orderRow,
  outTradeNoOf,
  paymentBed,
  postingsOf,
  refundsOf,
  signedForm,
} from './testing-payments.ts'

const bed = await paymentBed()
const { deps, sandbox } = bed
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const original = { ...bed.provider }
afterEach(() => {
  Object.assign(bed.provider, original)
})

async function open() {
  const order = await bed.givenOrder()
  const outTradeNo = outTradeNoOf(await bed.payUrl(order))
  return { order, outTradeNo, fields: noticeFields(bed, { outTradeNo }) }
}

const formOf = (fields: Readonly<Record<string, string>>) => new URLSearchParams(fields).toString()
const signature = (fields: Readonly<Record<string, string>>, algorithm: string, key = stranger) =>
  sign(algorithm, Buffer.from(textToSign(Object.entries(fields))), key).toString('base64')

const lastFact = () =>
  deps.db.selectFrom('gateway_facts').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow()

const casesOf = (subject: string) =>
  deps.db.selectFrom('cases').select('kind').where('subject', '=', subject).orderBy('id').execute()

/** Nothing at all happened to the order and its money. */
async function expectUntouched(orderId: number) {
  expect(await orderRow(bed, orderId)).toMatchObject({ status: 'WAIT_PAYMENT', version: 2 })
  expect(await attemptsOf(bed, orderId)).toMatchObject([{ state: 'OPEN', received_fen: 0, trade_no: null }])
  expect(await postingsOf(bed, orderId)).toEqual([])
}

type Spoil = (fields: Record<string, string>) => Promise<string> | string
const good = (fields: Record<string, string>) => signedForm(bed, fields)

const FORGED: readonly (readonly [string, Spoil])[] = [
  ['N1 sign missing', (fields) => formOf({ ...fields, sign_type: 'RSA2' })],
  ['N1 sign empty', (fields) => formOf({ ...fields, sign_type: 'RSA2', sign: '' })],
  ['N2 sign wrong', (fields) => formOf({ ...fields, sign_type: 'RSA2', sign: 'AAAA' })],
  [
    'N3 sign of other content',
    async (fields) =>
      (await good({ ...fields, total_amount: '0.01' })).replace('total_amount=0.01', 'total_amount=200.00'),
  ],
  ['N3 one byte changed', async (fields) => (await good(fields)).replace('TRADE_SUCCESS', 'TRADE_SUCCESs')],
  ['N4 signed by RSA', (fields) => formOf({ ...fields, sign_type: 'RSA', sign: signature(fields, 'RSA-SHA1') })],
  ['N4 sign_type garbage', async (fields) => (await good(fields)).replace('sign_type=RSA2', 'sign_type=XX')],
  ['N4 sign_type __proto__', async (fields) => (await good(fields)).replace('sign_type=RSA2', 'sign_type=__proto__')],
  ['N4 sign_type missing', async (fields) => (await good(fields)).replace(/&?sign_type=RSA2/, '')],
  [
    'N5 signed by another key',
    (fields) => formOf({ ...fields, sign_type: 'RSA2', sign: signature(fields, 'RSA-SHA256') }),
  ],
  ['N6 an extra parameter', async (fields) => `${await good(fields)}&coupon=1`],
  ['N6 an extra parameter without value', async (fields) => `${await good(fields)}&coupon=`],
  ['N7 a key twice', async (fields) => `${await good(fields)}&total_amount=200.00`],
  ['N14 bytes of GBK', async (fields) => (await good(fields)).replace(encodeURIComponent('爱家租房'), '%B0%AE%BC%D2')],
  ['N14 a lone percent sign', async (fields) => `${await good(fields)}%`],
  ['N14 not a form at all', () => 'hello'],
]

describe('a forged notification', () => {
  test.each(FORGED)('%s is refused, kept and without effect', async (_title, spoil) => {
    const { order, fields } = await open()
    const body = await spoil(fields)
    for (let time = 0; time < 2; time += 1) {
      expect(await bed.notify(body)).toEqual({ status: 400, text: 'failure' })
    }
    expect(await lastFact()).toMatchObject({ verified: false, effect: 'rejected', reject_reason: expect.any(String) })
    await expectUntouched(order.id)
    // What a stranger sent must not keep the genuine one out.
    expect(await bed.notify(await good(fields))).toEqual({ status: 200, text: 'success' })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
  })

  test.each([
    ['application/json', '{"trade_status":"TRADE_SUCCESS"}', {}, 415],
    ['multipart/form-data; boundary=x', '--x--', {}, 415],
    ['text/plain', 'a=b', {}, 415],
    ['application/x-www-form-urlencoded', '', {}, 400],
    ['application/x-www-form-urlencoded', gzipSync('a=b'), { 'content-encoding': 'gzip' }, 400],
    ['application/x-www-form-urlencoded', Buffer.alloc(2 * 1024 * 1024, 'a'), {}, 413],
    ['application/x-www-form-urlencoded', Buffer.from([0x61, 0x3d, 0xff, 0x00]), {}, 400],
  ] as const)('N14 %s that is no such form is a 4xx', async (type, body, headers, status) => {
    expect(await bed.notify(body as string, { 'content-type': type, ...headers })).toMatchObject({ status })
  })

  test('N14 GET is a 4xx', async () => {
    const answer = await bed.request({ method: 'GET', url: '/api/v1.0/pay/alipay/notify?trade_status=TRADE_SUCCESS' })
    expect(answer.statusCode).toBeGreaterThanOrEqual(400)
    expect(answer.statusCode).toBeLessThan(500)
  })
})

describe('a genuine notification about something else', () => {
  test.each([
    ['N8 another app', { app_id: '2021000000009999' }, 'app_id'],
    ['N9 another account', { seller_id: '2088000000009999' }, 'seller_id'],
    ['N10 a negative amount', { total_amount: '-200.00' }, 'fields'],
    ['N10 an exponent', { total_amount: '2e2' }, 'fields'],
    ['N10 a leading space', { total_amount: ' 200.00' }, 'fields'],
    ['N10 three decimals', { total_amount: '200.000' }, 'fields'],
    ['N10 NaN', { total_amount: 'NaN' }, 'fields'],
    ['N10 full-width digits', { total_amount: '２００.００' }, 'fields'],
    ['N10 no amount', { total_amount: '' }, 'fields'],
    ['no number', { out_trade_no: '' }, 'fields'],
    ['no trade', { trade_no: '' }, 'fields'],
  ])('%s is refused', async (_title, change, reason) => {
    const { order, fields } = await open()
    const spoiled = Object.fromEntries(Object.entries({ ...fields, ...change }).filter(([, value]) => value !== ''))
    expect(await bed.notify(await good(spoiled))).toEqual({ status: 400, text: 'failure' })
    expect(await lastFact()).toMatchObject({ verified: true, effect: 'rejected', reject_reason: reason })
    await expectUntouched(order.id)
    // Refused for what it said, it does not keep a right one of the same event out.
    expect(await bed.notify(await good(fields))).toEqual({ status: 200, text: 'success' })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
  })

  test('N10 F7 the amount 0.01 is stored, told to a person, asked about, and pays nothing', async () => {
    const { order, outTradeNo, fields } = await open()
    expect(await bed.notify(await good({ ...fields, total_amount: '0.01' }))).toEqual({ status: 200, text: 'success' })
    await bed.settle()
    expect(await casesOf(outTradeNo)).toEqual([{ kind: 'mismatch' }])
    await expectUntouched(order.id)
  })

  test('N11 an unknown number of ours goes to a person, and is taken', async () => {
    const outTradeNo = `${numberPrefix(deps.config.publicOrigin)}20261123_unknown00001`
    expect(await bed.notify(await good(noticeFields(bed, { outTradeNo })))).toEqual({ status: 200, text: 'success' })
    expect(await lastFact()).toMatchObject({ effect: 'unmatched', verified: true })
    expect(await casesOf(outTradeNo)).toEqual([{ kind: 'unmatched' }])
  })

  test('N11 an unknown number with another app is refused', async () => {
    const outTradeNo = `${numberPrefix(deps.config.publicOrigin)}20261123_unknown00002`
    const fields = noticeFields(bed, { outTradeNo }, { app_id: '2021000000009999' })
    expect(await bed.notify(await good(fields))).toEqual({ status: 400, text: 'failure' })
    expect(await casesOf(outTradeNo)).toEqual([])
  })

  test('N12 P8 P14 the trade of one attempt never pays another', async () => {
    const first = await open()
    const second = await open()
    await bed.notify(await good(first.fields))
    const swapped = { ...second.fields, trade_no: first.fields.trade_no ?? '' }
    expect(await bed.notify(await good(swapped))).toEqual({ status: 400, text: 'failure' })
    await expectUntouched(second.order.id)
    expect(await casesOf(second.outTradeNo)).toEqual([{ kind: 'contradiction' }])
    expect(await orderRow(bed, first.order.id)).toMatchObject({ status: 'PAID' })
  })

  test('N13 the number of another environment is taken and left alone', async () => {
    const fields = noticeFields(bed, { outTradeNo: 'ihXXXX_20261123_000000000000' })
    expect(await bed.notify(await good(fields))).toEqual({ status: 200, text: 'success' })
    expect(await lastFact()).toMatchObject({ effect: 'foreign' })
  })
})

describe('a genuine but odd notification', () => {
  test('N15 R7 an old success after the refund changes nothing', async () => {
    const { order, fields, outTradeNo } = await open()
    await bed.notify(await good(fields))
    const refunded = {
      trade_status: 'TRADE_CLOSED',
      refund_fee: '200.00',
      gmt_refund: '2026-11-23 12:10:00.320',
      out_biz_no: `console_${order.id}`,
    }
    await bed.notify(await good(noticeFields(bed, { outTradeNo, tradeNo: fields.trade_no ?? '' }, refunded)))
    const before = [await orderRow(bed, order.id), await attemptsOf(bed, order.id), await refundsOf(bed, order.id)]
    for (const change of [{}, { notify_id: '2026112300000000000000000000099999' }]) {
      expect(await bed.notify(await good({ ...fields, ...change }))).toEqual({ status: 200, text: 'success' })
    }
    expect([await orderRow(bed, order.id), await attemptsOf(bed, order.id), await refundsOf(bed, order.id)]).toEqual(
      before,
    )
  })

  test('N16 a success of one order replayed for the same guest’s next order has no effect on it', async () => {
    const first = await open()
    await bed.notify(await good(first.fields))
    const again = await bed.givenOrder({ guestId: first.order.guestId })
    await bed.payUrl(again)
    expect(await bed.notify(await good(first.fields))).toEqual({ status: 200, text: 'success' })
    await expectUntouched(again.id)
  })

  test('N17 closed without refund, but paid: told to a person, asked about, nothing changed', async () => {
    const { order, fields, outTradeNo } = await open()
    await bed.notify(await good(fields))
    let asked = 0
    bed.provider.query = async () => {
      asked += 1
      return { kind: 'unknown', reason: 'timeout', raw: '' }
    }
    deps.clock.advance(5_000)
    const closed = noticeFields(bed, { outTradeNo, tradeNo: fields.trade_no ?? '' }, { trade_status: 'TRADE_CLOSED' })
    expect(await bed.notify(await good(closed))).toEqual({ status: 200, text: 'success' })
    await bed.settle()
    expect(asked).toBe(1)
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
    expect(await attemptsOf(bed, order.id)).toMatchObject([{ state: 'SUCCEEDED', disposition: 'APPLIED' }])
    expect(await casesOf(outTradeNo)).toEqual([{ kind: 'contradiction' }])
  })

  test('N17 a contradiction is asked about until there is an answer, and then no more', async () => {
    const { order, fields, outTradeNo } = await open()
    await bed.notify(await good(fields))
    deps.clock.advance(5_000)
    const closed = noticeFields(bed, { outTradeNo, tradeNo: fields.trade_no ?? '' }, { trade_status: 'TRADE_CLOSED' })
    await bed.notify(await good(closed))
    const fact = {
      outTradeNo,
      tradeNo: fields.trade_no,
      money: 'paid',
      status: 'TRADE_SUCCESS',
      amountFen: order.amountFen,
      finished: false,
      refund: undefined,
    } as const
    bed.provider.query = async () => ({ kind: 'fact', fact, raw: JSON.stringify(fact) })
    await bed.settle()
    expect(await attemptsOf(bed, order.id)).toMatchObject([{ state: 'SUCCEEDED', next_query_at: null }])
  })

  test('N20 TRADE_FINISHED alone pays, after SUCCESS it only ends refunding', async () => {
    const alone = await open()
    await bed.notify(await good({ ...alone.fields, trade_status: 'TRADE_FINISHED' }))
    const after = await open()
    await bed.notify(await good(after.fields))
    const finished = { notify_id: '2026112300000000000000000000088888', trade_status: 'TRADE_FINISHED' }
    await bed.notify(await good({ ...after.fields, ...finished }))
    for (const { order } of [alone, after]) {
      expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID', version: 3 })
      expect(await attemptsOf(bed, order.id)).toMatchObject([{ state: 'SUCCEEDED', refundable: false }])
      expect(await postingsOf(bed, order.id)).toHaveLength(1)
    }
  })

  test('N21 N22 a buyer who is still at it, and a status we do not know, are no money', async () => {
    const waiting = await open()
    await bed.notify(await good({ ...waiting.fields, trade_status: 'WAIT_BUYER_PAY' }))
    await expectUntouched(waiting.order.id)
    const odd = await open()
    expect(await bed.notify(await good({ ...odd.fields, trade_status: 'TRADE_PENDING' }))).toEqual({
      status: 200,
      text: 'success',
    })
    await expectUntouched(odd.order.id)
    expect(await casesOf(odd.outTradeNo)).toEqual([{ kind: 'contradiction' }])
    expect((await attemptsOf(bed, odd.order.id))[0]?.next_query_at).toEqual(deps.clock.now())
  })

  test('N23 three days old, it is taken all the same', async () => {
    const { order, fields } = await open()
    await bed.notify(await good({ ...fields, notify_time: '2026-11-20 12:00:00', gmt_payment: '2026-11-20 11:59:59' }))
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
  })

  test('N24 percent, plus, ampersand, equals, emoji and Chinese are read as they were signed', async () => {
    const { order, fields } = await open()
    const text = 'a+b c% = & 房😀 %E6%88%BF'
    const change = { subject: text, body: text, passback_params: encodeURIComponent('k=v&名=值') }
    expect(await bed.notify(await good({ ...fields, ...change }))).toEqual({ status: 200, text: 'success' })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
  })

  test('the content type that Alipay really sends is taken', async () => {
    const { order, fields } = await open()
    const type = { 'content-type': 'application/x-www-form-urlencoded; text/html; charset=utf-8' }
    expect(await bed.notify(await good(fields), type)).toEqual({ status: 200, text: 'success' })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
  })

  test('ALI-12 while the database is away the answer is 503 failure, so that it comes again', async () => {
    const { order, fields } = await open()
    const parse = bed.provider.parseNotify
    bed.provider.parseNotify = (body) => {
      const notice = parse(body)
      // No such column value exists: the statement fails as it would in an outage.
      return notice.kind === 'genuine' ? { ...notice, noticeId: '\0' } : notice
    }
    expect(await bed.notify(await good(fields))).toEqual({ status: 503, text: 'failure' })
    await expectUntouched(order.id)
    bed.provider.parseNotify = parse
    expect(await bed.notify(await good(fields))).toEqual({ status: 200, text: 'success' })
  })
})

test('P12 what was kept before the process died is acted on later', async () => {
  const { order, fields } = await open()
  const transact = bed.needs.transact
  Object.assign(bed.needs, {
    transact: async () => {
      throw new Error('killed')
    },
  })
  expect(await bed.notify(await good(fields))).toMatchObject({ status: 503 })
  Object.assign(bed.needs, { transact })
  expect(await lastFact()).toMatchObject({ done_at: null, verified: true })
  await expectUntouched(order.id)
  deps.clock.advance(61_000)
  await bed.settle()
  expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
  expect(sandbox.control.trades({ outTradeNo: fields.out_trade_no ?? '' })).toEqual([])
})

test('P12 a kept one that cannot be acted on keeps no other waiting', async () => {
  const [poison, sound] = [await open(), await open()]
  const { transact } = bed.needs
  Object.assign(bed.needs, {
    transact: async () => {
      throw new Error('killed')
    },
  })
  for (const { fields } of [poison, sound]) await bed.notify(await good(fields))
  let calls = 0
  deps.clock.advance(61_000)
  const done = await resumeNotices({
    ...bed.needs,
    transact: (work) => {
      calls += 1
      if (calls === 1) throw new Error('cannot be acted on')
      return transact(work)
    },
  })
  Object.assign(bed.needs, { transact })
  expect(done).toBe(1)
  expect(await orderRow(bed, poison.order.id)).toMatchObject({ status: 'WAIT_PAYMENT' })
  expect(await orderRow(bed, sound.order.id)).toMatchObject({ status: 'PAID' })
})

test('P12 a flood of forgeries is refused one by one, but kept only in part; a genuine one is kept and acted on', async () => {
  const { order, fields } = await open()
  const limits = { ...bed.needs.config.limits, unprovenNoticesPerHour: 3 }
  const { config } = bed.needs
  Object.assign(bed.needs, { config: { ...config, limits } })
  for (let index = 0; index < 6; index += 1) {
    expect(await bed.notify(`sign=AAAA&sign_type=RSA2&n=${index}`)).toEqual({ status: 400, text: 'failure' })
  }
  const kept = deps.db.selectFrom('gateway_facts').select('id').where('verified', '=', false)
  const before = (await kept.execute()).length
  await bed.notify('sign=AAAA&sign_type=RSA2&n=more')
  expect(await kept.execute()).toHaveLength(before)
  expect(await bed.notify(await good(fields))).toEqual({ status: 200, text: 'success' })
  expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
  deps.clock.advance(3_600_001)
  await bed.notify('sign=AAAA&sign_type=RSA2&n=later')
  expect(await kept.execute()).toHaveLength(before + 1)
  Object.assign(bed.needs, { config })
})

test('P12 many kept ones that nobody can read any more keep no other waiting', async () => {
  const now = deps.clock.now()
  // Of a way to pay that has been switched off since, say.
  await deps.db
    .insertInto('gateway_facts')
    .values(
      Array.from({ length: 60 }, (_, no) => ({
        entrance: 'notify',
        notice_id: `unreadable:${no}`,
        kind: 'paid',
        verified: true,
        effect: 'none',
        raw: 'WECHATPAY2-NOTICE',
        raw_sha256: '0'.repeat(64),
        received_at: now,
      })),
    )
    .execute()
  const { order, fields } = await open()
  const { transact } = bed.needs
  Object.assign(bed.needs, {
    transact: async () => {
      throw new Error('killed')
    },
  })
  await bed.notify(await good(fields))
  Object.assign(bed.needs, { transact })
  deps.clock.advance(61_000)
  await resumeNotices(bed.needs)
  expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
})
