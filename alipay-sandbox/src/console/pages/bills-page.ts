import { BILL_TYPES } from '../../bills/bill.ts'
import type { BillView } from '../../bills/bill-view.ts'
import { type Html, html } from '../../cashier/html.ts'
import { formatBeijing } from '../../engine/beijing.ts'
import type { MovementKind } from '../../engine/ledger.ts'
import type { ConsolePage, Visit } from '../page.ts'
import type { PageContext } from '../pages.ts'
import { chip, empty, field, moment, select, yuan } from '../words.ts'

const KINDS: Readonly<Record<MovementKind, readonly [string, string]>> = {
  opening: ['期初余额', 'Opening balance'],
  top_up: ['充值', 'Top-up'],
  payment: ['收款', 'Payment'],
  fee: ['手续费', 'Fee'],
  refund: ['退款', 'Refund'],
  fee_back: ['退回手续费', 'Fee returned'],
  transfer: ['转账', 'Transfer'],
  transfer_returned: ['转账退回', 'Transfer returned'],
}

/** The bill of a day or a month as it stands, long before a merchant could fetch it. */
export function billsPage({ visit, control }: PageContext): ConsolePage {
  const { say, query } = visit
  const today = formatBeijing(control.clock().now).slice(0, 10)
  const wanted = query.get('date')?.trim() ?? ''
  const date = isPeriod(wanted) ? wanted : today
  const type = BILL_TYPES.find((one) => one === query.get('type')) ?? 'trade'
  const bill = control.bill({ date, type, limit: 200 })
  const types = [
    { value: 'trade', text: say('业务明细 trade', 'Trades (trade)') },
    { value: 'signcustomer', text: say('账务明细 signcustomer', 'Account (signcustomer)') },
  ]
  return {
    title: say('账单', 'Bills'),
    place: 'bills',
    body: html`<h1>${say('账单', 'Bills')}</h1>
<p class="lead">${say('账单从复式记账算出来，和余额一分不差。商户要等次日才能查询下载，这里随时能看，也能下载同样的 ZIP。', 'Bills come from the double entry and agree with the balances to the fen. A merchant has to wait for the next day; here they can be seen, and the same ZIP fetched, at any time.')}</p>
<form method="get" action="/_sandbox/bills" class="card"><div class="inline">${field('date', say('日期或月份', 'Day or month'), html`<input id="date" name="date" value="${date}" autocomplete="off" placeholder="2026-12-31">`, wanted !== '' && !isPeriod(wanted) ? say('写成 2026-12-31 或 2026-12', 'Write 2026-12-31 or 2026-12') : undefined)}
${field('type', say('类型', 'Type'), select('type', 'type', types, type))}
<button class="second">${say('查看', 'Show')}</button></div></form>
<div id="bill" data-live>
<p class="row"><strong>${bill.fileName}</strong> ${bill.ready ? chip('good', say('商户可以下载了', 'ready for the merchant')) : html`${chip('wait', say('还没到时间', 'not ready yet'))} <span class="soft small">${say('商户从这时起可以下载：', 'A merchant can fetch it from ')}${moment(bill.readyAt)}</span>`}</p>
${bill.rows > 0 ? billCard(bill, visit) : empty(say('没有数据', 'No rows'), say('这段时间里没有进出账。', 'Nothing came or went in this time.'))}
<p><a class="button second" href="/_sandbox/bill.zip?date=${date}&amp;type=${type}">${say('下载 ZIP', 'Download the ZIP')}</a></p>
</div>`,
  }
}

/** `yyyy-MM-dd` or `yyyy-MM` that a calendar has. */
export function isPeriod(text: string): boolean {
  const day = /^\d{4}-\d{2}$/.test(text) ? `${text}-01` : text
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return false
  const at = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day)
}

function billCard(bill: BillView, { say }: Visit): Html {
  const shown = bill.lines.length
  return html`<dl class="figures">${totals(bill, say).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<div class="card"><div class="scroll" tabindex="0" role="region" aria-label="${say('账单明细', 'Lines of the bill')}"><table><thead><tr><th scope="col">${say('时间', 'Time')}</th><th scope="col">${say('类型', 'Kind')}</th><th scope="col" class="wide">${say('商户订单号', 'out_trade_no')}</th><th scope="col" class="num">${say('金额', 'Amount')}</th><th scope="col" class="num wide">${bill.type === 'trade' ? say('手续费', 'Fee') : say('余额', 'Balance')}</th></tr></thead><tbody>${bill.lines.map(
    (line) => {
      const at = 'doneAt' in line ? line.doneAt : line.at
      const last = 'feeFen' in line ? line.feeFen : line.balanceFen
      return html`<tr><td>${moment(at)}</td><td>${say(...KINDS[line.kind])}</td><td class="wide"><code>${line.outTradeNo}</code></td><td class="num">${yuan(line.amountFen)}</td><td class="num wide">${yuan(last)}</td></tr>`
    },
  )}</tbody></table></div>${bill.rows > shown ? html`<p class="soft small">${say(`共 ${bill.rows} 行，这里是前 ${shown} 行。`, `${bill.rows} rows; the first ${shown} are shown.`)}</p>` : undefined}</div>`
}

function totals({ totals: sum }: BillView, say: Visit['say']): readonly (readonly [string, string])[] {
  if ('paidFen' in sum) {
    return [
      [say(`收款 ${sum.payments} 笔`, `Payments: ${sum.payments}`), yuan(sum.paidFen)],
      [say(`退款 ${sum.refunds} 笔`, `Refunds: ${sum.refunds}`), yuan(sum.refundedFen)],
      [say('手续费', 'Fees'), yuan(sum.feeFen)],
      [say('净额', 'Net'), yuan(sum.paidFen + sum.refundedFen + sum.feeFen)],
    ]
  }
  return [
    [say(`收入 ${sum.came} 笔`, `In: ${sum.came}`), yuan(sum.cameFen)],
    [say(`支出 ${sum.went} 笔`, `Out: ${sum.went}`), yuan(sum.wentFen)],
    [say('净额', 'Net'), yuan(sum.cameFen + sum.wentFen)],
  ]
}
