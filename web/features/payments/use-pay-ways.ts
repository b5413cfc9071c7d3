import type { Api } from '@ihome/contract/client'
import { paymentsOf } from '@ihome/contract/payments-client'
import type { PayWay } from '@ihome/contract/schemas/payments'
import { onMounted, type Ref, ref } from 'vue'
import { useApi } from '../../platform/api.ts'
import { inAppBrowser } from './in-app-browser.ts'

/** WeChat Pay opens from a phone's own browser: not on a desktop, and not inside WeChat itself (alipay.md 9). */
export const opensWechatPay = (userAgent: string): boolean =>
  /Mobi|Android|iPhone/i.test(userAgent) && inAppBrowser(userAgent) === undefined

/** What a shop offers does not change while a page is open, so all buttons of a page ask once. */
const asked = new WeakMap<Api, Promise<readonly PayWay[]>>()

/** By whom this guest can pay from here; the usual way alone until the shop has said more, or when it cannot. */
export function usePayWays(): Readonly<Ref<readonly PayWay[]>> {
  const api = useApi()
  const ways = ref<readonly PayWay[]>(['alipay'])
  onMounted(async () => {
    if (!opensWechatPay(navigator.userAgent)) return
    const answer =
      asked.get(api) ??
      paymentsOf(api)
        .ways()
        .then((view) => view.ways)
    asked.set(api, answer)
    try {
      ways.value = await answer
    } catch {
      asked.delete(api) // the usual way needs no answer, and the next page asks again
    }
  })
  return ways
}
