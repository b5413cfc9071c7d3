import { formatBeijing } from '../../engine/beijing.ts'
import { html } from '../html.ts'
import type { CheckoutView } from '../port.ts'
import { spanText } from '../span-text.ts'
import type { SlipRow } from './layout.ts'

/** Until when the page can be paid, and how long that was when the page was made. */
export function deadlineRow(view: CheckoutView): SlipRow {
  return {
    name: '付款截止',
    value: html`${formatBeijing(view.timeExpire)}<br>还剩 ${spanText(view.remainingMs)}`,
  }
}
