import type { PartsPerMillion } from '@ihome/core/money'
import type { Config } from '../../platform/config.ts'
import type { Deps } from '../../platform/deps.ts'
import type { PaymentProvider } from './provider.ts'

/** What every use case of payments is handed. */
export type PaymentNeeds = Deps & { readonly provider: PaymentProvider }

const BASIS_POINT_PPM = 100

/** The rates of the postings: the gateway's expected fee and the platform's own share. */
export const feeRates = ({ limits }: Config): { gateway: PartsPerMillion; platform: PartsPerMillion } => ({
  gateway: limits.gatewayFeeBasisPoints * BASIS_POINT_PPM,
  platform: limits.platformFeeBasisPoints * BASIS_POINT_PPM,
})
