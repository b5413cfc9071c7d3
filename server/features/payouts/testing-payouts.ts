import { accrue, payApplied } from '@ihome/core/ledger/postings'
import { toFen } from '@ihome/core/money'
import { type AlipaySandbox, type FaultKind, startAlipaySandbox } from 'alipay-sandbox'
import { afterAll } from 'vitest'
import { movableClock, type TestApp, testApp, testDeps } from '../../platform/testing.ts'
import { givenHouse, givenUser } from '../../platform/testing-builders.ts'
import { verifyRealName } from '../accounts/real-names.ts'
import { deskOrderRoutes } from '../desk/desk-order-routes.ts'
import { accountSum, post } from '../ledger/post.ts'
import { type GivenOrder, givenOrder } from '../orders/testing-orders.ts'
import { createAlipayPayouts } from '../payments/alipay/alipay-payouts.ts'
import { orderPayments } from '../payments/order-payments.ts'
import { deskPayoutRoutes } from './desk-payout-routes.ts'
import { openPayouts } from './open-payouts.ts'
import type { PayoutNeeds } from './payout-needs.ts'
import { payoutRoutes } from './payout-routes.ts'
import type { PayoutProvider } from './provider.ts'
import { schedulePayouts } from './schedule-payouts.ts'
import { sendDuePayouts } from './send-payouts.ts'

export const PAYEE = { logonId: 'payee@example.com', displayName: '李四' }
const TRANSFER = 'alipay.fund.trans.uni.transfer'
const HOUR_MS = 3_600_000

export interface GivenHost {
  readonly id: number
  readonly phone: string
}

export interface PayoutBed extends TestApp {
  readonly needs: PayoutNeeds
  readonly sandbox: AlipaySandbox
  /** Replaces the provider's calls for the tests that need an answer which the sandbox never gives. */
  readonly provider: { -readonly [Name in keyof PayoutProvider]: PayoutProvider[Name] }
  /** Somebody verified under the name of {@link PAYEE}; with an account to be paid to unless told otherwise. */
  givenHost(facts?: { readonly account?: string | null }): Promise<GivenHost>
  /** A night of this host of which `net` fen are earned just now; it was booked `hoursAgo`, for the day after. */
  givenEarned(host: GivenHost, net?: number, hoursAgo?: number): Promise<GivenOrder>
  /** Runs every job of payouts until nothing is due. */
  settle(): Promise<void>
  /** Lets time pass in steps, as the jobs of a running server would see it. */
  pass(ms: number, stepMs?: number): Promise<void>
  /** Spoils the next answer about a transfer. */
  fault(kind: FaultKind, facts?: { method?: string; times?: number; value?: string }): Promise<void>
  /** What arrived at the payee, and what our own account lost, according to the gateway. */
  moved(): { readonly arrived: number; readonly spent: number }
}

/** The app with payouts switched on, its own database, and an Alipay of its own in certificate mode on the same clock. */
export async function payoutBed(): Promise<PayoutBed> {
  const clock = movableClock('2026-11-25T10:00:00Z')
  const sandbox = await startAlipaySandbox({
    port: 0,
    memory: true,
    clock,
    accounts: [{ role: 'payee', ...PAYEE }],
  })
  afterAll(() => sandbox.stop())
  const { appCert, alipayCert, alipayRootCert } = await sandbox.certificates()
  const deps = await testDeps({
    clock,
    env: {
      ALIPAY_GATEWAY: sandbox.gatewayUrl,
      ALIPAY_APP_ID: sandbox.merchant.appId,
      ALIPAY_SELLER_ID: sandbox.merchant.sellerId,
      ALIPAY_PUBLIC_KEY: sandbox.merchant.alipayPublicKeyPem,
      APP_PRIVATE_KEY: sandbox.merchant.appPrivateKey,
      PAYOUTS: 'alipay',
      APP_CERT: appCert,
      ALIPAY_CERT: alipayCert,
      ALIPAY_ROOT_CERT: alipayRootCert,
    },
  })
  const { alipay, payouts: certificates } = deps.config
  if (!certificates) throw new Error('payouts are off')
  const provider = { ...createAlipayPayouts({ ...alipay, certificates, clock, timeouts: { query: 500, change: 500 } }) }
  const needs: PayoutNeeds = { ...deps, payouts: provider }
  const bed = await testApp({
    deps,
    features: {
      api: [payoutRoutes, deskPayoutRoutes, (app) => deskOrderRoutes(app as never, { deps, payments: orderPayments })],
    },
  })
  const balance = (logonId: string) =>
    sandbox.control.accounts().find((one) => one.logonId === logonId)?.balanceFen ?? 0
  const before = { arrived: balance(PAYEE.logonId), spent: balance('seller@example.com') }

  const settle = async () => {
    for (;;) {
      await sandbox.clock.settle()
      const done = (await openPayouts(needs)) + (await schedulePayouts(needs)) + (await sendDuePayouts(needs))
      if (done === 0) return
    }
  }
  return {
    ...bed,
    needs,
    sandbox,
    provider,
    async givenHost({ account = PAYEE.logonId } = {}) {
      const host = await givenUser(deps.db)
      await verifyRealName(deps, { userId: host.id, realName: PAYEE.displayName, idCard: newIdCard(), consent: true })
      if (account !== null) await setAccount(bed, host, account)
      return host
    },
    async givenEarned(host, net = 20_000, hoursAgo = 72) {
      const house = await givenHouse(deps.db, { hostId: host.id, priceFen: net })
      const at = new Date(clock.now().getTime() - hoursAgo * HOUR_MS)
      const order = await givenOrder(deps.db, { status: 'PAID', house, at, endDate: nextDay(at, 2) })
      const id = String(order.id)
      const causes = { orderId: order.id }
      const fen = toFen(order.amountFen)
      await deps.transact(async (tx) => {
        await post(tx, { businessKey: `pay:${id}`, event: 'pay_applied', causes, entries: payApplied(id, fen), at })
        const share = { gross: fen, net: fen, platformFee: toFen(0), gatewayFee: toFen(0) }
        const entries = accrue(id, String(host.id), share)
        await post(tx, { businessKey: `accrue:${id}`, event: 'accrue', causes, entries, at: clock.now() })
      })
      return order
    },
    settle,
    async pass(ms, stepMs = 60_000) {
      for (let left = ms; left > 0; left -= stepMs) {
        clock.advance(Math.min(left, stepMs))
        await settle()
      }
    },
    async fault(kind, facts = {}) {
      await sandbox.faults.add({ kind, method: TRANSFER, times: 1, ...facts })
    },
    moved: () => ({
      arrived: balance(PAYEE.logonId) - before.arrived,
      spent: before.spent - balance('seller@example.com'),
    }),
  }
}

const nextDay = (at: Date, days: number): string =>
  new Date(at.getTime() + 8 * HOUR_MS + days * 24 * HOUR_MS).toISOString().slice(0, 10)

/** Asks for an account as its owner, recognised a second time. */
export async function setAccount(bed: TestApp, host: GivenHost, account: string) {
  const { headers } = await steppedUp(bed, host)
  return bed.request({ method: 'PUT', url: '/api/v1.0/user/payout-account', headers, payload: { account } })
}

/** A session of this person that may change the account. */
export async function steppedUp(bed: TestApp, { phone }: GivenHost) {
  const session = await bed.signIn(phone)
  await bed.deps.database.owner
    .updateTable('sessions')
    .set({ step_up_at: bed.deps.clock.now() })
    .where('user_id', '=', session.userId)
    .where('ended_at', 'is', null)
    .execute()
  return session
}

export const payoutsOfOrder = (bed: TestApp, orderId: number) =>
  bed.deps.db.selectFrom('payouts').selectAll().where('order_id', '=', orderId).orderBy('id').execute()

export const eventsOfOrder = async (bed: TestApp, orderId: number): Promise<string[]> => {
  const rows = await bed.deps.db
    .selectFrom('ledger_transactions')
    .select('event')
    .where('order_id', '=', orderId)
    .orderBy('id')
    .execute()
  return rows.map(({ event }) => event)
}

/** What we owe a host, and what the host owes us. */
export const standingOf = async ({ deps: { db } }: TestApp, host: GivenHost) => ({
  owed: 0 - (await accountSum(db, 'HOST_PAYABLE', String(host.id))),
  debt: await accountSum(db, 'HOST_RECEIVABLE', String(host.id)),
})

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
let people = 0

/** A number that fits its rules and was not given before. */
function newIdCard(): string {
  people += 1
  const body = `11010519491231${String(people).padStart(3, '0')}`
  const sum = [...body].reduce((total, digit, index) => total + Number(digit) * (WEIGHTS[index] ?? 0), 0)
  return `${body}${'10X98765432'[sum % 11]}`
}
