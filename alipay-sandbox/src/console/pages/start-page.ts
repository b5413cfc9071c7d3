import { type Html, html } from '../../cashier/html.ts'
import { CONFIG_SNIPPETS } from '../../config-snippets.ts'
import type { MerchantFile } from '../../merchant-files.ts'
import { type ConsolePage, postForm } from '../page.ts'
import type { PageContext } from '../pages.ts'
import { chip, copyable, field, yuan } from '../words.ts'
import { tradeTable } from './trades-page.ts'

const FORMAT_NAMES: Readonly<Record<string, string>> = {
  env: '.env',
  json: 'JSON',
  node: 'Node',
  java: 'Java',
  php: 'PHP',
  python: 'Python',
  go: 'Go',
  ruby: 'Ruby',
}

/** The first screen: pay something at once, then point one's own program here. */
export function startPage(context: PageContext): ConsolePage {
  const { visit, control } = context
  const { say } = visit
  const trades = control.trades({ limit: 5 })
  return {
    title: say('开始', 'Start'),
    place: 'start',
    body: html`<h1>${say('付一笔测试单，再接上你的程序', 'Pay a test order, then connect your program')}</h1>
<p class="lead">${say('网关已经在运行。不用写代码，下面一步就能走完下单、付款、通知；看清楚了，再把配置复制到你的程序里。', 'The gateway is running. The form below goes through ordering, paying and being notified without any code; after that, copy the configuration into your program.')}</p>
<div class="cards lop">
<div>${testOrderCard(context)}
${buyersCard(context)}</div>
${configCard(context)}
</div>
${figures(context)}
<section class="card" aria-labelledby="latest">
<div class="row apart"><h2 id="latest">${say('最近的交易', 'Latest trades')}</h2><a href="/_sandbox/trades">${say('全部', 'All')}</a></div>
<div id="latest-trades" data-live>${trades.length > 0 ? tradeTable(trades, visit) : html`<p class="empty"><strong>${say('还没有交易', 'No trades yet')}</strong>${say('付一笔测试单，或让你的程序下单，它会自己出现在这里。', 'Pay a test order or let your program make one: it appears here by itself.')}</p>`}</div>
</section>`,
  }
}

function figures({ control, visit: { say } }: PageContext): Html {
  const { counts, sumFen, feeFen, warnings } = control.state()
  return html`<dl class="figures" id="figures" data-live>
<div><dt>${say('交易', 'Trades')}</dt><dd>${counts.trades}</dd></div>
<div><dt>${say('待重试的通知', 'Notifies to retry')}</dt><dd>${counts.pendingNotifies}</dd></div>
<div><dt>${say('收到的手续费', 'Fees taken')}</dt><dd>${yuan(feeFen)}</dd></div>
<div><dt>${say('复式记账之和', 'Sum of all books')}</dt><dd>${sumFen === 0 ? html`0.00` : html`<span class="chip bad">${yuan(sumFen)}</span>`}</dd></div>
</dl>
<div id="warnings" data-live>${
    warnings.length > 0
      ? html`<details class="card"><summary>${chip('wait', say(`${warnings.length} 条提醒`, `${warnings.length} warnings`))}</summary><ul>${warnings
          .slice(-20)
          .reverse()
          .map(({ text }) => html`<li>${text}</li>`)}</ul></details>`
      : undefined
  }</div>`
}

function testOrderCard({ visit, shop }: PageContext): Html {
  const { say } = visit
  if (!shop.canOrder) return ownKeyCard(visit)
  const choice = (name: string, value: string, text: string, first: boolean) =>
    html`<label><input type="radio" name="${name}" value="${value}"${first ? html` checked` : undefined}>${text}</label>`
  return html`<section class="card" aria-labelledby="test-order">
<h2 id="test-order" class="numbered" data-no="1">${say('付一笔测试单', 'Pay a test order')}</h2>
${postForm(
  visit,
  'test-order',
  html`<fieldset><legend>${say('产品', 'Product')}</legend><div class="choices">${choice('product', 'wap', say('手机网站 wap.pay', 'Mobile wap.pay'), true)}${choice('product', 'page', say('电脑网站 page.pay', 'Desktop page.pay'), false)}</div></fieldset>
<div class="fields">${field('amount', say('金额（元）', 'Amount (yuan)'), html`<input id="amount" name="amount" inputmode="decimal" autocomplete="off" value="88.80" maxlength="12" required>`)}
${field('subject', say('商品', 'Subject'), html`<input id="subject" name="subject" autocomplete="off" value="${say('测试商品', 'Test goods')}" maxlength="256" required>`)}</div>
<fieldset><legend>${say('收到通知时，测试商户回答', 'To the notify, the test shop answers')}</legend><div class="choices">${choice('answer', 'success', 'success', true)}${choice('answer', 'fail', say('fail（看重试）', 'fail (see the retries)'), false)}</div></fieldset>
<details><summary>${say('通知发到我自己的程序', 'Notify my own program instead')}</summary>${field('notify-url', 'notify_url', html`<input id="notify-url" name="notify_url" type="url" autocomplete="off" placeholder="http://127.0.0.1:3000/notify">`, say('留空就由沙箱里的测试商户接收。', 'Left empty, the test shop inside the sandbox takes it.'))}</details>
<div class="row"><button>${say('下单并去付款', 'Order and go to pay')}</button><button class="second" name="then" value="link">${say('只要付款链接', 'Only the link')}</button></div>`,
)}
</section>`
}

/** With a key of the merchant's own only the merchant can sign an order. */
const ownKeyCard = ({ say }: PageContext['visit']): Html => html`<section class="card" aria-labelledby="test-order">
<h2 id="test-order" class="numbered" data-no="1">${say('用你的程序下第一单', 'Make the first order with your program')}</h2>
<p>${say('这个应用用的是你自己的密钥，沙箱只有公钥，不能替你签名。让你的程序生成付款链接，用浏览器打开，或者', 'This app has a key of your own, and the sandbox holds only its public half. Let your program make a pay address and open it in a browser, or')} <code>npx alipay-sandbox pay "…"</code></p>
</section>`

function configCard({ visit, facts }: PageContext): Html {
  const { say } = visit
  return html`<section class="card" aria-labelledby="config">
<h2 id="config" class="numbered" data-no="2">${say('接上你的程序', 'Connect your program')}</h2>
<dl class="merchant">
<dt>${say('网关', 'Gateway')}</dt><dd>${copyable('fact-gateway', html`<code id="fact-gateway">${facts.gatewayUrl}</code>`, visit, say('网关地址', 'gateway address'))}</dd>
<dt>app_id</dt><dd>${copyable('fact-app', html`<code id="fact-app">${facts.appId}</code>`, visit, 'app_id')}</dd>
<dt>seller_id</dt><dd>${copyable('fact-seller', html`<code id="fact-seller">${facts.sellerId}</code>`, visit, 'seller_id')}</dd>
</dl>
${facts.files ? snippets(facts.files, visit) : inMemory(facts.alipayPublicKey, visit)}
</section>`
}

function snippets(files: MerchantFile, visit: PageContext['visit']): Html {
  const { say } = visit
  const formats = Object.keys(CONFIG_SNIPPETS)
  return html`<div class="snippets">
<fieldset><legend class="small">${say('复制配置（私钥只写路径）', 'Configuration to copy (private keys as paths only)')}</legend><div class="choices tabs">${formats.map(
    (name) =>
      html`<label><input type="radio" name="format" id="format-${name}" value="${name}"${name === 'env' ? html` checked` : undefined}>${FORMAT_NAMES[name] ?? name}</label>`,
  )}</div></fieldset>
${formats.map((name) => html`<div class="snippet-${name}"><pre class="wrap" id="config-${name}" tabindex="0">${CONFIG_SNIPPETS[name]?.(files).trimEnd()}</pre><button type="button" class="take" data-copy="config-${name}" aria-label="${say(`复制 ${FORMAT_NAMES[name]} 配置`, `Copy the ${FORMAT_NAMES[name]} configuration`)}">${say('复制', 'Copy')}</button></div>`)}
</div>
<details><summary>${say('密钥文件', 'Key files')}</summary><dl>
${keyRow(say('应用私钥', 'App private key'), files.appPrivateKeyFile)}
${keyRow('PKCS#8', files.appPrivateKeyPkcs8File)}
<dt>${say('支付宝公钥', 'Alipay public key')}</dt><dd><code>${files.alipayPublicKeyFile}</code></dd>
${certificateRows(files, visit)}</dl></details>`
}

const keyRow = (name: string, path: string | undefined): Html | undefined =>
  path === undefined ? undefined : html`<dt>${name}</dt><dd><code>${path}</code></dd>`

/** Whatever else the merchant's files name, certificates above all. */
function certificateRows(files: MerchantFile, { say }: PageContext['visit']): Html[] {
  const told = new Set(['appPrivateKeyFile', 'appPrivateKeyPkcs8File', 'alipayPublicKeyFile'])
  const names: Readonly<Record<string, readonly [string, string]>> = {
    appCertFile: ['应用证书', 'App certificate'],
    alipayCertFile: ['支付宝证书', 'Alipay certificate'],
    alipayRootCertFile: ['根证书', 'Root certificate'],
    encryptKeyFile: ['内容加密密钥', 'Content encryption key'],
  }
  return Object.entries(files)
    .filter(([name, value]) => name.endsWith('File') && typeof value === 'string' && !told.has(name))
    .map(
      ([name, value]) => html`<dt>${say(...(names[name] ?? [name, name]))}</dt><dd><code>${String(value)}</code></dd>`,
    )
}

function inMemory(alipayPublicKey: string, visit: PageContext['visit']): Html {
  const { say } = visit
  return html`<p>${say('这个沙箱只在内存里运行，密钥没有写进文件：测试里用 sandbox.sdkConfig；要有密钥文件和各语言的配置，去掉 --memory 重新启动。', 'This sandbox runs in memory only, so there are no key files: in tests use sandbox.sdkConfig; for files and for the configuration of each language, start without --memory.')}</p>
<h3>${say('支付宝公钥', 'Alipay public key')}</h3><pre class="wrap" id="alipay-key" tabindex="0">${alipayPublicKey}</pre><button type="button" class="take" data-copy="alipay-key" aria-label="${say('复制支付宝公钥', 'Copy the Alipay public key')}">${say('复制', 'Copy')}</button>`
}

function buyersCard({ control, visit: { say } }: PageContext): Html {
  const buyers = control.accounts().filter(({ role }) => role === 'buyer')
  return html`<section class="card" aria-labelledby="buyers">
<div class="row apart"><h2 id="buyers">${say('可以用来付款的买家', 'Buyers to pay with')}</h2><a href="/_sandbox/accounts">${say('账户与充值', 'Accounts and top-up')}</a></div>
<p class="soft">${say('自带的两位买家，登录密码和支付密码都是', 'Both passwords of the buyers that come with it are')} <code>111111</code></p>
<div class="scroll" id="buyer-balances" data-live tabindex="0" role="region" aria-labelledby="buyers"><table><thead><tr><th scope="col">${say('账号', 'Login')}</th><th scope="col">${say('名字', 'Name')}</th><th scope="col" class="num">${say('余额', 'Balance')}</th></tr></thead>
<tbody>${buyers.slice(0, 10).map(({ logonId, displayName, balanceFen }) => html`<tr><td><code>${logonId}</code></td><td>${displayName}</td><td class="num">${yuan(balanceFen)}</td></tr>`)}</tbody></table></div>
</section>`
}
