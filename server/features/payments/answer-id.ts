import type { PaymentNeeds } from './payment-needs.ts'

/** An answer happens once, so its id is made up. */
export const answerId = ({ random }: PaymentNeeds): string => `answer:${random.bytes(16).toString('hex')}`
