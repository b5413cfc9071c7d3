import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { INVARIANTS } from '../../audit/invariants.ts'
import { testApp } from '../../platform/testing.ts'
import { accountSum } from '../ledger/post.ts'
import { operatorHeaders } from '../operators/testing-operators.ts'
import type { GivenOrder } from '../orders/testing-orders.ts'
import { openCase } from './case-store.ts'
import { deskCaseRoutes } from './desk-case-routes.ts'
import {
  attemptsOf,
  noticeFields,
  orderRow,
  outTradeNoOf,
  paymentBed,
  refundsOf,
  signedForm,
  silenceNotices,
} from './testing-payments.ts'

describe('what waits for a person', async () => {
  const bed = await paymentBed()
  const { deps, sandbox } = bed
  const shop = await testApp({
    deps,
    features: { api: [(app) => deskCaseRoutes(app as never, { payments: bed.needs })] },
  })
  const finance = await operatorHeaders(shop, { login: 'till', role: 'finance' })
  const support = await operatorHeaders(shop, { login: 'help', role: 'support' })
  const ask = async (method: 'GET' | 'POST', path: string, payload?: object, headers = finance) => {
    const answer = await shop.request({
      method,
      url: `/api/v1.0/operator${path}`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    })
    const { problem, data } = answer.json()
    return { status: answer.statusCode, problem, data }
  }
  const violated = async () => {
    const ids: string[] = []
    for (const { id, sql: text, atRest } of INVARIANTS) {
      if (!atRest && (await sql.raw(text).execute(deps.database.owner)).rows.length > 0) ids.push(id)
    }
    return ids
  }

  /** Money that was paid under a number of ours which a restored database no longer has. */
  async function unmatched() {
    await silenceNotices(bed)
    const order = await bed.givenOrder()
    const payUrl = await bed.payUrl(order)
    const outTradeNo = outTradeNoOf(payUrl)
    await sandbox.pay({ payUrl })
    const { tradeNo } = sandbox.control.trade(outTradeNo)
    await deps.database.owner.deleteFrom('payment_attempts').where('order_id', '=', order.id).execute()
    await bed.notify(await signedForm(bed, noticeFields(bed, { outTradeNo, tradeNo })))
    const [found] = (await ask('GET', `/cases?q=${outTradeNo}`)).data.rows
    return { order, outTradeNo, found }
  }
  const match = (caseId: number, order: GivenOrder, reason = '客人出示了付款截图') =>
    ask('POST', `/cases/${caseId}/match`, { order_id: order.id, reason })

  it('E18 money without an owner says how much it is, and is not talked away', async () => {
    const { order, outTradeNo, found } = await unmatched()
    expect(found).toMatchObject({
      kind: 'unmatched',
      subject: outTradeNo,
      state: 'open',
      owner: 'operator',
      overdue: false,
      unmatched_fen: order.amountFen,
    })
    expect((await ask('POST', `/cases/${found.case_id}/resolve`, { reason: '不管了' })).problem).toBe('step_refused')
    expect((await ask('POST', `/cases/${found.case_id}/match`, { order_id: 1, reason: '试' }, support)).problem).toBe(
      'role_refused',
    )
    expect((await match(found.case_id, { ...order, id: 999_999 })).problem).toBe('order_not_found')
    expect(await accountSum(deps.db, 'SUSPENSE', outTradeNo)).toBe(-order.amountFen)
    expect((await ask('POST', `/cases/${found.case_id}/take`, { reason: '我来查' }, support)).status).toBe(200)
    expect((await ask('GET', `/cases?q=${outTradeNo}`)).data.rows).toMatchObject([{ owner: 'help' }])
  })

  it('E18 money that is matched buys the nights of its order, once, and its case ends', async () => {
    const { order, outTradeNo, found } = await unmatched()
    expect((await match(found.case_id, order)).data).toEqual({ out_trade_no: outTradeNo, effect: 'applied' })
    expect(await orderRow(bed, order.id)).toMatchObject({ status: 'PAID' })
    expect(await attemptsOf(bed, order.id)).toMatchObject([
      { out_trade_no: outTradeNo, state: 'SUCCEEDED', disposition: 'APPLIED', received_fen: order.amountFen },
    ])
    expect(await accountSum(deps.db, 'SUSPENSE', outTradeNo)).toBe(0)
    expect(await accountSum(deps.db, 'GUEST_ESCROW', String(order.id))).toBe(-order.amountFen)
    expect((await ask('GET', `/cases?q=${outTradeNo}`)).data.rows).toMatchObject([
      { state: 'closed', unmatched_fen: 0, note: expect.stringContaining('客人出示了付款截图') },
    ])
    expect((await match(found.case_id, order, '再来一次')).problem).toBe('step_refused')
    expect(await violated()).toEqual([])
    deps.clock.advance(60_000)
    await bed.settle()
    expect(await refundsOf(bed, order.id)).toEqual([])
  })

  it('E18 money that is matched to an order which can take none goes back in full', async () => {
    const { order, outTradeNo, found } = await unmatched()
    await bed.cancel(order, 'guest')
    expect((await match(found.case_id, order)).data).toMatchObject({ effect: 'surplus' })
    deps.clock.advance(60_000)
    await bed.settle()
    expect(sandbox.control.trade(outTradeNo)).toMatchObject({ refundedFen: order.amountFen })
    expect(await violated()).toEqual([])
  })

  it('is matched only when the gateway knows of the money', async () => {
    const order = await bed.givenOrder()
    const subject = 'NOBODY0000000001'
    await openCase(deps.db, { kind: 'unmatched', subject }, deps.clock.now())
    const [found] = (await ask('GET', `/cases?q=${subject}`)).data.rows
    expect((await match(found.case_id, order)).problem).toBe('payment_not_found')
    expect(await attemptsOf(bed, order.id)).toEqual([])
  })

  it('E18 money without an owner can be sent back at once', async () => {
    const { order, outTradeNo, found } = await unmatched()
    expect((await ask('POST', `/cases/${found.case_id}/refund`, { reason: '找不到订单' })).status).toBe(200)
    deps.clock.advance(60_000)
    await bed.settle()
    expect(sandbox.control.trade(outTradeNo)).toMatchObject({ refundedFen: order.amountFen })
    expect(await accountSum(deps.db, 'REFUND_PAYABLE', outTradeNo)).toBe(0)
    expect(await violated()).toEqual([])
  })

  it('E18 a number that became known meanwhile does not stay open', async () => {
    const { order, outTradeNo, found } = await unmatched()
    await deps.database.owner
      .insertInto('payment_attempts')
      .values({
        order_id: order.id,
        out_trade_no: outTradeNo,
        amount_fen: order.amountFen,
        app_id: bed.provider.appId,
        seller_id: bed.provider.sellerId,
        subject: '补录',
        time_expire: deps.clock.now(),
        state: 'NEW',
        created_at: deps.clock.now(),
      })
      .execute()
    deps.clock.advance(24 * 3_600_000)
    await bed.settle()
    const row = await deps.db
      .selectFrom('cases')
      .select('state')
      .where('id', '=', found.case_id)
      .executeTakeFirstOrThrow()
    expect(row.state).toBe('closed')
    expect(await accountSum(deps.db, 'SUSPENSE', outTradeNo)).toBe(0)
    expect(await attemptsOf(bed, order.id)).toMatchObject([{ state: 'SUCCEEDED' }])
    expect(await violated()).toEqual([])
  })
})
