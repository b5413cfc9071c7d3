import type { Deps } from '../../platform/deps.ts'
import type { PayoutProvider } from './provider.ts'

/** What paying out is handed. */
export type PayoutNeeds = Deps & { readonly payouts: PayoutProvider }
