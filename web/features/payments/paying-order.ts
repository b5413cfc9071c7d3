const PLACE = 'paying-order'
/** After this long, whoever left for the cashier is no longer expected back with a result. */
const FORGOTTEN_AFTER_MS = 10 * 60_000

/** Remembers, before leaving for the cashier, which order the guest went to pay. Alipay's app may never bring them back. */
export function rememberPaying(orderId: number): void {
  try {
    sessionStorage.setItem(PLACE, JSON.stringify({ orderId, at: Date.now() }))
  } catch {
    // Without storage the order is asked for when the page becomes visible, like all others.
  }
}

/** The order that this tab left to pay a short while ago. */
export function payingOrder(): number | undefined {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(PLACE) ?? 'null')
    if (typeof kept !== 'object' || kept === null || !('orderId' in kept) || !('at' in kept)) return undefined
    const age = Date.now() - Number(kept.at)
    return age >= 0 && age < FORGOTTEN_AFTER_MS ? Number(kept.orderId) : undefined
  } catch {
    return undefined
  }
}
