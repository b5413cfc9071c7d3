import { html } from '../../cashier/html.ts'
import type { ConsolePage } from '../page.ts'
import type { PageContext } from '../pages.ts'
import { empty, field, select } from '../words.ts'
import { notifyList } from './notify-list.ts'

const PAGE = 50
const STATES = ['pending', 'acknowledged', 'given_up'] as const

export function notifiesPage({ visit, control }: PageContext): ConsolePage {
  const { say, query } = visit
  const outTradeNo = query.get('out_trade_no')?.trim() ?? ''
  const state = STATES.find((one) => one === query.get('state'))
  const before = query.get('before') ?? undefined
  const notifies = control.deliveries({
    limit: PAGE,
    ...(outTradeNo !== '' && { outTradeNo }),
    ...(state && { state }),
    ...(before !== undefined && { before }),
  })
  const filtered = outTradeNo !== '' || state !== undefined || before !== undefined
  const next = new URLSearchParams({
    ...(outTradeNo !== '' && { out_trade_no: outTradeNo }),
    ...(state && { state }),
    before: notifies.at(-1)?.notifyId ?? '',
  })
  const stateNames = [
    say('还会重试', 'will be retried'),
    say('商户已确认', 'acknowledged'),
    say('已停止重试', 'given up'),
  ]
  return {
    title: say('通知', 'Notifies'),
    place: 'notifies',
    body: html`<h1>${say('异步通知', 'Notifies')}</h1>
<p class="lead">${say('每个事件一条，notify_id 在所有重试里都不变。手动再发一次不会打乱重试计划。', 'One line for each event; its notify_id stays the same through all retries. Sending again by hand leaves the schedule as it is.')}</p>
<form method="get" action="/_sandbox/notifies" class="card" role="search"><div class="inline">${field('out-trade-no', say('商户订单号', 'out_trade_no'), html`<input id="out-trade-no" name="out_trade_no" value="${outTradeNo}" autocomplete="off">`)}
${field('state', say('状态', 'State'), select('state', 'state', [{ value: '', text: say('全部', 'All') }, ...STATES.map((value, index) => ({ value, text: stateNames[index] ?? value }))], state))}
<button class="second">${say('查找', 'Find')}</button></div></form>
<div id="notifies" data-live>${
      notifies.length > 0
        ? html`${notifyList(notifies, visit, outTradeNo !== '')}${notifies.length === PAGE ? html`<p><a class="button second" href="/_sandbox/notifies?${next.toString()}">${say('更早的', 'Earlier')}</a></p>` : undefined}`
        : filtered
          ? empty(say('没有符合的通知', 'No notify fits'), say('换个条件，或', 'Look for something else, or'), {
              href: '/_sandbox/notifies',
              text: say('看全部', 'see all'),
            })
          : empty(
              say('还没有通知', 'No notifies yet'),
              say('付款、退款、关闭之后会出现在这里。先', 'They come with payments, refunds and closings. First'),
              { href: '/_sandbox/', text: say('付一笔测试单', 'pay a test order') },
            )
    }</div>`,
  }
}
