import type { AskCodeBody, SmsPurpose } from '@ihome/contract/schemas/accounts'
import { onMounted, onUnmounted, ref } from 'vue'
import { useAccounts } from './use-accounts.ts'

/** How often and how long one looks whether the message has left. */
const LOOK_MS = 1_000
const LOOKS = 45

/**
 * Asks for codes of one purpose: counts down to the next one, over reloads too, and follows the message until it has
 * left or failed.
 */
export function useSmsSending(purpose: SmsPurpose) {
  const accounts = useAccounts()
  const place = `sms:${purpose}`
  const seconds = ref(0)
  const state = ref<'queued' | 'sent' | 'failed'>()
  const inbox = ref<string>()
  let until = 0
  let ticking: ReturnType<typeof setInterval> | undefined
  let looking: ReturnType<typeof setTimeout> | undefined
  let gone = false

  function tick(): void {
    seconds.value = Math.max(0, Math.ceil((until - Date.now()) / 1_000))
    if (seconds.value > 0) return
    clearInterval(ticking)
    ticking = undefined
    keep()
  }

  /** No code for so many seconds. */
  function wait(forSeconds: number): void {
    until = Date.now() + forSeconds * 1_000
    keep()
    ticking ??= setInterval(tick, 1_000)
    tick()
  }

  function keep(): void {
    try {
      if (until > Date.now()) sessionStorage.setItem(place, String(until))
      else sessionStorage.removeItem(place)
    } catch {
      // Without storage the count begins anew after a reload; the server counts all the same.
    }
  }

  async function follow(requestId: string, looks = 0): Promise<void> {
    const seen = await accounts.sending(requestId).catch(() => undefined)
    if (gone || looks >= LOOKS) return
    if (seen) state.value = seen.state
    if (seen?.state === 'failed') wait(0)
    if (seen?.state === 'sent' || seen?.state === 'failed') return
    looking = setTimeout(() => void follow(requestId, looks + 1), LOOK_MS)
  }

  onMounted(() => {
    try {
      const kept = Number(sessionStorage.getItem(place) ?? 0)
      if (kept > Date.now()) wait((kept - Date.now()) / 1_000)
    } catch {
      // Nothing was kept.
    }
  })
  onUnmounted(() => {
    gone = true
    clearInterval(ticking)
    clearTimeout(looking)
  })

  return {
    /** Until the next code may be asked for; 0 when it may. */
    seconds,
    state,
    /** Where a trial at home shows its messages. */
    inbox,
    wait,
    async ask(mobile: string, captcha: Pick<AskCodeBody, 'image_code' | 'image_code_id'>): Promise<void> {
      clearTimeout(looking)
      const asked = await accounts.askCode(mobile, { ...captcha, purpose })
      state.value = 'queued'
      inbox.value = asked.inbox
      wait(asked.retry_after_s)
      void follow(asked.sms_request_id)
    },
  }
}
