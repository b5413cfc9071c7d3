import type { Finding } from './check-names.ts'

export type Language = 'zh' | 'en'

/** Chinese or English by the usual names of the environment, the stronger first. */
export function languageOf(env: Readonly<Record<string, string | undefined>>): Language {
  const said = env.LC_ALL || env.LC_MESSAGES || env.LANG || ''
  return said.toLowerCase().startsWith('zh') ? 'zh' : 'en'
}

type Sentences = readonly [zh: string, en: string]

/** Each finding in plain words; `{gaps}` are filled from it. What is wrong also says what to do. */
const WORDS: Readonly<Record<string, Sentences>> = {
  names_missing: [
    '没有设置：{names}。测试环境不设也能启动（npm start 自带 alipay-sandbox）；对接支付宝时全部要设。',
    'Not set: {names}. At home npm start brings its own alipay-sandbox; to reach Alipay all of them are needed.',
  ],
  gateway_no_url: ['ALIPAY_GATEWAY 不是网址。', 'ALIPAY_GATEWAY is not an address.'],
  gateway_retired: [
    'ALIPAY_GATEWAY 是已停用的旧沙箱。请改用 {gateway}/gateway.do，并换成新沙箱的 APPID 和密钥。',
    'ALIPAY_GATEWAY is the retired sandbox. Use {gateway}/gateway.do with the app id and keys of the new one.',
  ],
  play_in_production: [
    '生产环境（NODE_ENV=production）指向了沙箱，收不到真钱。请改成 https://openapi.alipay.com/gateway.do，并换成正式应用的 APPID 和密钥。',
    'Production (NODE_ENV=production) points to a sandbox with play money. Use https://openapi.alipay.com/gateway.do with the app id and keys of the real app.',
  ],
  gateway_plain: [
    'ALIPAY_GATEWAY 用了 http，内容可被中途篡改。请用 https。',
    'ALIPAY_GATEWAY is plain http, which can be changed on its way. Use https.',
  ],
  gateway_path: [
    'ALIPAY_GATEWAY 的路径是 {path}，应以 /gateway.do 结尾。',
    'The path of ALIPAY_GATEWAY is {path}; it should end in /gateway.do.',
  ],
  app_id_is_seller: [
    'ALIPAY_APP_ID 以 2088 开头，这是商户号（PID）。APPID 在开放平台的应用详情页。',
    'ALIPAY_APP_ID begins with 2088, which is an account number (PID). The app id is on the page of the app.',
  ],
  app_id_shape: ['ALIPAY_APP_ID 应为 16 位数字。', 'ALIPAY_APP_ID should be 16 digits.'],
  app_id_of_sandbox: [
    'ALIPAY_APP_ID 以 9021 开头，是沙箱应用；网关却是正式环境。',
    'ALIPAY_APP_ID begins with 9021 and belongs to the sandbox, but the gateway is the real one.',
  ],
  seller_id_shape: [
    'ALIPAY_SELLER_ID 应为 2088 开头的 16 位数字（收款账号的 PID）。',
    'ALIPAY_SELLER_ID should be 16 digits beginning with 2088 (the PID of the account that is paid).',
  ],
  seller_id_unproven: [
    'ALIPAY_SELLER_ID 的样子正确；是否就是签约账号，要到第一笔付款才能证实，请与后台核对。',
    'ALIPAY_SELLER_ID looks right; only a first payment proves that it is the account of the contract. Compare it.',
  ],
  origin_shape: [
    'PUBLIC_ORIGIN 应为“协议://域名”，不带路径和末尾的斜杠。',
    'PUBLIC_ORIGIN should be scheme and host, without a path or a slash at its end.',
  ],
  origin_unreachable: [
    '支付宝无法访问 {origin}，异步通知送不到（订单只能靠查询确认）。请换成公网域名。',
    'Alipay cannot reach {origin}: no notification will come and payments are only found by asking. Use a public name.',
  ],
  origin_plain: [
    'PUBLIC_ORIGIN 用了 http；支付宝会通知，但登录信息不安全，请用 https。',
    'PUBLIC_ORIGIN is plain http: notifications come, but sign-ins are not safe. Use https.',
  ],
  notify_address: ['异步通知地址：{url}', 'Notifications are sent to {url}'],
  key_read: ['{name} 可读：RSA {bits} 位，{form}。', '{name} can be read: RSA of {bits} bits, {form}.'],
  key_file_unreadable: ['{name} 指的文件读不了（{detail}）。', 'The file that {name} names cannot be read ({detail}).'],
  key_is_public: [
    '{name} 是公钥。这里要应用私钥（密钥工具生成的“应用私钥”）。',
    '{name} is a public key. The private key of the app is needed here.',
  ],
  key_is_private: [
    '{name} 是私钥。这里要支付宝公钥；私钥请立即从这里移走。',
    "{name} is a private key. Alipay's public key is needed here; take the private one away from this place.",
  ],
  key_is_certificate: [
    '{name} 是证书，不是密钥。收款用密钥模式：请填“支付宝公钥”；证书只用于转账。',
    "{name} is a certificate, not a key. Collecting money uses key mode: give Alipay's public key. Certificates are for payouts.",
  ],
  key_is_encrypted: [
    '{name} 带密码。请用 openssl pkcs8 -topk8 -nocrypt 去掉密码。',
    '{name} is encrypted. Take the password off: openssl pkcs8 -topk8 -nocrypt.',
  ],
  key_armour_differs: [
    '{name} 的首尾行与内容不符（{detail}）：PKCS#1 写作 BEGIN RSA PRIVATE KEY，PKCS#8 写作 BEGIN PRIVATE KEY。去掉首尾行，只留中间的 base64 也可以。',
    '{name} names another form than it holds ({detail}): PKCS#1 is BEGIN RSA PRIVATE KEY, PKCS#8 is BEGIN PRIVATE KEY. The bare base64 between those lines works too.',
  ],
  key_not_rsa: ['{name} 不是 RSA 密钥（{detail}）。', '{name} is not an RSA key ({detail}).'],
  key_too_short: ['{name} 只有 {detail} 位，至少要 2048 位（RSA2）。', '{name} has {detail} bits; RSA2 wants 2048.'],
  key_unreadable: [
    '{name} 不是可读的密钥：可能缺了字符，或混入了空格、引号。',
    '{name} is no key that can be read: letters may be missing, or quotes have come in.',
  ],
  own_public_key: [
    'ALIPAY_PUBLIC_KEY 是您自己的应用公钥。要的是支付宝公钥：在开放平台上传应用公钥之后，页面上显示的那一把。',
    "ALIPAY_PUBLIC_KEY is your own app's public key. Alipay's is needed: the one shown after yours was uploaded.",
  ],
  signs: ['应用私钥可以签名。', 'The private key of the app signs.'],
  clock: ['本机时钟与网关相差 {seconds} 秒。', "This machine's clock is {seconds} s off the gateway's."],
  clock_ahead: [
    '本机时钟快了 {seconds} 秒。请校时（NTP），否则网关会拒绝请求。',
    "This machine's clock is {seconds} s ahead. Set it by NTP, or the gateway will refuse requests.",
  ],
  clock_behind: [
    '本机时钟慢了 {seconds} 秒。请校时（NTP），否则网关会拒绝请求。',
    "This machine's clock is {seconds} s behind. Set it by NTP, or the gateway will refuse requests.",
  ],
  gateway_name: ['找不到 {host}：域名写错，或 DNS 不通。', '{host} is not found: a wrong name, or no DNS.'],
  gateway_tls: [
    '{host} 的 TLS 证书不被信任（{reason}）。不要关闭校验；检查代理或系统根证书。',
    'The TLS certificate of {host} is not trusted ({reason}). Do not turn checking off; look at proxies and roots.',
  ],
  gateway_redirects: [
    '{host} 把请求转到了别处（{reason}），通常是代理或登录页。',
    '{host} leads elsewhere ({reason}): usually a proxy or a sign-in page in between.',
  ],
  gateway_unreachable: [
    '连不上 {host}（{reason}）。检查网络、防火墙和代理。',
    '{host} cannot be reached ({reason}). Look at the network, the firewall and proxies.',
  ],
  answer_foreign: [
    '{host} 有回应，但不是支付宝网关的格式。检查 ALIPAY_GATEWAY。',
    '{host} answers, but not as an Alipay gateway does. Look at ALIPAY_GATEWAY.',
  ],
  answer_signed: [
    '网关的回应验签通过：ALIPAY_PUBLIC_KEY 正确。',
    "The gateway's answer verifies: ALIPAY_PUBLIC_KEY is right.",
  ],
  alipay_key_wrong: [
    '网关的回应验签不通过：ALIPAY_PUBLIC_KEY 不是这个应用的支付宝公钥（可能是另一环境的）。',
    "The gateway's answer does not verify: ALIPAY_PUBLIC_KEY is not Alipay's key for this app, perhaps that of another environment.",
  ],
  signature_refused: [
    '网关不认我们的签名：应用私钥与开放平台上传的应用公钥不是一对。',
    'The gateway refuses our signature: the private key does not belong to the public key uploaded for this app.',
  ],
  app_unknown: [
    '网关不认识这个 ALIPAY_APP_ID：写错，或属于另一环境（沙箱与正式不通用）。',
    'The gateway does not know this ALIPAY_APP_ID: mistyped, or of the other environment (sandbox or real).',
  ],
  app_without_key: ['这个应用还没有上传应用公钥（{code}）。', 'No public key was uploaded for this app yet ({code}).'],
  timestamp_refused: [
    '网关不接受我们的时间（{code}）。请校时。',
    'The gateway refuses our time ({code}). Set the clock.',
  ],
  app_without_right: [
    '这个应用没有签约“手机网站支付”（{code}）。',
    'This app has no contract for payment on mobile web sites, 手机网站支付 ({code}).',
  ],
  app_not_online: ['这个应用还没有上线（{code}）。', 'This app is not online yet ({code}).'],
  gateway_busy: ['网关暂时繁忙（{code}）。稍后再试。', 'The gateway is busy ({code}). Try again later.'],
  answer_other: [
    '网关答了别的：{code}。在开放平台文档中查这个代码。',
    "The gateway answered something else: {code}. Look this code up in Alipay's documentation.",
  ],
  all_right: [
    '查询了一笔不存在的交易，网关如实回答“不存在”：网关、应用和签名都正确。',
    'Asked about a trade that does not exist, the gateway said so: gateway, app and signature are right.',
  ],
  payouts_off: [
    '向房东自动打款没有打开（PAYOUTS），不需要证书。',
    'Paying hosts by this site is off (PAYOUTS), so no certificates are needed.',
  ],
  cert_missing: [
    '打开了自动打款，但没有设置：{names}（各有 _FILE）。转账只能用证书模式。',
    'Payouts are on, but not set: {names} (or each with _FILE). Money goes out in certificate mode only.',
  ],
  cert_unreadable: ['{name} 不是可读的证书（PEM）。', '{name} is no certificate in PEM that can be read.'],
  cert_expired: ['{name} 已于 {day} 过期，请在开放平台更新。', '{name} expired on {day}. Renew it in the console.'],
  cert_other_key: [
    '应用证书（APP_CERT）不是为这把应用私钥签发的。',
    "The app's certificate (APP_CERT) was issued for another key than the app's private key.",
  ],
  cert_chain: [
    'ALIPAY_CERT 不是 ALIPAY_ROOT_CERT 里的根证书签发的：三个文件不是同一环境的。',
    'ALIPAY_CERT is not signed by a root of ALIPAY_ROOT_CERT: the files are not of one environment.',
  ],
  cert_right: [
    '用证书模式查询了一笔不存在的转账，网关如实回答：证书正确。',
    'Asked in certificate mode about a transfer that does not exist, the gateway said so: the certificates are right.',
  ],
  cert_without_right: [
    '这个应用没有签约“转账到支付宝账户”（{code}）。',
    'This app has no contract for transfers to accounts, 转账到支付宝账户 ({code}).',
  ],
  cert_refused: [
    '证书模式的查询没有成功（{code}）：证书可能属于别的应用或环境。',
    'The question in certificate mode failed ({code}): the certificates may be those of another app or environment.',
  ],
  not_asked: ['上面有错，没有询问网关。', 'The gateway was not asked, because of what is wrong above.'],
}

const SIGNS = { right: '✓', note: '·', wrong: '✗' } as const

/** One line for a person. Throws for a code without words, which is our own fault. */
export function lineOf({ level, code, about = {} }: Finding, language: Language): string {
  const sentences = WORDS[code]
  if (!sentences) throw new Error(`no words for ${code}`)
  const sentence = sentences[language === 'zh' ? 0 : 1]
  return `${SIGNS[level]} ${sentence.replace(/\{(\w+)\}/g, (_gap, name: string) => about[name] ?? '')}`
}
