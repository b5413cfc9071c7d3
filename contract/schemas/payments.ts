import Type, { type Static } from 'typebox'
import { Id, Instant, Nullable, strict } from './fields.ts'
import { OrderStatusField } from './orders.ts'

/** Providers by whom a guest can pay; which of them a shop has is its configuration. */
export const PAY_WAYS = ['alipay', 'wechat'] as const
export type PayWay = (typeof PAY_WAYS)[number]

export const PayWaysView = Type.Object({ ways: Type.Array(Type.Enum([...PAY_WAYS])) }, strict)
export type PayWaysView = Static<typeof PayWaysView>

/** Without `way` the first of the shop's ways is meant. */
export const OpenPaymentBody = Type.Object({ way: Type.Optional(Type.Enum([...PAY_WAYS])) }, strict)
export type OpenPaymentBody = Static<typeof OpenPaymentBody>

/** `pay_url` is null when the gateway says that the order is already paid. */
export const PaymentView = Type.Object(
  { order_id: Id, status: OrderStatusField, pay_url: Nullable(Type.String()), expires_at: Nullable(Instant) },
  strict,
)
export type PaymentView = Static<typeof PaymentView>

export const PAYMENT_STATES = ['paid', 'pending', 'failed', 'refunding'] as const
export type PaymentState = (typeof PAYMENT_STATES)[number]

export const PaymentResultView = Type.Object(
  {
    order_id: Id,
    status: OrderStatusField,
    payment_state: Type.Enum([...PAYMENT_STATES]),
  },
  strict,
)
export type PaymentResultView = Static<typeof PaymentResultView>
