import type { FeeRounding } from './engine/fees.ts'

/** The moment at which an open cashier page becomes a trade that query and close can see. */
export type TradeCreatedAt = 'open' | 'login' | 'confirm' | 'password'

/** Everything a sandbox can be told to do differently. The names are those of the control API and the config file. */
export interface Settings {
  readonly fee_rate: number
  readonly fee_rounding: FeeRounding
  readonly fee_min_fen: number
  readonly refund_fee_policy: 'keep' | 'proportional'
  readonly refund_replay: 'first' | 'current'
  readonly refund_interval: 'off' | 'warn' | 'reject'
  readonly refund_window_days: number
  readonly gmt_refund_fraction: boolean
  readonly notify_on_wait_buyer_pay: boolean
  readonly notify_on_trade_success: boolean
  readonly notify_on_trade_finished: boolean
  readonly notify_on_trade_closed: boolean
  readonly notify_on_refund: boolean
  readonly notify_schedule: readonly string[]
  readonly notify_time_mode: 'refreshed' | 'constant'
  readonly ack_case_sensitive: boolean
  readonly trade_created_at_wap: TradeCreatedAt
  readonly trade_created_at_page: TradeCreatedAt
  readonly wrong_password_creates_trade: boolean
  readonly close_unknown: 'not_exist' | 'success'
  readonly close_paid_error: 'ACQ.REASON_TRADE_STATUS_INVALID' | 'ACQ.TRADE_STATUS_ERROR' | 'ACQ.REASON_ILLEGAL_STATUS'
  readonly sign_missing_signature_error: boolean
  readonly timestamp_skew_minutes: number
  readonly allow_rsa1: boolean
  readonly id_mode: 'user_id' | 'open_id'
  readonly notify_refund_fee: 'cumulative' | 'single'
  readonly strict_mode: boolean
  readonly official_sandbox_limits: boolean
  readonly bill_ready_at: string
  readonly bill_month_ready_day: number
  readonly bill_registered_days: number
  readonly bill_link_ttl: number
  readonly empty_bill: 'EMPTY_DATA_WITH_BILL_FILE' | 'NO_BILL_DATA'
  readonly bill_newline: 'LF' | 'CRLF'
  readonly bill_columns: 'classic' | '2026'
  readonly fee_sign: 'negative' | 'positive'
  readonly v3_timestamp_minutes: number
  readonly cert_sn_error: 'isv.invalid-parameter' | 'isv.invalid-signature'
  readonly notify_cert_sn: boolean
  readonly transfer_single_max_fen: number
  readonly transfer_day_max_fen: number
  readonly transfer_month_max_fen: number
  readonly transfer_scene: 'optional' | 'required'
}

type Rule =
  | { readonly type: 'boolean' }
  | { readonly type: 'number'; readonly min: number; readonly max: number; readonly integer: boolean }
  | { readonly type: 'choice'; readonly of: readonly string[] }
  | { readonly type: 'durations' }
  | { readonly type: 'time_of_day' }

/** Where a setting stands on the differences page and in the console, in this order. */
export const SETTING_GROUPS = {
  trade: { zh: '交易与收银台', en: 'Trades and the cashier' },
  money: { zh: '手续费', en: 'Fees' },
  refund: { zh: '退款', en: 'Refunds' },
  notify: { zh: '异步通知', en: 'Notifies' },
  wire: { zh: '网关协议', en: 'The wire' },
  bill: { zh: '账单', en: 'Bills' },
  transfer: { zh: '转账', en: 'Transfers' },
} as const

interface SettingEntry<K extends keyof Settings> {
  readonly rule: Rule
  readonly default: Settings[K]
  readonly group: keyof typeof SETTING_GROUPS
  /** The real gateway's behaviour is not documented, or sources disagree: the default is our best reading. */
  readonly open?: true
  /** What is not known for certain about the real gateway and why the default is what it is, or what the switch is for. */
  readonly zh: string
  readonly en: string
}

const flag: Rule = { type: 'boolean' }
const choice = (...of: string[]): Rule => ({ type: 'choice', of })
const count = (max: number): Rule => ({ type: 'number', min: 0, max, integer: true })

/** The one list of settings: defaults, allowed values and the differences page all come from here. */
export const SETTINGS: { readonly [K in keyof Settings]: SettingEntry<K> } = {
  fee_rate: {
    rule: { type: 'number', min: 0, max: 1, integer: false },
    default: 0.006,
    group: 'money',
    open: true,
    zh: '网页支付的标准费率 0.6 %；实际以合同为准，可按商家单独设置。',
    en: 'The standard rate of web payment, 0.6 %; the real one is in the contract. Can be set per seller.',
  },
  fee_rounding: {
    rule: choice('half-up', 'half-even', 'floor', 'ceil'),
    default: 'half-up',
    group: 'money',
    open: true,
    zh: '手续费取整到分的方式，官方没有写明；默认四舍五入，商户应以账单为准。',
    en: 'How the fee is rounded to the fen: not documented. Half up by default; merchants go by the bill.',
  },
  fee_min_fen: {
    rule: count(1_000_000),
    default: 0,
    group: 'money',
    zh: '单笔最低手续费（分）。',
    en: 'Least fee of one payment, in fen.',
  },
  refund_fee_policy: {
    rule: choice('keep', 'proportional'),
    default: 'keep',
    group: 'refund',
    open: true,
    zh: '退款时手续费是否退还，各处说法不一；默认不退，商户应以账单为准。',
    en: 'Whether the fee comes back with a refund: sources disagree. It stays by default; merchants go by the bill.',
  },
  refund_replay: {
    rule: choice('first', 'current'),
    default: 'first',
    group: 'refund',
    open: true,
    zh: '同号同额再次退款，应答里的累计金额取第一次的还是当前的：没有写明；默认取第一次的，即同一个应答。',
    en: 'Whether the repeat of a refund answers the cumulative amount of the first answer or of now: not documented. The first by default, so that a repeat is the same answer.',
  },
  refund_interval: {
    rule: choice('off', 'warn', 'reject'),
    default: 'warn',
    group: 'refund',
    open: true,
    zh: '同一笔交易 3 秒内两次退款：文档要求间隔 3 秒，没有给出错误码；默认只提醒，不拒绝。',
    en: 'Two refunds of one trade within 3 s: the documents ask for the pause but name no error. By default it is noted and not refused.',
  },
  refund_window_days: {
    rule: { type: 'number', min: 1, max: 3650, integer: true },
    default: 365,
    group: 'refund',
    zh: '可退款期限，之后交易变为 TRADE_FINISHED；实际以合同为准。',
    en: 'Refundable for so long, then TRADE_FINISHED; the real window is in the contract.',
  },
  gmt_refund_fraction: {
    rule: flag,
    default: true,
    group: 'refund',
    open: true,
    zh: '退款通知的 gmt_refund 是否带毫秒：两种都见过；默认带，解析不了的程序会早发现。',
    en: 'Whether gmt_refund in notifies carries milliseconds: both have been seen. On, so that a parser that cannot is found early.',
  },
  notify_on_wait_buyer_pay: {
    rule: flag,
    default: false,
    group: 'notify',
    zh: '交易创建时是否通知。',
    en: 'Notify when a trade is created.',
  },
  notify_on_trade_success: {
    rule: flag,
    default: true,
    group: 'notify',
    zh: '支付成功时是否通知。',
    en: 'Notify a payment.',
  },
  notify_on_trade_finished: {
    rule: flag,
    default: true,
    group: 'notify',
    open: true,
    zh: '交易完结时是否通知；文档不一致，默认开，让商户程序能应对。',
    en: 'Notify TRADE_FINISHED; documents disagree, on so that merchants must cope.',
  },
  notify_on_trade_closed: {
    rule: flag,
    default: true,
    group: 'notify',
    open: true,
    zh: '超时或主动关闭时是否通知；文档不一致，默认开，让商户程序能应对。',
    en: 'Notify an unpaid trade that was closed; documents disagree, on so that merchants must cope.',
  },
  notify_on_refund: {
    rule: flag,
    default: true,
    group: 'notify',
    zh: '退款时是否通知（发往支付时的 notify_url）。',
    en: 'Notify refunds, at the notify_url of the payment.',
  },
  notify_schedule: {
    rule: { type: 'durations' },
    default: ['4m', '10m', '10m', '1h', '2h', '6h', '15h'],
    group: 'notify',
    open: true,
    zh: '首次通知失败后的重试间隔；官方说约 25 小时内 8 次，最后一次的时刻未确认，默认七次重试都发。',
    en: 'Waits before the retries of a notify; documented as 8 deliveries in about 25 h. When the last one comes is not confirmed; all seven retries are sent.',
  },
  notify_time_mode: {
    rule: choice('refreshed', 'constant'),
    default: 'refreshed',
    group: 'notify',
    open: true,
    zh: '重试时 notify_time 是否刷新（刷新则重新签名）：没有写明；默认刷新，因为它是发送时间。',
    en: 'Whether notify_time is new on every retry, and the message signed again: not documented. New by default, for it names the time of sending.',
  },
  ack_case_sensitive: {
    rule: flag,
    default: false,
    group: 'notify',
    open: true,
    zh: '商户应答 success 是否区分大小写：没有写明；默认接受其他写法并提醒，商户应原样写 success。',
    en: 'Whether the answer success is case-sensitive: not documented. Other spellings pass with a warning; merchants write it exactly.',
  },
  trade_created_at_wap: {
    rule: choice('open', 'login', 'confirm', 'password'),
    default: 'password',
    group: 'trade',
    open: true,
    zh: '手机网站支付在哪一步产生交易；文档说是买家输完支付密码，默认照此。',
    en: 'The step of a wap payment at which the trade comes into being: the full pay password, as the documents have it.',
  },
  trade_created_at_page: {
    rule: choice('open', 'login', 'confirm', 'password'),
    default: 'login',
    group: 'trade',
    open: true,
    zh: '电脑网站支付在哪一步产生交易；文档说是登录或扫码之后，默认照此。',
    en: 'The step of a page payment at which the trade comes into being: after login or scan, as the documents have it.',
  },
  wrong_password_creates_trade: {
    rule: flag,
    default: true,
    group: 'trade',
    open: true,
    zh: '支付密码输错时是否也已产生交易（仅当在密码步骤产生交易时）：没有写明；默认产生，让商户程序两种都见到。',
    en: 'Whether a wrong pay password already makes the trade, where the password step makes it: not documented. It does by default, so that merchants meet an unpaid trade.',
  },
  close_unknown: {
    rule: choice('not_exist', 'success'),
    default: 'not_exist',
    group: 'trade',
    open: true,
    zh: '交易产生之前调用关闭接口的应答：没有写明；默认交易不存在。两种都不会阻止已打开的收银台付款。',
    en: 'Answer of close before a trade exists: not documented, TRADE_NOT_EXIST by default. Neither keeps an open page from being paid.',
  },
  close_paid_error: {
    rule: choice('ACQ.REASON_TRADE_STATUS_INVALID', 'ACQ.TRADE_STATUS_ERROR', 'ACQ.REASON_ILLEGAL_STATUS'),
    default: 'ACQ.REASON_TRADE_STATUS_INVALID',
    group: 'trade',
    open: true,
    zh: '关闭已支付交易时的错误码：官方列出了三个，没说哪个何时；默认是含义最贴近的一个。',
    en: 'Error of closing a paid trade: three are published without saying which when. The one whose meaning fits best is the default.',
  },
  sign_missing_signature_error: {
    rule: flag,
    default: true,
    group: 'wire',
    open: true,
    zh: '缺少 sign 参数的错误应答本身是否带签名：没有写明；默认带，因为应用已经认出来了。',
    en: 'Whether the answer that complains about a missing sign is itself signed: not documented. It is by default, for the app is known by then.',
  },
  timestamp_skew_minutes: {
    rule: count(100_000),
    default: 0,
    group: 'wire',
    open: true,
    zh: '请求 timestamp 允许的偏差（虚拟分钟），0 表示不限；v2 文档没有写明，默认不限，偏差超过 10 分钟时提醒。',
    en: 'How far the timestamp of a request may be off, in virtual minutes; 0 is no limit. Not documented for v2: no limit by default, but more than 10 minutes are noted.',
  },
  allow_rsa1: {
    rule: flag,
    default: false,
    group: 'wire',
    zh: '是否接受 sign_type=RSA（SHA-1）的旧客户端。',
    en: 'Accept sign_type=RSA (SHA-1) from old clients.',
  },
  id_mode: {
    rule: choice('user_id', 'open_id'),
    default: 'user_id',
    group: 'trade',
    open: true,
    zh: '买家以 buyer_user_id（2088 开头）还是 buyer_open_id 出现；较新的应用只拿到 open_id。',
    en: 'Whether buyers appear as buyer_user_id (2088…) or as buyer_open_id; newer apps get the open id only.',
  },
  notify_refund_fee: {
    rule: choice('cumulative', 'single'),
    default: 'cumulative',
    group: 'notify',
    open: true,
    zh: '退款通知里的 refund_fee 是累计退款额还是本次退款额；官方没有写明，商户都不应拿它记账。',
    en: 'Whether refund_fee in refund notifies is the total so far or this refund; not documented, so book neither.',
  },
  strict_mode: {
    rule: flag,
    default: false,
    group: 'wire',
    zh: '严格模式：拒绝标题里的 / = &、疑似注入的参数值和未知的业务参数；默认只给出警告。',
    en: 'Refuse a subject with / = &, values that look like an attack, and unknown business parameters; else only warn.',
  },
  official_sandbox_limits: {
    rule: flag,
    default: false,
    group: 'trade',
    zh: '模仿官方沙箱的限制：只能全额退款且每笔一次，账单无明细，支付期限不超过 15 小时，手机网站支付只能用 App。',
    en: 'The limits of the official sandbox: one full refund per trade, bills without rows, expiry within 15 h, wap by app only.',
  },
  bill_ready_at: {
    rule: { type: 'time_of_day' },
    default: '09:00',
    group: 'bill',
    open: true,
    zh: '日账单次日几点（北京时间）可以下载，此前应答 BILL_NOT_EXIST；文档只说“次日 9 点前后”，没有给出过早查询的错误码。',
    en: 'When the bill of a day can be fetched on the next one, Beijing time; before that BILL_NOT_EXIST. Documented as about 9:00, without an error for asking too early.',
  },
  bill_month_ready_day: {
    rule: { type: 'number', min: 1, max: 28, integer: true },
    default: 3,
    group: 'bill',
    open: true,
    zh: '月账单次月几号可以下载；文档只说“3 号前后”。',
    en: 'Day of the next month on which the bill of a month can be fetched; documented as about the 3rd.',
  },
  bill_registered_days: {
    rule: count(3650),
    default: 365,
    group: 'bill',
    zh: '商家在沙箱中创建之日的多少天前视为已注册；更早的账单应答 BILL_DATE_BEFORE_REGISTRATION，之后没有交易的日子是空账单。',
    en: 'Sellers count as registered so many days before they were made here: earlier bills are BILL_DATE_BEFORE_REGISTRATION, later days without trades are empty bills.',
  },
  bill_link_ttl: {
    rule: { type: 'number', min: 1, max: 86_400, integer: true },
    default: 30,
    group: 'bill',
    zh: '账单下载地址的有效期（真实秒），不随虚拟时钟变快。',
    en: 'How long a download address works, in real seconds whatever the virtual clock does.',
  },
  empty_bill: {
    rule: choice('EMPTY_DATA_WITH_BILL_FILE', 'NO_BILL_DATA'),
    default: 'EMPTY_DATA_WITH_BILL_FILE',
    group: 'bill',
    open: true,
    zh: '没有数据的账期：给出合计为零的文件并带 bill_file_code，还是应答错误 NO_BILL_DATA；文档两种都有。',
    en: 'A period without rows: a file with zero totals and a bill_file_code, or the error NO_BILL_DATA; both are documented.',
  },
  bill_newline: {
    rule: choice('LF', 'CRLF'),
    default: 'LF',
    group: 'bill',
    open: true,
    zh: '账单文件的换行；见过的真实文件都是 LF，不排除 CRLF。',
    en: 'Line ending of bill files; LF in all real files seen, CRLF is not excluded.',
  },
  bill_columns: {
    rule: choice('classic', '2026'),
    default: '2026',
    group: 'bill',
    open: true,
    zh: '账务明细是否带 2026 年新增的四列（业务描述、业务账单来源、业务基础订单号、业务订单号）；位置未确认，默认追加在最后。',
    en: 'Whether account details carry the four columns added by 2026; their position is not confirmed, they are appended.',
  },
  fee_sign: {
    rule: choice('negative', 'positive'),
    default: 'negative',
    group: 'bill',
    open: true,
    zh: '业务明细中付款行的服务费写成负数还是正数；2026 年的一份样本是负数。',
    en: 'Whether the fee on a payment row is written negative or positive; negative in one sample of 2026.',
  },
  v3_timestamp_minutes: {
    rule: count(100_000),
    default: 10,
    group: 'wire',
    zh: 'v3 协议中请求时间戳最多可以旧多少分钟（按进程时钟，不按虚拟时钟），0 表示不限；文档为 10 分钟。',
    en: 'How old the timestamp of a v3 request may be, in minutes of the process clock, not of the virtual one; 0 is no limit. Documented as 10.',
  },
  cert_sn_error: {
    rule: choice('isv.invalid-parameter', 'isv.invalid-signature'),
    default: 'isv.invalid-parameter',
    group: 'wire',
    open: true,
    zh: '证书模式下证书序列号不符时的错误码；官方没有列出，默认的应答会写明网关期望的序列号。',
    en: 'Error of a wrong certificate SN; none is published. The answer names the SN that was expected.',
  },
  notify_cert_sn: {
    rule: flag,
    default: false,
    group: 'notify',
    open: true,
    zh: '以证书模式发起的交易，其异步通知是否带 alipay_cert_sn；未确认，默认不带。',
    en: 'Whether notifies of trades begun in certificate mode carry alipay_cert_sn; not confirmed, off.',
  },
  transfer_single_max_fen: {
    rule: { type: 'number', min: 10, max: 10_000_000_000, integer: true },
    default: 10_000_000_000,
    group: 'transfer',
    zh: '单笔转账上限（分），超过应答 EXCEED_LIMIT_SM_AMOUNT；实际以签约为准，默认是接口文档的上限。',
    en: 'Most that one transfer may move, in fen; more answers EXCEED_LIMIT_SM_AMOUNT. The real limit is in the contract; this is the documented one.',
  },
  transfer_day_max_fen: {
    rule: count(1_000_000_000_000),
    default: 0,
    group: 'transfer',
    zh: '商家每个北京日的转账累计上限（分），超过应答 EXCEED_LIMIT_DM_AMOUNT；0 表示不限，实际以签约为准。',
    en: 'Most that a seller may transfer on one Beijing day, in fen (EXCEED_LIMIT_DM_AMOUNT); 0 is no limit. The real one is in the contract.',
  },
  transfer_month_max_fen: {
    rule: count(10_000_000_000_000),
    default: 0,
    group: 'transfer',
    zh: '商家每个北京月的转账累计上限（分），超过应答 EXCEED_LIMIT_MM_AMOUNT；0 表示不限，实际以签约为准。',
    en: 'Most that a seller may transfer in one Beijing month, in fen (EXCEED_LIMIT_MM_AMOUNT); 0 is no limit. The real one is in the contract.',
  },
  transfer_scene: {
    rule: choice('optional', 'required'),
    default: 'optional',
    group: 'transfer',
    open: true,
    zh: '转账是否必须填写 transfer_scene_name；新签约商家必填，老商家未确认。填写了就按文档检查。',
    en: 'Whether a transfer must name its scene; new contracts must, for old ones it is not confirmed. A scene that is given is checked.',
  },
}

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly (keyof Settings)[]

export const DEFAULT_SETTINGS: Settings = Object.freeze(
  Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].default])) as unknown as Settings,
)

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `4m` → 240000. Nothing for any other form. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,6})(s|m|h|d)$/.exec(text)
  return match ? Number(match[1]) * (UNIT_MS[match[2] ?? ''] ?? 0) : undefined
}

export const TIME_OF_DAY = /^(?:[01]\d|2[0-3]):[0-5]\d$/

/** A setting that does not exist or a value it cannot take. */
export class BadSetting extends Error {
  override readonly name = 'BadSetting'
}

/** Checks a patch of settings, whole or not at all. */
export function checkSettings(patch: Readonly<Record<string, unknown>>): Partial<Settings> {
  for (const [name, value] of Object.entries(patch)) {
    if (!Object.hasOwn(SETTINGS, name)) throw new BadSetting(`unknown setting ${name}`)
    const { rule } = SETTINGS[name as keyof Settings]
    if (!fits(rule, value)) throw new BadSetting(`setting ${name}: ${describeRule(rule)} expected`)
  }
  return patch as Partial<Settings>
}

function fits(rule: Rule, value: unknown): boolean {
  if (rule.type === 'boolean') return typeof value === 'boolean'
  if (rule.type === 'choice') return typeof value === 'string' && rule.of.includes(value)
  if (rule.type === 'time_of_day') return typeof value === 'string' && TIME_OF_DAY.test(value)
  if (rule.type === 'durations') {
    return (
      Array.isArray(value) &&
      value.length <= 50 &&
      value.every((item) => typeof item === 'string' && parseDuration(item))
    )
  }
  if (typeof value !== 'number' || value < rule.min || value > rule.max) return false
  return rule.integer ? Number.isInteger(value) : true
}

/** The values a setting can take, for people. */
export function describeRule(rule: Rule): string {
  if (rule.type === 'boolean') return 'true | false'
  if (rule.type === 'choice') return rule.of.join(' | ')
  if (rule.type === 'time_of_day') return 'HH:mm'
  if (rule.type === 'durations') return 'list of durations such as 4m, 1h'
  return `${rule.integer ? 'integer' : 'number'} ${rule.min} … ${rule.max}`
}

/** The differences page: every setting with its values, default and reason, as a Markdown table. */
export function settingsMarkdown(language: 'zh' | 'en'): string {
  const head =
    language === 'zh' ? '| 设置 | 取值 | 默认 | 官方 | 理由 |' : '| setting | values | default | documented | why |'
  const open = language === 'zh' ? '未确认' : 'open'
  const rows = SETTING_NAMES.map((name) => {
    const entry = SETTINGS[name]
    const value = Array.isArray(entry.default) ? entry.default.join(', ') : String(entry.default)
    return `| \`${name}\` | ${describeRule(entry.rule).replaceAll('|', '/')} | \`${value}\` | ${entry.open ? open : ''} | ${entry[language]} |`
  })
  return [head, '|---|---|---|---|---|', ...rows].join('\n')
}
