import { html } from '../../cashier/html.ts'
import { formatBeijing } from '../../engine/beijing.ts'
import { type ConsolePage, postForm, rateText } from '../page.ts'
import type { PageContext } from '../pages.ts'
import { empty, field, kindText, moment } from '../words.ts'

/** Of each kind that is looked at; the soonest of them are shown. */
const MOST = 200

export function clockPage({ visit, control }: PageContext): ConsolePage {
  const { say } = visit
  const clock = control.clock()
  const coming = [
    ...control.deliveries({ state: 'pending', limit: MOST }).map(({ nextAt, kind, outTradeNo, tradeNo }) => ({
      at: nextAt ?? clock.now,
      text: say(`重试通知：${kindText(kind, visit)}`, `Retry of a notify: ${kindText(kind, visit)}`),
      number: outTradeNo,
      href: `/_sandbox/trades/${tradeNo}`,
    })),
    ...control.trades({ status: 'WAIT_BUYER_PAY', limit: MOST }).map(({ expiresAt, outTradeNo, tradeNo }) => ({
      at: expiresAt,
      text: say('未付款的交易到期关闭', 'An unpaid trade expires'),
      number: outTradeNo,
      href: `/_sandbox/trades/${tradeNo}`,
    })),
    ...control.transfers({ status: 'DEALING', limit: MOST }).map(({ settlesAt, outBizNo }) => ({
      at: settlesAt ?? clock.now,
      text: say('处理中的转账有结果', 'A transfer in DEALING ends'),
      number: outBizNo,
      href: '/_sandbox/transfers',
    })),
  ].sort((a, b) => a.at.getTime() - b.at.getTime())
  return {
    title: say('时钟', 'Clock'),
    place: 'clock',
    body: html`<h1>${say('时钟', 'Clock')}</h1>
<p class="lead">${say('沙箱有自己的时间。往前拨的时候，路上到期的每件事都在它自己的时刻发生，做完才停下；时间从不倒流。', 'The sandbox has a time of its own. Moving it forward does everything that falls due on the way, each at its own instant, and returns when all is done. It never runs backwards.')}</p>
<div class="cards two">
<section class="card" aria-labelledby="set"><h2 id="set">${say('拨到', 'Set to')}</h2>${postForm(visit, 'set-clock', html`<div class="inline">${field('to', say('北京时间', 'Beijing time'), html`<input id="to" name="to" autocomplete="off" required value="${formatBeijing(new Date(clock.now.getTime() + 86_400_000))}">`)}<button>${say('拨到那时', 'Go there')}</button></div>`)}</section>
<section class="card" aria-labelledby="speed"><h2 id="speed">${say('速度', 'Speed')}</h2>${postForm(visit, 'set-clock', html`<div class="inline">${field('rate', say('真实 1 秒等于沙箱几秒（0 停住）', 'Sandbox seconds in one real second (0 freezes)'), html`<input id="rate" name="rate" inputmode="decimal" autocomplete="off" required value="${clock.rate}">`)}<button class="second">${say('设定', 'Set')}</button></div>`)}<p class="soft small">${say('现在：', 'Now: ')}${rateText(clock, visit)}</p></section>
</div>
<section aria-labelledby="coming"><h2 id="coming">${say('接下来会发生', 'What is coming')}</h2><div id="coming-list" data-live>${
      coming.length > 0
        ? html`<div class="card"><ol class="course">${coming.slice(0, 20).map(({ at, text, number, href }) => html`<li><span>${text} <a class="mono" href="${href}">${number}</a></span> ${moment(at)}</li>`)}</ol></div>`
        : empty(
            say('没有等待中的事件', 'Nothing is waiting'),
            say(
              '未付款的交易和没有确认的通知会排在这里。',
              'Unpaid trades and notifies that were not acknowledged line up here.',
            ),
          )
    }</div></section>`,
  }
}
