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

interface Answer {
  readonly value: unknown
  /** By the clock, in milliseconds. */
  readonly until: number
}

/**
 * A bounded memory in front of the database. Each topic has a version that is part of the key and rises with every
 * change, so an answer that was being computed while something changed is stored where nobody looks. Those who ask
 * for what is being computed wait for it. While changes made elsewhere may go unheard, everything is read afresh.
 */
export function createReadCache({ clock, events, changes }: Pick<Deps, 'clock' | 'events' | 'changes'>): ReadCache {
  // A Map keeps its order: while room is short, what was used last is put last; the first goes when there is none.
  const answers = new Map<string, Answer>()
  const loading = new Map<string, Promise<unknown>>()
  const versions = { all: 0, areas: 0, facilities: 0, houses: 0, house: new Uint32Array(HOUSE_SLOTS) }
  const stats = { hits: 0, misses: 0 }
  events.subscribe((event) => raise(versions, event))

  function find(place: string): Answer | undefined {
    const answer = answers.get(place)
    if (!answer) return undefined
    const over = answer.until <= clock.now().getTime()
    if (!over && answers.size < MAX_ANSWERS / 2) return answer
    answers.delete(place)
    if (over) return undefined
    answers.set(place, answer)
    return answer
  }

  function keep(place: string, answer: Answer): void {
    answers.set(place, answer)
    if (answers.size <= MAX_ANSWERS) return
    const { value: oldest } = answers.keys().next()
    if (oldest !== undefined) answers.delete(oldest)
  }

  async function load<T>(place: string, wish: Kept<T>): Promise<T> {
    const value = await wish.load()
    if (wish.worthKeeping?.(value) ?? true) {
      keep(place, { value, until: clock.now().getTime() + wish.ttlS * 1_000 })
    }
    return value
  }

  return {
    stats,
    async read<T>(wish: Kept<T>): Promise<T> {
      if (!changes?.hearing()) return wish.load()
      const place = `${versions.all}.${versionOf(versions, wish.topic)}:${wish.key}`
      const answer = find(place)
      if (answer) {
        stats.hits += 1
        return answer.value as T
      }
      const begun = loading.get(place)
      if (begun) {
        stats.hits += 1
        return begun as Promise<T>
      }
      stats.misses += 1
      const work = load(place, wish).finally(() => loading.delete(place))
      loading.set(place, work)
      return work
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
    case 'thread_changed':
      break // Nothing that depends on booked nights or on talk is kept.
    case 'user_changed':
    case 'everything_changed':
      versions.all += 1
      break
  }
}
