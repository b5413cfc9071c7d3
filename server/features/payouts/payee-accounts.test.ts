import type { PayeeView, PayoutsView } from '@ihome/contract/schemas/payouts'
import { describe, expect, test } from 'vitest'
import { LETTER } from '../../platform/deliver-outbox.ts'
import { givenUser } from '../../platform/testing-builders.ts'
import { openLetter } from '../sms/letters.ts'
import { forgetPayees } from './forget-payees.ts'
import { newestPayee, openPayee, resealPayees } from './payee-accounts.ts'
import { type GivenHost, PAYEE, payoutBed, payoutsOfOrder, setAccount, steppedUp } from './testing-payouts.ts'

const HOUR = 3_600_000

describe('the account of a host', async () => {
  const bed = await payoutBed()
  const { deps } = bed

  const read = async (host: GivenHost) => {
    const { headers } = await bed.signIn(host.phone)
    const answer = await bed.request({ method: 'GET', url: '/api/v1.0/user/payouts', headers })
    return { status: answer.statusCode, ...answer.json<{ data: PayoutsView; problem: string | null }>() }
  }
  const lettersOf = async ({ phone }: GivenHost) => {
    const rows = await deps.db
      .selectFrom('outbox')
      .select('payload')
      .where('topic', '=', LETTER)
      .orderBy('id')
      .execute()
    return rows
      .map(({ payload }) => openLetter(deps, payload as Record<string, unknown>).letter)
      .filter((letter) => letter.phone === phone)
  }

  test('T4 it is shown masked, lies sealed, and is opened with the verified name for the provider alone', async () => {
    const host = await bed.givenHost({ account: '138 0013 8000' })
    expect((await read(host)).data.payee).toEqual({ account: '138****8000', next: null })
    const payee = await newestPayee(deps.db, host.id)
    if (!payee) throw new Error('no account')
    expect(payee.account_sealed.toString('latin1')).not.toContain('13800138000')
    expect(openPayee(deps, payee)).toEqual({
      identity: '13800138000',
      kind: 'ALIPAY_LOGON_ID',
      name: PAYEE.displayName,
    })
  })

  test('T4 a change waits 72 hours, tells the phone, and nothing is paid meanwhile', async () => {
    const host = await bed.givenHost()
    const answer = await setAccount(bed, host, 'Other@Example.com')
    const usableFrom = new Date(deps.clock.now().getTime() + 72 * HOUR)
    expect(answer.json<{ data: PayeeView }>().data).toEqual({
      account: 'pa***@example.com',
      next: { account: 'ot***@example.com', usable_from: usableFrom.toISOString() },
    })
    expect(await lettersOf(host)).toEqual([
      { phone: host.phone, kind: 'payee_changed', params: ['pa***@example.com'] },
      { phone: host.phone, kind: 'payee_changed', params: ['ot***@example.com'] },
    ])
    expect(await newestPayee(deps.db, host.id)).toMatchObject({ account_mask: 'ot***@example.com' })
    const order = await bed.givenEarned(host)
    await bed.pass(72 * HOUR - 1, 24 * HOUR)
    expect(await payoutsOfOrder(bed, order.id)).toMatchObject([{ state: 'ACCRUED', frozen_reason: 'payee_change' }])
    await bed.pass(1)
    // The account is nobody's, so the money is refused there, at this very instant and not a day later.
    expect(await payoutsOfOrder(bed, order.id)).toMatchObject([{ state: 'MANUAL', error: 'PAYEE_NOT_EXIST' }])
  })

  test('T4 the table itself lets no change count sooner, and no account of the unverified stand', async () => {
    const host = await bed.givenHost()
    const stranger = await givenUser(deps.db)
    const insert = (userId: number) =>
      deps.db
        .insertInto('payee_accounts')
        .values({
          user_id: userId,
          account_sealed: Buffer.from('x'),
          account_digest: Buffer.alloc(32),
          account_mask: 'x',
          created_at: deps.clock.now(),
          usable_from: new Date(deps.clock.now().getTime() + 72 * HOUR - 1),
        })
        .execute()
    await expect(insert(host.id)).rejects.toMatchObject({ constraint: 'payee_accounts_changes_wait' })
    await expect(insert(stranger.id)).rejects.toMatchObject({ constraint: 'payee_accounts_of_the_verified' })
  })

  test.each(['', 'nobody', '张三', '12345678901', 'a@b', '20880000000000000', `${'a'.repeat(60)}@example.com`])(
    'R11.1 %j is no account',
    async (account) => {
      const host = await bed.givenHost({ account: null })
      const answer = await setAccount(bed, host, account)
      expect([answer.statusCode, answer.json().problem]).toEqual([400, 'input_invalid'])
    },
  )

  test('T4 it takes a second look at who somebody is, and a verified person', async () => {
    const host = await bed.givenHost({ account: null })
    const { headers } = await bed.signIn(host.phone)
    const url = '/api/v1.0/user/payout-account'
    const payload = { account: PAYEE.logonId }
    const plain = await bed.request({ method: 'PUT', url, headers, payload })
    expect([plain.statusCode, plain.json().problem]).toEqual([403, 'step_up_needed'])
    const stranger = await givenUser(deps.db)
    const { headers: theirs } = await steppedUp(bed, stranger)
    const refused = await bed.request({ method: 'PUT', url, headers: theirs, payload })
    expect([refused.statusCode, refused.json().problem]).toEqual([403, 'not_verified'])
    expect((await read(stranger)).problem).toBe('not_verified')
  })

  test('five changes a day are enough', async () => {
    const host = await bed.givenHost({ account: null })
    const answers: number[] = []
    for (let n = 0; n < 6; n += 1) answers.push((await setAccount(bed, host, `a${n}@example.com`)).statusCode)
    expect(answers).toEqual([200, 200, 200, 200, 200, 429])
  })

  test('what an older key sealed is sealed anew and opens as before', async () => {
    const host = await bed.givenHost()
    const [old] = deps.config.piiKeys
    if (!old) throw new Error('no key')
    const piiKeys = [{ id: 'k2', key: Buffer.alloc(32, 9) }, old]
    const rotated = { ...deps, config: { ...deps.config, piiKeys } }
    expect(await resealPayees(rotated)).toBeGreaterThan(0)
    expect(await resealPayees(rotated)).toBe(0)
    const payee = await newestPayee(deps.db, host.id)
    if (!payee) throw new Error('no account')
    expect(openPayee(rotated, payee).identity).toBe(PAYEE.logonId)
  })

  test('S11 who leaves takes the account along, and the rows that payouts name stay', async () => {
    const host = await bed.givenHost()
    await deps.transact((tx) => forgetPayees(tx, host.id))
    const rows = await deps.db.selectFrom('payee_accounts').selectAll().where('user_id', '=', host.id).execute()
    expect(rows).toMatchObject([{ account_mask: '已注销', account_sealed: Buffer.alloc(0) }])
  })

  test('the list of payouts goes on page after page, shows where each stands, and nobody else’s', async () => {
    const [host, other] = [await bed.givenHost({ account: null }), await bed.givenHost({ account: null })]
    const orders: number[] = []
    for (let n = 0; n < 7; n += 1) orders.unshift((await bed.givenEarned(host)).id)
    await bed.givenEarned(other)
    await bed.settle()
    const { headers } = await bed.signIn(host.phone)
    const page = async (cursor: string) => {
      const answer = await bed.request({ method: 'GET', url: `/api/v1.0/user/payouts${cursor}`, headers })
      return answer.json<{ data: PayoutsView }>().data
    }
    const first = await page('')
    const second = await page(`?cursor=${first.next_cursor}`)
    expect(second.next_cursor).toBeNull()
    const items = [...first.items, ...second.items]
    expect(items.map(({ order_id }) => order_id).sort((one, another) => another - one)).toEqual(orders)
    expect(items.every(({ stage }) => stage === 'waiting')).toBe(true)
    expect(items.every(({ frozen_reason }) => frozen_reason === 'payee_change')).toBe(true)
    await setAccount(bed, host, PAYEE.logonId)
    await bed.pass(5 * 60_000)
    expect((await page('')).items.map(({ stage }) => stage)).toEqual(Array(5).fill('sent'))
  })
})
