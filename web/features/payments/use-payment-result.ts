import { ApiRefusal } from '@ihome/contract/client'
import { paymentsOf } from '@ihome/contract/payments-client'
import type { Problem } from '@ihome/contract/problems'
import type { PaymentState } from '@ihome/contract/schemas/payments'
import { onMounted, onUnmounted, type Ref, ref } from 'vue'
import { useApi } from '../../platform/api.ts'

/** What the result page shows. `unknown` is `pending` after the asking has ended; `neutral` has nothing to ask about. */
export type ResultView = PaymentState | 'unknown' | 'neutral'

const PAUSE_MS = 3_000
/** 60 s of asking every 3 s. */
const MOST_ASKS = 20

/** Parameters that are not a payment of ours: asking again cannot help. Everything else may be better next time. */
const NOT_OURS: ReadonlySet<Problem> = new Set([
  'input_invalid',
  'signature_invalid',
  'payment_not_found',
  'payment_mismatch',
  'not_found',
])

/**
 * Follows the payment that Alipay's parameters tell of, as the server says it stands. Silence and outages stay
 * 确认中: nothing here ever turns into "failed" by itself. Asks every 3 s for 60 s, and again when somebody looks.
 */
export function usePaymentResult(form: string | undefined): {
  readonly view: Readonly<Ref<ResultView>>
  readonly orderId: Readonly<Ref<number | undefined>>
} {
  const api = useApi()
  const view = ref<ResultView>(form === undefined ? 'neutral' : 'pending')
  const orderId = ref<number>()
  let asks = 0
  let asking = false
  let gone = false
  let timer: ReturnType<typeof setTimeout> | undefined

  async function ask(parameters: string): Promise<void> {
    if (asking) return
    clearTimeout(timer)
    asking = true
    asks += 1
    try {
      const result = await paymentsOf(api).report(parameters)
      orderId.value = result.order_id
      // Money that was kept by the rule of a cancelled order bought nothing that could be promised here.
      view.value = result.payment_state === 'paid' && result.status === 'CANCELED' ? 'neutral' : result.payment_state
    } catch (error) {
      if (error instanceof ApiRefusal && NOT_OURS.has(error.problem)) view.value = 'neutral'
    } finally {
      asking = false
    }
    if (view.value !== 'pending' || gone) return
    if (asks < MOST_ASKS) timer = setTimeout(() => void ask(parameters), PAUSE_MS)
    else view.value = 'unknown'
  }

  /** Back from Alipay's app, or from another tab: the answer may have come meanwhile. */
  function look(): void {
    if (document.hidden || form === undefined) return
    if (view.value !== 'pending' && view.value !== 'unknown' && view.value !== 'failed') return
    if (view.value === 'unknown') view.value = 'pending'
    asks = 0
    void ask(form)
  }

  onMounted(() => {
    if (form !== undefined) void ask(form)
    document.addEventListener('visibilitychange', look)
    addEventListener('pageshow', look)
  })
  onUnmounted(() => {
    gone = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', look)
    removeEventListener('pageshow', look)
  })
  return { view, orderId }
}
