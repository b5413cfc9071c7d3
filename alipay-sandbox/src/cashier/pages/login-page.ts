import { formatYuan } from '../../engine/money.ts'
import { type Html, html } from '../html.ts'
import type { CheckoutView, DemoBuyer } from '../port.ts'
import { deadlineRow } from './deadline.ts'
import {
  alarm,
  heading,
  numberRow,
  type Page,
  type PageContext,
  postForm,
  quitForm,
  slip,
  subjectRow,
} from './layout.ts'

/** Account and login password, and the sandbox's own buyers beside it, since nobody can know them otherwise. */
export function loginPage(context: PageContext, buyers: readonly DemoBuyer[]): Page {
  const { view } = context
  return {
    title: context.notice === 'wrong_login' ? '账号或密码不对' : '登录',
    step: 'login',
    head: heading('登录后付款', 'Log in to pay'),
    slip: slip(view, [subjectRow(view), numberRow(view), deadlineRow(view)]),
    body: html`${accountForm(context, buyers)}
${quitForm(context)}`,
  }
}

/** Another buyer for the same page: the one who logged in may be poor, or locked. */
export function switchAccountPage(context: PageContext, buyers: readonly DemoBuyer[]): Page {
  return {
    title: context.notice === 'wrong_login' ? '账号或密码不对' : '换账户',
    step: 'login',
    head: heading('换一个账户付款', 'Pay with another account'),
    body: html`${current(context.view)}
${accountForm(context, buyers)}
<a class="bare" href="/cashier/${context.view.id}/confirm">不换了</a>`,
  }
}

function current(view: CheckoutView): Html | undefined {
  return (
    view.buyer && html`<p class="soft">现在是 <bdi>${view.buyer.displayName}</bdi>（${view.buyer.logonIdMasked}）</p>`
  )
}

function accountForm(context: PageContext, buyers: readonly DemoBuyer[]): Html {
  const wrong = context.notice === 'wrong_login'
  const described = wrong ? html` aria-invalid="true" aria-describedby="alarm"` : undefined
  return html`${wrong ? alarm('账号或登录密码不对，请再试一次。', 'Account or login password is not right.') : undefined}
${postForm(
  context,
  'login',
  html`<label for="account">账号</label>
<input id="account" name="account" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="100" required${described}>
<label for="login-password">登录密码</label>
<input id="login-password" name="login_password" type="password" autocomplete="current-password" maxlength="100" required${described}>
<button>登录</button>`,
)}
${buyers.length > 0 ? demoAccounts(context, buyers) : undefined}`
}

function demoAccounts(context: PageContext, buyers: readonly DemoBuyer[]): Html {
  const passwords = new Set(buyers.flatMap((buyer) => [buyer.loginPassword, buyer.payPassword]))
  return html`<section class="demo" aria-labelledby="demo">
<h2 id="demo">沙箱买家 <span lang="en">Sandbox buyers, play money</span></h2>
${passwords.size === 1 ? html`<p class="soft">登录密码和支付密码都是 <code>${[...passwords][0]}</code></p>` : undefined}
<ul>${buyers.map((buyer) => demoAccount(context, buyer, passwords.size === 1))}</ul>
</section>`
}

function demoAccount(context: PageContext, buyer: DemoBuyer, samePasswords: boolean): Html {
  return html`<li><div><bdi>${buyer.displayName}</bdi>，余额 ￥${formatYuan(buyer.balanceFen)}<br><code>${buyer.account}</code>${
    samePasswords
      ? undefined
      : html`<br>登录密码 <code>${buyer.loginPassword}</code>，支付密码 <code>${buyer.payPassword}</code>`
  }</div>
${postForm(
  context,
  'login',
  html`<input type="hidden" name="account" value="${buyer.account}">
<input type="hidden" name="login_password" value="${buyer.loginPassword}">
<button class="second" aria-label="用 ${buyer.displayName} 登录">用它登录</button>`,
)}</li>`
}
