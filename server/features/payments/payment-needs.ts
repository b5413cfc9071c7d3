import type { PartsPerMillion } from '@ihome/core/money'
import type { Config } from '../../platform/config.ts'
import type { Deps } from '../../platform/deps.ts'
import type { Answer, PaymentProvider } from './provider.ts'

/** What every use case of payments is handed. */
export type PaymentNeeds = Deps & {
  /** The way to pay that every shop has. */
  readonly provider: PaymentProvider
  /** Further ways, each switched on by configuration. */
  readonly otherProviders?: readonly PaymentProvider[]
}

/** All ways to pay, the first one first. */
export const providersOf = ({ provider, otherProviders = [] }: PaymentNeeds): readonly PaymentProvider[] => [
  provider,
  ...otherProviders,
]

type Asked = Pick<PaymentProvider, 'query' | 'close' | 'refund' | 'queryRefund' | 'opensTrade'>

/**
 * The provider that an attempt or a refund was made with. One that is configured no more answers `misconfigured` to
 * everything: nothing is believed, nothing released, and a person is asked.
 */
export function providerOf(needs: PaymentNeeds, { provider: name }: { readonly provider: string }): Asked {
  const found = providersOf(needs).find((provider) => provider.name === name)
  if (found) return found
  const gone = async (): Promise<Answer<never>> => ({ kind: 'misconfigured', code: `provider_off:${name}`, raw: '' })
  return { query: gone, close: gone, refund: gone, queryRefund: gone }
}

const BASIS_POINT_PPM = 100

/** The rates of the postings: the gateway's expected fee and the platform's own share. */
export const feeRates = ({ limits }: Config): { gateway: PartsPerMillion; platform: PartsPerMillion } => ({
  gateway: limits.gatewayFeeBasisPoints * BASIS_POINT_PPM,
  platform: limits.platformFeeBasisPoints * BASIS_POINT_PPM,
})
