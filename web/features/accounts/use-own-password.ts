import { computed, type Ref, ref } from 'vue'
import type { Trouble } from '../../platform/trouble.ts'
import { sayOfAccounts as say } from '../../text/accounts-say.ts'

/** The field for the current password in front of a change of the account, and what is said there. */
export function useOwnPassword(trouble: Readonly<Ref<Trouble | undefined>>) {
  const password = ref('')
  const sent = ref('')
  const isLeft = ref(false)
  const refusal = computed(() => (trouble.value?.kind === 'refusal' ? trouble.value : undefined))
  const isProblem = computed(
    () => refusal.value?.problem === 'login_failed' || refusal.value?.problem === 'login_locked',
  )
  const error = computed(() => {
    if (isLeft.value && password.value === '') return say('login.password_missing')
    if (refusal.value?.problem === 'login_locked') {
      return say('account.locked', { minutes: Math.max(1, Math.ceil((refusal.value.retryAfterSeconds ?? 600) / 60)) })
    }
    return isProblem.value && sent.value === password.value ? say('account.current_wrong') : undefined
  })
  return {
    password,
    isLeft,
    /** What was refused is this field's to say. */
    isProblem,
    error,
    /** Remembers what is sent, so that the error goes when another is typed. */
    take(): string {
      sent.value = password.value
      return password.value
    },
    clear(): void {
      password.value = ''
      sent.value = ''
      isLeft.value = false
    },
  }
}
