import type { Api } from './client.ts'
import type { PaymentResultView, PaymentView, PayWay, PayWaysView } from './schemas/payments.ts'

/** The part of the API for paying; apart, since visitors need none of it. */
export const paymentsOf = ({ call }: Pick<Api, 'call'>) => ({
  open: (orderId: number, idempotencyKey: string, way?: PayWay) =>
    call<PaymentView>({
      method: 'POST',
      path: `/orders/${orderId}/payment`,
      json: way === undefined ? {} : { way },
      idempotencyKey,
    }),
  /** By whom guests can pay at this shop, the usual way first. */
  ways: () => call<PayWaysView>({ method: 'GET', path: '/pay-ways' }),
  /** Hands over the parameters with which Alipay sent the buyer back, exactly as they came. */
  report: (form: string) => call<PaymentResultView>({ method: 'PUT', path: '/order/payment', form }),
})

export type PaymentsApi = ReturnType<typeof paymentsOf>
