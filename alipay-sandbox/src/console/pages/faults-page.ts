import { SERVER_METHODS } from '../../api/registry.ts'
import { type Html, html } from '../../cashier/html.ts'
import { FAULTS, type FaultKind, type FaultPlace } from '../../engine/fault-kinds.ts'
import type { Fault } from '../../engine/model.ts'
import { type ConsolePage, postForm, type Visit } from '../page.ts'
import type { PageContext } from '../pages.ts'
import { chip, empty, field, select } from '../words.ts'

export function faultsPage({ visit, control }: PageContext): ConsolePage {
  const { say } = visit
  const faults = control.faults()
  return {
    title: say('故障', 'Faults'),
    place: 'faults',
    body: html`<h1>${say('故障', 'Faults')}</h1>
<p class="lead">${say('沙箱自己从不出错，除非你要它出错。选一种，做一次那件事，看你的程序怎么应对。', 'The sandbox never fails by itself, only when it is told to. Choose a kind, do the thing once, and see how your program copes.')}</p>
<div id="faults" data-live>${faults.length > 0 ? faultTable(faults, visit) : empty(say('没有故障', 'No faults'), say('一切正常。', 'Everything works.'))}</div>
<section class="card" aria-labelledby="add"><h2 id="add">${say('添加故障', 'Add a fault')}</h2>${postForm(visit, 'add-fault', addForm(visit))}</section>`,
  }
}

function faultTable(faults: readonly Fault[], visit: Visit): Html {
  const { say } = visit
  return html`<div class="card"><div class="scroll" tabindex="0" role="region" aria-label="${say('故障列表', 'List of faults')}"><table><thead><tr><th scope="col">${say('故障', 'Fault')}</th><th scope="col" class="wide">${say('只对', 'Only for')}</th><th scope="col">${say('次数', 'Times')}</th><th scope="col"><span class="soft">${say('操作', 'Action')}</span></th></tr></thead><tbody>${faults.map((fault) => faultRow(fault, visit))}</tbody></table></div></div>`
}

function faultRow(fault: Fault, visit: Visit): Html {
  const { say, language } = visit
  const { id, kind, used, times } = fault
  const most = times === null ? '∞' : String(times ?? 1)
  const over = times !== null && used >= (times ?? 1)
  const conditions = [
    fault.method,
    fault.event,
    fault.outTradeNo,
    fault.phase,
    fault.probability === undefined ? undefined : `p = ${fault.probability}`,
  ]
    .filter((one) => one !== undefined)
    .join(' · ')
  return html`<tr><td><code>${kind}</code><br><span class="soft small">${FAULTS[kind][language]}</span></td><td class="wide"><code>${conditions || '–'}</code></td><td class="nowrap">${used} / ${most} ${over ? chip('dull', say('已用完', 'used up')) : chip('wait', say('等待中', 'in wait'))}</td><td>${postForm(visit, 'remove-fault', html`<input type="hidden" name="id" value="${id}"><button class="second small" id="remove-${id}" aria-label="${say(`移除 ${kind}`, `Remove ${kind}`)}">${say('移除', 'Remove')}</button>`)}</td></tr>`
}

function addForm(visit: Visit): Html {
  const { say } = visit
  const places: readonly (readonly [FaultPlace, string])[] = [
    ['notify', say('通知', 'Notifies')],
    ['api', say('接口应答', 'Answers of the gateway')],
    ['bill', say('账单', 'Bills')],
  ]
  const kinds = Object.keys(FAULTS) as FaultKind[]
  const anyOf = { value: '', text: say('全部', 'All') }
  const events = [
    { value: 'created', text: say('交易创建', 'created') },
    { value: 'paid', text: say('付款', 'paid') },
    { value: 'refunded', text: say('退款', 'refunded') },
    { value: 'closed', text: say('关闭', 'closed') },
    { value: 'finished', text: say('完结', 'finished') },
  ]
  return html`${field(
    'kind',
    say('故障', 'Fault'),
    html`<select name="kind" id="kind">${places.map(
      ([place, name]) =>
        html`<optgroup label="${name}">${kinds.filter((kind) => FAULTS[kind].where === place).map((kind) => html`<option value="${kind}">${FAULTS[kind][visit.language]} · ${kind}</option>`)}</optgroup>`,
    )}</select>`,
  )}
<div class="fields">${field('times', say('次数', 'Times'), html`<input id="times" name="times" inputmode="numeric" autocomplete="off" placeholder="1">`)}
${field('out-trade-no', say('只对这个商户订单号', 'Only for this out_trade_no'), html`<input id="out-trade-no" name="out_trade_no" autocomplete="off" placeholder="${say('全部；可以写 test_* 这样的前缀', 'all; a prefix such as test_* works too')}">`)}</div>
<p><label class="check"><input type="checkbox" name="endless" value="yes"> ${say('不限次数，直到移除', 'Without end, until removed')}</label></p>
<details><summary>${say('更细的条件', 'Finer conditions')}</summary><div class="fields three">
${field('event', say('通知故障：哪种事件', 'Notify faults: which event'), select('event', 'event', [anyOf, ...events]))}
${field('method', say('接口故障：哪个方法', 'API faults: which method'), select('method', 'method', [anyOf, ...Object.keys(SERVER_METHODS).map((value) => ({ value, text: value }))]))}
${field(
  'phase',
  say('接口故障：执行之前还是之后', 'API faults: before or after execution'),
  select('phase', 'phase', [
    { value: '', text: say('默认', 'default') },
    { value: 'before', text: say('不执行', 'before: not executed') },
    { value: 'after', text: say('执行了', 'after: executed') },
  ]),
)}
${field('delay', say('推迟多久', 'Delay'), html`<input id="delay" name="delay" autocomplete="off" placeholder="10m">`, say('只用于 notify_delayed 和 slow_drip', 'Only for notify_delayed and slow_drip'))}
${field('probability', say('概率', 'Probability'), html`<input id="probability" name="probability" inputmode="decimal" autocomplete="off" placeholder="1">`, say('0 到 1', '0 to 1'))}
${field('seed', say('种子', 'Seed'), html`<input id="seed" name="seed" inputmode="numeric" autocomplete="off" placeholder="0">`, say('同一个种子，同一次运行', 'Same seed, same run'))}
${field('value', say('写进去的值', 'Value'), html`<input id="value" name="value" autocomplete="off">`, say('用于说明里提到 value 的故障', 'For faults whose description names value'))}
${field('days', say('迟到几天', 'Days late'), html`<input id="days" name="days" inputmode="numeric" autocomplete="off" placeholder="1">`, say('只用于 bill_late', 'Only for bill_late'))}</div></details>
<button>${say('添加', 'Add')}</button>`
}
