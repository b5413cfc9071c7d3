export type InAppBrowser = 'wechat' | 'qq' | 'weibo'

/**
 * The app whose own browser shows this page, if it is one that does not let Alipay open (alipay.md 10.1). QQ's separate
 * browser (`MQQBrowser`) can, QQ itself (` QQ/`) cannot.
 */
export function inAppBrowser(userAgent: string): InAppBrowser | undefined {
  if (/MicroMessenger/i.test(userAgent)) return 'wechat'
  if (/Weibo/i.test(userAgent)) return 'weibo'
  return /\sQQ\//.test(userAgent) ? 'qq' : undefined
}
