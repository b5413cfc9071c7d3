import { type Html, html } from '../../cashier/html.ts'
import type { AccountView } from '../../control/views.ts'
import { type ConsolePage, postForm, type Visit } from '../page.ts'
import type { PageContext } from '../pages.ts'
import { chip, field, moment, yuan } from '../words.ts'

export function accountsPage({ visit, control }: PageContext): ConsolePage {
  const { say } = visit
  const accounts = control.accounts()
  const { feeFen, outsideFen, sumFen } = control.state()
  return {
    title: say('账户', 'Accounts'),
    place: 'accounts',
    body: html`<h1>${say('账户', 'Accounts')}</h1>
<p class="lead">${say('钱是假的，账是真的：每一分都复式记账，所有账户加起来永远是 0。', 'The money is not real, the books are: every fen is entered twice, and all of it always adds up to 0.')}</p>
<dl class="figures three" id="books" data-live>
<div><dt>${say('手续费账户', 'Fee account')}</dt><dd>${yuan(feeFen)}</dd></div>
<div><dt>${say('沙箱之外（充值来源）', 'Outside (source of top-ups)')}</dt><dd>${yuan(outsideFen)}</dd></div>
<div><dt>${say('总和', 'Sum')}</dt><dd>${sumFen === 0 ? '0.00' : yuan(sumFen)}</dd></div>
</dl>
${roles(accounts, visit)}
<details class="card"><summary>${say('添加账户', 'Add an account')}</summary>${postForm(
      visit,
      'new-account',
      html`<fieldset><legend>${say('身份', 'Role')}</legend><div class="choices"><label><input type="radio" name="role" value="buyer" checked>${say('买家', 'Buyer')}</label><label><input type="radio" name="role" value="seller">${say('商家', 'Seller')}</label><label><input type="radio" name="role" value="payee">${say('收款人', 'Payee')}</label></div></fieldset>
<div class="fields three">${field('logon-id', say('账号', 'Login'), html`<input id="logon-id" name="logon_id" autocomplete="off" maxlength="64" required placeholder="third@example.com">`)}
${field('display-name', say('名字', 'Name'), html`<input id="display-name" name="display_name" autocomplete="off" maxlength="64" required>`)}
${field('balance', say('余额（元）', 'Balance (yuan)'), html`<input id="balance" name="balance" inputmode="decimal" autocomplete="off" maxlength="12">`)}</div>
<button>${say('添加', 'Add')}</button>`,
    )}</details>`,
  }
}

/** Sellers, buyers and those who only receive, each under a heading of its own. */
function roles(accounts: readonly AccountView[], visit: Visit): Html[] {
  const { say } = visit
  const headings = { seller: say('商家', 'Sellers'), buyer: say('买家', 'Buyers'), payee: say('收款人', 'Payees') }
  return (['seller', 'buyer', 'payee'] as const).flatMap((role) => {
    const cards = accounts.filter((one) => one.role === role).map((one) => accountCard(one, visit))
    return cards.length > 0 ? [html`<h2>${headings[role]}</h2><div class="cards two">${cards}</div>`] : []
  })
}

function accountCard(account: AccountView, visit: Visit): Html {
  const { say } = visit
  const { id, displayName, logonId, balanceFen, lockedUntil } = account
  return html`<section class="card" aria-label="${displayName}"><div id="account-${id}" data-live><div class="row apart"><h3>${displayName}</h3>${lockedUntil && html`<span>${chip('bad', say('已锁定', 'locked'))} ${moment(lockedUntil)}</span>`}</div>
<p class="big">${yuan(balanceFen)}</p></div>
<p class="soft small"><code>${logonId}</code><br><code>${id}</code></p>
${postForm(
  visit,
  'top-up',
  html`<input type="hidden" name="account_id" value="${id}"><div class="inline">${field(`amount-${id}`, say('充值（元）', 'Top up (yuan)'), html`<input id="amount-${id}" name="amount" inputmode="decimal" autocomplete="off" maxlength="12" required value="1000.00">`)}<button class="second" aria-label="${say(`给 ${displayName} 充值`, `Top up ${displayName}`)}">${say('充值', 'Top up')}</button></div>`,
)}</section>`
}
