/** What can be wrong with a signature, in both languages. `{name}` in a text is filled in. */
export const SIGNATURE_CAUSES = {
  app_key_is_alipays: {
    zh: '登记为应用公钥的是支付宝公钥。请上传自己的应用公钥，支付宝公钥留在商户程序里用来验签。',
    en: "The key registered for the app is Alipay's own public key. Upload your app public key; Alipay's stays with you to verify answers.",
  },
  key_not_read: {
    zh: 'sign 是“{name}”，不是签名：私钥没有读出来，多半是 PKCS#1 与 PKCS#8 格式弄混了。',
    en: 'sign is "{name}", not a signature: the private key was not read, most likely PKCS#1 and PKCS#8 were mixed up.',
  },
  sign_plus_damaged: {
    zh: 'sign 里的 + 变成了空格：发送时没有把 sign 做 URL 编码。',
    en: 'The + in sign became a space: sign was not url-encoded when it was sent.',
  },
  sign_double_encoded: {
    zh: 'sign 被 URL 编码了两次。',
    en: 'sign was url-encoded twice.',
  },
  sign_type_dropped: {
    zh: '待签名串里没有 sign_type。请求签名只去掉 sign；同时去掉两者的是异步通知的规则。',
    en: 'sign_type was left out of the signed string. A request leaves out sign alone; leaving out both is the rule of notifies.',
  },
  empties_kept: {
    zh: '待签名串里保留了空值参数。空值不参加签名。',
    en: 'Empty parameters were kept in the signed string. They do not count.',
  },
  plus_damaged: {
    zh: '参数值里的 + 变成了空格：发送时没有写成 %2B。',
    en: 'A + in a value became a space: it was not sent as %2B.',
  },
  double_encoded: {
    zh: '签的是原值，但参数被 URL 编码了两次再发送。',
    en: 'The raw values were signed, but then url-encoded twice when sent.',
  },
  signed_encoded: {
    zh: '签的是 URL 编码之后的值。应先用原值签名，再编码发送。',
    en: 'The url-encoded values were signed. Sign the raw values, then encode.',
  },
  not_sorted: {
    zh: '待签名串没有按参数名的 ASCII 顺序排序。',
    en: 'The signed string is not in ASCII order of the names.',
  },
  html_escaped: {
    zh: '参数在表单里经过了 HTML 转义（例如 &amp;），与签名时不同。',
    en: 'A value was HTML-decoded on its way (such as &amp;), so it differs from what was signed.',
  },
  wrong_charset: {
    zh: '签名用的字符集与 charset 参数不一致（UTF-8 与 GBK）。',
    en: 'The signed bytes are in another character set than charset says (UTF-8 and GBK).',
  },
  parameter_not_signed: {
    zh: '参数 {name} 没有参加签名，是签名之后加上的。',
    en: 'The parameter {name} was not signed: it was added afterwards.',
  },
  biz_content_rewritten: {
    zh: 'biz_content 在签名之后被重新序列化，空白或转义变了。',
    en: 'biz_content was serialized again after signing: blanks or escapes differ.',
  },
  wrong_key: {
    zh: '是用另一把钥匙签的：{name}。',
    en: 'Signed with the key of another pair: {name}.',
  },
  padding_pss: {
    zh: '填充方式是 PSS。RSA2 用的是 PKCS#1 v1.5 填充的 SHA256withRSA。',
    en: 'The padding is PSS. RSA2 is SHA256withRSA with PKCS#1 v1.5 padding.',
  },
  sha1: {
    zh: '用的是 SHA-1，而 sign_type=RSA2 是 SHA-256。',
    en: 'The digest is SHA-1, but sign_type=RSA2 means SHA-256.',
  },
  not_a_signature: {
    zh: 'sign 不是 2048 位 RSA 签名的 Base64（344 个字符）。',
    en: 'sign is not the base64 of a 2048-bit RSA signature (344 characters).',
  },
  unknown: {
    zh: '没有认出原因：私钥不是本沙箱认识的任何一把，或者参数在签名之后改过。请逐字比较下面的待签名串。',
    en: 'No known mistake fits: the private key is of no pair known here, or a value changed after signing. Compare the string below with yours.',
  },
} as const

export type SignatureCause = keyof typeof SIGNATURE_CAUSES
