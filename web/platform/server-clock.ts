import { type CivilDate, dayInShanghai } from '@ihome/core/calendar'
import { type InjectionKey, inject, onMounted, onUnmounted, type Ref, ref } from 'vue'

/** The server's clock, as far as this page has heard it. The device's own may be wrong or in another zone. */
export interface ServerClock {
  now(): Date
  today(): CivilDate
  /** Takes over the clock from an answer of the API (`now`) that has just come. */
  hear(now: string): void
}

/** `started` is what the page was rendered with: its instant if known, else only its day. */
export function createServerClock(started: {
  readonly now: string | undefined
  readonly today: CivilDate
}): ServerClock {
  let aheadMs = started.now === undefined ? undefined : Date.parse(started.now) - Date.now()
  const now = () => new Date(Date.now() + (aheadMs ?? 0))
  return {
    now,
    today: () => (aheadMs === undefined ? started.today : dayInShanghai(now())),
    hear: (text) => {
      aheadMs = Date.parse(text) - Date.now()
    },
  }
}

export const SERVER_CLOCK: InjectionKey<ServerClock> = Symbol('server clock')

export function useServerClock(): ServerClock {
  const clock = inject(SERVER_CLOCK)
  if (!clock) throw new Error('no server clock was provided')
  return clock
}

const TICK_MS = 5_000

/** The server's clock as a ref that moves on, for deadlines. It stands still while nobody looks at the page. */
export function useNow(): Readonly<Ref<Date>> {
  const clock = useServerClock()
  const now = ref(clock.now())
  const tick = () => {
    if (!document.hidden) now.value = clock.now()
  }
  let timer: ReturnType<typeof setInterval>
  onMounted(() => {
    tick()
    timer = setInterval(tick, TICK_MS)
    document.addEventListener('visibilitychange', tick)
  })
  onUnmounted(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', tick)
  })
  return now
}
