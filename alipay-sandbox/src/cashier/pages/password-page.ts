import { formatYuan } from '../../engine/money.ts'
import { type Html, html } from '../html.ts'
import type { CheckoutView } from '../port.ts'
import { deadlineRow } from './deadline.ts'
import { alarm, heading, type Page, type PageContext, postForm, quitForm, slip, subjectRow } from './layout.ts'
import { lockedAlarm } from './locked-alarm.ts'

/** The six digits. One field, because six make a screen reader's user and a password keyboard suffer for no gain. */
export function passwordPage(context: PageContext): Page {
  const { view } = context
  return {
    title: passwordTitle(context, '输入支付密码'),
    step: 'password',
    head: view.lockedUntil
      ? heading('账户已锁定', 'This account is locked for now')
      : heading('输入支付密码', 'Enter the pay password'),
    slip: slip(view, [subjectRow(view), deadlineRow(view)]),
    body: html`${passwordAlarm(context)}
${view.lockedUntil ? undefined : passwordForm(context, html`<button>付款 ￥${formatYuan(view.amountFen)}</button>`)}
<a class="bare" href="/cashier/${view.id}/${view.lockedUntil ? 'account' : 'confirm'}">${view.lockedUntil ? '换一个账户' : '返回上一步'}</a>
${quitForm(context)}`,
  }
}

/**
 * The simulated app, opened beside the browser. It differs in what follows the payment: on an iPhone nobody is brought
 * back, on Android a new tab opens. Which of the two is the tester's choice.
 */
export function appPage(context: PageContext): Page {
  const { view } = context
  return {
    title: passwordTitle(context, '在 App 中支付（模拟）'),
    step: 'password',
    head: heading('在 App 中支付（模拟）', 'Pay in the app (simulated)'),
    slip: slip(view, [subjectRow(view), deadlineRow(view)]),
    body: html`<div class="note"><p>手机上付款常常跳到 App。付完以后，iPhone 不会回到浏览器，Android 会在新标签页打开商户页面。选一种来试。</p></div>
${passwordAlarm(context)}
${
  view.lockedUntil
    ? undefined
    : passwordForm(
        context,
        html`<input type="hidden" name="from" value="app">
<button name="via" value="app_ios">付款，像 iPhone 一样不返回</button>
<button name="via" value="app_android" class="second">付款，像 Android 一样开新标签页</button>`,
      )
}
<a class="bare" href="/cashier/${view.id}/confirm">返回上一步</a>`,
  }
}

function passwordForm(context: PageContext, buttons: Html): Html {
  const wrong = context.notice === 'wrong_password' || context.notice === 'six_digits'
  return postForm(
    context,
    'pay',
    html`<input type="hidden" name="tries" value="${context.view.triesLeft}">
<label for="pay-password">六位支付密码</label>
<input class="six" id="pay-password" name="pay_password" type="password" inputmode="numeric" autocomplete="off" pattern="[0-9]{6}" minlength="6" maxlength="6" required autofocus${
      wrong ? html` aria-invalid="true" aria-describedby="alarm"` : undefined
    }>
${buttons}`,
  )
}

function passwordTitle(context: PageContext, otherwise: string): string {
  if (context.view.lockedUntil) return '账户已锁定'
  return context.notice === 'wrong_password' ? '支付密码不对' : otherwise
}

function passwordAlarm({ view, notice }: PageContext): Html | undefined {
  if (view.lockedUntil) return lockedAlarm(view)
  if (notice === 'wrong_password') return alarm(wrongPassword(view), 'Wrong pay password.')
  if (notice === 'six_digits') return alarm('支付密码是 6 位数字。', 'The pay password has six digits.')
  if (notice === 'stale')
    return alarm(notSent(view), 'This one was not sent, for an earlier one was wrong. Please type it again.')
  return undefined
}

const wrongPassword = (view: CheckoutView): string => `支付密码不对，还可以再试 ${view.triesLeft} 次。`
const notSent = (view: CheckoutView): string =>
  `刚才这次没有提交，因为之前输错过。还可以再试 ${view.triesLeft} 次，请重新输入。`
