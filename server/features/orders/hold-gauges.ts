import type { Db } from '../../platform/db.ts'
import type { GaugeReading } from '../../platform/metrics.ts'
import { countHolds } from './hold-store.ts'

/** Nights that are taken and not paid; a great many at once mean that somebody books without wanting to stay. */
export const holdGauges = ({ db }: { readonly db: Db }): GaugeReading[] => [
  { name: 'holds_live', help: 'Stays that are held and not paid yet', read: () => countHolds(db) },
]
