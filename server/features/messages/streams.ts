import { PassThrough, type Readable } from 'node:stream'
import type { Events } from '../../platform/events.ts'

/** Tabs of one person that may listen at once. */
const PER_PERSON = 6
/** Streams of this process in all; more would only cost memory that answers need. */
const IN_ALL = 2_000
/** A proxy that hears nothing for a minute hangs up. */
const BEAT_MS = 20_000
/** Then the browser comes again and shows its session anew. */
const LIFE_MS = 5 * 60_000

export interface Streams {
  /**
   * A stream of news for this person, or nothing while there are too many. Before each piece of news `isStillLive` is
   * asked whether the session that it was opened in has not ended; else the stream ends without it.
   */
  open(personId: number, isStillLive: () => Promise<boolean>): Readable | undefined
  /** Ends all of them, so that the server can end. */
  end(): void
}

/**
 * The browsers that listen for news of their threads. Only the number of the order goes out; what was written is asked
 * for by its own request, which knows who may read it. Whatever instance a line was written at, all of them hear of it
 * by the change feed.
 */
export function createStreams(events: Events): Streams {
  const listening = new Map<number, Set<PassThrough>>()
  const questions = new WeakMap<PassThrough, () => Promise<boolean>>()
  let count = 0
  const all = () => [...listening.values()].flatMap((streams) => [...streams])
  const tell = (streams: Iterable<PassThrough>, words: string) => {
    for (const stream of streams) if (stream.writable) stream.write(words)
  }
  const tellWhoMayHear = async (stream: PassThrough, words: string) => {
    const isLive = await questions
      .get(stream)?.()
      .catch(() => false) // Whoever cannot be known comes again.
    if (isLive) tell([stream], words)
    else stream.end()
  }

  const forget = events.subscribe((event) => {
    if (event.kind === 'everything_changed') tell(all(), 'event: again\ndata: {}\n\n')
    if (event.kind !== 'thread_changed') return
    for (const personId of new Set([event.guestId, event.hostId])) {
      for (const stream of listening.get(personId) ?? [])
        void tellWhoMayHear(stream, `event: thread\ndata: {"order_id":${event.orderId}}\n\n`)
    }
  })
  const beat = setInterval(() => tell(all(), ': beat\n\n'), BEAT_MS)
  beat.unref()

  return {
    open(personId, isStillLive) {
      const own = listening.get(personId) ?? new Set()
      if (own.size >= PER_PERSON || count >= IN_ALL) return undefined
      const stream = new PassThrough()
      const life = setTimeout(() => stream.end(), LIFE_MS)
      life.unref()
      questions.set(stream, isStillLive)
      own.add(stream)
      listening.set(personId, own)
      count += 1
      stream.once('close', () => {
        clearTimeout(life)
        own.delete(stream)
        if (own.size === 0) listening.delete(personId)
        count -= 1
      })
      stream.write('retry: 3000\nevent: again\ndata: {}\n\n')
      return stream
    },
    end() {
      forget()
      clearInterval(beat)
      for (const stream of all()) stream.end()
    },
  }
}
