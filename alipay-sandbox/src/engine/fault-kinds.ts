/** Where a fault strikes: at a message to the merchant, at the answer to a call, or at a bill file. */
export type FaultPlace = 'notify' | 'api' | 'bill'

/** Whether the operation is carried out before its answer is spoilt (`after`) or not at all (`before`). */
export type FaultPhase = 'before' | 'after'

interface FaultEntry {
  readonly where: FaultPlace
  /** API faults: the phases it can be played in, the first one by default. */
  readonly phases?: readonly FaultPhase[]
  /** The only method it means anything for. */
  readonly method?: string
  readonly zh: string
  readonly en: string
}

const notify = (zh: string, en: string): FaultEntry => ({ where: 'notify', zh, en })
const bill = (zh: string, en: string): FaultEntry => ({ where: 'bill', zh, en })
const api = (phases: readonly FaultPhase[], zh: string, en: string, method?: string): FaultEntry => ({
  where: 'api',
  phases,
  zh,
  en,
  ...(method !== undefined && { method }),
})

/** Every fault this sandbox can play. The control API, the console and the command line list exactly these. */
export const FAULTS = {
  notify_lost: notify('通知丢失：当作已发送，商户收不到', 'Lost: counted as sent, never arrives'),
  notify_duplicated: notify('同一条通知发送两次', 'The very same message twice'),
  notify_reordered: notify('排在同一交易的下一条通知之后送达', 'Arrives after the next message about the same trade'),
  notify_delayed: notify('推迟 delay_ms 虚拟毫秒后送达', 'Arrives delay_ms virtual milliseconds later'),
  notify_before_return: notify('通知先送达，浏览器才返回商户', 'Arrives before the browser is sent back'),
  notify_after_return: notify('浏览器返回商户之后才送达', 'Arrives after the browser was sent back'),
  notify_wrong_amount: notify('金额多 1 分，签名正确', 'Amount one fen higher, correctly signed'),
  notify_wrong_app_id: notify('app_id 是别人的，签名正确', 'app_id of somebody else, correctly signed'),
  notify_wrong_seller_id: notify('seller_id 是别人的，签名正确', 'seller_id of somebody else, correctly signed'),
  notify_bad_signature: notify('签名与内容不符', 'Signature over another text'),
  notify_other_key: notify('用另一把私钥签名', 'Signed with some other private key'),
  notify_sign_type_rsa: notify('sign_type=RSA，SHA-1 签名', 'sign_type=RSA with a SHA-1 signature'),
  notify_odd_sign_type: notify('sign_type 为 value（默认 __proto__）', 'sign_type is value (default __proto__)'),
  notify_missing_sign: notify('没有 sign 参数', 'No sign parameter'),
  notify_extra_parameter: notify('多一个已签名的未知参数', 'One unknown parameter more, signed too'),
  notify_duplicated_key: notify(
    'total_amount 出现两次，第二次多 1 分',
    'total_amount twice, the second one fen higher',
  ),
  notify_unknown_status: notify(
    'trade_status 为 value（默认 TRADE_PENDING）',
    'trade_status is value (default TRADE_PENDING)',
  ),
  notify_gbk: notify('charset=GBK：按 GBK 编码和签名', 'charset=GBK: encoded and signed as GBK'),
  notify_finished_first: notify(
    '真实通知之前先发一条 TRADE_FINISHED',
    'A TRADE_FINISHED message goes out before the true one',
  ),
  notify_closed_on_paid: notify(
    '已付款的交易先收到 TRADE_CLOSED',
    'A TRADE_CLOSED message about a paid trade goes out first',
  ),

  no_answer_before: api(['before'], '不执行，也不应答', 'Not executed, never answered'),
  no_answer_after: api(['after'], '执行了，但不应答', 'Executed, never answered'),
  connection_reset: api(['after', 'before'], '连接被重置', 'The connection is reset'),
  slow_drip: api(
    ['after'],
    '应答逐字节缓慢发出（delay_ms 真实毫秒）',
    'The answer drips out over delay_ms real milliseconds',
  ),
  http_500: api(['before', 'after'], 'HTTP 500 与 HTML 页面', 'HTTP 500 with an HTML page'),
  http_502: api(['before', 'after'], 'HTTP 502 与 HTML 页面', 'HTTP 502 with an HTML page'),
  redirect: api(['before', 'after'], 'HTTP 302 跳转', 'An HTTP redirect'),
  truncated: api(['after'], 'JSON 中途截断', 'JSON that ends in the middle'),
  huge_body: api(['after'], '10 MB 的应答', 'An answer of 10 MB'),
  unsigned: api(['after'], '应答没有签名', 'The answer carries no signature'),
  bad_signature: api(['after'], '应答签名错误', 'The signature of the answer is wrong'),
  other_order: api(['after'], '签名正确，但应答的是另一笔订单', 'Correctly signed, but about another order'),
  wrong_amount: api(['after'], '金额多 1 分，签名正确', 'Every amount one fen higher, correctly signed'),
  duplicated_root: api(['after'], '根键出现两次，第二个是伪造的', 'The root key twice, the second object forged'),
  unknown_error: api(['before', 'after'], '20000 aop.unknow-error', '20000 aop.unknow-error'),
  system_error: api(['before', 'after'], '40004 ACQ.SYSTEM_ERROR', '40004 ACQ.SYSTEM_ERROR'),
  business_error: api(
    ['before', 'after'],
    '40004，sub_code 为 value（默认 TRADE_NOT_EXIST，不带 ACQ. 的写法）',
    '40004 with value as sub_code (default TRADE_NOT_EXIST, the spelling without ACQ.)',
  ),
  seller_balance_not_enough: api(
    ['before'],
    '退款失败：ACQ.SELLER_BALANCE_NOT_ENOUGH',
    'The refund fails with ACQ.SELLER_BALANCE_NOT_ENOUGH',
    'alipay.trade.refund',
  ),
  fund_change_missing: api(
    ['after'],
    '退款已执行，应答里没有 fund_change',
    'Refunded, but fund_change is missing in the answer',
    'alipay.trade.refund',
  ),

  bill_line_missing: bill('账单少一行', 'A line of the bill is missing'),
  bill_line_twice: bill('账单有一行重复', 'A line of the bill comes twice'),
  bill_foreign_line: bill('账单混入其他商户的一行', "A line of another merchant's trade"),
  bill_amount_changed: bill('账单金额差 1 分', 'An amount is off by one fen'),
  bill_fee_changed: bill('账单手续费被改', 'A fee is changed'),
  bill_late: bill('账单晚 days 天才能下载', 'The bill is ready days later'),
  bill_truncated: bill('ZIP 文件被截断', 'The ZIP file is cut off'),
  bill_refused: bill(
    '查询下载地址时应答错误码 value（默认 USER_RATE_LIMIT）',
    'The query for the address answers the error value (default USER_RATE_LIMIT)',
  ),
} as const satisfies Readonly<Record<string, FaultEntry>>

export type FaultKind = keyof typeof FAULTS
export const FAULT_KINDS = Object.keys(FAULTS) as readonly FaultKind[]

/** The same entries with their optional fields in reach. */
export const faultEntry = (kind: FaultKind): FaultEntry => FAULTS[kind]
