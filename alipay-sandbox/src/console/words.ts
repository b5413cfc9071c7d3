import { type Html, html } from '../cashier/html.ts'
import type { DeliveryView, NotifyView } from '../control/views.ts'
import { formatBeijing } from '../engine/beijing.ts'
import type { NotifyKind, TradeStatus } from '../engine/model.ts'
import { formatYuan } from '../engine/money.ts'
import type { Visit } from './page.ts'

/** Small things that several pages say in the same way. */

/** Thousands are parted, so that a hundred million can be told from ten. */
export const yuan = (fen: number): string =>
  `${fen < 0 ? '−' : ''}￥${formatYuan(Math.abs(fen)).replace(/\B(?=(\d{3})+\.)/g, ',')}`

export const moment = (at: Date): Html =>
  html`<time class="nowrap" datetime="${at.toISOString()}">${formatBeijing(at)}</time>`

type Tone = 'good' | 'wait' | 'bad' | 'done' | 'dull'
export const chip = (tone: Tone, text: string): Html => html`<span class="chip ${tone}">${text}</span>`

const TRADE_TONES: Readonly<Record<TradeStatus, Tone>> = {
  WAIT_BUYER_PAY: 'wait',
  TRADE_SUCCESS: 'good',
  TRADE_FINISHED: 'done',
  TRADE_CLOSED: 'dull',
}
/** The status by the name that programs know. */
export const tradeChip = (status: TradeStatus): Html => chip(TRADE_TONES[status], status)

const KINDS: Readonly<Record<NotifyKind, readonly [string, string]>> = {
  created: ['交易创建', 'Created'],
  paid: ['付款', 'Paid'],
  refunded: ['退款', 'Refunded'],
  closed: ['关闭', 'Closed'],
  finished: ['完结', 'Finished'],
}
export const kindText = (kind: NotifyKind, { say }: Visit): string => say(...KINDS[kind])

export function notifyChip(notify: NotifyView, { say }: Visit): Html {
  if (notify.state === 'acknowledged') return chip('good', say('商户已确认', 'acknowledged'))
  if (notify.state === 'pending') return chip('wait', say('还会重试', 'will retry'))
  return chip('bad', say('已停止重试', 'given up'))
}

export function verdictChip({ verdict }: DeliveryView, { say }: Visit): Html {
  switch (verdict) {
    case 'acknowledged':
      return chip('good', say('收到 success', 'success'))
    case 'refused':
      return chip('bad', say('不是 success', 'not success'))
    case 'unreachable':
      return chip('bad', say('连不上', 'unreachable'))
    case 'timeout':
      return chip('bad', say('超时', 'timed out'))
    case 'host_not_allowed':
      return chip('bad', say('主机不在允许名单', 'host not allowed'))
    case 'lost':
      return chip('wait', say('按故障丢失', 'lost on purpose'))
    default:
      return chip('dull', verdict)
  }
}

/** What a list says that has nothing yet, and what to do about it. */
export const empty = (title: string, text: string, link?: { href: string; text: string }): Html =>
  html`<p class="empty"><strong>${title}</strong>${text}${link && html` <a href="${link.href}">${link.text}</a>`}</p>`

export interface Option {
  readonly value: string
  readonly text: string
}

export function select(name: string, id: string, options: readonly Option[], chosen?: string): Html {
  return html`<select name="${name}" id="${id}">${options.map(
    ({ value, text }) =>
      html`<option value="${value}"${value === chosen ? html` selected` : undefined}>${text}</option>`,
  )}</select>`
}

/** A labelled field; `hint` says what to put in. */
export function field(id: string, label: string, control: Html, hint?: string | Html): Html {
  return html`<div class="field"><label for="${id}">${label}</label>${control}${hint && html`<p class="hint">${hint}</p>`}</div>`
}

/** A text that can be copied with one press. */
export function copyable(id: string, shown: Html, { say }: Visit, what: string): Html {
  return html`<div class="copy">${shown}<button type="button" class="take" data-copy="${id}" aria-label="${say(`复制${what}`, `Copy ${what}`)}">${say('复制', 'Copy')}</button></div>`
}
