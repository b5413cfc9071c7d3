import { type InjectionKey, inject, type Ref, ref } from 'vue'

/** What a screen reader is told, and everybody sees for a few seconds: the result of a tap. */
export interface Announcer {
  readonly text: Readonly<Ref<string>>
  say(text: string): void
  /** For screen readers alone, where eyes see the result anyway. */
  readonly whispered: Readonly<Ref<string>>
  whisper(text: string): void
  clear(): void
}

const SHOWN_MS = 4_000

export function createAnnouncer(): Announcer {
  const text = ref('')
  const whispered = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined
  const clear = () => {
    clearTimeout(timer)
    text.value = ''
  }
  return {
    text,
    say(said) {
      clear()
      text.value = said
      timer = setTimeout(clear, SHOWN_MS)
    },
    clear,
    whispered,
    whisper(said) {
      whispered.value = said
    },
  }
}

export const ANNOUNCER: InjectionKey<Announcer> = Symbol('announcer')

export function useAnnouncer(): Announcer {
  const announcer = inject(ANNOUNCER)
  if (!announcer) throw new Error('no announcer was provided')
  return announcer
}
