import type { Settings } from '../settings.ts'
import type { Engine } from './engine.ts'
import { accountId, appId } from './ids.ts'
import type { Account, AccountRole, App } from './model.ts'

export interface NewAccount {
  readonly role: AccountRole
  readonly logonId: string
  readonly displayName: string
  readonly balanceFen?: number
  /** Both default to `111111`. */
  readonly loginPassword?: string
  readonly payPassword?: string
  readonly fee?: Partial<Pick<Settings, 'fee_rate' | 'fee_rounding' | 'fee_min_fen'>>
}

const DEFAULT_PASSWORD = '111111'
export const RICH_BUYER = 'rich@example.com'
export const POOR_BUYER = 'poor@example.com'
const SELLER = 'seller@example.com'

/** Two accounts may not share a login, and two apps no id. */
export class AlreadyThere extends Error {
  override readonly name = 'AlreadyThere'
}

export function createAccount(engine: Engine, wish: NewAccount, demo = false): Account {
  const taken = [...engine.state.accounts.values()].some((one) => one.logonId === wish.logonId)
  if (taken) throw new AlreadyThere(`there is an account ${wish.logonId} already`)
  const account: Account = {
    id: accountId(engine.state.serial, engine.random),
    role: wish.role,
    logonId: wish.logonId,
    displayName: wish.displayName,
    loginPassword: wish.loginPassword ?? DEFAULT_PASSWORD,
    payPassword: wish.payPassword ?? DEFAULT_PASSWORD,
    openingFen: wish.balanceFen ?? 0,
    demo,
    ...(wish.fee && { fee: wish.fee }),
    wrongTries: 0,
  }
  engine.store.commit({ type: 'account_created', at: engine.settledNow(), account })
  return account
}

export interface NewApp {
  readonly sellerId: string
  /** SPKI PEM. */
  readonly publicKey: string
  readonly id?: string
}

export function createApp(engine: Engine, wish: NewApp): App {
  if (wish.id !== undefined && engine.state.apps.has(wish.id))
    throw new AlreadyThere(`there is an app ${wish.id} already`)
  const app: App = {
    id: wish.id ?? appId(engine.state.serial, engine.random),
    sellerId: wish.sellerId,
    publicKey: wish.publicKey,
  }
  engine.store.commit({ type: 'app_created', at: engine.settledNow(), app })
  return app
}

/** What every new sandbox comes with: one app of one seller, a buyer who can pay anything and one who cannot. */
export function createDefaults(engine: Engine, app: Omit<NewApp, 'sellerId'>): App {
  const seller = createAccount(
    engine,
    // Opening money, because the fee is kept on refunds: with sales alone a full refund could not be paid.
    { role: 'seller', logonId: SELLER, displayName: '沙箱商家', balanceFen: 10_000_000 },
    true,
  )
  createAccount(
    engine,
    { role: 'buyer', logonId: RICH_BUYER, displayName: '沙箱买家', balanceFen: 10_000_000_000 },
    true,
  )
  createAccount(engine, { role: 'buyer', logonId: POOR_BUYER, displayName: '余额不足的买家', balanceFen: 100 }, true)
  return createApp(engine, { ...app, sellerId: seller.id })
}
