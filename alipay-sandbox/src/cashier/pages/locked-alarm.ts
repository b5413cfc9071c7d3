import { formatBeijing } from '../../engine/beijing.ts'
import type { Html } from '../html.ts'
import type { CheckoutView } from '../port.ts'
import { alarm } from './layout.ts'

/** Says until when the pay password is locked; nothing when it is not. */
export function lockedAlarm(view: CheckoutView): Html | undefined {
  if (!view.lockedUntil) return undefined
  return alarm(
    `支付密码错误次数太多，这个账户已锁定。请在 ${formatBeijing(view.lockedUntil)}（沙箱时钟）之后再试，或换一个账户。`,
    'Too many wrong pay passwords: this account is locked for now.',
  )
}
