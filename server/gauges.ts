import { watchInvariants } from './audit/watch-invariants.ts'
import { billGauges } from './features/bills/bill-gauges.ts'
import { holdGauges } from './features/orders/hold-gauges.ts'
import { paymentGauges } from './features/payments/payment-gauges.ts'
import { payoutGauges } from './features/payouts/payout-gauges.ts'
import { outboxGauges } from './platform/deliver-outbox.ts'
import type { Deps } from './platform/deps.ts'
import type { Metrics, Reading } from './platform/metrics.ts'
import type { Pressure } from './platform/pressure.ts'

export interface Counters {
  /** A notice of a gateway was refused. */
  readonly onNoticeRefused: (reason: string) => void
  /** A text message was taken by whoever sends it. */
  readonly onMessageSent: () => void
}

/**
 * Everything that `GET /metrics` shows beside the process's own figures. docs/alerts.yml has a rule for each, and
 * docs/runbook.md says what to do then.
 */
export function addMetrics(
  metrics: Metrics,
  deps: Pick<Deps, 'db' | 'clock' | 'config' | 'log'>,
  pressure: Pick<Pressure, 'eventLoopLagMs' | 'poolWaiting'>,
): Counters {
  const gauges: Reading[] = [
    ...paymentGauges(deps),
    ...payoutGauges(deps),
    ...billGauges(deps),
    ...holdGauges(deps),
    ...outboxGauges(deps),
    watchInvariants(deps).gauge,
    { name: 'event_loop_lag', help: 'Mean lag of the event loop, milliseconds', read: () => pressure.eventLoopLagMs },
    { name: 'pool_waiting', help: 'Requests that wait for a database connection', read: () => pressure.poolWaiting },
  ]
  metrics.addGauges(gauges)
  const refused = metrics.counter('notify_rejected', 'Notifications of the gateway that were refused', ['reason'])
  const sent = metrics.counter('sms_sent', 'Text messages that were handed over since the process started')
  return {
    onNoticeRefused: (reason) => refused.inc({ reason }),
    onMessageSent: () => sent.inc(),
  }
}
