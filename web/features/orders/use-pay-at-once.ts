import { paymentsOf } from '@ihome/contract/payments-client'
import { computed, type Ref, ref } from 'vue'
import { useAnnouncer } from '../../platform/announcer.ts'
import { useApi } from '../../platform/api.ts'
import { useRouter } from '../../platform/page-router.ts'
import { useStep } from '../../platform/use-step.ts'
import { sayPrivately as say } from '../../text/private-say.ts'
import { inAppBrowser } from '../payments/in-app-browser.ts'
import { useLeave } from '../payments/leave-to-cashier.ts'
import { rememberPaying } from '../payments/paying-order.ts'
import { usePayWays } from '../payments/use-pay-ways.ts'

export interface PayAtOnce {
  readonly busy: Readonly<Ref<boolean>>
  /** On from the new order to the cashier; to the order itself when that is not possible now. */
  go(orderId: number, isHere: () => boolean): Promise<void>
}

/**
 * What follows a booking that needs no answer of the host. The order's page takes the place of the booking in the
 * history first, so that the way back from the cashier leads to what can still be paid and not to a second booking.
 */
export function usePayAtOnce(houseId: number): PayAtOnce {
  const api = useApi()
  const router = useRouter()
  const leave = useLeave()
  const announcer = useAnnouncer()
  const payment = useStep(`pay-at-once:${houseId}`, (orderId: number, key) => paymentsOf(api).open(orderId, key))
  const ways = usePayWays()
  const leaving = ref(false)

  return {
    busy: computed(() => payment.busy.value || leaving.value),
    async go(orderId, isHere) {
      // Alipay cannot open inside these, and where there is a choice it is made on the order's page.
      const waits = inAppBrowser(navigator.userAgent) !== undefined || ways.value.length > 1
      const answer = waits ? undefined : await payment.run(orderId)
      if (!isHere()) return
      leaving.value = answer?.pay_url != null
      await router.replace(`/orders/${orderId}`)
      if (!answer?.pay_url) return announcer.say(say('booking.placed_to_pay'))
      rememberPaying(orderId)
      leave(answer.pay_url)
    },
  }
}
