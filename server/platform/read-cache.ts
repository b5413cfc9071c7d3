import { BentoCache, bentostore, errors } from 'bentocache'
import { memoryDriver } from 'bentocache/drivers/memory'
import type { Deps } from './deps.ts'
import type { ChangeEvent } from './events.ts'

/** What an answer was computed from. Houses are told apart, so that a comment on one leaves the others in memory. */
export type Topic = 'areas' | 'facilities' | 'houses' | { readonly houseId: number }

export interface Kept<T> {
  readonly topic: Topic
  /** Names the answer among those of its topic; made of normalised parameters, the same for reading and writing. */
  readonly key: string
  readonly ttlS: number
  readonly load: () => Promise<T>
  /** False for an answer that is not worth its place, such as a page past the end. */
  readonly worthKeeping?: (value: T) => boolean
}

/** Answers from memory what cannot have changed since it was computed. What it gives must not be altered. */
export interface ReadCache {
  read<T>(wish: Kept<T>): Promise<T>
  readonly stats: { readonly hits: number; readonly misses: number }
}

/** At about 3 kB an answer this is some 12 MB. */
const MAX_ANSWERS = 4_096
/** Houses share version numbers, so that their count is bounded; sharing one costs a house a needless reload. */
const HOUSE_SLOTS = 4_096
const UNKEPT_MS = 1

/**
 * A bounded memory in front of the database. Each topic has a version that is part of the key and rises with every
 * change, so an answer that was being computed while something changed is stored where nobody looks. While changes
 * made elsewhere may go unheard, everything is read afresh.
 */
export function createReadCache({ events, changes }: Pick<Deps, 'events' | 'changes'>): ReadCache {
  const cache = new BentoCache({
    default: 'memory',
    stores: { memory: bentostore().useL1Layer(memoryDriver({ maxItems: MAX_ANSWERS, serialize: false })) },
  })
  const versions = { all: 0, areas: 0, facilities: 0, houses: 0, house: new Uint32Array(HOUSE_SLOTS) }
  const stats = { hits: 0, misses: 0 }
  events.subscribe((event) => raise(versions, event))

  return {
    stats,
    async read({ topic, key, ttlS, load, worthKeeping = () => true }) {
      if (!changes?.hearing()) return load()
      let missed = false
      try {
        const value = await cache.getOrSet({
          key: `${versions.all}.${versionOf(versions, topic)}:${key}`,
          ttl: ttlS * 1_000,
          factory: async ({ setOptions }) => {
            missed = true
            const loaded = await load()
            if (!worthKeeping(loaded)) setOptions({ ttl: UNKEPT_MS })
            return loaded
          },
        })
        if (missed) stats.misses += 1
        else stats.hits += 1
        return value
      } catch (error) {
        // The library wraps what the loader threw; the caller must see a refusal or an outage as what it is.
        throw error instanceof errors.E_FACTORY_ERROR && error.cause ? error.cause : error
      }
    },
  }
}

interface Versions {
  all: number
  areas: number
  facilities: number
  houses: number
  readonly house: Uint32Array
}

const slotOf = (houseId: number): number => houseId % HOUSE_SLOTS

const versionOf = (versions: Versions, topic: Topic): string =>
  typeof topic === 'string' ? `${topic}${versions[topic]}` : `house${versions.house[slotOf(topic.houseId)]}`

function raise(versions: Versions, event: ChangeEvent): void {
  switch (event.kind) {
    case 'areas_changed':
      versions.areas += 1
      versions.all += 1 // Cards and details name their area.
      break
    case 'facilities_changed':
      versions.facilities += 1
      break
    case 'house_changed':
      versions.houses += 1
      versions.house[slotOf(event.houseId)] = (versions.house[slotOf(event.houseId)] ?? 0) + 1
      break
    case 'calendar_changed':
      break // Nothing that depends on booked nights is kept.
    case 'user_changed':
    case 'everything_changed':
      versions.all += 1
      break
  }
}
