import { type DeliveryView, viewDelivery } from './control/views.ts'
import type { Engine } from './engine/engine.ts'
import type { TradeStatus } from './engine/model.ts'

export interface NotifyWish {
  readonly outTradeNo: string
  readonly tradeStatus?: TradeStatus
  /** Default true: wait for the delivery that the merchant acknowledged. False: for any delivery. */
  readonly acknowledged?: boolean
  /** Real milliseconds; default 10 s. */
  readonly timeoutMs?: number
}

/** Resolves with the delivery that was wished for, also one made before; rejects after the timeout. */
export function waitForNotify(engine: Engine, wish: NotifyWish): Promise<DeliveryView> {
  const acknowledged = wish.acknowledged ?? true
  const fits = (notify: { outTradeNo: string; tradeStatus: TradeStatus }, verdict: string) =>
    notify.outTradeNo === wish.outTradeNo &&
    (wish.tradeStatus === undefined || notify.tradeStatus === wish.tradeStatus) &&
    (!acknowledged || verdict === 'acknowledged')
  for (const notify of engine.state.notifies.values()) {
    const done = notify.deliveries.find((delivery) => fits(notify, delivery.verdict))
    if (done) return Promise.resolve(viewDelivery(notify, done))
  }
  return new Promise((resolve, reject) => {
    const timeoutMs = wish.timeoutMs ?? 10_000
    const timer = setTimeout(() => {
      unwatch()
      reject(
        new Error(`no ${acknowledged ? 'acknowledged ' : ''}notify about ${wish.outTradeNo} within ${timeoutMs} ms`),
      )
    }, timeoutMs)
    const stopped = engine.notifies.stopped
    const onStop = () => {
      clearTimeout(timer)
      reject(new Error('the sandbox was stopped'))
    }
    stopped.addEventListener('abort', onStop, { once: true })
    const unwatch = engine.notifies.watch((notify, delivery) => {
      if (!fits(notify, delivery.verdict)) return
      clearTimeout(timer)
      unwatch()
      stopped.removeEventListener('abort', onStop)
      resolve(viewDelivery(notify, delivery))
    })
  })
}
