import type { Db } from '../../platform/db.ts'
import type { GaugeReading } from '../../platform/metrics.ts'
import { countUnsettled } from './difference-store.ts'

/** What the gateway's bill says and our books do not, or the other way round (alipay.md ALI-30). */
export const billGauges = ({ db }: { readonly db: Db }): GaugeReading[] => [
  {
    name: 'bill_unmatched',
    help: 'Differences between the bills and our books that neither the program nor a person has ended',
    read: () => countUnsettled(db),
  },
]
