import { checkCharacterOf } from '@ihome/core/identity/id-card'
import { beforeEach, describe, expect, test } from 'vitest'
import { type TestApp, testApp } from '../../platform/testing.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { placeOrder } from '../orders/place-order.ts'
import { readRealName, resealRealNames, verifyRealName } from './real-names.ts'
import { API, type CodeDesk, codeDesk, type Headers } from './testing-accounts.ts'
import { assertVerified } from './verified.ts'

const CARD = '11010519491231002X'
const OTHER_CARD = `11010519800101001${checkCharacterOf('11010519800101001')}`
const WISH = { real_name: '张三丰', id_card: CARD, consent: true }
const MASKED = { real_name: '张*', id_card: '110***********002X' }

describe('real names', () => {
  let shop: TestApp
  let desk: CodeDesk
  let user: { id: number; phone: string }
  let mine: Headers

  beforeEach(async () => {
    shop = await testApp()
    desk = codeDesk(shop)
    user = await givenUser(shop.deps.db)
    mine = (await shop.signIn(user.phone)).headers
  })

  const give = async (wish: object = WISH, headers = mine) => (await desk.post(headers, '/users/auth', wish)).json()
  const read = async (headers = mine) => (await shop.request({ url: `${API}/users/auth`, headers })).json().data
  const row = () => shop.deps.db.selectFrom('users').selectAll().where('id', '=', user.id).executeTakeFirstOrThrow()

  test('R10.1 R10.2 given once, masked ever after, and a second time changes nothing', async () => {
    expect(await read()).toEqual({ real_name: null, id_card: null })
    await expect(assertVerified(shop.deps.db, user.id)).rejects.toThrow('not_verified')
    expect((await give()).data).toEqual(MASKED)
    await assertVerified(shop.deps.db, user.id)
    const before = await row()
    expect(await give({ ...WISH, real_name: '李四', id_card: OTHER_CARD })).toMatchObject({
      errno: '4003',
      problem: 'already_verified',
    })
    expect(await read()).toEqual(MASKED)
    expect(await row()).toEqual(before)
  })

  test('R10.1 of two first ones at once one wins, and of two accounts with one number too', async () => {
    const answers = await Promise.all([give(), give({ ...WISH, id_card: OTHER_CARD })])
    expect(answers.map((answer) => answer.problem).sort()).toEqual(['already_verified', null])
    const people = await Promise.all([1, 2, 3].map(() => givenUser(shop.deps.db)))
    const card = `11010519810101001${checkCharacterOf('11010519810101001')}`
    const rivals = await Promise.all(
      people.map(async ({ phone }) => give({ ...WISH, id_card: card }, (await shop.signIn(phone)).headers)),
    )
    expect(rivals.map((answer) => answer.problem).sort()).toEqual(['id_card_taken', 'id_card_taken', null])
  })

  test.each([
    [{ id_card: '110105194912310021' }, 'id_card', 'check_digit'],
    [{ id_card: `11010519490231002${checkCharacterOf('11010519490231002')}` }, 'id_card', 'birth_date'],
    [{ id_card: '1234' }, 'id_card', 'shape'],
    [{ id_card: `11010520200101001${checkCharacterOf('11010520200101001')}` }, 'id_card', 'underage'],
    [{ real_name: '张' }, 'real_name', 'shape'],
    [{ real_name: '<script>' }, 'real_name', 'shape'],
    [{ consent: false }, 'consent', 'needed'],
  ])('R10.3 %j is refused with 4103 at its field', async (fault, field, reason) => {
    expect(await give({ ...WISH, ...fault })).toMatchObject({ errno: '4103', data: { fields: [{ field, reason }] } })
    expect((await row()).verified_at).toBeNull()
  })

  test('R10.3 the number of another account is refused with 4003, also under an older key', async () => {
    await give()
    const other = await givenUser(shop.deps.db)
    const headers = (await shop.signIn(other.phone)).headers
    expect(await give({ ...WISH, id_card: CARD.toLowerCase() }, headers)).toMatchObject({
      errno: '4003',
      problem: 'id_card_taken',
    })
    const { config } = shop.deps
    const rotated = {
      ...shop.deps,
      config: { ...config, piiKeys: [{ id: 'k2', key: Buffer.alloc(32, 9) }, ...config.piiKeys] },
    }
    const again = verifyRealName(rotated, { userId: other.id, realName: '张三', idCard: CARD, consent: true })
    await expect(again).rejects.toThrow('id_card_taken')
  })

  test('S9 the table holds neither name nor number, a moved row does not open, and a consent stands beside it', async () => {
    await give()
    const kept = await row()
    const text = JSON.stringify(kept) + kept.id_card_sealed?.toString('latin1')
    for (const secret of [CARD, '19491231', '张三丰']) expect(text).not.toContain(secret)
    const other = await givenUser(shop.deps.db)
    await shop.deps.db
      .updateTable('users')
      .set({
        real_name_sealed: kept.real_name_sealed,
        id_card_sealed: kept.id_card_sealed,
        id_card_digest: Buffer.alloc(32, 1),
        verified_at: shop.deps.clock.now(),
        verified_by: 'test',
      })
      .where('id', '=', other.id)
      .execute()
    await expect(readRealName(shop.deps, other.id)).rejects.toThrow('does not open')
    const consents = await shop.deps.db.selectFrom('consents').select(['user_id', 'purpose', 'version']).execute()
    expect(consents).toEqual([{ user_id: user.id, purpose: 'real_name', version: '2026-11' }])
  })

  test('the database itself refuses another real name in place of one', async () => {
    await give()
    const change = shop.deps.database.owner
      .updateTable('users')
      .set({ verified_at: new Date('2027-01-01T00:00:00Z') })
      .where('id', '=', user.id)
      .execute()
    await expect(change).rejects.toThrow('a real name is written once')
  })

  test('after a rotation old rows still open, are sealed anew under the new key, and then need the old one no more', async () => {
    await give()
    const { config } = shop.deps
    const fresh = { id: 'k2', key: Buffer.alloc(32, 9) }
    const both = { ...shop.deps, config: { ...config, piiKeys: [fresh, ...config.piiKeys] } }
    expect(await readRealName(both, user.id)).toEqual(MASKED)
    expect([await resealRealNames(both), await resealRealNames(both)]).toEqual([1, 0])
    expect(await readRealName({ ...both, config: { ...config, piiKeys: [fresh] } }, user.id)).toEqual(MASKED)
    await expect(readRealName(shop.deps, user.id)).rejects.toThrow('key that is not there')
  })

  test('an authority that says no is believed', async () => {
    const refusing = { name: 'strict', matches: async () => false }
    const wish = { userId: user.id, realName: '张三', idCard: CARD, consent: true }
    await expect(verifyRealName(shop.deps, wish, refusing)).rejects.toMatchObject({
      problem: 'input_invalid',
      details: { fields: [{ field: 'id_card', reason: 'no_match' }] },
    })
    expect((await row()).verified_at).toBeNull()
  })

  test('a setting makes a real name the condition of a booking', async () => {
    const house = await givenHouse(shop.deps.db)
    const book = (requireRealNameToBook: boolean) =>
      shop.deps.transact((tx) =>
        placeOrder(
          tx,
          { ...shop.deps, config: { ...shop.deps.config, requireRealNameToBook } },
          { guest_id: user.id, house_id: house.id, guest_count: 1, start_date: '2026-12-01', end_date: '2026-12-02' },
        ),
      )
    await expect(book(true)).rejects.toThrow('not_verified')
    await give()
    expect(await book(true)).toMatchObject({ status: 'WAIT_ACCEPT' })
  })

  test('somebody whose account ended books nothing, even with a request that was let in before', async () => {
    const house = await givenHouse(shop.deps.db)
    await shop.deps.db
      .updateTable('users')
      .set({ disabled_at: shop.deps.clock.now() })
      .where('id', '=', user.id)
      .execute()
    const wish = {
      guest_id: user.id,
      house_id: house.id,
      guest_count: 1,
      start_date: '2026-12-01',
      end_date: '2026-12-02',
    }
    await expect(shop.deps.transact((tx) => placeOrder(tx, shop.deps, wish))).rejects.toThrow('sign_in_needed')
  })
})
