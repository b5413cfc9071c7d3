import type { Control } from '../control/control.ts'
import { NotAllowed, NotFound } from '../control/control.ts'
import { BadInput } from '../control/input.ts'
import { AlreadyThere } from '../engine/accounts.ts'
import { formatBeijing, parseBeijing } from '../engine/beijing.ts'
import { BadFault } from '../engine/faults.ts'
import { ActRefused } from '../engine/forced-acts.ts'
import { ClockInThePast } from '../engine/scheduler.ts'
import { PaymentRefused } from '../payments.ts'
import { BadSetting, parseDuration, SETTING_NAMES, SETTINGS, type Settings } from '../settings.ts'
import { RECEIVE_OUTCOMES } from '../transfers/transfer.ts'
import type { ConsoleFacts } from './console.ts'
import { readFault } from './fault-form.ts'
import { amountOf, ownPath, text, Unclear } from './form-input.ts'
import type { Notice, Visit } from './page.ts'
import type { TestShop } from './test-shop.ts'
import { yuan } from './words.ts'

interface Act {
  readonly control: Control
  readonly shop: TestShop
  readonly facts: ConsoleFacts
  readonly form: URLSearchParams
  readonly visit: Visit
  /** The address by which this browser reaches the sandbox. */
  readonly origin: string
}

/** What to say, and on which page if not the one the form stood on; or an address to go to at once. */
type Done = (Omit<Notice, 'good'> & { readonly back?: string }) | { readonly to: string }

/** Every change that a form of the console can make, by the last part of its address. */
export const ACTIONS: Readonly<Record<string, (act: Act) => Promise<Done>>> = {
  'test-order': testOrder,
  clock: moveClock,
  'set-clock': setClock,
  resend,
  'cancel-notify': cancelNotify,
  refund,
  close,
  finish,
  'top-up': topUp,
  'new-account': newAccount,
  'add-fault': addFault,
  'remove-fault': removeFault,
  'receive-rule': setReceiveRule,
  settings: changeSettings,
  reset,
}

const ACT_REFUSALS: Readonly<Record<string, readonly [string, string]>> = {
  'ACQ.SELLER_BALANCE_NOT_ENOUGH': ['商家余额不够退这么多。', 'The seller has too little for this refund.'],
  'ACQ.REASON_TRADE_REFUND_FEE_ERR': ['退款金额超过了还能退的。', 'More than is left to refund.'],
  'ACQ.TRADE_HAS_FINISHED': ['交易已完结，不能再退款。', 'The trade is finished; no more refunds.'],
  'ACQ.TRADE_HAS_CLOSE': ['交易已关闭。', 'The trade is closed.'],
  NOT_WAITING: ['只有等待付款的交易可以关闭。', 'Only a trade that waits for its buyer can be closed.'],
  NOT_PAID: ['只有已付款的交易可以完结。', 'Only a paid trade can be finished.'],
}

/** What a person is told of a refusal; nothing for a defect. */
export function refusalText(error: unknown, { say }: Visit): string | undefined {
  if (error instanceof ClockInThePast) return say('沙箱时钟不能往回走。', 'The sandbox clock never runs backwards.')
  if (error instanceof ActRefused) {
    const why = ACT_REFUSALS[error.code]
    return why ? `${say(...why)} ${error.code}` : error.message
  }
  const expected = [Unclear, NotFound, NotAllowed, BadInput, BadFault, BadSetting, AlreadyThere, PaymentRefused]
  const known = expected.some((kind) => error instanceof kind)
  return known && error instanceof Error ? error.message : undefined
}

async function testOrder({ shop, form, visit, origin }: Act): Promise<Done> {
  const amountFen = amountOf(form, 'amount', visit)
  const subject = text(form, 'subject')
  if (subject === undefined || [...subject].length > 256)
    throw new Unclear(visit.say('商品标题要有 1 到 256 个字。', 'A subject of 1 to 256 characters is needed.'))
  const notifyUrl = text(form, 'notify_url')
  if (notifyUrl !== undefined && !/^https?:\/\/\S+$/.test(notifyUrl))
    throw new Unclear(
      visit.say('通知地址要以 http:// 或 https:// 开头。', 'A notify address begins with http:// or https://.'),
    )
  const { payUrl } = await shop.order({
    product: form.get('product') === 'page' ? 'page' : 'wap',
    amountFen,
    subject,
    answer: form.get('answer') === 'fail' ? 'fail' : 'success',
    ...(notifyUrl !== undefined && { notifyUrl }),
    origin,
  })
  if (form.get('then') === 'link') return { to: `/_sandbox/link?url=${encodeURIComponent(payUrl)}` }
  return { to: payUrl }
}

async function moveClock({ control, form, visit }: Act): Promise<Done> {
  const jump = form.get('jump') ?? ''
  if (jump === 'freeze') await control.setClockRate(0)
  else if (jump === 'run') await control.setClockRate(1)
  else if (jump === 'next') return nextEvent(control, visit)
  else {
    const ms = parseDuration(jump)
    if (ms === undefined) throw new Unclear(visit.say(`不认识的时长 ${jump}`, `${jump} is no duration such as 10m`))
    await control.advance(ms)
  }
  return { text: clockText(control, visit) }
}

async function nextEvent(control: Control, visit: Visit): Promise<Done> {
  const { nextAt } = control.clock()
  if (!nextAt)
    return { text: visit.say('没有等待中的事件，时钟没有动。', 'Nothing is waiting; the clock stands where it stood.') }
  await control.setClock(nextAt)
  return { text: clockText(control, visit) }
}

async function setClock({ control, form, visit }: Act): Promise<Done> {
  const rate = text(form, 'rate')
  if (rate !== undefined) {
    const number = Number(rate)
    if (!/^\d{1,6}(\.\d+)?$/.test(rate) || number > 100_000)
      throw new Unclear(visit.say('速度是 0 到 100000 的数。', 'The rate is a number from 0 to 100000.'))
    await control.setClockRate(number)
    return { text: clockText(control, visit) }
  }
  const wanted = (text(form, 'to') ?? '').replace('T', ' ')
  const to = parseBeijing(wanted.length === 16 ? `${wanted}:00` : wanted)
  if (!to) throw new Unclear(visit.say('时间写成 2026-12-31 23:59:00。', 'Write the time as 2026-12-31 23:59:00.'))
  await control.setClock(to)
  return { text: clockText(control, visit) }
}

const clockText = (control: Control, { say }: Visit) =>
  say(`现在是 ${formatBeijing(control.clock().now)}。`, `It is now ${formatBeijing(control.clock().now)}.`)

async function resend({ control, form, visit }: Act): Promise<Done> {
  const id = form.get('notify_id') ?? ''
  const { verdict, httpStatus } = await control.resend(id)
  const back = `${ownPath(form)}#n-${id}`
  const answered = httpStatus === undefined ? verdict : `HTTP ${httpStatus}`
  return verdict === 'acknowledged'
    ? {
        back,
        text: visit.say(
          '已重发，商户应答 success。notify_id 没有变，重试计划也没有变。',
          'Sent again, and the merchant answered success. Same notify_id, and the schedule is as it was.',
        ),
      }
    : {
        back,
        text: visit.say(
          `已重发，但商户没有确认（${answered}）。重试计划没有变。`,
          `Sent again, but not acknowledged (${answered}). The schedule is as it was.`,
        ),
      }
}

async function cancelNotify({ control, form, visit }: Act): Promise<Done> {
  const id = form.get('notify_id') ?? ''
  await control.cancelDelivery(id)
  return {
    back: `${ownPath(form)}#n-${id}`,
    text: visit.say('这条通知不会再重试。', 'This notify will not be retried.'),
  }
}

async function refund({ control, form, visit }: Act): Promise<Done> {
  const amountFen = amountOf(form, 'amount', visit)
  const reason = text(form, 'reason')
  await control.refundTrade(form.get('trade_no') ?? '', { amountFen, ...(reason !== undefined && { reason }) })
  return {
    text: visit.say(
      `已退款 ${yuan(amountFen)}，通知已发出。`,
      `Refunded ${yuan(amountFen)}; the merchant is notified.`,
    ),
  }
}

async function close({ control, form, visit }: Act): Promise<Done> {
  await control.closeTrade(form.get('trade_no') ?? '')
  return { text: visit.say('交易已关闭。', 'The trade is closed.') }
}

async function finish({ control, form, visit }: Act): Promise<Done> {
  await control.finishTrade(form.get('trade_no') ?? '')
  return { text: visit.say('交易已完结，不能再退款。', 'The trade is finished; no more refunds.') }
}

async function topUp({ control, form, visit }: Act): Promise<Done> {
  const account = await control.topUp(form.get('account_id') ?? '', amountOf(form, 'amount', visit))
  const balance = yuan(account.balanceFen)
  return { text: visit.say(`${account.displayName} 现在有 ${balance}。`, `${account.displayName} now has ${balance}.`) }
}

async function newAccount({ control, form, visit }: Act): Promise<Done> {
  const logonId = text(form, 'logon_id') ?? ''
  const displayName = text(form, 'display_name') ?? ''
  if (!/^\S{3,64}$/.test(logonId) || displayName === '' || displayName.length > 64)
    throw new Unclear(
      visit.say(
        '账号要有 3 到 64 个字符、不带空格，名字不能空。',
        'A login of 3 to 64 characters without blanks and a name are needed.',
      ),
    )
  const balance = text(form, 'balance')
  const role = form.get('role')
  const account = await control.createAccount({
    role: role === 'seller' || role === 'payee' ? role : 'buyer',
    logonId,
    displayName,
    ...(balance !== undefined && { balanceFen: amountOf(form, 'balance', visit) }),
  })
  return {
    text: visit.say(
      `已添加 ${account.displayName}，登录密码和支付密码都是 111111。`,
      `${account.displayName} was added; login password and pay password are 111111.`,
    ),
  }
}

async function addFault({ control, form, visit }: Act): Promise<Done> {
  await control.addFault(readFault(form, visit))
  return { text: visit.say('故障已就位。', 'The fault is in place.') }
}

async function removeFault({ control, form, visit }: Act): Promise<Done> {
  await control.removeFault(form.get('id') ?? '')
  return { text: visit.say('故障已移除。', 'The fault was removed.') }
}

async function setReceiveRule({ control, form, visit }: Act): Promise<Done> {
  const outcome = RECEIVE_OUTCOMES.find((one) => one === form.get('outcome')) ?? 'success'
  const afterMs = parseDuration(text(form, 'after') ?? '1h')
  if (afterMs === undefined)
    throw new Unclear(visit.say('时长写成 90s、10m 或 2h。', 'Write the time as 90s, 10m or 2h.'))
  await control.setReceiveRule(form.get('account_id') ?? '', { outcome, afterMs })
  return { text: visit.say('已设定，从下一笔转账起生效。', 'Set, from the next transfer on.') }
}

async function changeSettings({ control, form, visit }: Act): Promise<Done> {
  const standing = control.settings()
  const patch: Record<string, unknown> = {}
  for (const name of SETTING_NAMES) {
    const given = form.get(name)
    if (given === null) continue
    const value = settingValue(name, given)
    if (JSON.stringify(value) !== JSON.stringify(standing[name])) patch[name] = value
  }
  const changed = Object.keys(patch)
  if (changed.length === 0) return { text: visit.say('没有改动。', 'Nothing was changed.') }
  await control.changeSettings(patch as Partial<Settings>)
  return { text: visit.say(`已保存：${changed.join('、')}`, `Saved: ${changed.join(', ')}`) }
}

function settingValue(name: keyof Settings, given: string): unknown {
  const { rule } = SETTINGS[name]
  if (rule.type === 'boolean') return given === 'true'
  if (rule.type === 'number') return given.trim() === '' ? Number.NaN : Number(given)
  if (rule.type === 'durations') return given.split(/[\s,，]+/).filter((one) => one !== '')
  return given
}

async function reset({ control, visit }: Act): Promise<Done> {
  await control.reset()
  return { text: visit.say('已清空：交易、通知、故障和设置。', 'Forgotten: trades, notifies, faults and settings.') }
}
