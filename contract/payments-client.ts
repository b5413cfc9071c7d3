import type { Api } from './client.ts'
import type { PaymentResultView, PaymentView } from './schemas/payments.ts'

/** The part of the API for paying; apart, since visitors need none of it. */
export const paymentsOf = ({ call }: Pick<Api, 'call'>) => ({
  open: (orderId: number, idempotencyKey: string) =>
    call<PaymentView>({ method: 'POST', path: `/orders/${orderId}/payment`, json: {}, idempotencyKey }),
  /** Hands over the parameters with which Alipay sent the buyer back, exactly as they came. */
  report: (form: string) => call<PaymentResultView>({ method: 'PUT', path: '/order/payment', form }),
})

export type PaymentsApi = ReturnType<typeof paymentsOf>
