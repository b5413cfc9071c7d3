import { createAccount, createApp, createDefaults, type NewAccount } from './engine/accounts.ts'
import type { Engine } from './engine/engine.ts'
import type { App } from './engine/model.ts'
import { publicPem, readPublicKey } from './keys.ts'

/** An app whose private key the sandbox never sees. */
export interface OwnApp {
  readonly id: string
  /** SPKI as PEM or as one line of base64. */
  readonly publicKey: string
  /** Login of the seller it belongs to; the first seller by default. */
  readonly seller?: string
}

export interface AppsWish {
  readonly appId?: string
  readonly appPublicKey?: string
  readonly apps?: readonly OwnApp[]
  /** Made at the first start only. */
  readonly accounts?: readonly NewAccount[]
}

/** What was asked for contradicts what the data directory holds. */
export class AppMismatch extends Error {
  override readonly name = 'AppMismatch'
}

/**
 * Makes the default accounts and the first app of a new sandbox, and the apps that were asked for and are missing.
 * Answers the app that the merchant is told of: its own, or the first.
 */
export function openApps(engine: Engine, wish: AppsWish, madePublicKey: string): App {
  const own = wish.appPublicKey === undefined ? undefined : normalKey(wish.appPublicKey)
  const fresh = engine.state.apps.size === 0
  if (fresh) {
    createDefaults(engine, { publicKey: own ?? madePublicKey, ...(wish.appId !== undefined && { id: wish.appId }) })
    for (const account of wish.accounts ?? []) createAccount(engine, account)
  }
  for (const app of wish.apps ?? []) openApp(engine, { ...app, publicKey: normalKey(app.publicKey) })
  const apps = [...engine.state.apps.values()]
  if (own !== undefined) {
    const id = wish.appId ?? apps.find((app) => app.publicKey === own)?.id
    return openApp(engine, { ...(id !== undefined && { id }), publicKey: own })
  }
  const chosen = apps.find((app) => app.id === wish.appId) ?? apps[0]
  if (!chosen) throw new Error('a sandbox without an app')
  return chosen
}

function openApp(engine: Engine, wish: { id?: string; publicKey: string; seller?: string }): App {
  const known = engine.state.apps.get(wish.id ?? '')
  if (known) {
    if (known.publicKey === wish.publicKey) return known
    throw new AppMismatch(
      `app ${known.id} is known here with another public key; take another data directory or app id`,
    )
  }
  const sellers = [...engine.state.accounts.values()].filter((account) => account.role === 'seller')
  const seller = wish.seller === undefined ? sellers[0] : sellers.find((account) => account.logonId === wish.seller)
  if (!seller) throw new AppMismatch(`there is no seller ${wish.seller} for app ${wish.id}`)
  const { id, publicKey } = wish
  return createApp(engine, { sellerId: seller.id, publicKey, ...(id !== undefined && { id }) })
}

function normalKey(text: string): string {
  try {
    return publicPem(readPublicKey(text))
  } catch (cause) {
    throw new AppMismatch('an app public key is neither SPKI PEM nor its base64', { cause })
  }
}
